"""Zone hints of `service.kubernetes.io/topology-mode: Auto`: endpoints shared out by the zones' CPU.

Rules
- Each zone should get as many ready endpoints as its share of the ready nodes' allocatable CPU.
- No endpoint may be asked to carry more than 20 % above its fair load; where that cannot be had (fewer endpoints than
  zones, a node without zone or CPU, one zone only) there are no hints at all.
- An endpoint starts with its own zone; zones with too many give to zones with too few.

Source: k8s.io/endpointslice/topologycache, KEP-2433. The order among equal zones is theirs by chance, ours by name.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lbctl.sandbox.endpoints.drafts import Changes, Draft, draft_of
from lbctl.sandbox.endpoints.hints import for_zone, spread_close, with_hints
from lbctl.sandbox.endpoints.names import ANNOTATION_TOPOLOGY_HINTS, ANNOTATION_TOPOLOGY_MODE
from lbctl.sandbox.endpoints.objects import Endpoint, EndpointSlice, Family, Node, Service
from lbctl.sandbox.endpoints.quantity import milli
from lbctl.sandbox.endpoints.writes import Notice

ZoneShares: TypeAlias = Mapping[str, float]
"""Zone to its share of all CPU (0 to 1); empty when the nodes do not say enough."""

OVERLOAD_THRESHOLD = 0.2
"""How far above its fair load an endpoint may be. Source: overloadThreshold, topologycache.go."""

_EXCLUDED_ROLES = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_NO_NODE_INFO = "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes"
_TOO_FEW = "Insufficient number of endpoints"
_OVERLOADED = "Unable to allocate minimum required endpoints to each zone without exceeding overload threshold"
_NO_ZONE = "One or more endpoints do not have a zone specified"


@dataclass(frozen=True, slots=True)
class _Allocation:
    """Endpoints for one zone."""

    minimum: int
    maximum: int
    desired: float


class _Refused(Exception):
    """Hints cannot be given; the message says why."""


def wants_hints(service: Service) -> bool:
    """Whether the Service asks for them. Source: hintsEnabled, k8s.io/endpointslice/utils.go."""
    annotations = service.metadata.annotations or {}
    mode = annotations.get(ANNOTATION_TOPOLOGY_HINTS, annotations.get(ANNOTATION_TOPOLOGY_MODE))
    return mode in ("Auto", "auto")


def zone_shares(nodes: Iterable[Node]) -> dict[str, float]:
    """The zones' shares of CPU; empty unless every ready worker names zone and CPU and there are two zones or more.

    Source: SetNodes, topologycache.go.
    """
    cpu_by_zone: Counter[str] = Counter()
    for node in nodes:
        if any(role in (node.metadata.labels or {}) for role in _EXCLUDED_ROLES) or not node_is_ready(node):
            continue
        cpu = milli((node.status.allocatable or {}).get("cpu"))
        if not node.zone or cpu <= 0:
            return {}
        cpu_by_zone[node.zone] += cpu
    total = sum(cpu_by_zone.values())
    return {zone: cpu / total for zone, cpu in sorted(cpu_by_zone.items())} if len(cpu_by_zone) > 1 else {}


def node_is_ready(node: Node) -> bool:
    """Whether the node's `Ready` condition is true."""
    return any(one.type == "Ready" and one.status == "True" for one in node.status.conditions or ())


def spread_evenly(
    changes: Changes, existing: Sequence[EndpointSlice], shares: ZoneShares, family: Family
) -> list[Notice]:
    """Give every ready endpoint the hint of one zone, changing as few of the `existing` slices as possible.

    All hints go where the rules cannot be kept. Returns what to tell about it. Source: AddHints, topologycache.go.
    """
    had_hints = any(endpoint.hints for one in existing for endpoint in one.endpoints or ())
    try:
        _spread(changes, changes.untouched(existing), shares)
    except _Refused as refusal:
        spread_close(None, changes, changes.untouched(existing))
        return [Notice("Warning", "TopologyAwareHintsDisabled", f"{refusal}, addressType: {family}")]
    if had_hints:
        return []
    told = f"Topology Aware Hints has been enabled, addressType: {family}"
    return [Notice("Normal", "TopologyAwareHintsEnabled", told)]


def _spread(changes: Changes, untouched: Sequence[EndpointSlice], shares: ZoneShares) -> None:
    lists = [draft.endpoints for draft in (*changes.create, *changes.update)]
    lists += [list(one.endpoints or ()) for one in untouched]
    allocations = _allocate(sum(_is_ready(endpoint) for listed in lists for endpoint in listed), shares)
    allocated: Counter[str] = Counter()
    invalid: list[Draft] = []
    for one in untouched:
        counted = _valid_hints(one, allocated, allocations)
        if counted is None:
            invalid.append(draft_of(one, dict(one.metadata.labels or {}), one.endpoints or ()))
        else:
            allocated += counted
    drafts = [*changes.create, *changes.update, *invalid]
    if any(_is_ready(endpoint) and not endpoint.zone for draft in drafts for endpoint in draft.endpoints):
        raise _Refused(_NO_ZONE)
    changes.update += invalid
    _hint_own_zone(drafts, allocated)
    _redistribute(drafts, *_givers_and_takers(allocations, allocated))


def _allocate(count: int, shares: ZoneShares) -> dict[str, _Allocation]:
    """Source: getAllocations."""
    if not shares:
        raise _Refused(_NO_NODE_INFO)
    counts = f"({count} endpoints, {len(shares)} zones)"
    if len(shares) > count:
        raise _Refused(f"{_TOO_FEW} {counts}")
    minimums = {zone: math.ceil(share * count / (1 + OVERLOAD_THRESHOLD)) for zone, share in shares.items()}
    spare = count - sum(minimums.values())
    if spare < 0:
        raise _Refused(f"{_OVERLOADED} {counts}")
    return {
        zone: _Allocation(minimum, minimum + spare, max(shares[zone] * count, float(minimum)))
        for zone, minimum in minimums.items()
    }


def _valid_hints(
    one: EndpointSlice, allocated: Counter[str], allocations: Mapping[str, _Allocation]
) -> Counter[str] | None:
    """The slice's hints per zone; None when it must be written anew. Source: getHintsByZone."""
    counted: Counter[str] = Counter()
    for endpoint in filter(_is_ready, one.endpoints or ()):
        if endpoint.hints is None or not endpoint.hints.for_zones:
            return None
        counted.update(zone.name for zone in endpoint.hints.for_zones)
    for zone, count in counted.items():
        if zone not in allocations or count + allocated[zone] > allocations[zone].maximum:
            return None
    return counted


def _hint_own_zone(drafts: Iterable[Draft], allocated: Counter[str]) -> None:
    for draft in drafts:
        for index, endpoint in enumerate(draft.endpoints):
            zone = endpoint.zone if _is_ready(endpoint) else None
            if zone is not None:
                allocated[zone] += 1
            draft.endpoints[index] = with_hints(endpoint, None if zone is None else for_zone(zone))


def _givers_and_takers(
    allocations: Mapping[str, _Allocation], allocated: Counter[str]
) -> tuple[Counter[str], Counter[str]]:
    """How many endpoints each zone gives away, and gets. Source: getGivingAndReceivingZones."""
    surplus = {zone: allocated[zone] - one.desired for zone, one in allocations.items()}
    to_give = {zone: count for zone, count in surplus.items() if count > 0}
    to_take = {zone: -count for zone, count in surplus.items() if count < 0}
    givers: Counter[str] = Counter()
    takers: Counter[str] = Counter()
    while to_give and to_take:
        giver, taker = max(to_give, key=to_give.__getitem__), max(to_take, key=to_take.__getitem__)
        give, take = to_give[giver], to_take[taker]
        if max(give, take) < 1.0 or min(give, take) < 0.5:
            break
        givers[giver] += 1
        takers[taker] += 1
        to_give[giver] -= 1
        to_take[taker] -= 1
    return givers, takers


def _redistribute(drafts: Iterable[Draft], givers: Counter[str], takers: Counter[str]) -> None:
    """Source: redistributeHints."""
    for draft in drafts:
        for index, endpoint in enumerate(draft.endpoints):
            if not _is_ready(endpoint) or endpoint.zone is None or givers[endpoint.zone] <= 0:
                continue
            taker = next((zone for zone, wanted in takers.items() if wanted > 0), None)
            if taker is None:
                return
            givers[endpoint.zone] -= 1
            takers[taker] -= 1
            draft.endpoints[index] = with_hints(endpoint, for_zone(taker))


def _is_ready(endpoint: Endpoint) -> bool:
    return bool(endpoint.conditions.ready)
