"""Which nodes stand behind the load balancers, in steps that cost the cloud as little as possible.

Fifty nodes that join within ten seconds are one change: a change is published when no further one came for `quiet_s`,
at the latest `max_wait_s` after the first. Until then every Service is rendered with the nodes published before.
"""

from __future__ import annotations

import threading

from lbctl.model.loadbalancer import Backend
from lbctl.runtime.clock import Clock


class Membership:
    """The published backends and the change that waits. Thread-safe."""

    def __init__(self, clock: Clock, quiet_s: float, max_wait_s: float) -> None:
        self._clock = clock
        self._quiet_s = quiet_s
        self._max_wait_s = max_wait_s
        self._published: tuple[Backend, ...] = ()
        self._waiting: tuple[Backend, ...] | None = None
        self._first_s = 0.0
        self._last_s = 0.0
        self._lock = threading.Lock()

    @property
    def published(self) -> tuple[Backend, ...]:
        return self._published

    def start(self, backends: tuple[Backend, ...]) -> None:
        """Publish at once: the first complete list, or a cluster's very first node."""
        with self._lock:
            self._published = backends
            self._waiting = None

    def offer(self, backends: tuple[Backend, ...]) -> float | None:
        """Take note of the nodes as they are now. Returns the seconds until `settle`, None when nothing changed."""
        with self._lock:
            if backends == self._published:
                self._waiting = None
                return None
            now_s = self._clock.monotonic_s()
            if self._waiting is None:
                self._first_s = now_s
            if backends != self._waiting:
                self._last_s = now_s
            self._waiting = backends
            return self._due_in_s(now_s)

    def settle(self) -> float | None:
        """Publish the waiting change if its time has come.

        Returns 0 when it was published, the seconds left when it is too early, None when nothing waits.
        """
        with self._lock:
            if self._waiting is None:
                return None
            left_s = self._due_in_s(self._clock.monotonic_s())
            if left_s > 0:
                return left_s
            self._published, self._waiting = self._waiting, None
            return 0.0

    def _due_in_s(self, now_s: float) -> float:
        if not self._published:
            return 0.0
        return max(0.0, min(self._last_s + self._quiet_s, self._first_s + self._max_wait_s) - now_s)
