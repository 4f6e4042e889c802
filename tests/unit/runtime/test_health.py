"""Probes and metrics over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from lbctl.model.errors import ConfigError
from lbctl.runtime.health import Health, HealthServer
from lbctl.runtime.metrics import Metrics


@pytest.fixture
def server() -> Iterator[tuple[HealthServer, Health, Metrics]]:
    health, metrics = Health(), Metrics()
    server = HealthServer("127.0.0.1:0", health, metrics)
    server.start()
    yield server, health, metrics
    server.stop()
    metrics.close()


def get(server: HealthServer, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{server.port}{path}") as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def test_ready_turns_with_its_checks_and_names_the_one_that_fails(server) -> None:
    served, health, _ = server
    trouble: list[str] = ["waiting for Services"]
    health.ready["informers"] = lambda: trouble[0] if trouble else None
    assert get(served, "/readyz") == (503, "[-]informers failed: waiting for Services\n")
    assert get(served, "/livez") == (200, "ok")
    trouble.clear()
    assert get(served, "/readyz?verbose") == (200, "[+]informers ok\n")


def test_metrics_carry_the_names_that_dashboards_expect(server) -> None:
    served, _, metrics = server
    metrics.counter("workqueue_adds", "Keys added", ("name",)).add("service", by=3)
    metrics.histogram("workqueue_work_duration", "Work").observe(0.2, {"name": "service"})
    metrics.gauge("workqueue_depth", "Depth", lambda: [(7, {"name": "service"})])
    code, text = get(served, "/metrics")
    assert code == 200
    assert 'workqueue_adds_total{name="service"} 3.0' in text
    assert 'workqueue_work_duration_seconds_count{name="service"} 1.0' in text
    assert 'workqueue_depth{name="service"} 7.0' in text


def test_an_unknown_path_says_what_there_is(server) -> None:
    assert get(server[0], "/nope")[0] == 404


@pytest.mark.parametrize("listen", ["nonsense", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x"])
def test_a_malformed_address_is_one_clear_line(listen: str) -> None:
    with pytest.raises(ConfigError, match="ADDRESS:PORT"):
        HealthServer(listen, Health(), Metrics())


def test_a_port_in_use_is_one_clear_line(server) -> None:
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:\d+: Address already in use; choose another --listen"):
        HealthServer(f"127.0.0.1:{server[0].port}", Health(), Metrics())
