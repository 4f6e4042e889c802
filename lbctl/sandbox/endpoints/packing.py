"""Putting desired endpoints into slices with as few writes as possible.

Rules
- An endpoint that has a place keeps it.
- Slices that change anyway are filled first, the fullest first.
- What is left goes into one unchanged slice if it fits there, else into new slices.
- A slice that loses its last endpoint is deleted. Nothing is moved to tidy up.

Source: reconcileByPortMapping, k8s.io/endpointslice/reconciler.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from lbctl.sandbox.endpoints.desired import EndpointId, Group, endpoint_id, same_beyond_id
from lbctl.sandbox.endpoints.drafts import Changes, Draft, draft_of, labels_differ, slice_labels
from lbctl.sandbox.endpoints.names import MAX_ENDPOINTS_PER_SLICE
from lbctl.sandbox.endpoints.objects import Endpoint, EndpointSlice, Family, Service


def pack(service: Service, family: Family, existing: Sequence[EndpointSlice], group: Group) -> Changes:
    """The changes that make `existing` (slices with the group's ports) hold exactly the group's endpoints."""
    changes = Changes()
    left = dict(group.endpoints)
    unchanged = _keep_places(service, existing, left, changes)
    for draft in sorted(changes.update, key=lambda one: -len(one.endpoints)):
        _fill(draft, left)
    while left:
        roomy = _closest_fit(unchanged, len(left))
        if roomy is None:
            draft = Draft(None, family, group.ports, slice_labels(service), [])
            changes.create.append(draft)
        else:
            unchanged.remove(roomy)
            draft = draft_of(roomy, slice_labels(service), roomy.endpoints or ())
            changes.update.append(draft)
        _fill(draft, left)
    return changes


def _keep_places(
    service: Service, existing: Sequence[EndpointSlice], left: dict[EndpointId, Endpoint], changes: Changes
) -> list[EndpointSlice]:
    """Sort `existing` into `changes`, taking what has a place out of `left`; returns the slices that need no change."""
    unchanged: list[EndpointSlice] = []
    for one in existing:
        before = one.endpoints or ()
        kept: list[Endpoint] = []
        differs = False
        for endpoint in before:
            wanted = left.pop(endpoint_id(endpoint), None)
            if wanted is None:
                differs = True
                continue
            kept.append(wanted)
            differs = differs or not same_beyond_id(wanted, endpoint)
        if differs and not kept:
            changes.delete.append(one)
        elif differs:
            changes.update.append(draft_of(one, slice_labels(service), kept))
        elif labels_differ(one, service):
            changes.update.append(draft_of(one, slice_labels(service), before))
        else:
            unchanged.append(one)
    return unchanged


def _fill(draft: Draft, left: dict[EndpointId, Endpoint]) -> None:
    room = max(0, MAX_ENDPOINTS_PER_SLICE - len(draft.endpoints))
    for identity in list(islice(left, room)):
        draft.endpoints.append(left.pop(identity))


def _closest_fit(slices: Sequence[EndpointSlice], count: int) -> EndpointSlice | None:
    """The slice that `count` more endpoints fill best; None if none has the room. Source: getSliceToFill."""
    best: EndpointSlice | None = None
    least_room = MAX_ENDPOINTS_PER_SLICE
    for one in slices:
        room = MAX_ENDPOINTS_PER_SLICE - count - len(one.endpoints or ())
        if 0 <= room < least_room:
            best, least_room = one, room
    return best
