"""The Go types of our kinds, and decoding by them: wrong types refused, zero values dropped, unknown fields found.

A real API server decodes JSON into Go structs and encodes those again. Three of its effects are visible to users
and are reproduced here: a value of the wrong type is a 400 that names the field and its Go type; a field the struct
does not have is dropped (and reported, for `fieldValidation`); an empty `omitempty` field vanishes.
Source: sigs.k8s.io/json, k8s.io/apiserver/pkg/endpoints/handlers/create.go (`transformDecodeError`).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from lbctl.sandbox.api.errors import Json, bad_request


class Presence(Enum):
    """How an empty value of a field travels, as the Go struct tag says."""

    OMIT_EMPTY = "omitempty"
    POINTER = "pointer"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A leaf; `go` is the Go type as error texts name it."""

    go: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """A Go slice."""

    item: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """A Go map with string keys."""

    value: Type


@dataclass(frozen=True, slots=True)
class Struct:
    """A Go struct. An `open` one keeps fields it does not list (kinds of which only a part is modelled)."""

    name: str
    fields: Mapping[str, Field]
    open: bool = False
    always: tuple[str, ...] = field(init=False)
    """The fields that are there even if nobody wrote them."""

    def __post_init__(self) -> None:
        always = (name for name, one in self.fields.items() if one.presence is Presence.ALWAYS)
        object.__setattr__(self, "always", tuple(always))


Type = Scalar | ListOf | MapOf | Struct


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a struct: its type and what becomes of its zero value."""

    type: Type
    presence: Presence = Presence.OMIT_EMPTY


STRING, BOOL = Scalar("string"), Scalar("bool")
INT32, INT64 = Scalar("int32"), Scalar("int64")
INT_OR_STRING = Scalar("intstr.IntOrString")
TIME, MICRO_TIME = Scalar("v1.Time"), Scalar("v1.MicroTime")
BYTES = Scalar("[]uint8")
ANYTHING = Scalar("interface {}")
STRINGS, STRING_MAP = ListOf(STRING), MapOf(STRING)

_INTEGERS = {INT32: 1 << 31, INT64: 1 << 63}
_INDEX = re.compile(r"\[\d+\]")
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?P<fraction>\.\d+)?(Z|[+-]\d\d:\d\d)")
_TIME_LAYOUTS = {TIME: "2006-01-02T15:04:05Z07:00", MICRO_TIME: "2006-01-02T15:04:05.000000Z07:00"}


def omit(kind: Type) -> Field:
    """A field that vanishes when it is empty."""
    return Field(kind)


def pointer(kind: Type) -> Field:
    """A field that is kept however empty its value is, and vanishes only when absent or null."""
    return Field(kind, Presence.POINTER)


def always(kind: Type) -> Field:
    """A field that is there even if nobody wrote it (Go never omits a struct)."""
    return Field(kind, Presence.ALWAYS)


def fields(*, omitted: Mapping[str, Type] | None = None, **listed: Field) -> dict[str, Field]:
    """A field table: `omitted` lists the plain `omitempty` fields, the keywords all others."""
    return {**{name: Field(kind) for name, kind in (omitted or {}).items()}, **listed}


def go_name(kind: Type) -> str:
    """The type as Go prints it, e.g. `[]v1.ServicePort`."""
    match kind:
        case Scalar(go):
            return go
        case ListOf(item):
            return f"[]{go_name(item)}"
        case MapOf(value):
            return f"map[string]{go_name(value)}"
        case Struct(name):
            return f"v1.{name}"


def decode(obj: Json, shape: Struct) -> list[str]:
    """Bring `obj` into the form of `shape`, in place; the paths of dropped unknown fields are returned.

    Raises:
        ApiError: 400 BadRequest in the words of the real server when a value has the wrong type.
    """
    decoder = _Decoder(shape.name, str(obj.get("apiVersion") or "v1").rpartition("/")[2])
    decoder.struct(obj, shape, "")
    return decoder.unknown


@dataclass
class _Decoder:
    kind: str
    version: str
    unknown: list[str] = field(default_factory=list)

    def struct(self, value: Json, shape: Struct, path: str) -> None:
        for name, one in list(value.items()):
            known = shape.fields.get(name)
            if type(one) is str and one and known is not None and known.type is STRING:
                continue  # most fields: nothing to check, nothing to change
            where = f"{path}.{name}" if path else name
            if known is None:
                if not shape.open:
                    del value[name]
                    self.unknown.append(where)
                continue
            if one is None:
                del value[name]
                continue
            value[name] = one = self.value(one, known.type, where, shape.name)
            if known.presence is Presence.OMIT_EMPTY and _is_zero(one):
                del value[name]
            elif known.presence is Presence.ALWAYS and one == []:
                value[name] = None
        for name in shape.always:
            if name not in value:
                value[name] = self.empty(shape.fields[name].type, f"{path}.{name}" if path else name, shape.name)

    def empty(self, kind: Type, path: str, owner: str) -> Any:
        """A field nobody wrote as it comes out of the store: an empty slice is null there."""
        return None if isinstance(kind, ListOf) else self.value(_zero(kind), kind, path, owner)

    def value(self, value: Any, kind: Type, path: str, owner: str) -> Any:
        match kind:
            case Struct():
                if not isinstance(value, dict):
                    raise self.mismatch(value, kind, path, owner)
                self.struct(value, kind, path)
                return value
            case ListOf(item):
                if not isinstance(value, list):
                    raise self.mismatch(value, kind, path, owner)
                return [
                    self.value(_zero(item) if one is None else one, item, f"{path}[{index}]", owner)
                    for index, one in enumerate(value)
                ]
            case MapOf(inner):
                if not isinstance(value, dict):
                    raise self.mismatch(value, kind, path, owner)
                return {
                    key: self.value(_zero(inner) if one is None else one, inner, path, owner)
                    for key, one in value.items()
                }
            case Scalar():
                self.scalar(value, kind, path, owner)
                return value

    def scalar(self, value: Any, kind: Scalar, path: str, owner: str) -> None:
        if kind is STRING and isinstance(value, str):
            return
        if kind == ANYTHING or (value is None and kind in _TIME_LAYOUTS):
            return
        if kind in _INTEGERS:
            self.integer(value, kind, path, owner)
        elif kind == BOOL:
            if not isinstance(value, bool):
                raise self.mismatch(value, kind, path, owner)
        elif kind == INT_OR_STRING:
            if not isinstance(value, str):
                self.integer(value, INT32, path, owner)
        elif not isinstance(value, str):
            raise self.mismatch(value, STRING if kind == BYTES else kind, path, owner)
        elif kind in _TIME_LAYOUTS:
            self.time(value, kind)
        elif kind == BYTES:
            self.base64(value)

    def time(self, value: str, kind: Scalar) -> None:
        parsed = _RFC3339.fullmatch(value)
        rest, element = value, "2006"
        if parsed and kind == MICRO_TIME and len(parsed["fraction"] or "") != len(".000000"):
            rest, element = value[len("2006-01-02T15:04:05") :], ".000000"
        elif parsed:
            return
        why = f"cannot parse {json.dumps(rest)} as {json.dumps(element)}"
        raise self.refusal(f"parsing time {json.dumps(value)} as {json.dumps(_TIME_LAYOUTS[kind])}: {why}")

    def integer(self, value: Any, kind: Scalar, path: str, owner: str) -> None:
        limit = _INTEGERS[kind]
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.mismatch(value, kind, path, owner)
        if not -limit <= value < limit:
            raise self.mismatch(value, kind, path, owner, exact=True)

    def base64(self, value: str) -> None:
        try:
            base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
        except (binascii.Error, ValueError):
            bad = re.search(r"[^A-Za-z0-9+/]", value)
            at = bad.start() if bad else len(value) // 4 * 4
            raise self.refusal(f"illegal base64 data at input byte {at}") from None

    def mismatch(self, value: Any, kind: Type, path: str, owner: str, *, exact: bool = False) -> Exception:
        where = f"Go struct field {owner}.{_INDEX.sub('', path)} of type {go_name(kind)}"
        return self.refusal(f"json: cannot unmarshal {_json_word(value, exact=exact)} into {where}")

    def refusal(self, why: str) -> Exception:
        return bad_request(f'{self.kind} in version "{self.version}" cannot be handled as a {self.kind}: {why}')


def _json_word(value: Any, *, exact: bool) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return f"number {json.dumps(value)}" if exact or isinstance(value, float) else "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


def _is_zero(value: Any) -> bool:
    return value in ("", 0, False) if not isinstance(value, dict | list) else not value


def _zero(kind: Type) -> Any:
    match kind:
        case Struct() | MapOf():
            return {}
        case ListOf():
            return []
        case Scalar():
            if kind in _TIME_LAYOUTS:
                return None
            if kind == BOOL:
                return False
            return 0 if kind in _INTEGERS or kind == INT_OR_STRING else ""
