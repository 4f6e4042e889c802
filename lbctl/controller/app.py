"""`lbctl controller`: the loop with its real edges, from start to the last thread's end."""

from __future__ import annotations

import gc
import os
import signal
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from lbctl.controller.edges import ClusterWriter, InformerView, ServiceEvents
from lbctl.controller.loop import Controller, Timing
from lbctl.controller.settings import ControllerSettings
from lbctl.controller.telemetry import Telemetry
from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.kube.events import EventRecorder
from lbctl.kube.informers import Informers
from lbctl.kube.kinds import NODES, SERVICES
from lbctl.kube.lease import LeaderElector, LeaseSettings
from lbctl.kube.writer import ServiceWriter
from lbctl.model.errors import TemporaryError
from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service
from lbctl.provider import registry
from lbctl.provider.contract import Provider, ProviderContext
from lbctl.runtime import log
from lbctl.runtime.clock import SystemClock
from lbctl.runtime.health import Health, HealthServer
from lbctl.runtime.metrics import Metrics, Reading
from lbctl.runtime.threads import ThreadGroup

logger = log.logger(__name__)

COMPONENT = "lbctl.io/controller"
_SYNC_POLL_S = 1.0


def run_controller(settings: ControllerSettings) -> None:
    """Run until SIGTERM, SIGINT or a lost Lease. Raises ConfigError before anything was touched, LbctlError later."""
    log.configure(level=settings.log_level, json_lines=settings.log_format == "json")
    process = ControllerProcess(settings, _providers(settings))
    with _stopped_by_signals(process.group):
        process.run()


def _providers(settings: ControllerSettings) -> list[Provider]:
    """The providers that the settings name. Raises ConfigError."""
    context = ProviderContext(settings.cluster)
    return [registry.build(name, settings.providers.get(name, {}), context) for name in settings.provider]


class ControllerProcess:
    """Everything that one controller process holds, wired."""

    def __init__(self, settings: ControllerSettings, providers: Iterable[Provider]) -> None:
        self.settings = settings
        self.group = ThreadGroup("controller")
        self.metrics = Metrics()
        clock = SystemClock()
        self.identity = f"{os.environ.get('POD_NAME') or socket.gethostname()}_{uuid4().hex[:8]}"
        self.client = KubeClient.connect(KubeSettings(settings.kubeconfig, settings.context, "lbctl-controller"))
        self._informers = Informers(self.client, clock=clock)
        services, nodes = self._informers.add(SERVICES), self._informers.add(NODES)
        self._events = EventRecorder(self.client, controller=COMPONENT, instance=self.identity, clock=clock)
        self._writer = ClusterWriter(ServiceWriter(self.client, clock))
        self.controller = Controller(
            InformerView(services, nodes),
            self._writer,
            ServiceEvents(self._events),
            providers,
            installed=registry.installed(),
            default_class=settings.default_class,
            clock=clock,
            telemetry=Telemetry(self.metrics),
            timing=Timing(settings.audit_interval_s, settings.node_quiet_s, settings.node_max_wait_s),
            collect_orphans=settings.gc,
            gc_limit_ratio=settings.gc_limit_ratio,
        )
        services.on_change(self._service_changed)
        nodes.on_change(self._node_changed)
        self._elector = self._make_elector()
        self._health = HealthServer(settings.listen, self._checks(), self.metrics) if settings.listen else None
        self._export()

    def run(self) -> None:
        """Start every thread and wait for the end. Raises what ended the group."""
        if self._health:
            self._health.start()
        try:
            with self.group:
                self.group.spawn("events", lambda: self._events.run(self.group.stop))
                self._informers.start(self.group)
                if self._elector is None:
                    self._lead()
                else:
                    elector = self._elector
                    self.group.spawn("lease", lambda: elector.run(self.group.stop))
                self.group.stop.wait()
        finally:
            if self._health:
                self._health.stop()
            self.client.close()

    def _lead(self) -> None:
        self.group.spawn("start", self._start_reconciling)

    def _start_reconciling(self) -> None:
        stop = self.group.stop
        while not self._informers.wait_synced(stop, _SYNC_POLL_S):
            if stop.is_set():
                return
        gc.freeze()
        gc.callbacks.append(_spare_survivors)
        self.controller.prepare(stop)
        if not stop.is_set():
            self.controller.start(self.group, self.settings.workers)

    def _lost(self, reason: str) -> None:
        self.group.fail(TemporaryError("LeaseLost", f"leadership lost: {reason}; the process ends so that it restarts"))

    def _make_elector(self) -> LeaderElector | None:
        election = self.settings.leader_election
        if not election.enabled:
            return None
        lease = LeaseSettings(
            key=ObjectKey(election.namespace, election.name),
            identity=self.identity,
            duration_s=election.duration_s,
            renew_deadline_s=election.renew_deadline_s,
            retry_s=election.retry_s,
        )
        return LeaderElector(self.client, lease, on_started=self._lead, on_lost=self._lost)

    def _service_changed(self, old: Service | None, new: Service | None) -> None:
        known = new or old
        if known is not None and not self._writer.is_echo(known.key, new):
            self.controller.service_changed(old, new)

    def _node_changed(self, old: Node | None, new: Node | None) -> None:
        self.controller.node_changed(old, new)

    def _checks(self) -> Health:
        health = Health()
        health.ready["informers"] = lambda: "; ".join(self._informers.unsynced()) or None
        health.live["threads"] = lambda: "a thread has failed" if self.group.stop.is_set() else None
        return health

    def _export(self) -> None:
        self.metrics.counted("rest_client_requests", "Requests to the Kubernetes API", self._requests)
        elector = self._elector
        if elector is not None:
            name = {"name": self.settings.leader_election.name}
            self.metrics.gauge(
                "leader_election_master_status",
                "1 while this process leads",
                lambda: [(float(elector.is_leader), name)],
            )

    def _requests(self) -> list[Reading]:
        return [
            (count, {"method": kind.verb, "resource": kind.resource, "code": str(kind.code)})
            for kind, count in self.client.counts().items()
        ]


def _spare_survivors(phase: str, info: dict[str, int]) -> None:
    """Walk nothing twice: what outlives a full collection is cache, 0.5 s to walk at 10,000 Services, and no cycle."""
    if phase == "stop" and info["generation"] == 2:
        gc.freeze()


@contextmanager
def _stopped_by_signals(group: ThreadGroup) -> Iterator[None]:
    before = {one: signal.signal(one, lambda *_: group.stop.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
