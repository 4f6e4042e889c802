"""The objects of one kind: what watches tell, overlaid by what our own writes were answered with.

Rules
- Of two states of one object the one with the higher resourceVersion counts, so a write is known from its answer on.
- What was deleted stays deleted, even while the watch still tells of earlier changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from lbctl.model.service import ObjectKey
from lbctl.sandbox.objects import Object

O = TypeVar("O", bound=Object)  # noqa: E741

Places = Callable[[O], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class Change(Generic[O]):
    """What happened to one object: `old` is None for a new one, `new` is None for one that is gone."""

    old: O | None
    new: O | None


class Shelf(Generic[O]):
    """Objects by key, and by every place that `places_of` files them under. For one thread."""

    def __init__(self, places_of: Places[O]) -> None:
        self._places_of = places_of
        self._objects: dict[ObjectKey, O] = {}
        self._filed: dict[Hashable, set[ObjectKey]] = {}
        self._gone: set[str] = set()

    def get(self, key: ObjectKey) -> O | None:
        return self._objects.get(key)

    def values(self) -> tuple[O, ...]:
        return tuple(self._objects.values())

    def at(self, *places: Hashable) -> tuple[O, ...]:
        """What is filed under any of the places, by key."""
        keys = set().union(*(self._filed.get(place, ()) for place in places))
        return tuple(self._objects[key] for key in sorted(keys))

    def put(self, new: O) -> Change[O] | None:
        """A state of an object; None when it is not news."""
        old = self._objects.get(new.key)
        if new.uid in self._gone or (old is not None and old.version >= new.version > 0):
            return None
        self._take_out(new.key)
        self._objects[new.key] = new
        for place in self._places_of(new):
            self._filed.setdefault(place, set()).add(new.key)
        return Change(old, new)

    def drop(self, key: ObjectKey, uid: str, *, heard: bool) -> Change[O] | None:
        """The object is gone, as we have `heard` or been answered; None when that is not news."""
        if heard:
            self._gone.discard(uid)
        else:
            self._gone.add(uid)
        old = self._objects.get(key)
        if old is None or old.uid != uid:
            return None
        self._take_out(key)
        return Change(old, None)

    def _take_out(self, key: ObjectKey) -> None:
        old = self._objects.pop(key, None)
        if old is None:
            return
        for place in self._places_of(old):
            filed = self._filed[place]
            filed.discard(key)
            if not filed:
                del self._filed[place]
