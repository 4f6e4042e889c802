"""Events in two groups: one storage (the core form), and the view that events.k8s.io/v1 has of it.

Source: k8s.io/kubernetes/pkg/apis/events/v1/conversion.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import Json

_CORE_TO_EVENTS = {
    "involvedObject": "regarding",
    "message": "note",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_EVENTS_TO_CORE = {new: old for old, new in _CORE_TO_EVENTS.items()}


def to_core(event: Json) -> Json:
    """An events.k8s.io/v1 Event in the words of core/v1; `apiVersion` and `kind` are left as they are."""
    return {_EVENTS_TO_CORE.get(name, name): value for name, value in event.items()}


def to_events(event: Json) -> Json:
    """A core/v1 Event in the words of events.k8s.io/v1; `apiVersion` and `kind` are left as they are."""
    return {_CORE_TO_EVENTS.get(name, name): value for name, value in event.items()}
