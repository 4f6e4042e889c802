"""Reading a typed value: which shape of its atom applies, which element a list item is, which fields it sets.

Source: sigs.k8s.io/structured-merge-diff/typed/{helpers,tofieldset,validate}.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lbctl.sandbox.api.patch.fields import FieldPath, FieldSet, PathElement, field_element, key_element, value_element
from lbctl.sandbox.api.patch.gotext import literal, plain, type_name
from lbctl.sandbox.api.patch.types import Atom, ListType, MapType, Presence, Scalar, Schema, TypeRef, child_type


class SchemaMismatch(Exception):
    """A value that its schema does not allow; the text is that of structured-merge-diff."""


_ZERO: Final[Mapping[Scalar, object]] = {Scalar.STRING: "", Scalar.NUMBER: 0, Scalar.BOOLEAN: False}


def deduce(atom: Atom, value: object) -> Atom:
    """The one shape of the atom that the value has; the whole atom for null, absent and unfitting values."""
    if isinstance(value, dict):
        return Atom(map=atom.map) if atom.map and (atom.list or atom.scalar) else atom
    if isinstance(value, list):
        return Atom(list=atom.list) if atom.list and (atom.map or atom.scalar) else atom
    if isinstance(value, str | bool | int | float):
        return Atom(scalar=atom.scalar) if atom.scalar and (atom.map or atom.list) else atom
    return atom


def same(left: object, right: object) -> bool:
    """Equality of JSON values: 1 equals 1.0, but not true."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def item_element(schema: Schema, list_type: ListType, item: object) -> PathElement:
    """The path element that selects the item in its associative list.

    Raises SchemaMismatch when the item has no key, or is no scalar where the list is a set.
    """
    if list_type.atomic:
        raise SchemaMismatch("invalid indexing of non-associative list")
    return _keyed(schema, list_type, item) if list_type.keys else _set_item(item)


def _keyed(schema: Schema, list_type: ListType, item: object) -> PathElement:
    if item is None:
        raise SchemaMismatch("associative list with keys may not have a null element")
    if not isinstance(item, dict):
        raise SchemaMismatch("associative list with keys may not have non-map elements")
    keys: dict[str, object] = {}
    for name in list_type.keys:
        if name in item:
            keys[name] = item[name]
        elif (default := _key_default(schema, list_type, name)) is not None:
            keys[name] = default
    if not keys:
        names = " ".join(f'"{name}"' for name in list_type.keys)
        raise SchemaMismatch(
            f"associative list with keys has an element that omits all key fields [{names}] "
            "(and doesn't have default values for any key fields)"
        )
    return key_element(keys)


def _key_default(schema: Schema, list_type: ListType, name: str) -> object:
    struct = schema.resolve(list_type.element).map
    declared = struct.fields.get(name) if struct else None
    if declared is None or declared.default is not None:
        return declared.default if declared else None
    scalar = schema.resolve(declared.type).scalar
    return _ZERO.get(scalar) if scalar and declared.presence is Presence.ALWAYS else None


def _set_item(item: object) -> PathElement:
    match item:
        case dict():
            raise SchemaMismatch("associative list without keys has an element that's a map type")
        case list():
            raise SchemaMismatch("not supported: associative list with lists as elements")
        case None:
            raise SchemaMismatch("associative list without keys has an element that's an explicit null")
        case _:
            return value_element(item)


def field_set(schema: Schema, value: object) -> FieldSet:
    """Every leaf field and list item that the value mentions."""
    result = FieldSet()
    _collect(schema, schema.root, value, (), result)
    return result


def _collect(schema: Schema, ref: TypeRef, value: object, path: FieldPath, out: FieldSet) -> None:
    atom = deduce(schema.resolve(ref), value)
    if atom.map:
        if atom.map.atomic:
            out.insert(path)
        elif isinstance(value, dict):
            _collect_map(schema, atom.map, value, path, out)
    elif atom.scalar:
        out.insert(path)
    elif atom.list:
        if atom.list.atomic:
            out.insert(path)
        elif isinstance(value, list):
            _collect_list(schema, atom.list, value, path, out)


def _collect_map(schema: Schema, map_type: MapType, value: dict[str, object], path: FieldPath, out: FieldSet) -> None:
    for name, inner in value.items():
        here = (*path, field_element(name))
        _collect(schema, child_type(map_type, name), inner, here, out)
        if inner is None or inner == {} or name not in map_type.fields:
            out.insert(here)


def _collect_list(schema: Schema, list_type: ListType, value: list[object], path: FieldPath, out: FieldSet) -> None:
    elements = [item_element(schema, list_type, item) for item in value]
    counts = {element: elements.count(element) for element in elements}
    for element, item in zip(elements, value, strict=True):
        here = (*path, element)
        if counts[element] == 1:
            _collect(schema, list_type.element, item, here, out)
        out.insert(here)


@dataclass(frozen=True, slots=True)
class _Complaint:
    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def check(schema: Schema, value: object) -> None:
    """Refuse a configuration with undeclared fields, wrong types or duplicate list items.

    Raises SchemaMismatch with every complaint, as `errors:` and one line each when there are several.
    """
    found = _check(schema, schema.root, value, "")
    if len(found) == 1:
        raise SchemaMismatch(str(found[0]))
    if found:
        raise SchemaMismatch("\n".join(["errors:", *(f"  {one}" for one in found)]))


def _check(schema: Schema, ref: TypeRef, value: object, path: str) -> list[_Complaint]:
    atom = deduce(schema.resolve(ref), value)
    if atom.map:
        return _check_map(schema, atom.map, value, path)
    if atom.scalar:
        return _check_scalar(atom.scalar, value, path)
    if atom.list:
        return _check_list(schema, atom.list, value, path)
    return [_Complaint(path, f"schema error: no type found matching: {ref.name or 'inlined type'}")]


def _check_map(schema: Schema, map_type: MapType, value: object, path: str) -> list[_Complaint]:
    if value is None:
        return []
    if not isinstance(value, dict):
        return [_Complaint(path, f"expected map, got &{{{plain(value)}}}")]
    found: list[_Complaint] = []
    undeclared = sorted(name for name in value if name not in map_type.fields) if map_type.element is None else []
    for name in sorted(value.keys() - undeclared):
        found += _check(schema, child_type(map_type, name), value[name], f"{path}.{name}")
    if undeclared:  # The real server stops at the first, whichever its map yields.
        found.append(_Complaint(f"{path}.{undeclared[0]}", "field not declared in schema"))
    return found


def _check_scalar(scalar: Scalar, value: object, path: str) -> list[_Complaint]:
    if (message := scalar_complaint(scalar, value)) is None:
        return []
    return [_Complaint(path, message)]


def scalar_complaint(scalar: Scalar, value: object) -> str | None:
    """Why the value is not such a scalar; null always is."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match scalar:
        case _ if value is None:
            return None
        case Scalar.NUMBER if not is_number:
            return f"expected numeric (int or float), got {type_name(value)}"
        case Scalar.STRING if not isinstance(value, str):
            return f"expected string, got &value.valueUnstructured{{Value:{literal(value)}}}"
        case Scalar.BOOLEAN if not isinstance(value, bool):
            return f"expected boolean, got &{{{plain(value)}}}"
        case Scalar.UNTYPED if isinstance(value, dict | list):
            return f"expected any scalar, got &{{{plain(value)}}}"
        case _:
            return None


def _check_list(schema: Schema, list_type: ListType, value: object, path: str) -> list[_Complaint]:
    if value is None:
        return []
    if not isinstance(value, list):
        return [_Complaint(path, f"expected list, got &{{{plain(value)}}}")]
    found: list[_Complaint] = []
    seen: set[PathElement] = set()
    for index, item in enumerate(value):
        here = f"[{index}]"
        if not list_type.atomic:
            try:
                element = item_element(schema, list_type, item)
            except SchemaMismatch as error:
                return [*found, _Complaint(path, f"element {index}: {error}")]
            if element in seen:
                found.append(_Complaint(path, f"duplicate entries for key {element}"))
            seen.add(element)
            here = str(element)
        found += _check(schema, list_type.element, item, path + here)
    return found
