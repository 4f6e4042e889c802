"""A cluster whose endpoints controller runs, and a room in it with a node of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

from lbctl.sandbox.api import ApiSettings
from lbctl.sandbox.app import running_api
from tests.api.client import Api
from tests.api.conftest import Namespace
from tests.api.endpoints.room import EndpointsRoom


@pytest.fixture(scope="session")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API server with its endpoints controller: what `lbctl sandbox api` runs, or the named cluster."""
    named = os.environ.get("LBCTL_TEST_KUBECONFIG")
    if named:
        yield _connect(Path(named))
        return
    kubeconfig = tmp_path_factory.mktemp("endpoints") / "kubeconfig"
    with running_api(ApiSettings(), kubeconfig):
        yield _connect(kubeconfig)


def _connect(kubeconfig: Path) -> Api:
    configuration = kubernetes_client.Configuration()
    kubernetes_config.load_kube_config(str(kubeconfig), client_configuration=configuration)
    return Api(configuration)


@pytest.fixture
def room(ns: Namespace) -> Iterator[EndpointsRoom]:
    """The test's namespace, and a node for its pods in the zone `zone-a`."""
    room = EndpointsRoom(ns)
    yield room
    room.close()
