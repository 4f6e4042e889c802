"""Columns and rows of a `meta.k8s.io/v1` Table, before they become JSON.

The server always fills every column; `priority` 1 tells kubectl to show one with `-o wide` only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi.definitions import description_of

NONE = "<none>"
Cells = list[Any]
Printer = Callable[[Json, datetime], Cells]
"""Makes the cells of one object, in the order of the columns."""

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `documented` is the (schema, field) of the API whose description is the column's."""

    name: str
    type: str = "string"
    format: str = ""
    description: str = ""
    priority: int = 0
    documented: tuple[str, str] | None = None

    def definition(self) -> Json:
        """The TableColumnDefinition."""
        described = description_of(*self.documented) if self.documented else self.description
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": described,
            "priority": self.priority,
        }


@dataclass(frozen=True, slots=True)
class Layout:
    """How one kind is printed; `conditions` tells kubectl of rows that are done (completed pods)."""

    columns: tuple[Column, ...]
    cells: Printer
    conditions: Callable[[Json], list[Json]] | None = None


NAME = Column("Name", format="name", documented=(OBJECT_META, "name"))
AGE = Column("Age", documented=(OBJECT_META, "creationTimestamp"))


def field(name: str, schema: str, path: str, *, priority: int = 0, type_name: str = "string") -> Column:
    """A column that describes itself as a field of an `io.k8s.api` schema, e.g. `core.v1.ServiceSpec`, `type`."""
    return Column(name, type_name, priority=priority, documented=(f"io.k8s.api.{schema}", path))


def wide(name: str, description: str) -> Column:
    """A column of `-o wide` with words of its own."""
    return Column(name, description=description, priority=1)


def part(obj: Any, *path: str) -> Json:
    """The object at a path of an object; empty where it is missing."""
    for step in path:
        obj = obj.get(step) if isinstance(obj, dict) else None
    return obj if isinstance(obj, dict) else {}


def items(obj: Any, *path: str) -> list[Any]:
    """The list at a path of an object; empty where it is missing."""
    holder = part(obj, *path[:-1])
    held = holder.get(path[-1])
    return held if isinstance(held, list) else []


def name_of(obj: Json) -> str:
    return str(part(obj, "metadata").get("name", ""))


def created(obj: Json) -> Any:
    return part(obj, "metadata").get("creationTimestamp")
