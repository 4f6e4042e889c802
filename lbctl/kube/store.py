"""The informer's cache: objects by key and by index, written by one thread, read by any."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic

from lbctl.kube.resources import T
from lbctl.model.service import ObjectKey

IndexKeys = Callable[[T], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What happened to one object: `old` is None for a new one, `new` is None for a deleted one."""

    key: ObjectKey
    old: T | None
    new: T | None


class Store(Generic[T]):
    """Immutable objects by key. What a reader is given never changes; the next read may give something newer."""

    def __init__(self, key_of: Callable[[T], ObjectKey]) -> None:
        self._key_of = key_of
        self._lock = threading.Lock()
        self._objects: dict[ObjectKey, T] = {}
        self._index_keys: dict[str, IndexKeys[T]] = {}
        self._indexes: dict[str, dict[Hashable, dict[ObjectKey, T]]] = {}

    def get(self, key: ObjectKey) -> T | None:
        with self._lock:
            return self._objects.get(key)

    def values(self) -> tuple[T, ...]:
        """Every object, as of one moment."""
        with self._lock:
            return tuple(self._objects.values())

    def keys(self) -> tuple[ObjectKey, ...]:
        with self._lock:
            return tuple(self._objects)

    def __len__(self) -> int:
        return len(self._objects)

    def add_index(self, name: str, keys_of: IndexKeys[T]) -> None:
        """Find objects by what `keys_of` returns for them, from now on and for what is there already."""
        with self._lock:
            self._index_keys[name] = keys_of
            self._indexes[name] = {}
            for key, value in self._objects.items():
                self._enter(name, keys_of, key, value)

    def by_index(self, name: str, value: Hashable) -> tuple[T, ...]:
        """The objects filed under `value` in the index `name`."""
        with self._lock:
            return tuple(self._indexes[name].get(value, {}).values())

    def index_values(self, name: str) -> tuple[Hashable, ...]:
        """The values under which anything is filed."""
        with self._lock:
            return tuple(self._indexes[name])

    def put(self, value: T) -> Change[T] | None:
        """Add or replace; None when this resourceVersion is already here."""
        with self._lock:
            return self._put(value)

    def remove(self, key: ObjectKey) -> Change[T] | None:
        """Remove; None when it is not here."""
        with self._lock:
            return self._remove(key)

    def replace(self, values: Iterable[T]) -> list[Change[T]]:
        """Make `values` the whole content; returns the differences, deletions first."""
        wanted = {self._key_of(value): value for value in values}
        with self._lock:
            gone = [self._remove(key) for key in self._objects.keys() - wanted.keys()]
            changed = [self._put(value) for value in wanted.values()]
        return [change for change in (*gone, *changed) if change is not None]

    def _put(self, value: T) -> Change[T] | None:
        key = self._key_of(value)
        old = self._objects.get(key)
        if old is not None and old.resource_version == value.resource_version:
            return None
        if old is not None:
            self._leave_indexes(key, old)
        self._objects[key] = value
        for name, keys_of in self._index_keys.items():
            self._enter(name, keys_of, key, value)
        return Change(key, old, value)

    def _remove(self, key: ObjectKey) -> Change[T] | None:
        old = self._objects.pop(key, None)
        if old is None:
            return None
        self._leave_indexes(key, old)
        return Change(key, old, None)

    def _enter(self, name: str, keys_of: IndexKeys[T], key: ObjectKey, value: T) -> None:
        index = self._indexes[name]
        for place in keys_of(value):
            index.setdefault(place, {})[key] = value

    def _leave_indexes(self, key: ObjectKey, old: T) -> None:
        for name, keys_of in self._index_keys.items():
            index = self._indexes[name]
            for place in keys_of(old):
                filed = index.get(place)
                if filed is not None:
                    filed.pop(key, None)
                    if not filed:
                        del index[place]
