"""The object store: raw JSON bytes by key, one version counter, and a bounded history for watches and paged lists.

Rules
- Every write takes the next resourceVersion of the whole store, so versions of different resources compare.
- Bytes hold the object without `apiVersion` and `kind`: the same bytes serve every version, list and watch.
- A bucket (one stored resource) keeps its last `history_length` changes. What is older is compacted: who asks for it is
  told `Compacted`, which the HTTP layer words as 410.
- Single-threaded: only the event loop writes or reads.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from lbctl.sandbox.api.errors import Json

Key = tuple[str, str]
"""(namespace, name); the namespace is empty for cluster-scoped objects."""

_NO_LABELS: Mapping[str, str] = {}
_encode = msgspec.json.Encoder().encode


class Compacted(Exception):
    """The version asked for is older than the history kept; `oldest` is the oldest one that can still be asked for."""

    def __init__(self, oldest: int) -> None:
        super().__init__(f"versions before {oldest} are compacted")
        self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object: its resourceVersion, its JSON without apiVersion and kind, its labels."""

    rv: int
    data: bytes
    labels: Mapping[str, str] = field(default_factory=dict)

    def decode(self) -> Json:
        """A fresh dict of the object, without `apiVersion` and `kind`."""
        obj: Json = msgspec.json.decode(self.data)
        return obj


@dataclass(slots=True)
class Change:
    """One write. `after` of a deletion is the last state, stamped with the version of the deletion.

    `lines` caches what watches send for it, so that an event is encoded once for all watchers.
    """

    rv: int
    key: Key
    before: Stored | None
    after: Stored
    deleted: bool = False
    lines: dict[object, bytes] = field(default_factory=dict)


class Journal(Protocol):
    """Where writes become durable."""

    def record(self, bucket: str, key: Key, stored: Stored | None, rv: int) -> None:
        """Remember one write, None being a deletion; must not block."""

    def load(self) -> tuple[int, Iterator[tuple[str, Key, Stored]]]:
        """The version to start from, and every object."""


class Bucket:
    """All objects of one stored resource, and their recent changes."""

    def __init__(self, name: str, history_length: int, compacted: int) -> None:
        self.name = name
        self.objects: dict[Key, Stored] = {}
        self.history: deque[Change] = deque()
        self.compacted = compacted
        """Changes up to and including this version are forgotten."""
        self.watchers: set[Callable[[Change], None]] = set()
        self._history_length = history_length
        self._sorted: list[Key] | None = None

    def ordered(self, namespace: str = "") -> Sequence[Key]:
        """Keys in order, of one namespace or (empty) of all."""
        if self._sorted is None:
            self._sorted = sorted(self.objects)
        return keys_of_namespace(self._sorted, namespace)

    def add(self, change: Change) -> None:
        """Apply one change and tell the watchers."""
        if change.deleted:
            del self.objects[change.key]
            self._sorted = None
        else:
            if change.before is None:
                self._sorted = None
            self.objects[change.key] = change.after
        self.history.append(change)
        if len(self.history) > self._history_length:
            self.compacted = self.history.popleft().rv
        for watcher in tuple(self.watchers):
            watcher(change)

    def load(self, key: Key, stored: Stored) -> None:
        """Put an object from disk, without history."""
        self.objects[key] = stored
        self._sorted = None

    def since(self, rv: int) -> list[Change]:
        """Changes after `rv`, oldest first. Raises Compacted."""
        if rv < self.compacted:
            raise Compacted(self.compacted)
        found: list[Change] = []
        for change in reversed(self.history):
            if change.rv <= rv:
                break
            found.append(change)
        found.reverse()
        return found

    def at(self, rv: int) -> Mapping[Key, Stored]:
        """The objects as they were at version `rv`. Raises Compacted."""
        later = self.since(rv)
        if not later:
            return self.objects
        objects = dict(self.objects)
        for change in reversed(later):
            if change.before is None:
                objects.pop(change.key, None)
            else:
                objects[change.key] = change.before
        return objects


def keys_of_namespace(ordered: Sequence[Key], namespace: str) -> Sequence[Key]:
    """The part of ordered keys that lies in one namespace (all of it when empty)."""
    if not namespace:
        return ordered
    return ordered[bisect_left(ordered, (namespace, "")) : bisect_left(ordered, (namespace + "\0", ""))]


class Store:
    """Every bucket, under one version counter."""

    def __init__(self, history_length: int, journal: Journal | None = None) -> None:
        self._history_length = history_length
        self._journal = journal
        self._buckets: dict[str, Bucket] = {}
        self._observers: list[Callable[[str, Change], None]] = []
        self.rv = 1
        self._floor = 0
        if journal is not None:
            self._load(journal)

    def _load(self, journal: Journal) -> None:
        self.rv, objects = journal.load()
        self._floor = self.rv
        for name, key, stored in objects:
            self.bucket(name).load(key, stored)

    def bucket(self, name: str) -> Bucket:
        """The bucket of that name, created when it is first asked for."""
        bucket = self._buckets.get(name)
        if bucket is None:
            bucket = self._buckets[name] = Bucket(name, self._history_length, self._floor)
        return bucket

    def buckets(self) -> tuple[Bucket, ...]:
        """Every bucket there is."""
        return tuple(self._buckets.values())

    def observe(self, observer: Callable[[str, Change], None]) -> None:
        """Call `observer(bucket name, change)` after every write."""
        self._observers.append(observer)

    def put(self, name: str, key: Key, obj: Json) -> Stored:
        """Store an object under the next version, which is written into its metadata."""
        bucket = self.bucket(name)
        stored = self._stamp(obj)
        self._commit(bucket, Change(stored.rv, key, bucket.objects.get(key), stored), stored)
        return stored

    def delete(self, name: str, key: Key, obj: Json | None = None) -> Stored:
        """Remove an object; `obj` is its last state (None: as it is stored). Raises KeyError when it is not there."""
        bucket = self.bucket(name)
        before = bucket.objects[key]
        last = self._stamp(before.decode() if obj is None else obj)
        self._commit(bucket, Change(last.rv, key, before, last, deleted=True), None)
        return last

    def _stamp(self, obj: Json) -> Stored:
        self.rv += 1
        metadata = obj["metadata"]
        metadata["resourceVersion"] = str(self.rv)
        body = {name: value for name, value in obj.items() if name not in ("apiVersion", "kind")}
        return Stored(self.rv, _encode(body), metadata.get("labels") or _NO_LABELS)

    def _commit(self, bucket: Bucket, change: Change, durable: Stored | None) -> None:
        bucket.add(change)
        if self._journal is not None:
            self._journal.record(bucket.name, change.key, durable, change.rv)
        for observer in self._observers:
            observer(bucket.name, change)
