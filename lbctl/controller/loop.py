"""The controller's loop: triggers -> work queue -> workers -> reconcile; beside it the audit."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lbctl.controller.audit import Auditor
from lbctl.controller.cloud import Cloud, as_lbctl_error
from lbctl.controller.nodes import Membership
from lbctl.controller.ports import Recorder, View, Writer
from lbctl.controller.reconcile import Reconciler
from lbctl.controller.telemetry import Telemetry
from lbctl.controller.triggers import NODES, changed, concerns_us, moves_backends, shared_key
from lbctl.model.errors import ConfigError, LbctlError, PermanentError, TemporaryError, UnsafePlan
from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service
from lbctl.plan.claim import CLASS_PREFIX, Claim
from lbctl.plan.translate import backends_of
from lbctl.provider.contract import Provider
from lbctl.runtime.backoff import Backoff
from lbctl.runtime.clock import Clock
from lbctl.runtime.log import logger
from lbctl.runtime.metrics import Reading
from lbctl.runtime.threads import ThreadGroup
from lbctl.runtime.workqueue import Lane, WorkQueue

log = logger(__name__)

PERMANENT_RETRY_S = 300.0
"""How soon a failure that needs a person is tried again, in case the person did not touch the Service."""

_FIRST_READ = Backoff(first_s=1.0, max_s=60.0, jitter=0.2)


class Stop(Protocol):
    """What is needed of a `threading.Event`."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass(frozen=True, slots=True)
class Timing:
    """Times in seconds."""

    audit_interval_s: float = 300.0
    node_quiet_s: float = 3.0
    node_max_wait_s: float = 30.0


class Controller:
    """The controller without its edges: it sees the cluster through a View and writes through a Writer."""

    def __init__(
        self,
        view: View,
        writer: Writer,
        recorder: Recorder,
        providers: Iterable[Provider],
        *,
        installed: frozenset[str],
        default_class: str | None,
        clock: Clock,
        telemetry: Telemetry,
        timing: Timing,
        collect_orphans: bool = False,
        gc_limit_ratio: float = 0.5,
    ) -> None:
        self._view = view
        self._clock = clock
        self._telemetry = telemetry
        self._timing = timing
        self._collect_orphans = collect_orphans
        self._membership = Membership(clock, timing.node_quiet_s, timing.node_max_wait_s)
        self._clouds = {one.name: Cloud(one, clock, telemetry) for one in providers}
        default = default_class.removeprefix(CLASS_PREFIX) if default_class else None
        if default is not None and default not in self._clouds:
            raise ConfigError(f"--default-class lbctl.io/{default} names a provider that does not run here")
        self.reconciler = Reconciler(
            view, self._clouds, self._membership, writer, recorder, installed=installed, default_provider=default
        )
        self.queue: WorkQueue[ObjectKey] = WorkQueue(clock)
        self._stuck: set[ObjectKey] = set()
        self.auditors = {
            name: Auditor(cloud, view.services, limit_ratio=gc_limit_ratio) for name, cloud in self._clouds.items()
        }
        telemetry.watch_queue(self.queue.stats)
        telemetry.watch_orphans(self._count_orphans)

    # What the informers call.

    def service_changed(self, old: Service | None, new: Service | None) -> None:
        """A Service was added, changed or removed."""
        if new is None or not changed(old, new):
            return
        if concerns_us(self.reconciler.claim(new)):
            self.queue.add(new.key, Lane.EVENT if self._view.synced() else Lane.BULK)

    def node_changed(self, old: Node | None, new: Node | None) -> None:
        """A Node was added, changed or removed."""
        if self._view.synced() and moves_backends(old, new):
            due_s = self._membership.offer(backends_of(self._view.nodes()))
            if due_s is not None:
                self.queue.add_after(NODES, due_s)

    # What the threads run.

    def prepare(self, stop: Stop) -> None:
        """Take the nodes as they are and read the clouds, however long that takes. The view must be synced."""
        self._membership.start(backends_of(self._view.nodes()))
        for cloud in self._clouds.values():
            self._first_read(cloud, stop)

    def start(self, group: ThreadGroup, workers: int) -> None:
        """Reconcile and audit on `group`'s threads until it stops. Call `prepare` first."""
        for index in range(workers):
            group.spawn(f"worker-{index}", self.work)
        group.spawn("audit", lambda: self._audit_for_ever(group.stop))
        group.spawn("close-queue", lambda: self._close_on(group.stop))
        log.info("reconciling", extra={"providers": ",".join(self._clouds), "nodes": len(self._membership.published)})

    def work(self) -> None:
        """One worker: take keys until the queue is closed."""
        while (taken := self.queue.get()) is not None:
            key, waited_s = taken
            result = "error"
            try:
                result = self.handle(key)
            finally:
                self._telemetry.reconciled(result, waited_s, self.queue.done(key))

    def handle(self, key: ObjectKey) -> str:
        """Reconcile one key and schedule what follows; returns the result's name for metrics. Never raises."""
        try:
            again_s = self._dispatch(key)
        except Exception as failure:  # noqa: BLE001 - one Service's trouble must not end the others
            return self._failed(key, failure)
        self.queue.forget(key)
        if again_s is None:
            return "success"
        self.queue.add_after(key, again_s)
        return "requeue_after"

    def audit(self) -> None:
        """One round over all clouds: repair drift, report orphans, collect them when told to. Never raises."""
        for name, auditor in self.auditors.items():
            try:
                findings = auditor.audit()
                for service in findings.drifted:
                    self.reconciler.expect_repair(service.uid)
                    self._telemetry.repaired(name)
                    self.queue.add(service.key, Lane.BULK)
                if self._collect_orphans and findings.orphans:
                    count = auditor.collect()
                    log.info("orphans removed", extra={"provider": name, "resources": count})
                self.queue.add(shared_key(name), Lane.BULK)
            except Exception as failure:  # noqa: BLE001 - the next round tries again
                error = as_lbctl_error(failure)
                self._telemetry.failed(error.reason)
                log.warning("audit failed", extra={"provider": name, "reason": error.reason, "cause": error.message})

    def _dispatch(self, key: ObjectKey) -> float | None:
        if key == NODES:
            return self._settle_nodes()
        for name, cloud in self._clouds.items():
            if key == shared_key(name):
                cloud.ensure_shared(self._membership.published, wanted=self._wants(cloud))
                return None
        outcome = self.reconciler.reconcile(key)
        self._stuck.discard(key)
        if outcome.claim is not None and outcome.claim.cleans_up and outcome.again_after_s is None:
            self._room_was_made()
        return outcome.again_after_s

    def _room_was_made(self) -> None:
        """A load balancer is gone: what was refused for a quota or a taken address may be had now."""
        for name, cloud in self._clouds.items():
            if cloud.shares_membership:
                self.queue.add(shared_key(name), Lane.BULK)
        for key in tuple(self._stuck):
            self.queue.add(key, Lane.BULK)

    def _failed(self, key: ObjectKey, failure: Exception) -> str:
        error = as_lbctl_error(failure)
        self._telemetry.failed(error.reason)
        extra = {"service": key, "reason": error.reason, "cause": error.message}
        if error is failure:
            log.warning("reconcile failed", extra=extra)
        else:
            log.error("reconcile failed", extra=extra, exc_info=failure)
        self._say(key, error)
        if isinstance(error, PermanentError) and not isinstance(error, UnsafePlan):
            self._stuck.add(key)
            self.queue.forget(key)
            self.queue.add_after(key, PERMANENT_RETRY_S)
            return "error"
        wished_s = error.retry_after_s if isinstance(error, TemporaryError) else None
        self.queue.retry(key, at_least_s=wished_s or 0.0)
        return "error"

    def _say(self, key: ObjectKey, error: LbctlError) -> None:
        try:
            self.reconciler.report(key, error)
        except LbctlError as failure:
            log.warning(
                "status not written", extra={"service": key, "reason": failure.reason, "cause": failure.message}
            )

    def _settle_nodes(self) -> float | None:
        left_s = self._membership.settle()
        if left_s is None or left_s > 0:
            return left_s
        log.info("nodes changed", extra={"nodes": len(self._membership.published)})
        for name, cloud in self._clouds.items():
            if cloud.shares_membership:
                self.queue.add(shared_key(name), Lane.BULK)
        for service in self._view.services():
            if self.reconciler.claim(service) is Claim.PROVISION:
                self.queue.add(service.key, Lane.BULK)
        return None

    def _wants(self, cloud: Cloud) -> bool:
        """Whether any Service has, or is to have, something in this cloud."""
        return any(self.reconciler.needs(one, cloud.name) for one in self._view.services())

    def _first_read(self, cloud: Cloud, stop: Stop) -> None:
        failures = 0
        while not stop.is_set():
            try:
                cloud.refresh()
                return
            except LbctlError as failure:
                failures += 1
                wait_s = _FIRST_READ.delay_s(failures)
                extra = {"provider": cloud.name, "reason": failure.reason, "cause": failure.message, "wait_s": wait_s}
                log.warning("cannot read the cloud yet", extra=extra)
                stop.wait(wait_s)

    def _audit_for_ever(self, stop: threading.Event) -> None:
        while not stop.wait(self._timing.audit_interval_s):
            self.audit()

    def _close_on(self, stop: threading.Event) -> None:
        stop.wait()
        self.queue.close()

    def _count_orphans(self) -> list[Reading]:
        return [
            (sum(len(orphan.resources) for orphan in one.orphans), {"provider": name})
            for name, one in self.auditors.items()
        ]
