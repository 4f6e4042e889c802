"""What changed between two values of one kind, as field sets.

Objects of built-in kinds are compared as Go would decode them (see `typed.py`); that happens level by level on the way
down, and not at all where both sides are the same, so that a small change in a large object costs little.
Source: sigs.k8s.io/structured-merge-diff/typed/compare.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lbctl.sandbox.api.patch.fields import FieldPath, FieldSet, PathElement, field_element
from lbctl.sandbox.api.patch.typed import decode, decode_level
from lbctl.sandbox.api.patch.types import ABSENT, Atom, ListType, MapType, Scalar, Schema, TypeRef, child_type
from lbctl.sandbox.api.patch.walk import SchemaMismatch, deduce, item_element, same, scalar_complaint


@dataclass(frozen=True, slots=True)
class Comparison:
    """The fields that the second value removed, modified and added; no field is in two of them."""

    removed: FieldSet = field(default_factory=FieldSet)
    modified: FieldSet = field(default_factory=FieldSet)
    added: FieldSet = field(default_factory=FieldSet)

    def without(self, excluded: FieldSet) -> Comparison:
        """The comparison without the excluded fields and all that is below them."""
        return Comparison(
            self.removed.recursive_difference(excluded),
            self.modified.recursive_difference(excluded),
            self.added.recursive_difference(excluded),
        )


def compare(schema: Schema, old: object, new: object) -> Comparison:
    """Compare two values of the schema's kind. Raises SchemaMismatch when a list item cannot be identified."""
    walker = _Walker(schema, Comparison())
    walker.compare(schema.root, old, new, ())
    return walker.out


@dataclass(frozen=True, slots=True)
class _Walker:
    schema: Schema
    out: Comparison

    def compare(self, ref: TypeRef, old: object, new: object, path: FieldPath) -> None:
        if old == new and (self.schema.structured or same(old, new)):
            return
        atom = self.schema.resolve(ref)
        before, after = deduce(atom, old), deduce(atom, new)
        if new is ABSENT:
            leaf = self._handle(before, old, new, path)
        elif old is ABSENT or before == after:
            leaf = self._handle(after, old, new, path)
        else:
            self._handle(before, old, new, path)
            leaf = self._handle(after, old, new, path)
        if leaf:
            return
        if old is ABSENT:
            self.out.added.insert(path)
        elif new is ABSENT:
            self.out.removed.insert(path)

    def _handle(self, atom: Atom, old: object, new: object, path: FieldPath) -> bool:
        """Compare under one shape; True if the value was taken as a leaf."""
        if atom.map:
            return self._map(atom.map, old, new, path)
        if atom.scalar:
            return self._scalar(atom.scalar, old, new, path)
        if atom.list:
            return self._list(atom.list, old, new, path)
        raise SchemaMismatch("schema error: invalid atom: inlined")

    def _leaf(self, old: object, new: object, path: FieldPath) -> bool:
        if old is ABSENT:
            self.out.added.insert(path)
        elif new is ABSENT:
            self.out.removed.insert(path)
        elif not same(old, new):
            self.out.modified.insert(path)
        return True

    def _scalar(self, scalar: Scalar, old: object, new: object, path: FieldPath) -> bool:
        if old is not ABSENT and new is not ABSENT:
            complaint = scalar_complaint(scalar, old)
            if complaint and scalar_complaint(scalar, new):
                raise SchemaMismatch(f"lhs: {complaint}")
        return self._leaf(old, new, path)

    def _map(self, map_type: MapType, old: object, new: object, path: FieldPath) -> bool:
        if map_type.atomic and self.schema.structured:
            ref = TypeRef(inline=Atom(map=map_type))
            return self._leaf(decode(self.schema, ref, old), decode(self.schema, ref, new), path)
        if self.schema.structured:
            old, new = self._level(map_type, old), self._level(map_type, new)
        before, after = as_map(old), as_map(new)
        if map_type.atomic or not (before or after):
            return self._leaf(old, new, path)
        for name in before | after:
            ref = child_type(map_type, name)
            self.compare(ref, before.get(name, ABSENT), after.get(name, ABSENT), (*path, field_element(name)))
        return False

    def _level(self, map_type: MapType, value: object) -> object:
        return decode_level(self.schema, map_type, value) if isinstance(value, dict) else value

    def _list(self, list_type: ListType, old: object, new: object, path: FieldPath) -> bool:
        if list_type.atomic and self.schema.structured:
            ref = TypeRef(inline=Atom(list=list_type))
            return self._leaf(decode(self.schema, ref, old), decode(self.schema, ref, new), path)
        before, after = as_list(old), as_list(new)
        if list_type.atomic or not (before or after):
            return self._leaf(old, new, path)
        olds, news = self._index(list_type, before), self._index(list_type, after)
        for element in olds | news:
            self._items(list_type, olds.get(element, []), news.get(element, []), (*path, element))
        return False

    def _index(self, list_type: ListType, items: list[object]) -> dict[PathElement, list[object]]:
        indexed: dict[PathElement, list[object]] = {}
        for item in items:
            indexed.setdefault(item_element(self.schema, list_type, item), []).append(item)
        return indexed

    def _items(self, list_type: ListType, olds: list[object], news: list[object], path: FieldPath) -> None:
        """Items of one key; duplicates are compared as if they were atomic."""
        if len(olds) <= 1 and len(news) <= 1:
            self.compare(list_type.element, olds[0] if olds else ABSENT, news[0] if news else ABSENT, path)
        elif len(olds) >= 2 and len(news) >= 2:
            if not same(olds, news):
                self.out.modified.insert(path)
        elif len(olds) >= 2:
            if news:
                self.compare(list_type.element, ABSENT, news[0], path)
            self.out.removed.insert(path)
        else:
            if olds:
                self.compare(list_type.element, olds[0], ABSENT, path)
            self.out.added.insert(path)


def as_map(value: object) -> dict[str, object]:
    """The value if it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
