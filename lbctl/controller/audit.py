"""The periodic look at everything: drift is repaired, orphans are reported, and removed only when asked.

One snapshot per provider, O(pages) calls whatever the number of Services, and no write while all is as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lbctl.controller.cloud import Cloud
from lbctl.model.loadbalancer import Owner
from lbctl.model.resource import Resources
from lbctl.model.service import Service, Uid
from lbctl.plan.diff import teardown
from lbctl.plan.safety import check_mass_delete, check_safe
from lbctl.runtime.log import logger

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Orphan:
    """Resources whose Service does not exist any more."""

    provider: str
    owner: Owner
    resources: Resources


@dataclass(frozen=True, slots=True)
class Findings:
    """One audit of one provider: Services whose resources were changed by somebody else, and orphans."""

    drifted: tuple[Service, ...] = ()
    orphans: tuple[Orphan, ...] = ()


class Auditor:
    """Audits one cloud; an orphan counts when two audits in a row found it."""

    def __init__(self, cloud: Cloud, services: Callable[[], Iterable[Service]], *, limit_ratio: float = 0.5) -> None:
        self._cloud = cloud
        self._services = services
        self._limit_ratio = limit_ratio
        self._suspected: frozenset[Uid] = frozenset()
        self.orphans: tuple[Orphan, ...] = ()

    def audit(self) -> Findings:
        """Read the whole cloud and compare. Raises LbctlError when it cannot be read."""
        drifted = self._cloud.refresh()
        services = {one.uid: one for one in self._services()}
        owned = self._cloud.observed.owners()
        suspects = frozenset(uid for uid in owned if uid not in services)
        confirmed = [(uid, owned[uid]) for uid in sorted(suspects & self._suspected)]
        self._suspected = suspects
        before = {one.owner.uid for one in self.orphans}
        self.orphans = tuple(self._orphan(group) for _, group in confirmed)
        for orphan in self.orphans:
            if orphan.owner.uid not in before:
                self._tell(orphan)
        return Findings(tuple(services[uid] for uid in sorted(drifted) if uid in services), self.orphans)

    def collect(self) -> int:
        """Remove the confirmed orphans; returns how many resources went. Raises LbctlError, UnsafePlan for too many."""
        doomed = sum(len(one.resources) for one in self.orphans)
        known = sum(len(one) for one in self._cloud.observed.owners().values())
        check_mass_delete(doomed, known, limit_ratio=self._limit_ratio)
        for orphan in self.orphans:
            plan = teardown(self._cloud.read(orphan.owner))
            check_safe(plan, orphan.owner, synced=True)
            self._cloud.apply(plan, orphan.owner)
        self.orphans = ()
        return doomed

    def _orphan(self, resources: Resources) -> Orphan:
        owner = next(one.owner for one in resources.values() if one.owner is not None)
        return Orphan(self._cloud.name, owner, resources)

    def _tell(self, orphan: Orphan) -> None:
        listed = ", ".join(str(ref) for ref in sorted(orphan.resources))
        log.warning(
            "orphaned resources: their Service is gone; remove them with --gc",
            extra={
                "provider": orphan.provider,
                "service": orphan.owner.key,
                "uid": orphan.owner.uid,
                "resources": listed,
            },
        )
