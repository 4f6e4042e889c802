"""The compact notation in which `kinds/` writes API types.

    ServicePort                                 a struct; `Name atomic` makes it a leaf
        string  appProtocol* name protocol=TCP  fields that share a type, on one line or on continuation lines
        number  nodePort port!
        {string} atomic  selector               a map, owned as a whole
        [string] set  addresses                 a list: atomic, unless `set` or `map:key,key` follows
        [ServicePort] map:port,protocol patch:merge:port  ports

Type expressions: `string number boolean scalar time` are leaves, `any` and `deduced` take anything (see `types.py`),
`[T]` is a list, `{T}` a map, other words name structs. After a field: `*`, `!` or `?` is its `Presence`, `=x` its
default. `patch:a,b:key` gives the strategies and merge key of strategic merge patch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lbctl.sandbox.api.patch.types import ANY, DEDUCED, Atom, Field, ListType, MapType, Presence, Scalar, TypeRef

_SCALARS = {one.value: one for one in Scalar} | {"time": Scalar.UNTYPED}
_FREE = {"any": ANY, "deduced": DEDUCED}
_FIELD_INDENT = " " * 4
_CONTINUATION = " " * 8


@dataclass(frozen=True, slots=True)
class _Line:
    """The left half of a field line: a type and how it merges."""

    type: TypeRef
    strategies: tuple[str, ...] = ()
    merge_key: str = ""


def parse_types(*texts: str) -> dict[str, Atom]:
    """The atoms that the texts define, by name; a later text overrides an earlier one."""
    types: dict[str, Atom] = {}
    for text in texts:
        for block in _blocks(text):
            name, *flags = block[0].split()
            types[name] = Atom(map=_struct(block[1:], atomic="atomic" in flags))
    return types


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = []
    for line in text.strip("\n").splitlines():
        if not line.startswith(" "):
            blocks.append([line])
        elif line.startswith(_CONTINUATION):
            blocks[-1][-1] += " " + line.strip()
        else:
            blocks[-1].append(line.removeprefix(_FIELD_INDENT))
    return blocks


def _struct(lines: list[str], *, atomic: bool) -> MapType:
    fields: dict[str, Field] = {}
    for line in lines:
        left, names = line.split("  ", 1)
        shared = _line(left)
        for name in names.split():
            key, field = _field(name, shared)
            fields[key] = field
    return MapType(fields, element=None if fields else DEDUCED, atomic=atomic)


def _line(text: str) -> _Line:
    expression, *attributes = text.split()
    line = _Line(_type(expression))
    for attribute in attributes:
        match attribute.split(":"):
            case ["atomic"]:
                line = replace(line, type=_atomic(line.type))
            case ["set"]:
                line = replace(line, type=_associative(line.type, ()))
            case ["map", keys]:
                line = replace(line, type=_associative(line.type, tuple(keys.split(","))))
            case ["patch", strategies, *key]:
                line = replace(line, strategies=tuple(strategies.split(",")), merge_key=key[0] if key else "")
            case _:
                raise ValueError(f"unknown attribute {attribute!r} in {text!r}")
    return line


def _type(expression: str) -> TypeRef:
    if expression.startswith("["):
        return TypeRef(inline=Atom(list=ListType(_type(expression[1:-1]))))
    if expression.startswith("{"):
        return TypeRef(inline=Atom(map=MapType(element=_type(expression[1:-1]))))
    if scalar := _SCALARS.get(expression):
        return TypeRef(inline=Atom(scalar=scalar))
    return _FREE.get(expression) or TypeRef(expression)


def _atomic(ref: TypeRef) -> TypeRef:
    return replace(ref, atomic=True)


def _associative(ref: TypeRef, keys: tuple[str, ...]) -> TypeRef:
    if ref.inline is None or ref.inline.list is None:
        raise ValueError("only a list can be a set or a map of items")
    return TypeRef(inline=Atom(list=ListType(ref.inline.list.element, atomic=False, keys=keys)))


def _field(text: str, line: _Line) -> tuple[str, Field]:
    name, _, default = text.partition("=")
    presence = Presence.OMITTED
    if name[-1] in "*!?":
        name, presence = name[:-1], Presence(name[-1])
    return name, Field(line.type, presence, default or None, line.strategies, line.merge_key)
