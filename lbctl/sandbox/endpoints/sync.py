"""One Service brought up to date: the plans of the three controllers, from one look at the view."""

from __future__ import annotations

from dataclasses import dataclass

from lbctl.model.service import ObjectKey
from lbctl.sandbox.endpoints.legacy import plan_departure, plan_endpoints
from lbctl.sandbox.endpoints.mirror import plan_mirror
from lbctl.sandbox.endpoints.names import MIRRORING_CONTROLLER, SLICE_CONTROLLER
from lbctl.sandbox.endpoints.slices import plan_slices
from lbctl.sandbox.endpoints.topology import wants_hints
from lbctl.sandbox.endpoints.trigger import Seen, observe, trigger_time
from lbctl.sandbox.endpoints.view import ClusterView
from lbctl.sandbox.endpoints.writes import Plan

NOTHING = Plan()


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What one Service needs. The three plans are independent: one that fails does not hold up the others.

    `seen` is what to remember for the next sync once the writes are done; None where nothing need be remembered.
    """

    slices: Plan = NOTHING
    endpoints: Plan = NOTHING
    mirror: Plan = NOTHING
    seen: Seen | None = None


def plan_service(view: ClusterView, key: ObjectKey, before: Seen | None) -> ServicePlan:
    """The writes for the Service `key`, or for what is left of it; `before` is the last sync's `seen`."""
    service, endpoints = view.services.get(key), view.endpoints.get(key)
    mirror = plan_mirror(service, endpoints, view.slices_of(key, MIRRORING_CONTROLLER))
    if service is None:
        departed = plan_departure(endpoints) if key in view.departed else NOTHING
        return ServicePlan(endpoints=departed, mirror=mirror)
    if not service.selects_pods:
        return ServicePlan(mirror=mirror)
    pods = view.pods_of(service)
    seen = observe(service, pods)
    trigger = trigger_time(before, seen)
    shares = view.zone_shares() if wants_hints(service) else None
    existing = view.slices_of(key, SLICE_CONTROLLER)
    return ServicePlan(
        slices=plan_slices(service, pods, view.nodes, existing, trigger, shares),
        endpoints=plan_endpoints(service, pods, endpoints, trigger),
        mirror=mirror,
        seen=seen,
    )
