"""The server under test: an embedded one, or the cluster that LBCTL_TEST_KUBECONFIG names."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

from lbctl.sandbox.api import ApiServer, ApiSettings
from tests.api.client import Answer, Api
from tests.api.service_room import Answer as ServiceAnswer
from tests.api.service_room import ServiceRoom


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `api`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.api)


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API server every test of the session talks to."""
    named = os.environ.get("LBCTL_TEST_KUBECONFIG")
    if named:
        yield Api(_configuration(Path(named)))
        return
    folder = tmp_path_factory.mktemp("api")
    with ApiServer(ApiSettings(storage=folder / "cluster.db")) as server:
        server.write_kubeconfig(folder / "kubeconfig")
        yield Api(_configuration(folder / "kubeconfig"))


def _configuration(kubeconfig: Path) -> kubernetes_client.Configuration:
    configuration = kubernetes_client.Configuration()
    kubernetes_config.load_kube_config(str(kubeconfig), client_configuration=configuration)
    configuration.connection_pool_maxsize = 16
    return configuration


@dataclass(frozen=True)
class Namespace:
    """A namespace of one test, and paths into it."""

    api: Api
    name: str

    def path(self, plural: str, name: str = "", subresource: str = "", *, group: str = "", version: str = "v1") -> str:
        root = f"/apis/{group}/{version}" if group else f"/api/{version}"
        return "/".join(part for part in (root, "namespaces", self.name, plural, name, subresource) if part)

    def create(self, plural: str, obj: dict[str, Any], **rest: Any) -> dict[str, Any]:
        """Create an object that must be accepted."""
        created: dict[str, Any] = self.api.post(self.path(plural), obj, **rest).expect(201)
        return created

    def config_map(self, name: str, data: dict[str, str] | None = None, **metadata: Any) -> dict[str, Any]:
        """Create a ConfigMap: the plainest of objects."""
        return self.create("configmaps", config_map(name, data, **metadata))

    def get(self, plural: str, name: str, **rest: Any) -> Answer:
        return self.api.get(self.path(plural, name), **rest)


def config_map(name: str, data: dict[str, str] | None = None, **metadata: Any) -> dict[str, Any]:
    """A ConfigMap as a client writes it."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": data or {"key": "value"},
    }


@pytest.fixture
def ns(api: Api) -> Iterator[Namespace]:
    """A namespace that goes with the test."""
    created = api.post("/api/v1/namespaces", {"metadata": {"generateName": "behaviour-"}}).expect(201)
    name = created["metadata"]["name"]
    yield Namespace(api, name)
    api.delete(f"/api/v1/namespaces/{name}")


@pytest.fixture
def services(ns: Namespace) -> ServiceRoom:
    """The Services of the test's namespace."""

    def call(method: str, path: str, body: dict[str, Any] | None, content_type: str) -> ServiceAnswer:
        answer = ns.api.request(method, path, body, content_type=content_type)
        return ServiceAnswer(answer.code, answer.body, answer.warnings)

    return ServiceRoom(call, ns.name)
