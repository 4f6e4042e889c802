"""Starting, stopping and restarting a server, and what only a small one shows: versions that are too old."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import urllib3
import yaml

from lbctl.sandbox.api import ApiServer, ApiSettings, SettingsError, StartError

CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"


class Caller:
    """Requests to one server."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._pool = urllib3.PoolManager()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        response = self._pool.request(
            method,
            self._server.url + path,
            body=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {self._server.token}", "Content-Type": "application/json", **headers},
            retries=False,
            timeout=10,
        )
        text = response.data.decode()
        if "watch=true" in path:
            return response.status, [json.loads(line) for line in text.splitlines()]
        return response.status, json.loads(text) if text.startswith("{") else text

    def config_map(self, name: str, value: str = "x") -> int:
        """Create or replace a ConfigMap; returns its version."""
        body = {"metadata": {"name": name}, "data": {"value": value}}
        code, created = self("POST", CONFIG_MAPS, body)
        if code == 409:
            code, created = self("PUT", f"{CONFIG_MAPS}/{name}", body)
        assert code in (200, 201), created
        return int(created["metadata"]["resourceVersion"])


@pytest.fixture
def forgetful() -> Iterator[Caller]:
    """A server that remembers three changes of each resource."""
    with ApiServer(ApiSettings(history_length=3)) as server:
        yield Caller(server)


def test_a_watch_from_a_forgotten_version_is_told_so_by_an_error_event(forgetful: Caller) -> None:
    first = forgetful.config_map("a")
    for number in range(5):
        forgetful.config_map("a", str(number))
    code, events = forgetful("GET", f"{CONFIG_MAPS}?watch=true&timeoutSeconds=5&resourceVersion={first}")
    assert code == 200
    [event] = events
    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
    assert event["object"]["message"].startswith(f"too old resource version: {first} (")


def test_an_exact_list_of_a_forgotten_version_is_410(forgetful: Caller) -> None:
    first = forgetful.config_map("a")
    for number in range(5):
        forgetful.config_map("a", str(number))
    code, body = forgetful("GET", f"{CONFIG_MAPS}?resourceVersion={first}&resourceVersionMatch=Exact")
    assert (code, body["reason"]) == (410, "Expired")
    assert body["message"] == "The resourceVersion for the provided list is too old."


def test_a_page_of_a_forgotten_version_is_410_with_a_token_to_go_on(forgetful: Caller) -> None:
    for name in "abc":
        forgetful.config_map(name)
    _, page = forgetful("GET", f"{CONFIG_MAPS}?limit=1")
    for number in range(5):
        forgetful.config_map("z", str(number))
    code, body = forgetful("GET", f"{CONFIG_MAPS}?limit=1&continue={page['metadata']['continue']}")
    assert (code, body["reason"]) == (410, "Expired")
    code, rest = forgetful("GET", f"{CONFIG_MAPS}?continue={body['metadata']['continue']}")
    assert code == 200
    assert [item["metadata"]["name"] for item in rest["items"]] == ["b", "c", "z"]


def test_bookmarks_come_at_the_interval(tmp_path: Path) -> None:
    with ApiServer(ApiSettings(bookmark_interval_s=0.1)) as server:
        call = Caller(server)
        query = "watch=true&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=1"
        _, events = call("GET", f"/api/v1/secrets?{query}")
        assert [event["type"] for event in events].count("BOOKMARK") > 2


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = ApiSettings(storage=tmp_path / "db")
    with ApiServer(settings) as server:
        call, token = Caller(server), server.token
        call.config_map("kept")
        service = {"metadata": {"name": "web"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
        _, created = call("POST", "/api/v1/namespaces/default/services", service)
        version = call("GET", CONFIG_MAPS)[1]["metadata"]["resourceVersion"]
    with ApiServer(settings) as server:
        call = Caller(server)
        assert server.token == token
        assert call("GET", f"{CONFIG_MAPS}/kept")[0] == 200
        assert int(call("GET", CONFIG_MAPS)[1]["metadata"]["resourceVersion"]) >= int(version)
        node_port = created["spec"]["ports"][0]["nodePort"]
        clash = {"metadata": {"name": "b"}, "spec": {**service["spec"], "ports": [{"port": 80, "nodePort": node_port}]}}
        code, refusal = call("POST", "/api/v1/namespaces/default/services", clash)
        assert (code, "provided port is already allocated" in refusal["message"]) == (422, True)


def test_custom_resources_are_served_after_a_restart(tmp_path: Path) -> None:
    settings = ApiSettings(storage=tmp_path / "db")
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
    definition = {
        "metadata": {"name": "pools.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": {"plural": "pools", "kind": "Pool"},
            "versions": [version],
        },
    }
    with ApiServer(settings) as server:
        call = Caller(server)
        assert call("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)[0] == 201
        pool = {"apiVersion": "example.com/v1", "kind": "Pool", "metadata": {"name": "one"}}
        assert call("POST", "/apis/example.com/v1/pools", pool)[0] == 201
    with ApiServer(settings) as server:
        assert Caller(server)("GET", "/apis/example.com/v1/pools/one")[0] == 200


def test_a_namespace_whose_deletion_was_interrupted_goes_after_the_restart(tmp_path: Path) -> None:
    settings = ApiSettings(storage=tmp_path / "db")
    held = {"metadata": {"name": "held", "finalizers": ["example.com/keep"]}}
    with ApiServer(settings) as server:
        call = Caller(server)
        call("POST", "/api/v1/namespaces", {"metadata": {"name": "going"}})
        call("POST", "/api/v1/namespaces/going/configmaps", held)
        call("DELETE", "/api/v1/namespaces/going")
        assert call("GET", "/api/v1/namespaces/going")[1]["status"]["phase"] == "Terminating"
    with ApiServer(settings) as server:
        call = Caller(server)
        patch = {"Content-Type": "application/merge-patch+json"}
        free = {"metadata": {"finalizers": None}}
        call("PATCH", "/api/v1/namespaces/going/configmaps/held", free, **patch)
        assert call("GET", "/api/v1/namespaces/going")[0] == 404


def test_a_port_in_use_is_one_clear_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"address 127.0.0.1:{port} is already in use; stop what listens there"):
            ApiServer(ApiSettings(port=port)).start()


def test_one_storage_file_serves_one_server(tmp_path: Path) -> None:
    settings = ApiSettings(storage=tmp_path / "db")
    with ApiServer(settings), pytest.raises(StartError, match="is in use by another server"):
        ApiServer(settings).start()


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "localhost"])
def test_only_loopback_addresses_are_taken(address: str) -> None:
    with pytest.raises(SettingsError, match=r"use 127\.0\.0\.1 or ::1"):
        ApiSettings(address=address)


@pytest.mark.parametrize("wrong", [{"port": 70000}, {"history_length": 0}, {"service_cidrs": ()}])
def test_settings_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        replace(ApiSettings(), **wrong)


def test_the_kubeconfig_is_for_its_owner_only_and_complete(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "kubeconfig"
    with ApiServer(ApiSettings(token="secret")) as server:
        server.write_kubeconfig(path)
        host = server.url.removeprefix("http://")
    assert path.stat().st_mode & 0o777 == 0o600
    document = yaml.safe_load(path.read_text())
    assert document["current-context"] == document["contexts"][0]["name"]
    assert document["users"][0]["user"]["token"] == "secret"
    assert document["clusters"][0]["cluster"]["server"] == f"http://lbctl:secret@{host}"


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Basic bm9ib2R5Ondyb25n", "Basic ???", "Digest x"])
def test_without_the_token_nothing_is_answered(authorization: str) -> None:
    with ApiServer(ApiSettings()) as server:
        code, body = Caller(server)("GET", "/api/v1/services", Authorization=authorization)
    assert (code, body["reason"]) == (401, "Unauthorized")


def test_the_token_counts_as_a_password_too() -> None:
    with ApiServer(ApiSettings(token="secret")) as server:
        basic = urllib3.make_headers(basic_auth="anybody:secret")["authorization"]
        assert Caller(server)("GET", "/api/v1/services", Authorization=basic)[0] == 200


def test_the_server_runs_in_the_foreground_until_it_is_asked_to_stop() -> None:
    server = ApiServer(ApiSettings())
    seen: list[int] = []

    def ready() -> None:
        seen.append(len(server.url))
        server.request_stop()

    server.serve_forever(ready)
    assert seen


def test_a_stopped_server_ends_its_watches() -> None:
    server = ApiServer(ApiSettings())
    server.start()
    pool = urllib3.PoolManager()
    response = pool.request(
        "GET",
        f"{server.url}/api/v1/services?watch=true",
        headers={"Authorization": f"Bearer {server.token}"},
        preload_content=False,
        retries=False,
    )
    blocks = response.stream(65536)
    assert b'"ADDED"' in next(blocks)
    server.stop()
    assert list(blocks) == []


def test_a_pod_that_is_being_deleted_disappears_after_its_grace_period() -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "c"}]}}
    with ApiServer(ApiSettings()) as server:
        call = Caller(server)
        _, created = call("POST", "/api/v1/namespaces/default/pods", pod)
        version = created["metadata"]["resourceVersion"]
        assert call("DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=1")[0] == 200
        query = f"watch=true&timeoutSeconds=3&resourceVersion={version}"
        _, events = call("GET", f"/api/v1/namespaces/default/pods?{query}")
        assert [event["type"] for event in events] == ["MODIFIED", "DELETED"]


def test_where_a_kubelet_sees_to_pods_they_stay() -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "c"}]}}
    with ApiServer(ApiSettings(reap_pods=False)) as server:
        call = Caller(server)
        _, created = call("POST", "/api/v1/namespaces/default/pods", pod)
        call("DELETE", "/api/v1/namespaces/default/pods/p?gracePeriodSeconds=1")
        query = f"watch=true&timeoutSeconds=2&resourceVersion={created['metadata']['resourceVersion']}"
        _, events = call("GET", f"/api/v1/namespaces/default/pods?{query}")
        assert [event["type"] for event in events] == ["MODIFIED"]
