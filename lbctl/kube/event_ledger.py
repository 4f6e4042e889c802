"""Which Events to write, and when: pure bookkeeping, the time is an argument.

Rules
- An occurrence equal in type, reason, action, note and object to a known one is a repeat: it raises the count of that
  series. The note is part of it (unlike in client-go), as the API server lets no note change afterwards and "quota
  exceeded" must not vanish behind an earlier "throttled".
- A new series is written at once; its repeats at most every `refresh_s`. After `finish_s` without a repeat it is
  forgotten, and the next occurrence is a new Event.
- An object may begin `burst` series, and one more every `refill_s`: notes that change every time cannot flood the API.
- At most `queue` series wait for their first write: beyond that the oldest is dropped. Every drop is counted.

Source: client-go tools/events/event_broadcaster.go, tools/record/events_cache.go (spam filter 25 and 1/300 s).
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lbctl.model.service import ObjectKey, Service, Uid


class EventType(Enum):
    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """The object an Event is about."""

    api_version: str
    kind: str
    key: ObjectKey
    uid: Uid


def service_ref(service: Service) -> ObjectRef:
    """The reference that `kubectl describe service` finds its Events by."""
    return ObjectRef("v1", "Service", service.key, service.uid)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened; equal ones form a series. `action` says what was tried, `reason` what came of it."""

    regarding: ObjectRef
    type: EventType
    reason: str
    action: str
    note: str


@dataclass(frozen=True, slots=True)
class EventLimits:
    """See this file's rules; times in seconds."""

    refresh_s: float = 60.0
    finish_s: float = 360.0
    burst: int = 25
    refill_s: float = 300.0
    queue: int = 1000
    series: int = 8192


@dataclass(slots=True)
class Series:
    """One Event object: how often it happened, and how much of that the server knows."""

    what: Occurrence
    first: datetime
    last: datetime
    last_s: float
    name: str
    count: int = 1
    written: int = 0
    written_s: float = 0.0
    tries: int = 0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class EventLedger:
    """The series of one recorder."""

    def __init__(self, limits: EventLimits) -> None:
        self._limits = limits
        self._series: OrderedDict[Occurrence, Series] = OrderedDict()
        self._new: OrderedDict[Occurrence, None] = OrderedDict()
        self._repeated: OrderedDict[Occurrence, float] = OrderedDict()
        self._repeats_due: list[tuple[float, int, Occurrence]] = []
        self._buckets: dict[ObjectRef, _Bucket] = {}
        self._sequence = 0
        self.repeats = 0
        self.dropped_full = 0
        self.dropped_rate = 0

    def add(self, what: Occurrence, now: datetime, now_s: float) -> None:
        """Something happened."""
        known = self._series.get(what)
        if known is not None:
            known.count += 1
            known.last, known.last_s = now, now_s
            self.repeats += 1
            if known.written:
                self._await_refresh(known)
            return
        if not self._may_begin(what.regarding, now_s):
            self.dropped_rate += 1
            return
        self._sequence += 1
        stamp = int(now.timestamp() * 1e6) * 1000 + self._sequence
        self._series[what] = Series(what, now, now, now_s, f"{what.regarding.key.name[:220]}.{stamp:x}")
        self._new[what] = None
        if len(self._new) > self._limits.queue:
            oldest, _ = self._new.popitem(last=False)
            del self._series[oldest]
            self.dropped_full += 1

    def due(self, now_s: float, *, all_repeats: bool = False) -> Series | None:
        """The next series to write. It stays due until `wrote` or `forget`."""
        for what in self._new:
            return self._series[what]
        if all_repeats:
            return next((self._series[what] for what in self._repeated), None)
        while self._repeats_due:
            due_s, _, what = self._repeats_due[0]
            if self._repeated.get(what) != due_s:
                heapq.heappop(self._repeats_due)
                continue
            return self._series[what] if due_s <= now_s else None
        return None

    def wrote(self, series: Series, count: int, now_s: float) -> None:
        """The server has `count` of this series."""
        series.written, series.written_s, series.tries = count, now_s, 0
        self._new.pop(series.what, None)
        self._repeated.pop(series.what, None)
        if series.what in self._series and series.count > count:
            self._await_refresh(series)

    def forget(self, series: Series) -> None:
        """Give this series up."""
        for table in (self._series, self._new, self._repeated):
            table.pop(series.what, None)

    def tidy(self, now_s: float) -> None:
        """Forget what has finished, and the oldest beyond the limit."""
        limits = self._limits
        over = len(self._series) - limits.series
        finished = [
            one
            for place, one in enumerate(self._series.values())
            if one.written == one.count and (place < over or now_s - one.last_s > limits.finish_s)
        ]
        for series in finished:
            self.forget(series)
        full_s = limits.burst * limits.refill_s
        self._buckets = {ref: one for ref, one in self._buckets.items() if now_s - one.at_s < full_s}

    def waiting(self) -> int:
        """How many series the server does not know the latest of."""
        return len(self._new) + len(self._repeated)

    def _await_refresh(self, series: Series) -> None:
        if series.what not in self._repeated:
            due_s = series.written_s + self._limits.refresh_s
            self._repeated[series.what] = due_s
            self._sequence += 1
            heapq.heappush(self._repeats_due, (due_s, self._sequence, series.what))

    def _may_begin(self, regarding: ObjectRef, now_s: float) -> bool:
        limits = self._limits
        bucket = self._buckets.setdefault(regarding, _Bucket(float(limits.burst), now_s))
        bucket.tokens = min(float(limits.burst), bucket.tokens + (now_s - bucket.at_s) / limits.refill_s)
        bucket.at_s = now_s
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True
