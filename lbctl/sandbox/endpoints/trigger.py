"""The time of the change that endpoints answer, for measuring how long the network takes to follow.

Source: k8s.io/endpointslice/util/trigger_time_tracker.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lbctl.sandbox.endpoints.objects import Pod, Service
from lbctl.sandbox.endpoints.pods import ready_condition


@dataclass(frozen=True, slots=True)
class Seen:
    """The times one sync of a Service has seen: its creation, and each pod's last change of readiness."""

    service: datetime | None
    pods: dict[str, datetime] = field(default_factory=dict)


def observe(service: Service, pods: Iterable[Pod]) -> Seen:
    """The times of a Service and the pods it selects, as they are now."""
    times: dict[str, datetime] = {}
    for pod in pods:
        condition = ready_condition(pod)
        changed = parse_time(condition.last_transition_time) if condition is not None else None
        if changed is not None:
            times[pod.metadata.name] = changed
    return Seen(parse_time(service.metadata.creation_timestamp), times)


def trigger_time(before: Seen | None, now: Seen) -> str | None:
    """The earliest change since the last sync, RFC 3339; a Service's first sync answers its creation.

    None when nothing that has a time has changed.
    """
    if before is None:
        return _written(now.service)
    changed = [time for name, time in now.pods.items() if _later(time, before.pods.get(name))]
    if now.service is not None and _later(now.service, before.service):
        changed.append(now.service)
    return _written(min(changed, default=None))


def parse_time(text: str | None) -> datetime | None:
    """A `metav1.Time`; None for what is not one."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _later(time: datetime, than: datetime | None) -> bool:
    return than is None or time > than


def _written(time: datetime | None) -> str | None:
    """Source: time.RFC3339Nano, which drops trailing zeros."""
    if time is None:
        return None
    utc = time.astimezone(UTC)
    fraction = f".{utc.microsecond:06d}".rstrip("0") if utc.microsecond else ""
    return f"{utc:%Y-%m-%dT%H:%M:%S}{fraction}Z"
