"""The guard rails between a plan and the cloud."""

from __future__ import annotations

from lbctl.model.errors import UnsafePlan
from lbctl.model.loadbalancer import Owner
from lbctl.plan.steps import Create, Delete, Plan, Update


def check_safe(plan: Plan, owner: Owner | None, *, synced: bool) -> None:
    """Let a plan pass that touches only what `owner` owns (None: what all Services share), on complete knowledge.

    Raises:
        UnsafePlan: `CachesNotSynced`, since a desired state from half a cluster deletes what it cannot see;
            `ForeignOwner`, when a resource that would be changed or removed belongs to somebody else.
    """
    who = owner.key if owner else "the cluster"
    if plan and not synced:
        raise UnsafePlan("CachesNotSynced", f"{who}: Services and Nodes are not fully known yet; nothing was changed")
    for step in plan.steps:
        match step:
            case Create():
                continue
            case Update(before=seen) | Delete(resource=seen):
                if (seen.owner and seen.owner.uid) != (owner and owner.uid):
                    whose = f"Service {seen.owner.key} (UID {seen.owner.uid})" if seen.owner else "all Services"
                    text = (
                        f"{seen.ref} belongs to {whose}, not to {who}; rename or remove it by hand if it is a left-over"
                    )
                    raise UnsafePlan("ForeignOwner", text)


def check_mass_delete(deletes: int, known: int, *, limit_ratio: float = 0.5, floor: int = 10) -> None:
    """Refuse to remove most of what exists in one sweep of garbage collection.

    Raises:
        UnsafePlan: `MassDelete`, when more than `floor` resources and more than `limit_ratio` of all would go.
    """
    if deletes > floor and deletes > known * limit_ratio:
        raise UnsafePlan(
            "MassDelete",
            f"{deletes} of {known} resources look orphaned; refusing to remove so many at once "
            "(is this the right cluster? raise --gc-limit-ratio if it is)",
        )
