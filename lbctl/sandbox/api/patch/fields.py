"""Sets of fields, in memory and in the fieldsV1 format of `metadata.managedFields`.

A set is a tree. `members` are the elements of this level that belong to the set, `children` the subtrees; an element
may be both (then fieldsV1 writes `.` inside it). The operations return new sets and share subtrees.
Source: sigs.k8s.io/structured-merge-diff/fieldpath/{element,set,serialize}.go.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.gotext import compact_json, plain, quoted

_FIELD: Final = 0
_KEY: Final = 1
_VALUE: Final = 2
_INDEX: Final = 3

Ordered = tuple[int, float | str]
"""A JSON value with its rank in Go's total order: numbers 0, strings 1, booleans 2, others 3 (as JSON text)."""


class PathElement(NamedTuple):
    """One step of a path: a field name, the keys of a list item, the value of a set item, or an index.

    Elements sort as Go's `PathElement.Compare` sorts them: names, keys, values, indices.
    """

    rank: int
    name: str
    keys: tuple[tuple[str, Ordered], ...]

    @property
    def is_field(self) -> bool:
        """Whether this selects a field by name."""
        return self.rank == _FIELD

    @property
    def is_key(self) -> bool:
        """Whether this selects an item of a list of maps."""
        return self.rank == _KEY

    def __str__(self) -> str:
        match self.rank:
            case 0:
                return f".{self.name}"
            case 1:
                return "[" + ",".join(f"{name}={_shown(value)}" for name, value in self.keys) + "]"
            case 2:
                return f"[={_shown(self.keys[0][1])}]"
            case _:
                return f"[{self.keys[0][1][1]}]"

    def serialize(self) -> str:
        """The fieldsV1 key: `f:name`, `k:{"port":80}`, `v:"a"` or `i:0`."""
        return _serialized(self)


FieldPath = tuple[PathElement, ...]


def field_element(name: str) -> PathElement:
    """The field of that name."""
    return PathElement(_FIELD, name, ())


def key_element(keys: Mapping[str, object]) -> PathElement:
    """The list item with those key values."""
    return PathElement(_KEY, "", tuple((name, _ordered(keys[name])) for name in sorted(keys)))


def value_element(value: object) -> PathElement:
    """The set item with that value."""
    return PathElement(_VALUE, "", (("", _ordered(value)),))


def path_text(path: Iterable[PathElement]) -> str:
    """A path as conflicts print it, e.g. `.spec.ports[port=80,protocol="TCP"].name`."""
    return "".join(str(one) for one in path)


@lru_cache(maxsize=8192)
def parse_element(text: str) -> PathElement | None:
    """The element of a fieldsV1 key; None for types this server does not know. Raises ValueError on broken ones."""
    if len(text) < 2:
        raise ValueError("key must be 2 characters long:")
    if text[1] != ":":
        raise ValueError(f"missing colon: {text}")
    match text[0]:
        case "f":
            return field_element(text[2:])
        case "v":
            return value_element(json.loads(text[2:]))
        case "k":
            keys = json.loads(text[2:])
            if not isinstance(keys, dict):
                raise ValueError(f"not an object: {text}")
            return key_element(keys)
        case "i":
            return PathElement(_INDEX, "", (("", (0, int(text[2:]))),))
        case _:
            return None


@lru_cache(maxsize=8192)
def _serialized(element: PathElement) -> str:
    match element.rank:
        case 0:
            return f"f:{element.name}"
        case 1:
            return "k:{" + ",".join(f"{compact_json(name)}:{_as_json(value)}" for name, value in element.keys) + "}"
        case 2:
            return f"v:{_as_json(element.keys[0][1])}"
        case _:
            return f"i:{element.keys[0][1][1]}"


def _ordered(value: object) -> Ordered:
    if isinstance(value, bool):
        return (2, "true" if value else "false")
    if isinstance(value, int | float):
        return (0, value)
    if isinstance(value, str):
        return (1, value)
    return (3, compact_json(value))


def _shown(value: Ordered) -> str:
    return quoted(str(value[1])) if value[0] == 1 else plain(value[1])


def _as_json(value: Ordered) -> str:
    if value[0] == 1:
        return compact_json(value[1])
    number = value[1]
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


@dataclass(slots=True)
class FieldSet:
    """A set of field paths. Filled by `insert` while it is built, not changed afterwards."""

    members: set[PathElement] = field(default_factory=set)
    children: dict[PathElement, FieldSet] = field(default_factory=dict)

    def insert(self, path: FieldPath) -> None:
        """Add a path; its parents are not added. The empty path is ignored: nobody owns a whole object."""
        if not path:
            return
        here = self
        for element in path[:-1]:
            here = here.children.setdefault(element, FieldSet())
        here.members.add(path[-1])

    def __bool__(self) -> bool:
        return bool(self.members) or any(self.children.values())

    def has(self, path: FieldPath) -> bool:
        """Whether the path itself is in the set."""
        here = self
        for element in path[:-1]:
            child = here.children.get(element)
            if child is None:
                return False
            here = child
        return bool(path) and path[-1] in here.members

    def below(self, element: PathElement) -> FieldSet:
        """The paths that begin with the element, without it."""
        return self.children.get(element) or _EMPTY

    def union(self, other: FieldSet) -> FieldSet:
        """The paths of either set."""
        children = dict(self.children)
        for element, child in other.children.items():
            mine = children.get(element)
            children[element] = mine.union(child) if mine is not None else child
        return FieldSet(self.members | other.members, children)

    def intersection(self, other: FieldSet) -> FieldSet:
        """The paths of both sets."""
        common = (
            (one, self.children[one].intersection(other.children[one])) for one in self.children.keys() & other.children
        )
        return FieldSet(self.members & other.members, {element: child for element, child in common if child})

    def difference(self, other: FieldSet) -> FieldSet:
        """The paths of this set that are not in the other; a parent does not take its children along."""
        children: dict[PathElement, FieldSet] = {}
        for element, child in self.children.items():
            theirs = other.children.get(element)
            left = child if theirs is None else child.difference(theirs)
            if theirs is None or left:
                children[element] = left
        return FieldSet(self.members - other.members, children)

    def recursive_difference(self, other: FieldSet) -> FieldSet:
        """As `difference`, but a path of the other set takes everything below it along."""
        children: dict[PathElement, FieldSet] = {}
        for element, child in self.children.items():
            if element in other.members:
                continue
            theirs = other.children.get(element)
            left = child if theirs is None else child.recursive_difference(theirs)
            if theirs is None or left:
                children[element] = left
        return FieldSet(self.members - other.members, children)

    def paths(self) -> Iterator[FieldPath]:
        """All paths in Go's order: the members of a level before what is below them."""
        for element in sorted(self.members):
            yield (element,)
        for element in sorted(self.children):
            for rest in self.children[element].paths():
                yield (element, *rest)

    def to_json(self) -> Json:
        """The fieldsV1 object, keys sorted as the real server sorts them."""
        return self._emit(member=False)

    def _emit(self, *, member: bool) -> Json:
        out: Json = {".": {}} if member and (self.members or self.children) else {}
        for element in sorted(self.members | self.children.keys()):
            child = self.children.get(element)
            out[element.serialize()] = {} if child is None else child._emit(member=element in self.members)
        return out


_EMPTY: Final = FieldSet()


def parse_fields(encoded: Json) -> FieldSet:
    """The set that a fieldsV1 object describes. Raises ValueError when it is malformed."""
    found, _ = _read(encoded)
    return found


def _read(encoded: object) -> tuple[FieldSet, bool]:
    """The set below one key, and whether the key itself is a member."""
    if not isinstance(encoded, dict):
        raise ValueError(f"expected an object of fields, got {plain(encoded)}")
    result = FieldSet()
    member = False
    for text, inner in encoded.items():
        if text == ".":
            member = True
        elif (element := parse_element(text)) is not None:
            child, is_member = _read(inner)
            if is_member:
                result.members.add(element)
            if child.members or child.children:
                result.children[element] = child
    return result, member or not (result.members or result.children)
