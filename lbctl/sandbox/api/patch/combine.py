"""Merging an applied configuration into a value, and taking fields out of one.

Source: sigs.k8s.io/structured-merge-diff/typed/{merge,remove}.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lbctl.sandbox.api.patch.compare import as_list, as_map
from lbctl.sandbox.api.patch.fields import FieldSet, PathElement, field_element
from lbctl.sandbox.api.patch.types import ABSENT, Atom, ListType, MapType, Schema, TypeRef, child_type
from lbctl.sandbox.api.patch.walk import SchemaMismatch, deduce, item_element


def merge(schema: Schema, live: object, config: object) -> object:
    """The live value with the configuration laid over it; nothing is removed.

    Lists keep the order of the live value where the configuration does not say otherwise.
    """
    return _Merge(schema).merge(schema.root, live, config)


def remove(schema: Schema, value: object, fields: FieldSet) -> object:
    """The value without the list items and map entries of the set."""
    return _remove(schema, schema.root, value, fields)


@dataclass(frozen=True, slots=True)
class _Merge:
    schema: Schema

    def merge(self, ref: TypeRef, live: object, config: object) -> object:
        atom = self.schema.resolve(ref)
        return self._handle(deduce(atom, live if config is ABSENT else config), live, config)

    def _handle(self, atom: Atom, live: object, config: object) -> object:
        if atom.map:
            return self._map(atom.map, live, config)
        if atom.scalar:
            return _keep_config(live, config)
        if atom.list:
            return self._list(atom.list, live, config)
        raise SchemaMismatch("schema error: invalid atom: inlined")

    def _map(self, map_type: MapType, live: object, config: object) -> object:
        left, right = as_map(live), as_map(config)
        if map_type.atomic or not (left or right):
            return _keep_config(live, config)
        merged: dict[str, object] = {}
        for name in left | right:
            value = self.merge(child_type(map_type, name), left.get(name, ABSENT), right.get(name, ABSENT))
            if value is not ABSENT:
                merged[name] = value
        return merged or ABSENT

    def _list(self, list_type: ListType, live: object, config: object) -> object:
        left, right = as_list(live), as_list(config)
        if list_type.atomic or not (left or right):
            return _keep_config(live, config)
        left_elements = [item_element(self.schema, list_type, item) for item in left]
        right_elements = [item_element(self.schema, list_type, item) for item in right]
        lefts = dict(zip(left_elements, left, strict=True))
        for element in {one for one in left_elements if left_elements.count(one) > 1}:
            lefts[element] = None
        rights = dict(zip(right_elements, right, strict=True))
        merged: list[object] = []
        for element, index in _interleave(left_elements, right_elements):
            before = lefts.get(element, ABSENT) if index is None else left[index]
            value = self.merge(list_type.element, before, rights.get(element, ABSENT))
            if value is not ABSENT:
                merged.append(value)
        return merged or ABSENT


def _keep_config(live: object, config: object) -> object:
    return live if config is ABSENT else config


def _interleave(left: Sequence[PathElement], right: Sequence[PathElement]) -> list[tuple[PathElement, int | None]]:
    """The merged order: elements, with the index in `left` of those that only the left side has.

    Shared elements appear in the order of `right`; elements of one side stay beside their neighbours.
    """
    shared = [one for one in right if one in set(left)]
    in_right = set(right)
    merged: list[tuple[PathElement, int | None]] = []
    taken: set[PathElement] = set()
    i = j = 0
    while i < len(left) or j < len(right):
        if i < len(left) and j < len(right):
            if left[i] == right[j]:
                merged.append((left[i], None))
                taken.add(left[i])
                i, j, shared = i + 1, j + 1, shared[1:]
                continue
            if left[i] in in_right and shared and shared[0] != left[i]:
                i += 1
                continue
        if i < len(left):
            if left[i] not in in_right:
                merged.append((left[i], i))
                i += 1
                continue
            if left[i] in taken:
                i += 1
        if j < len(right):
            merged.append((right[j], None))
            taken.add(right[j])
            if shared and shared[0] == right[j]:
                shared = shared[1:]
            j += 1
    return merged


def _remove(schema: Schema, ref: TypeRef, value: object, fields: FieldSet) -> object:
    """The value without the fields; null when nothing is left to hold."""
    atom = deduce(schema.resolve(ref), value)
    if atom.map:
        return _remove_from_map(schema, atom.map, value, fields)
    if atom.scalar:
        return value
    if atom.list:
        return _remove_from_list(schema, atom.list, value, fields)
    return None


def _remove_from_map(schema: Schema, map_type: MapType, value: object, fields: FieldSet) -> object:
    if map_type.atomic:
        return None
    kept: dict[str, object] = {}
    touched = False
    for name, inner in as_map(value).items():
        element = field_element(name)
        if element in fields.members:
            continue
        below = fields.below(element)
        if below:
            touched = True
            kept[name] = _remove_inside(schema, child_type(map_type, name), inner, below)
        else:
            kept[name] = inner
    return kept if kept or touched else None


def _remove_from_list(schema: Schema, list_type: ListType, value: object, fields: FieldSet) -> object:
    if list_type.atomic:
        return None
    kept: list[object] = []
    touched = False
    for item in as_list(value):
        element = item_element(schema, list_type, item)
        if element in fields.members:
            continue
        below = fields.below(element)
        if below:
            touched = True
            kept.append(_remove_inside(schema, list_type.element, item, below))
        else:
            kept.append(item)
    return kept if kept or touched else None


def _remove_inside(schema: Schema, ref: TypeRef, value: object, fields: FieldSet) -> object:
    """As `_remove`, but a container that becomes empty stays as an empty one."""
    left = _remove(schema, ref, value, fields)
    if left is None and isinstance(value, dict):
        return {}
    if left is None and isinstance(value, list):
        return []
    return left
