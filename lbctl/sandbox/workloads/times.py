"""Times as the API writes them, in conditions and in metadata."""

from __future__ import annotations

from datetime import datetime

from lbctl.kube.wire import instant_of, second_time
from lbctl.sandbox.workloads.objects import Condition, condition_of


def seconds_since(text: str | None, now: datetime) -> float | None:
    """How long ago a `metav1.Time` was; None when it is no time."""
    moment = instant_of(text)
    return None if moment is None else (now - moment).total_seconds()


def settled(wanted: Condition, seen: tuple[Condition, ...] | None, now: datetime) -> Condition:
    """The wanted condition with its transition time: that of the one seen while the status stays the same."""
    before = condition_of(seen, wanted.type)
    same = before is not None and before.status == wanted.status
    since = before.last_transition_time if before is not None and same else None
    return Condition(
        wanted.type, wanted.status, wanted.reason, wanted.message, last_transition_time=since or second_time(now)
    )
