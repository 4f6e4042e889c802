"""One request: what goes out, what comes back, how failures read, what is counted."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lbctl.kube.client import KubeClient, PatchKind, RequestKind, is_collection, resource_in
from lbctl.kube.errors import (
    AlreadyExists,
    Conflict,
    Expired,
    Forbidden,
    Invalid,
    KubeApiError,
    NotFound,
    Refused,
    Unavailable,
    Unreachable,
)
from lbctl.kube.kinds import ENDPOINT_SLICES, NODES, SERVICES
from lbctl.kube.objects import json_resource
from lbctl.kube.transport import Hangup
from lbctl.model.errors import PermanentError, TemporaryError
from lbctl.model.service import ObjectKey
from tests.unit.kube.scripted import Answer, ScriptedServer, document, in_turn, listing, service, status

WEB = "/api/v1/namespaces/default/services/web"


def test_each_verb_sends_its_bytes_as_they_are(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(document({"a": 1}))) as server:
        client = server.client(tmp_path)
        assert client.get(WEB, {"x": "a b"}) == b'{"a": 1}'
        client.create("/api/v1/namespaces/default/services", b"{c}")
        client.replace(WEB, b"{r}")
        client.patch(WEB, b"{p}", PatchKind.JSON_PATCH)
        client.delete(WEB)
        seen = [(one.method, one.path, one.body, one.headers.get("content-type")) for one in server.asked()]
        assert seen == [
            ("GET", WEB, b"", None),
            ("POST", "/api/v1/namespaces/default/services", b"{c}", "application/json"),
            ("PUT", WEB, b"{r}", "application/json"),
            ("PATCH", WEB, b"{p}", "application/json-patch+json"),
            ("DELETE", WEB, b"", None),
        ]
        assert server.asked()[0].query == {"x": "a b"}
        assert {one.headers["authorization"] for one in server.asked()} == {"Bearer secret"}
        assert client.writes() == 4
        assert client.counts() == {
            RequestKind("get", "services", 200): 1,
            RequestKind("create", "services", 200): 1,
            RequestKind("update", "services", 200): 1,
            RequestKind("patch", "services", 200): 1,
            RequestKind("delete", "services", 200): 1,
        }


@pytest.mark.parametrize(
    ("code", "reason", "kind", "house"),
    [
        (400, "BadRequest", Refused, PermanentError),
        (401, "Unauthorized", Forbidden, PermanentError),
        (403, "Forbidden", Forbidden, PermanentError),
        (404, "NotFound", NotFound, PermanentError),
        (405, "MethodNotAllowed", Refused, PermanentError),
        (409, "Conflict", Conflict, TemporaryError),
        (409, "AlreadyExists", AlreadyExists, PermanentError),
        (410, "Expired", Expired, TemporaryError),
        (410, "Gone", Expired, TemporaryError),
        (422, "Invalid", Invalid, PermanentError),
        (429, "TooManyRequests", Unavailable, TemporaryError),
        (500, "InternalError", Unavailable, TemporaryError),
        (504, "Timeout", Unavailable, TemporaryError),
    ],
)
def test_refusals_become_the_houses_errors(
    tmp_path: Path, code: int, reason: str, kind: type[KubeApiError], house: type[Exception]
) -> None:
    with ScriptedServer(in_turn(status(code, reason, "as it is"))) as server:
        client = server.client(tmp_path)
        with pytest.raises(kind) as caught:
            client.get(WEB)
        assert isinstance(caught.value, house)
        assert (caught.value.code, caught.value.reason) == (code, reason)
        assert caught.value.message == f"GET {WEB}: as it is ({code} {reason})"
        assert client.counts() == {RequestKind("get", "services", code): 1}


def test_a_body_that_is_no_status_is_quoted(tmp_path: Path) -> None:
    with (
        ScriptedServer(in_turn(Answer(502, b"<html>Bad Gateway</html>"))) as server,
        pytest.raises(Unavailable, match=r"<html>Bad Gateway</html> \(502 InternalError\)"),
    ):
        server.client(tmp_path).get(WEB)


@pytest.mark.parametrize(
    ("answer", "expected_s"),
    [
        (status(429, "TooManyRequests", Retry_After="7"), 7.0),
        (document({"code": 503, "details": {"retryAfterSeconds": 3}}, 503), 3.0),
        (status(429, "TooManyRequests", Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), None),
        (status(500, "InternalError"), None),
    ],
    ids=["header", "body", "a date is not sent by Kubernetes", "none"],
)
def test_the_servers_wish_when_to_retry_is_kept(tmp_path: Path, answer: Answer, expected_s: float | None) -> None:
    with ScriptedServer(in_turn(answer)) as server:
        with pytest.raises(TemporaryError) as caught:
            server.client(tmp_path).get(WEB)
        assert caught.value.retry_after_s == expected_s


def test_a_silent_server_is_given_up_after_the_timeout(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(Answer(silent=True))) as server:
        client = server.client(tmp_path)
        with pytest.raises(Unreachable, match=rf"^cannot reach the Kubernetes API at {server.url}: timed out$"):
            client.request("PUT", WEB, body=b"{}", timeout_s=0.1)
        assert client.counts() == {RequestKind("update", "services", 0): 1}


@pytest.mark.parametrize("then", ["hang", "cut"])
def test_an_answer_that_breaks_off_is_unreachable(tmp_path: Path, then: str) -> None:
    with (
        ScriptedServer(in_turn(Answer(chunks=[b'{"a":'], then=then))) as server,
        pytest.raises(Unreachable, match=rf"the answer to GET {WEB} broke off"),
    ):
        server.client(tmp_path).request("GET", WEB, timeout_s=0.2)


def test_requests_share_one_connection_and_a_closed_one_is_replaced(tmp_path: Path) -> None:
    plain = document({})
    with ScriptedServer(in_turn(plain, plain, document({}, Connection="close"), plain)) as server:
        client = server.client(tmp_path)
        for _ in range(5):
            client.get(WEB)
        ports = [asked.port for asked in server.asked()]
        assert len(set(ports[:3])) == 1
        assert len(set(ports[3:])) == 1
        assert ports[3] != ports[0]


def test_a_get_whose_connection_was_dropped_is_sent_once_more_but_a_write_is_not(tmp_path: Path) -> None:
    """An idle server closes kept-alive connections; a write may have been carried out, so its sender decides."""
    dropped = Answer(silent=True, then="cut")
    with ScriptedServer(in_turn(dropped, document({}), dropped, document({}))) as server:
        client = server.client(tmp_path)
        assert client.get(WEB) == b"{}"
        with pytest.raises(Unreachable, match="cannot reach the Kubernetes API"):
            client.replace(WEB, b"{}")
        assert [asked.method for asked in server.asked()] == ["GET", "GET", "PUT"]


def test_hanging_up_ends_a_blocked_request_and_refuses_later_ones(tmp_path: Path) -> None:
    hangup = Hangup()
    failures: list[Unreachable] = []
    with ScriptedServer(in_turn(Answer(silent=True))) as server:
        client = server.client(tmp_path)

        def ask() -> None:
            with pytest.raises(Unreachable) as caught:
                client.request("GET", WEB, timeout_s=60, hangup=hangup)
            failures.append(caught.value)

        thread = threading.Thread(target=ask)
        thread.start()
        server.await_asked(1)
        hangup.ring()
        thread.join(10)
        assert len(failures) == 1
        ask()
        assert len(failures) == 2


def test_a_rotated_token_is_sent_from_the_next_request_on(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(document({}))) as server:
        client = server.client(tmp_path)
        configuration = client._transport._api.configuration
        tokens = iter(["Bearer one", "Bearer two"])
        configuration.refresh_api_key_hook = lambda config: config.api_key.update(BearerToken=next(tokens))
        client.get(WEB)
        client.get(WEB)
        assert [asked.headers["authorization"] for asked in server.asked()] == ["Bearer one", "Bearer two"]


def test_an_unreadable_token_is_a_temporary_error(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(document({}))) as server:
        client = server.client(tmp_path)

        def fail(_: object) -> None:
            raise FileNotFoundError(2, "No such file or directory", "/var/run/token")

        client._transport._api.configuration.refresh_api_key_hook = fail
        with pytest.raises(Unreachable, match=r"no credentials for the Kubernetes API at .*/var/run/token"):
            client.get(WEB)


def test_list_all_follows_the_pages_and_read_gives_one_value(tmp_path: Path) -> None:
    pages = (listing([service("a", 1)], 9, more="t"), listing([service("b", 2)], 9), document(service("c", 3)))
    with ScriptedServer(in_turn(*pages)) as server:
        client: KubeClient = server.client(tmp_path)
        assert [one.key.name for one in client.list_all(SERVICES, namespace="default")] == ["a", "b"]
        assert client.read(SERVICES, ObjectKey("default", "c")).resource_version == "3"
        assert client.counts()[RequestKind("list", "services", 200)] == 2


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (SERVICES.path(), "/api/v1/services"),
        (SERVICES.path("default"), "/api/v1/namespaces/default/services"),
        (SERVICES.path_of(ObjectKey("a", "b"), "status"), "/api/v1/namespaces/a/services/b/status"),
        (ENDPOINT_SLICES.path("a"), "/apis/discovery.k8s.io/v1/namespaces/a/endpointslices"),
        (NODES.path_of(ObjectKey("", "n1")), "/api/v1/nodes/n1"),
        (json_resource("x.io", "v1", "things", "Thing", namespaced=False).path("ignored"), "/apis/x.io/v1/things"),
    ],
)
def test_paths_of_resources(path: str, expected: str) -> None:
    assert path == expected


@pytest.mark.parametrize(
    ("path", "expected", "collection"),
    [
        ("/api/v1/services", "services", True),
        ("/api/v1/namespaces/a/services", "services", True),
        ("/api/v1/namespaces/a/services/b", "services", False),
        ("/api/v1/namespaces/a/services/b/status", "services/status", False),
        ("/api/v1/namespaces", "namespaces", True),
        ("/api/v1/namespaces/a", "namespaces", False),
        ("/api/v1/namespaces/a/status", "namespaces/status", False),
        ("/api/v1/nodes/n/status", "nodes/status", False),
        ("/apis/discovery.k8s.io/v1/namespaces/a/endpointslices/x", "endpointslices", False),
        ("/version", "/version", False),
        ("/apis", "/apis", False),
    ],
)
def test_what_a_path_is_counted_as(path: str, expected: str, collection: bool) -> None:
    assert resource_in(path) == expected
    assert is_collection(path) is collection
