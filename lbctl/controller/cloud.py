"""One provider with what is known of it: the only place that calls `observe` and `apply`."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from lbctl.controller.observed import SHARED, Observed
from lbctl.controller.telemetry import Telemetry
from lbctl.model.errors import BugError, LbctlError, TemporaryError
from lbctl.model.loadbalancer import Backend, Owner
from lbctl.model.resource import NOTHING, Resources
from lbctl.model.service import ObjectKey, Uid
from lbctl.plan.capabilities import Membership as NodeMembership
from lbctl.plan.diff import diff
from lbctl.plan.safety import check_safe
from lbctl.plan.steps import Plan
from lbctl.provider.contract import Provider
from lbctl.runtime.clock import Clock
from lbctl.runtime.log import logger

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """What a plan left behind."""

    seen: Resources
    steps: int


class Cloud:
    """A provider and its observed state."""

    def __init__(self, provider: Provider, clock: Clock, telemetry: Telemetry) -> None:
        self.provider = provider
        self.observed = Observed(clock, provider.capabilities.consistency_s)
        self._clock = clock
        self._telemetry = telemetry
        self._shared_lock = threading.Lock()

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def shares_membership(self) -> bool:
        return self.provider.capabilities.membership is NodeMembership.SHARED

    def refresh(self) -> frozenset[Uid]:
        """Read everything in bulk; returns the UIDs whose resources are not as they were known. Raises LbctlError."""
        mark = self.observed.begin_snapshot()
        return self.observed.load(self.provider.snapshot(), mark)

    def seen(self, owner: Owner) -> Resources:
        """What the Service owns: known, or read now. Raises LbctlError."""
        known = self.observed.get(owner.uid)
        return self.read(owner) if known is None else known

    def read(self, owner: Owner) -> Resources:
        """What the Service owns, read now, with what we wrote too recently for a read to show. Raises LbctlError."""
        return self.observed.put(owner.uid, self.provider.observe(owner))

    def apply(self, plan: Plan, owner: Owner | None) -> Done:
        """Run a plan, step by step. Raises LbctlError; the owner's state is then unknown until it is read again."""
        uid = owner.uid if owner else SHARED
        who = owner.key if owner else ObjectKey("", "shared")
        for step in plan.steps:
            started_s = self._clock.monotonic_s()
            try:
                now = self.provider.apply(step)
            except BaseException as failure:
                self.observed.doubt(uid)
                reason = failure.reason if isinstance(failure, LbctlError) else type(failure).__name__
                self._telemetry.step(self.name, step, reason, self._clock.monotonic_s() - started_s)
                raise
            duration_s = self._clock.monotonic_s() - started_s
            self.observed.record(uid, step.resource.ref, now)
            self._telemetry.step(self.name, step, "", duration_s)
            verb = type(step).__name__.lower()
            facts = {
                "service": who,
                "provider": self.name,
                "step": f"{verb} {step.resource.ref}",
                "duration_s": round(duration_s, 4),
            }
            log.info("step applied", extra=facts)
        return Done(self.observed.get(uid) or NOTHING, len(plan.steps))

    def ensure_shared(self, backends: tuple[Backend, ...], *, wanted: bool) -> int:
        """Bring what all Services share to its desired state; returns the number of steps. Raises LbctlError."""
        if not self.shares_membership:
            return 0
        with self._shared_lock:
            known = self.observed.get(SHARED)
            if known is None:
                known = self.observed.put(SHARED, self.provider.observe(None))
            desired = self.provider.render_shared(backends) if wanted else NOTHING
            plan = diff(desired, known)
            check_safe(plan, None, synced=True)
            return self.apply(plan, None).steps


def as_lbctl_error(failure: Exception) -> LbctlError:
    """A provider that leaks its SDK's exceptions has a bug; the Service is retried all the same."""
    if isinstance(failure, BugError):
        return TemporaryError("Bug", f"internal error: {failure}; please report it")
    if isinstance(failure, LbctlError):
        return failure
    return TemporaryError("Bug", f"internal error: {type(failure).__name__}: {failure}; please report it")
