"""The messages of the Kubernetes API as values, read from `fields.txt` (whose head explains its notation).

The same table serves two readers: the decoder of protobuf request bodies, and the generator of the OpenAPI schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

SCALARS = frozenset({"string", "bool", "int32", "int64", "float64", "bytes"})
WIRE_PACKAGE = "wire"
"""Holds messages whose JSON form is not an object of their fields (Time, Quantity, IntOrString and others)."""


class Shape(Enum):
    """How many values a field holds."""

    ONE = "one"
    LIST = "list"
    MAP = "map"


class Presence(Enum):
    """What JSON says of a zero value."""

    OMIT_ZERO = "omitempty"
    KEEP_SENT = "pointer"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `type` is a scalar's name or a message's full name, of the element for lists and maps."""

    number: int
    name: str
    type: str
    shape: Shape = Shape.ONE
    presence: Presence = Presence.OMIT_ZERO
    inline: bool = False
    hints: tuple[str, ...] = ()

    @property
    def is_message(self) -> bool:
        return self.type not in SCALARS


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `name` is full (`core.v1.Service`), `kind` says whether a body may be one."""

    name: str
    fields: tuple[Field, ...]
    api_version: str = ""
    kind: bool = False
    atomic: bool = False

    @property
    def short_name(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(slots=True)
class _Draft:
    """A message whose fields are still being read."""

    package: str
    api_version: str
    name: str
    flags: frozenset[str]
    fields: list[Field] = field(default_factory=list)

    def finish(self) -> Message:
        name = f"{self.package}.{self.name}"
        return Message(name, tuple(self.fields), self.api_version, "kind" in self.flags, "atomic" in self.flags)


@cache
def messages() -> Mapping[str, Message]:
    """Every message of the table by full name."""
    text = files(__package__).joinpath("fields.txt").read_text(encoding="utf-8")
    return MappingProxyType({message.name: message for message in parse(text)})


def parse(text: str) -> list[Message]:
    """Read the notation of `fields.txt`.

    Raises: ValueError for a field whose message does not exist.
    """
    drafts: list[_Draft] = []
    package, api_version = "", ""
    for line in text.splitlines():
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if words[0] == "package":
            package, api_version = words[1], " ".join(words[2:])
        elif line.startswith(" "):
            drafts[-1].fields.append(_field(words))
        else:
            drafts.append(_Draft(package, api_version, words[0], frozenset(words[1:])))
    known = {f"{draft.package}.{draft.name}" for draft in drafts}
    for draft in drafts:
        draft.fields = [_resolved(one, draft.package, known) for one in draft.fields]
    return [draft.finish() for draft in drafts]


def _field(words: list[str]) -> Field:
    number, name, written, *hints = words
    presence = {"?": Presence.KEEP_SENT, "!": Presence.ALWAYS}.get(name[-1], Presence.OMIT_ZERO)
    shape = {"[": Shape.LIST, "{": Shape.MAP}.get(written[0], Shape.ONE)
    rest = tuple(hint for hint in hints if hint != "inline")
    return Field(int(number), name.rstrip("?!"), written.strip("[]{}"), shape, presence, "inline" in hints, rest)


def _resolved(one: Field, package: str, known: set[str]) -> Field:
    """The field with the full name of its message: of its own package, else of the wire package, else as written."""
    if not one.is_message:
        return one
    for name in (f"{package}.{one.type}", f"{WIRE_PACKAGE}.{one.type}", one.type):
        if name in known:
            return Field(one.number, one.name, name, one.shape, one.presence, one.inline, one.hints)
    raise ValueError(f"field {one.name} of package {package}: no message {one.type}")
