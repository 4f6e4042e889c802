"""An index: which objects have a property."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Set
from typing import Generic, TypeVar

from lbctl.model.service import ObjectKey

P = TypeVar("P", bound=Hashable)

_NOBODY: frozenset[ObjectKey] = frozenset()


class Index(Generic[P]):
    """Object keys by property. An object may have several; a property nobody has takes no room."""

    def __init__(self) -> None:
        self._keys: dict[P, set[ObjectKey]] = {}

    def __getitem__(self, wanted: P) -> Set[ObjectKey]:
        return self._keys.get(wanted, _NOBODY)

    def add(self, properties: Iterable[P], key: ObjectKey) -> None:
        for one in properties:
            self._keys.setdefault(one, set()).add(key)

    def discard(self, properties: Iterable[P], key: ObjectKey) -> None:
        for one in properties:
            keys = self._keys.get(one)
            if keys is None:
                continue
            keys.discard(key)
            if not keys:
                del self._keys[one]
