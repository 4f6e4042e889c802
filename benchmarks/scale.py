"""Ten thousand Services: how long until all have an address, how fast one more reacts, what it costs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import decode, floor, manifests, surviving_cloud
from benchmarks.figures import Figure, Ratio, Report, spread_ms
from benchmarks.http_load import Connection, run_load
from benchmarks.processes import Api, ForeignLoad, RunningController, start_api, start_controller
from benchmarks.watcher import ServiceWatcher

_CONNECTIONS = 8
_ONE_TIMEOUT_S = 30.0
_ALL_TIMEOUT_S = 900.0
_PAUSE_S = 0.02
_AUDIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; `samples` of each reaction, `floor` Services for the API server's own speed, `audits` at
    rest.
    """

    services: int = 10_000
    nodes: int = 100
    samples: int = 250
    floor: int = 2_000
    audits: int = 3


SMALL = Size(services=24, nodes=3, samples=4, floor=8, audits=1)


def measure(folder: Path, size: Size) -> Report:
    """Run the whole bench; takes about five minutes at full size."""
    report = Report("scale", asdict(size), ())
    figures: list[Figure] = []
    api = start_api(folder)
    with api.process:
        _furnish(api, size)
        first = _Running(api, folder, size)
        figures += first.measure()
        figures += _restarted(api, folder, size)
        figures.append(Figure("API server, peak memory", api.process.peak_rss_mib(), "MiB"))
        ratios = decode.compare(api)
    cold, cold_ratios = _cold(folder, size)
    return Report("scale", report.size, (*figures, *cold), (*cold_ratios, *ratios), load_before=report.load_before)


def _furnish(api: Api, size: Size) -> None:
    """Nodes, and the EndpointSlices that the Services of later have."""
    target = api.target
    run_load(target, (manifests.node(target, number) for number in range(size.nodes)), _CONNECTIONS)
    slices = (manifests.endpoint_slice(target, _name(n), n, size.nodes) for n in range(size.services))
    run_load(target, slices, _CONNECTIONS)


def _create(api: Api, size: Size) -> None:
    run_load(api.target, (manifests.service(api.target, _name(n)) for n in range(size.services)), _CONNECTIONS)


def _name(number: int) -> str:
    return f"web-{number}"


class _Running:
    """Services are created under a running controller; then one more, and one change, at that size."""

    def __init__(self, api: Api, folder: Path, size: Size) -> None:
        self._api, self._size = api, size
        self._controller = start_controller(api, folder)

    def measure(self) -> list[Figure]:
        api, controller, size = self._api, self._controller, self._size
        with controller.process, ServiceWatcher(api) as watcher:
            controller.process.wait_for("the controller", controller.ready)
            spent_s = api.process.cpu_s(), controller.process.cpu_s()
            others = ForeignLoad(api.process, controller.process)
            began_s = time.perf_counter()
            _create(api, size)
            took_s = watcher.wait_count(size.services, _ALL_TIMEOUT_S) - began_s
            taken = others.cores()
            _wait_for_rest(controller)
            figures = [
                Figure("created under a running controller: all have an address", took_s, "s", 60),
                Figure("  cores that other processes took meanwhile", taken),
                Figure("  API server, CPU per Service", _per(api.process.cpu_s() - spent_s[0], size), "ms"),
                Figure("  controller, CPU per Service", _per(controller.process.cpu_s() - spent_s[1], size), "ms"),
                *_requests(controller, size),
            ]
            others = ForeignLoad(api.process, controller.process)
            figures += spread_ms("reaction, one more Service", self._react(watcher, self._one_more), 100)
            figures += spread_ms("reaction, one port changed", self._react(watcher, self._one_change), 100)
            figures.append(Figure("  cores that other processes took meanwhile", others.cores()))
            figures.append(Figure("controller, peak memory", controller.process.peak_rss_mib(), "MiB", 300))
        return figures

    def _react(self, watcher: ServiceWatcher, act: Callable[[Connection, int], tuple[str, int, float]]) -> list[float]:
        """Seconds from the API server's answer until the watch shows the outcome; one at a time."""
        connection, samples = Connection(self._api.target), []
        for number in range(self._size.samples):
            name, port, answered_s = act(connection, number)
            samples.append(watcher.wait_published(name, port, _ONE_TIMEOUT_S) - answered_s)
            time.sleep(_PAUSE_S)
        connection.close()
        return samples

    def _one_more(self, connection: Connection, number: int) -> tuple[str, int, float]:
        name = f"more-{number}"
        return name, 80, connection.ask(manifests.service(self._api.target, name)).answered_s

    def _one_change(self, connection: Connection, number: int) -> tuple[str, int, float]:
        name, port = _name(number * 7919 % self._size.services), 1000 + number
        return name, port, connection.ask(manifests.new_port(self._api.target, name, port)).answered_s


def _restarted(api: Api, folder: Path, size: Size) -> list[Figure]:
    """The controller starts anew, the cloud still holds everything; then there is nothing to do but audits."""
    controller = start_controller(api, folder, "benchmarks.surviving_cloud", audit_interval_s=_AUDIT_S)
    with controller.process as process:
        began_s = process.wait_for("the cloud", lambda: surviving_cloud.FILLED in process.output, _ALL_TIMEOUT_S)
        others = ForeignLoad(api.process, process)
        done_s = process.wait_for("convergence", lambda: _reconciled(controller) >= size.services, _ALL_TIMEOUT_S)
        taken = others.cores()
        _wait_for_rest(controller)
        at_rest = [
            Figure("restart: all reconciled again after", done_s - began_s, "s"),
            Figure("  cores that other processes took meanwhile", taken),
            Figure("restart: provider writes", controller.metric("lbctl_provider_steps_total"), "", 0),
            Figure("restart: Kubernetes writes", sum(controller.writes().values()), "", 0),
        ]
        requests, spent_s = controller.metric("rest_client_requests_total"), process.cpu_s()
        time.sleep(_AUDIT_S * size.audits)
        spent_s = process.cpu_s() - spent_s
        return [
            *at_rest,
            Figure(
                f"at rest, {size.audits} audits: Kubernetes requests of any kind",
                controller.metric("rest_client_requests_total") - requests,
                "",
                0,
            ),
            Figure("at rest: CPU per audit of the whole cloud", spent_s / size.audits, "s"),
            Figure("controller after a restart, peak memory (with the cloud itself)", process.peak_rss_mib(), "MiB"),
        ]


def _cold(folder: Path, size: Size) -> tuple[list[Figure], list[Ratio]]:
    """Everything is there before the controller starts for the first time; and what the API server alone can take."""
    api = start_api(folder)
    with api.process:
        _furnish(api, size)
        _create(api, size)
        alone = floor.services_per_second(api, size.floor)
        with ServiceWatcher(api) as watcher:
            began_s = time.perf_counter()
            controller = start_controller(api, folder)
            others = ForeignLoad(api.process, controller.process)
            with controller.process:
                took_s = watcher.wait_count(size.services, _ALL_TIMEOUT_S) - began_s
                taken = others.cores()
                peak_mib = controller.process.peak_rss_mib()
    figures = [
        Figure("cold start (from exec) on unprovisioned Services: all have an address", took_s, "s", 60),
        Figure("  cores that other processes took meanwhile", taken),
        Figure("controller after a cold start, peak memory", peak_mib, "MiB", 300),
    ]
    against = "the same three writes a Service by a raw load generator: what the API server alone can take"
    return figures, [Ratio("controller's rate, cold", size.services / took_s, alone, against, "Services/s")]


def _requests(controller: RunningController, size: Size) -> list[Figure]:
    writes = controller.writes()
    total = Figure("Kubernetes writes per Service", sum(writes.values()) / size.services, "", 3)
    return [total, *(Figure(f"  {verb}", count / size.services) for verb, count in sorted(writes.items()))]


def _wait_for_rest(controller: RunningController) -> None:
    """Until the queue is empty and Events are no longer being written."""
    before = -1
    while not controller.idle() or before != sum(controller.writes().values()):
        before = sum(controller.writes().values())
        time.sleep(0.2)


def _reconciled(controller: RunningController) -> float:
    return controller.metric("controller_runtime_reconcile_total") if controller.ready() else 0.0


def _per(cpu_s: float, size: Size) -> float:
    return cpu_s / size.services * 1e3
