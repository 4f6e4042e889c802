"""The keyed work queue between triggers and workers.

Rules
- A key stands in the queue at most once, however often it is added.
- A key is never handed to two workers at a time; added while it is worked on, it comes again after `done`.
- `retry` adds after the key's own back-off, `forget` resets it; a failing key never holds up another.
- Two lanes: what a user just did (EVENT) goes before what a restart or a node change asks of everything (BULK), but
  every `BULK_SHARE`-th key is taken from BULK, so neither starves.

Theory of operation: `QueueState` is pure and takes the time as an argument; `WorkQueue` adds the lock and the waiting.
Source: client-go util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go).
"""

from __future__ import annotations

import heapq
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from lbctl.runtime.backoff import Backoff
from lbctl.runtime.clock import Clock, SystemClock

K = TypeVar("K", bound=Hashable)

BULK_SHARE = 8
DEFAULT_BACKOFF = Backoff(first_s=0.5, max_s=300.0, jitter=0.2)


class Lane(Enum):
    EVENT = 0
    BULK = 1


@dataclass(frozen=True, slots=True)
class QueueStats:
    """One reading for metrics; times in seconds."""

    depth: int
    delayed: int
    processing: int
    adds: int
    retries: int
    longest_running_s: float
    unfinished_s: float


class QueueState(Generic[K]):
    """The queue's bookkeeping, without lock or clock."""

    def __init__(self, backoff: Backoff = DEFAULT_BACKOFF) -> None:
        self._backoff = backoff
        self._ready: dict[Lane, OrderedDict[K, float]] = {Lane.EVENT: OrderedDict(), Lane.BULK: OrderedDict()}
        self._processing: dict[K, float] = {}
        self._again: dict[K, Lane] = {}
        self._due: list[tuple[float, int, K]] = []
        self._due_at: dict[K, float] = {}
        self._failures: dict[K, int] = {}
        self._taken = 0
        self._sequence = 0
        self.adds = 0
        self.retries = 0

    def add(self, key: K, lane: Lane, now_s: float) -> None:
        if key in self._processing:
            if self._again.get(key) is not Lane.EVENT:
                self._again[key] = lane
                self.adds += 1
            return
        if lane is Lane.EVENT:
            if key in self._ready[Lane.EVENT]:
                return
            since_s = self._ready[Lane.BULK].pop(key, now_s)
            self._ready[Lane.EVENT][key] = since_s
        elif key in self._ready[Lane.EVENT] or key in self._ready[Lane.BULK]:
            return
        else:
            self._ready[Lane.BULK][key] = now_s
        self.adds += 1

    def add_at(self, key: K, due_s: float) -> None:
        """Add when the time comes; of several, the earliest counts."""
        known = self._due_at.get(key)
        if known is not None and known <= due_s:
            return
        self._due_at[key] = due_s
        self._sequence += 1
        heapq.heappush(self._due, (due_s, self._sequence, key))

    def retry(self, key: K, now_s: float, at_least_s: float = 0.0) -> float:
        """Add after the key's back-off, or after `at_least_s` if that is longer; returns the delay in seconds."""
        failures = self._failures.get(key, 0) + 1
        self._failures[key] = failures
        self.retries += 1
        delay_s = max(at_least_s, self._backoff.delay_s(failures))
        self.add_at(key, now_s + delay_s)
        return delay_s

    def forget(self, key: K) -> None:
        self._failures.pop(key, None)

    def failures(self, key: K) -> int:
        return self._failures.get(key, 0)

    def release_due(self, now_s: float) -> None:
        """Move every delayed key whose time has come to the EVENT lane."""
        while self._due and self._due[0][0] <= now_s:
            due_s, _, key = heapq.heappop(self._due)
            if self._due_at.get(key) == due_s:
                del self._due_at[key]
                self.add(key, Lane.EVENT, now_s)

    def next_due_s(self) -> float | None:
        return self._due[0][0] if self._due else None

    def take(self, now_s: float) -> tuple[K, float] | None:
        """The next key and how long it waited (s), or None when nothing is ready."""
        self.release_due(now_s)
        events, bulk = self._ready[Lane.EVENT], self._ready[Lane.BULK]
        if not events and not bulk:
            return None
        self._taken += 1
        lane = bulk if bulk and (not events or self._taken % BULK_SHARE == 0) else events
        key, since_s = lane.popitem(last=False)
        self._processing[key] = now_s
        return key, now_s - since_s

    def done(self, key: K, now_s: float) -> float:
        """The worker has finished with the key; returns how long it took (s)."""
        started_s = self._processing.pop(key)
        again = self._again.pop(key, None)
        if again is not None:
            self.adds -= 1
            self.add(key, again, now_s)
        return now_s - started_s

    def stats(self, now_s: float) -> QueueStats:
        running = [now_s - started_s for started_s in self._processing.values()]
        return QueueStats(
            depth=sum(len(lane) for lane in self._ready.values()),
            delayed=len(self._due_at),
            processing=len(self._processing),
            adds=self.adds,
            retries=self.retries,
            longest_running_s=max(running, default=0.0),
            unfinished_s=sum(running),
        )

    def ready(self) -> bool:
        return any(self._ready.values())

    def idle(self) -> bool:
        return not self._processing and not self.ready()


class WorkQueue(Generic[K]):
    """`QueueState` shared by threads."""

    def __init__(self, clock: Clock | None = None, backoff: Backoff = DEFAULT_BACKOFF) -> None:
        self._clock = clock or SystemClock()
        self._state: QueueState[K] = QueueState(backoff)
        self._changed = threading.Condition()
        self._closed = False

    def add(self, key: K, lane: Lane = Lane.EVENT) -> None:
        with self._changed:
            self._state.add(key, lane, self._clock.monotonic_s())
            self._changed.notify()

    def add_after(self, key: K, delay_s: float) -> None:
        with self._changed:
            self._state.add_at(key, self._clock.monotonic_s() + delay_s)
            self._changed.notify()

    def retry(self, key: K, at_least_s: float = 0.0) -> float:
        """Add `key` after its own back-off, or after `at_least_s` if that is longer; returns the delay in seconds."""
        with self._changed:
            delay_s = self._state.retry(key, self._clock.monotonic_s(), at_least_s)
            self._changed.notify()
            return delay_s

    def forget(self, key: K) -> None:
        with self._changed:
            self._state.forget(key)

    def failures(self, key: K) -> int:
        with self._changed:
            return self._state.failures(key)

    def get(self, timeout_s: float | None = None) -> tuple[K, float] | None:
        """The next key and how long it waited (s); None after `close` or when `timeout_s` has passed.

        Every key that was handed out is given back with `done`.
        """
        deadline_s = None if timeout_s is None else self._clock.monotonic_s() + timeout_s
        with self._changed:
            while not self._closed:
                now_s = self._clock.monotonic_s()
                taken = self._state.take(now_s)
                if taken is not None:
                    if self._state.ready():
                        self._changed.notify()
                    return taken
                if deadline_s is not None and now_s >= deadline_s:
                    return None
                due = [one for one in (self._state.next_due_s(), deadline_s) if one is not None]
                self._changed.wait(max(0.0, min(due) - now_s) if due else None)
            return None

    def done(self, key: K) -> float:
        """Give the key back; returns how long it was held (s)."""
        with self._changed:
            held_s = self._state.done(key, self._clock.monotonic_s())
            self._changed.notify()
            return held_s

    def close(self) -> None:
        """Wake every worker with None; what is queued is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def stats(self) -> QueueStats:
        with self._changed:
            return self._state.stats(self._clock.monotonic_s())

    def idle(self) -> bool:
        """Nothing ready and nothing worked on (delayed keys do not count)."""
        with self._changed:
            self._state.release_due(self._clock.monotonic_s())
            return self._state.idle()
