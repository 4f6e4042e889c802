"""The gate before the mock cloud: every call is counted, delayed, throttled, broken on purpose and logged here."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from lbctl.runtime.clock import Clock
from lbctl_mock import errors
from lbctl_mock.errors import CloudError, Crash
from lbctl_mock.faults import Call, Fault, FaultPlan, no_faults
from lbctl_mock.settings import MockSettings, Throttle

LOG_LENGTH = 100_000
"""Calls that the log keeps; the counts keep all."""

T = TypeVar("T")


class Gate:
    """Runs one call after the other under one lock; only the latency of several calls overlaps."""

    def __init__(self, settings: MockSettings, clock: Clock, pause: Callable[[float], None] = time.sleep) -> None:
        self._latency_s = settings.latency_s
        self._bucket = _TokenBucket(settings.throttle, clock) if settings.throttle else None
        self._pause = pause
        self._lock = Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._log: deque[Call] = deque(maxlen=LOG_LENGTH)
        self._calls = 0
        self.faults: FaultPlan = no_faults

    @property
    def lock(self) -> Lock:
        return self._lock

    @property
    def calls(self) -> int:
        """How many calls were made, successful or not."""
        return self._calls

    @property
    def counts(self) -> Counter[tuple[str, str, str]]:
        """How often each (verb, kind, outcome) occurred."""
        with self._lock:
            return Counter(self._counts)

    def log(self, since: int = 0) -> tuple[Call, ...]:
        """The calls whose number is above `since`, oldest first; at most the last `LOG_LENGTH`."""
        with self._lock:
            return tuple(one for one in self._log if one.number > since)

    def pass_(self, verb: str, kind: str, name: str, work: Callable[[], T]) -> T:
        """Let a call through. Raises CloudError as the cloud answers, Crash where the fault plan says so."""
        if self._latency_s:
            self._pause(self._latency_s)
        with self._lock:
            self._calls += 1
            call = Call(self._calls, verb, kind, name)
            fault = self.faults(call)
            try:
                self._refuse(fault)
                result = work()
                _lose(fault)
            except CloudError as refusal:
                self._note(call, refusal.code)
                raise
            except Crash:
                self._note(call, "Crash")
                raise
            self._note(call, "ok")
            return result

    def _refuse(self, fault: Fault | None) -> None:
        if fault is Fault.CRASH_BEFORE:
            raise Crash
        if fault is Fault.THROTTLED:
            raise CloudError(errors.THROTTLED, "too many calls", retry_after_s=1.0)
        if fault is Fault.SERVER_ERROR:
            raise CloudError(errors.SERVER_ERROR, "the cloud failed with status 503")
        if self._bucket is not None:
            wait_s = self._bucket.take()
            if wait_s > 0:
                raise CloudError(errors.THROTTLED, "too many calls", retry_after_s=wait_s)

    def _note(self, call: Call, outcome: str) -> None:
        self._counts[call.verb, call.kind, outcome] += 1
        self._log.append(Call(call.number, call.verb, call.kind, call.name, outcome))


def _lose(fault: Fault | None) -> None:
    if fault is Fault.CRASH_AFTER:
        raise Crash
    if fault is Fault.LOST_RESPONSE:
        raise CloudError(errors.TIMEOUT, "no answer within the time limit")


class _TokenBucket:
    def __init__(self, limit: Throttle, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._tokens = float(limit.burst)
        self._filled_s = clock.monotonic_s()

    def take(self) -> float:
        """Take a token; otherwise the seconds until there is one."""
        now_s = self._clock.monotonic_s()
        self._tokens = min(self._limit.burst, self._tokens + (now_s - self._filled_s) * self._limit.rate)
        self._filled_s = now_s
        if self._tokens >= 1.0 - 1e-9:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._limit.rate
