"""The EndpointSlices of one Service: what is, what should be, and the writes between.

Rules
- Per family of the Service: one group of slices per set of port numbers, at most 100 endpoints in a slice.
- A Service with a selector has at least one slice per family, an empty one if need be.
- A slice that could be deleted is turned into one that would be created.
- Slices of an earlier Service of the same name are deleted, never taken over.
- A Service without a selector, and an ExternalName one, is left alone: so are the slices it had before.
  A deleted Service's slices are the garbage collector's, by their ownerReference.

Source: Reconciler, k8s.io/endpointslice/reconciler.go; syncService, pkg/controller/endpointslice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from lbctl.sandbox.endpoints import topology
from lbctl.sandbox.endpoints.desired import Desired, desired_endpoints, group_slices
from lbctl.sandbox.endpoints.drafts import Changes, Draft, finished, slice_labels
from lbctl.sandbox.endpoints.hints import spread_close
from lbctl.sandbox.endpoints.objects import EndpointSlice, Family, Node, Pod, Service
from lbctl.sandbox.endpoints.packing import pack
from lbctl.sandbox.endpoints.pods import families_of
from lbctl.sandbox.endpoints.writes import Create, Delete, Notice, Plan, Update, Write

Slices: TypeAlias = Sequence[EndpointSlice]


def plan_slices(
    service: Service,
    pods: Sequence[Pod],
    nodes: Mapping[str, Node],
    existing: Slices,
    trigger_time: str | None,
    shares: topology.ZoneShares | None = None,
) -> Plan:
    """The writes that bring a Service's slices up to date; none when they are.

    `pods` are those its selector matches, `existing` the slices labelled as its own and as this controller's.
    `shares` are needed for `service.kubernetes.io/topology-mode: Auto` only.
    """
    if not service.selects_pods:
        return Plan()
    existing = [one for one in existing if one.metadata.deletion_timestamp is None]
    families = families_of(service)
    writes: list[Write] = []
    notices: list[Notice] = []
    nodeless: dict[str, Pod] = {}
    for family in families:
        in_family = [one for one in existing if one.address_type == family]
        desired = desired_endpoints(service, pods, nodes, family)
        nodeless |= {pod.metadata.name: pod for pod in desired.nodeless}
        changes, told = _plan_family(service, family, desired, in_family, shares)
        writes += _writes_of(changes, service, trigger_time)
        notices += told
    writes += [Delete(one) for one in existing if one.address_type not in families]
    if nodeless:
        notices.append(_nodeless(service, tuple(nodeless.values())))
    return Plan(tuple(writes), tuple(notices))


def _plan_family(
    service: Service,
    family: Family,
    desired: Desired,
    existing: Slices,
    shares: topology.ZoneShares | None,
) -> tuple[Changes, list[Notice]]:
    grouped = group_slices(one for one in existing if one.owned_by(service))
    changes = Changes(delete=[one for one in existing if not one.owned_by(service)])
    for key, group in desired.groups.items():
        changes.extend(pack(service, family, grouped.pop(key, []), group))
    for unwanted in grouped.values():
        changes.delete += unwanted
    if len(existing) == len(changes.delete) and not changes.create:
        _leave_one(service, family, changes)
    notices: list[Notice] = []
    if topology.wants_hints(service):
        notices += topology.spread_evenly(changes, existing, shares or {}, family)
    else:
        spread_close(service.spec.traffic_distribution, changes, changes.untouched(existing))
    _recycle(service, changes)
    return changes, notices


def _leave_one(service: Service, family: Family, changes: Changes) -> None:
    """Keep or make the empty slice that says «known, but nobody there»."""
    labels = slice_labels(service)
    match changes.delete:
        case [only] if only.owned_by(service) and only.metadata.labels == labels and not (only.endpoints or only.ports):
            changes.delete.clear()
        case _:
            changes.create.append(Draft(None, family, (), labels, []))


def _recycle(service: Service, changes: Changes) -> None:
    """Rewrite slices that would be deleted into ones that would be created. Source: finalize."""
    kept: list[EndpointSlice] = []
    for old in changes.delete:
        if changes.create and old.owned_by(service):
            draft = changes.create.pop()
            draft.base = old
            changes.update.append(draft)
        else:
            kept.append(old)
    changes.delete = kept


def _writes_of(changes: Changes, service: Service, trigger_time: str | None) -> list[Write]:
    # A Service on its way out gets no new slices: the garbage collector could have passed already.
    create = changes.create if service.metadata.deletion_timestamp is None else []
    # Sharing out by CPU may look at a slice again and come to the same result.
    update = [draft for draft in changes.update if draft.base is None or draft.changes(draft.base)]
    return [
        *(Create(finished(draft, service, trigger_time)) for draft in create),
        *(Update(finished(draft, service, trigger_time)) for draft in update),
        *(Delete(one) for one in changes.delete),
    ]


def _nodeless(service: Service, pods: Sequence[Pod]) -> Notice:
    where = f"{service.metadata.namespace}/{service.metadata.name}"
    whys = [
        f"skipping Pod {pod.metadata.name} for Service {where}: Node {pod.spec.node_name} Not Found" for pod in pods
    ]
    why = whys[0] if len(whys) == 1 else f"[{', '.join(whys)}]"
    message = f"Error updating Endpoint Slices for Service {where}: {why}"
    return Notice("Warning", "FailedToUpdateEndpointSlices", message)
