"""Plans and their steps, as values that print themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lbctl.model.resource import NO_FIELDS, Resource, Value


@dataclass(frozen=True, slots=True)
class Create:
    """Make `resource`. A cloud that already has it under that name and owner reports success."""

    resource: Resource

    def __str__(self) -> str:
        return f"+ create {self.resource.ref}{_fields(self.resource.spec)}"


@dataclass(frozen=True, slots=True)
class Update:
    """Turn `before` (as seen) into `resource`; `changed` holds the differing fields with their new values."""

    resource: Resource
    before: Resource
    changed: Mapping[str, Value]

    def __str__(self) -> str:
        lines = [
            f"\n      {name}: {show(self.before.spec.get(name, '(unset)'))} -> {show(value)}"
            for name, value in sorted(self.changed.items())
        ]
        return f"~ update {self.resource.ref}{''.join(lines)}"


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove `resource` (as seen). One that is gone already counts as success."""

    resource: Resource

    def __str__(self) -> str:
        return f"- delete {self.resource.ref}"


Step = Create | Update | Delete


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order in which they run: creates and updates by their needs first, deletes last and backwards."""

    steps: tuple[Step, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.steps)

    def __str__(self) -> str:
        if not self.steps:
            return f"no changes ({self.unchanged} resources are as wanted)"
        counts = ", ".join(
            f"{sum(isinstance(step, kind) for step in self.steps)} to {word}"
            for kind, word in ((Create, "create"), (Update, "update"), (Delete, "delete"))
        )
        return "\n".join([*(f"  {step}" for step in self.steps), f"{counts}, {self.unchanged} unchanged"])


def show(value: Value) -> str:
    """A field's value for people."""
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(value)) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(show(one) for one in value) + "]"
    return str(value)


def _fields(spec: Mapping[str, Value]) -> str:
    if spec is NO_FIELDS:
        return ""
    return "".join(f"\n      {name}: {show(value)}" for name, value in sorted(spec.items()))
