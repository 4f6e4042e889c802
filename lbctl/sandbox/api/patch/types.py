"""The type model that patches consult: atoms, references between them, and the schema of one kind.

An atom says which JSON shapes a value may have (a scalar, a list, a map, or several of them) and how lists and maps
merge. A struct is a map with declared fields; a plain map has only an element type.
Source: sigs.k8s.io/structured-merge-diff/schema/elements.go; the `always` and patch columns come from the Go struct
tags of k8s.io/api.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from lbctl.sandbox.api.errors import Json


class Absent(Enum):
    """The value that is not there, as opposed to JSON null."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Scalar(Enum):
    """What a leaf may hold; UNTYPED takes any of them (quantities, times, int-or-string)."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    UNTYPED = "scalar"


class Presence(Enum):
    """Whether Go encodes a field that holds its zero value."""

    OMITTED = ""
    """`omitempty`: zero values disappear."""
    POINTER = "*"
    """A pointer with `omitempty`: null disappears, zero stays."""
    ALWAYS = "!"
    """Encoded with its zero value: "", 0, false, the empty struct; null for lists and maps."""
    NULL = "?"
    """Encoded as null: a pointer or a time without `omitempty`."""


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A reference to an atom: by name in the schema's table, or inline. `atomic` overrides what the atom says."""

    name: str = ""
    inline: Atom | None = None
    atomic: bool | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """One declared field of a struct."""

    type: TypeRef
    presence: Presence = Presence.OMITTED
    default: object = None
    """The schema's default, where the field is part of a list key."""
    strategies: tuple[str, ...] = ()
    """`patchStrategy`: some of merge, replace, retainKeys."""
    merge_key: str = ""
    """`patchMergeKey`: what identifies an item for strategic merge patch."""


@dataclass(frozen=True, slots=True)
class ListType:
    """A list: atomic, or associative (a set without keys, a list of maps with them)."""

    element: TypeRef
    atomic: bool = True
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MapType:
    """A map or a struct. `element` types the undeclared keys; without it they are not allowed."""

    fields: Mapping[str, Field] = field(default_factory=dict)
    element: TypeRef | None = None
    atomic: bool = False


@dataclass(frozen=True, slots=True)
class Atom:
    """The shapes a value may have."""

    scalar: Scalar | None = None
    list: ListType | None = None
    map: MapType | None = None


EMPTY_ATOM: Final = Atom()
ANY: Final = TypeRef("__untyped_atomic_")
"""Anything, owned as a whole."""
DEDUCED: Final = TypeRef("__untyped_deduced_")
"""Anything: maps granular, lists atomic."""

COMMON_TYPES: Final[Mapping[str, Atom]] = {
    ANY.name: Atom(Scalar.UNTYPED, ListType(ANY), MapType(element=ANY, atomic=True)),
    DEDUCED.name: Atom(Scalar.UNTYPED, ListType(ANY), MapType(element=DEDUCED)),
}
"""Source: k8s.io/kube-openapi/pkg/schemaconv/smd.go (untypedDef, deducedDef)."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """How the fields of one kind merge and who may own them."""

    group: str
    kind: str
    root: TypeRef
    types: Mapping[str, Atom]
    structured: bool
    """True for kinds decoded into Go structs: unknown fields and zero values do not survive, strategic merge works."""
    resets: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    """By subresource ("" is the main resource): the fields a write there cannot change and so never owns."""

    def resolve(self, ref: TypeRef) -> Atom:
        """The atom behind a reference; the empty atom when the name is unknown."""
        atom = ref.inline if ref.inline is not None else self.types.get(ref.name, EMPTY_ATOM)
        if ref.atomic is None:
            return atom
        return replace(
            atom,
            list=replace(atom.list, atomic=ref.atomic) if atom.list else None,
            map=replace(atom.map, atomic=ref.atomic) if atom.map else None,
        )

    def gvk(self, api_version: str) -> str:
        """The group, version and kind as Go prints them, e.g. `/v1, Kind=Service`."""
        return gvk_text(api_version, self.kind)


def child_type(map_type: MapType, name: str) -> TypeRef:
    """The type of a field or, undeclared, of the map's elements (a reference to nothing if there are none)."""
    declared = map_type.fields.get(name)
    if declared is not None:
        return declared.type
    return map_type.element or TypeRef()


def gvk_text(api_version: str, kind: str) -> str:
    """`GroupVersionKind.String()`."""
    group, _, version = api_version.rpartition("/")
    return f"{group}/{version}, Kind={kind}"


def gvk_of(obj: Json) -> str:
    """What an object says it is, as `gvk_text`; `/, Kind=` when it says nothing."""
    return gvk_text(str(obj.get("apiVersion") or ""), str(obj.get("kind") or ""))
