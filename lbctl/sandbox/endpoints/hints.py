"""Traffic hints of a Service's `trafficDistribution`.

Rules
- PreferClose and PreferSameZone: a ready endpoint is for its own zone.
- PreferSameNode: for its own node as well.
- Endpoints that are not ready keep the hints they have.
- Without a distribution no endpoint has hints.

Source: k8s.io/endpointslice/trafficdist/trafficdist.go, KEP-4444, KEP-3015.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from lbctl.sandbox.endpoints.drafts import Changes, draft_of
from lbctl.sandbox.endpoints.objects import Endpoint, EndpointSlice, Hints, Named

CLOSE = frozenset({"PreferClose", "PreferSameZone", "PreferSameNode"})


def spread_close(distribution: str | None, changes: Changes, untouched: Sequence[EndpointSlice]) -> None:
    """Give the endpoints in `changes` their hints; of `untouched`, slices with wrong hints join the updates.

    `distribution` None, or a value not known here, takes all hints away.
    """
    if distribution not in CLOSE:
        distribution = None
    for one in untouched:
        if any(_names(endpoint.hints) != _names(_wanted(endpoint, distribution)) for endpoint in one.endpoints or ()):
            changes.update.append(draft_of(one, dict(one.metadata.labels or {}), one.endpoints or ()))
    for draft in (*changes.create, *changes.update):
        draft.endpoints = [with_hints(endpoint, _wanted(endpoint, distribution)) for endpoint in draft.endpoints]


def with_hints(endpoint: Endpoint, hints: Hints | None) -> Endpoint:
    """The endpoint with these hints; the same object when it has them already."""
    return endpoint if endpoint.hints == hints else replace(endpoint, hints=hints)


def for_zone(zone: str) -> Hints:
    """The hint that keeps an endpoint's traffic in one zone."""
    return Hints(for_zones=(Named(zone),))


def _wanted(endpoint: Endpoint, distribution: str | None) -> Hints | None:
    if distribution is None:
        return None
    if not endpoint.conditions.ready:
        return endpoint.hints
    zones = (Named(endpoint.zone),) if endpoint.zone is not None else None
    nodes = None
    if distribution == "PreferSameNode" and endpoint.node_name is not None:
        nodes = (Named(endpoint.node_name),)
    return Hints(for_zones=zones, for_nodes=nodes) if zones or nodes else None


def _names(hints: Hints | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if hints is None:
        return (), ()
    return tuple(one.name for one in hints.for_zones or ()), tuple(one.name for one in hints.for_nodes or ())
