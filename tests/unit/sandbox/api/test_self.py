"""What a sandbox says of itself: its own Service, and its credentials in nobody's log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.kube.errors import NotFound
from lbctl.kube.kinds import SERVICES
from lbctl.model.service import ObjectKey, Service
from lbctl.sandbox.api import ApiServer, ApiSettings, StartError
from lbctl.sandbox.api.kubeconfig import check_replaceable

SELF = ObjectKey("default", "kubernetes")


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer(ApiSettings()) as made:
        yield made


@pytest.fixture
def kubeconfig(server: ApiServer, tmp_path: Path) -> Path:
    server.write_kubeconfig(tmp_path / "kc")
    return tmp_path / "kc"


def appears(client: KubeClient) -> Service:
    for _ in range(100):
        try:
            return client.read(SERVICES, SELF)
        except NotFound:
            time.sleep(0.05)
    raise AssertionError(f"{SELF} did not come back")


def test_the_kubernetes_service_comes_back_when_it_is_deleted(kubeconfig: Path) -> None:
    client = KubeClient.open(KubeSettings(kubeconfig))
    before = client.read(SERVICES, SELF)
    client.delete(SERVICES.path_of(SELF))
    after = appears(client)
    assert after.uid != before.uid
    assert after.cluster_ips == before.cluster_ips


def test_no_message_of_a_client_quotes_the_token(kubeconfig: Path, server: ApiServer) -> None:
    client = KubeClient.open(KubeSettings(kubeconfig))
    assert client.read(SERVICES, SELF)
    assert server.token not in client.url
    assert "@" not in client.url


def test_the_kubeconfig_of_a_sandbox_that_runs_is_not_replaced_and_of_one_that_ended_is(
    kubeconfig: Path, server: ApiServer
) -> None:
    with pytest.raises(StartError, match="another sandbox runs"):
        check_replaceable(kubeconfig)
    server.stop()
    check_replaceable(kubeconfig)
