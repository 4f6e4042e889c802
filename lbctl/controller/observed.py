"""What the clouds held when last looked at, so that a reconcile costs no read.

Rules
- Filled by a whole snapshot; from then on a Service that is not in it owns nothing.
- Every applied step is recorded. A call whose outcome is unknown makes the Service unknown: it is read anew.
- A snapshot that was begun before a record was made does not overwrite it, and for `consistency_s` after a record no
  read does: the cloud may still show the state before.
- An absence is believed `consistency_s` after the start, and after a call whose outcome is unknown: only then may a
  finalizer come off, since what a killed process created may not be visible yet.
"""

from __future__ import annotations

import threading
from dataclasses import replace

from lbctl.model.resource import NOTHING, Ref, Resource, Resources
from lbctl.model.service import Uid
from lbctl.runtime.clock import Clock

SHARED = Uid("")
"""Stands for the resources that all Services share."""


class Observed:
    """One provider's resources by Service UID. Thread-safe; a Service's entry is written by one worker at a time."""

    def __init__(self, clock: Clock, consistency_s: float) -> None:
        self._clock = clock
        self._consistency_s = consistency_s
        self._by_uid: dict[Uid, Resources] = {}
        self._unknown: set[Uid] = set()
        self._touched: dict[Uid, int] = {}
        self._doubtful_until_s: dict[Uid, float] = {}
        self._recent: dict[Uid, dict[Ref, tuple[float, Resource | None]]] = {}
        self._started_s = clock.monotonic_s()
        self._sequence = 0
        self._loaded = False
        self._lock = threading.Lock()

    def begin_snapshot(self) -> int:
        """A mark to take before reading a snapshot, for `load`."""
        with self._lock:
            return self._sequence

    def load(self, snapshot: Resources, mark: int) -> frozenset[Uid]:
        """Take over a snapshot begun at `mark`; returns the UIDs whose resources differ from what was known."""
        fresh = {uid or SHARED: group for uid, group in snapshot.by_owner().items()}
        with self._lock:
            drifted: set[Uid] = set()
            for uid in fresh.keys() | self._by_uid.keys():
                if self._touched.get(uid, 0) > mark:
                    continue
                now = self._overlaid(uid, fresh.get(uid, NOTHING))
                if self._loaded and now != self._by_uid.get(uid, NOTHING):
                    drifted.add(uid)
                self._put(uid, now)
                self._unknown.discard(uid)
            self._touched = {uid: at for uid, at in self._touched.items() if at > mark}
            self._loaded = True
            return frozenset(drifted)

    def get(self, uid: Uid) -> Resources | None:
        """What this Service owns, or None when it has to be read."""
        with self._lock:
            if not self._loaded or uid in self._unknown:
                return None
            return self._by_uid.get(uid, NOTHING)

    def put(self, uid: Uid, seen: Resources) -> Resources:
        """Take over a fresh read of one Service; returns what is known by it."""
        with self._lock:
            self._touch(uid)
            known = self._overlaid(uid, seen)
            self._put(uid, known)
            self._unknown.discard(uid)
            return known

    def record(self, uid: Uid, ref: Ref, now: Resource | None) -> None:
        """Take over the outcome of one applied step."""
        with self._lock:
            self._touch(uid)
            known = self._by_uid.get(uid, NOTHING)
            self._put(uid, known.without(ref) if now is None else known.with_(now))
            if self._consistency_s > 0:
                self._recent.setdefault(uid, {})[ref] = (self._clock.monotonic_s(), now)

    def doubt(self, uid: Uid) -> None:
        """A call failed or was cut off: nobody knows what it did."""
        with self._lock:
            self._touch(uid)
            self._unknown.add(uid)
            self._doubtful_until_s[uid] = self._clock.monotonic_s() + self._consistency_s

    def expire(self, uid: Uid) -> None:
        """The cloud is at work: read again before the next decision."""
        with self._lock:
            self._unknown.add(uid)

    def until_absence_counts_s(self, uid: Uid) -> float:
        """Seconds until an empty read of this Service proves that nothing is there; 0 when it does already."""
        with self._lock:
            settled_s = max(self._started_s + self._consistency_s, self._doubtful_until_s.get(uid, 0.0))
            return max(0.0, settled_s - self._clock.monotonic_s())

    def drop(self, uid: Uid) -> None:
        """The Service is cleaned up; forget everything about it."""
        with self._lock:
            self._touch(uid)
            self._by_uid.pop(uid, None)
            self._unknown.discard(uid)
            self._doubtful_until_s.pop(uid, None)
            self._recent.pop(uid, None)

    def owners(self) -> dict[Uid, Resources]:
        """Every UID that owns something, with its resources; the shared ones are left out."""
        with self._lock:
            return {uid: group for uid, group in self._by_uid.items() if uid != SHARED}

    def _overlaid(self, uid: Uid, seen: Resources) -> Resources:
        """A read with what we recorded too recently for the cloud to show; states and addresses are the read's."""
        since_s = self._clock.monotonic_s() - self._consistency_s
        recent = {ref: entry for ref, entry in self._recent.pop(uid, {}).items() if entry[0] >= since_s}
        if not recent:
            return seen
        self._recent[uid] = recent
        merged = {ref: one for ref, one in seen.items() if ref not in recent}
        for ref, (_, recorded) in recent.items():
            if recorded is not None:
                shown = seen.get(ref)
                merged[ref] = replace(recorded, facts=shown.facts) if shown else recorded
        return Resources(merged.values())

    def _put(self, uid: Uid, seen: Resources) -> None:
        if seen:
            self._by_uid[uid] = seen
        else:
            self._by_uid.pop(uid, None)

    def _touch(self, uid: Uid) -> None:
        self._sequence += 1
        self._touched[uid] = self._sequence
