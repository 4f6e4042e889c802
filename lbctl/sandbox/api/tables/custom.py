"""Tables of custom resources, from the `additionalPrinterColumns` of their definition.

Source: apiextensions-apiserver pkg/registry/customresource/tableconvertor/tableconvertor.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi.definitions import description_of
from lbctl.sandbox.api.tables.ages import UNKNOWN, human_duration, parse_time
from lbctl.sandbox.api.tables.column import NAME, OBJECT_META, Cells, Column, Layout, name_of
from lbctl.sandbox.api.tables.jsonpath import JsonPathError, compile_path

_HTML_SAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
"""Go's encoder writes these characters as escapes."""
Finder = Callable[[Any], list[Any]]


def custom_layout(columns: Sequence[Json]) -> Layout:
    """The layout of a custom resource; without columns of its own it shows its age."""
    shown = [(_column(one), _finder(str(one.get("jsonPath", "")))) for one in columns or [_age_column()]]

    def cells(obj: Json, now: datetime) -> Cells:
        return [name_of(obj), *(_cell(column.type, find, obj, now) for column, find in shown)]

    return Layout((NAME, *(column for column, _ in shown)), cells)


def _age_column() -> Json:
    described = description_of(OBJECT_META, "creationTimestamp")
    return {"name": "Age", "type": "date", "description": described, "jsonPath": ".metadata.creationTimestamp"}


def _column(one: Json) -> Column:
    path = one.get("jsonPath", "")
    described = one.get("description") or f"Custom resource definition column (in JSONPath format): {path}"
    return Column(
        str(one.get("name", "")),
        str(one.get("type", "")),
        str(one.get("format", "")),
        described,
        one.get("priority", 0),
    )


def _finder(path: str) -> Finder:
    try:
        return compile_path(path)
    except JsonPathError:
        return lambda _: []


def _cell(kind: str, find: Finder, obj: Json, now: datetime) -> Any:
    """The first value found, as the column's type; null where there is none or it is of another type."""
    try:
        found = find(obj)
    except JsonPathError:
        return None
    if not found:
        return None
    value = found[0]
    if kind == "string":
        return _text(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "integer":
            return int(value) if is_number else None
        case "number":
            return value if is_number else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date":
            return _date(value, now)
    return None


def _text(value: Any) -> str:
    """As Go prints it: structures as JSON, everything else plainly."""
    if isinstance(value, dict | list):
        text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        return text.translate(_HTML_SAFE)
    if isinstance(value, bool):
        return str(value).lower()
    return "<no value>" if value is None else str(value)


def _date(value: Any, now: datetime) -> str | None:
    if not isinstance(value, str):
        return None
    if value in ("", "null"):
        return UNKNOWN
    instant = parse_time(value)
    return "<invalid>" if instant is None else human_duration(now - instant)
