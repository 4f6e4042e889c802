"""Objects as `meta.k8s.io/v1` Tables: what `kubectl get` shows.

The columns and cells are those of the real printers, so that a listing reads as on a real cluster.
Source: k8s.io/kubernetes/pkg/printers, k8s.io/apiserver/pkg/registry/rest/table.go and
pkg/endpoints/handlers/response.go (asTable).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from lbctl.sandbox.api.errors import Json, bad_request
from lbctl.sandbox.api.tables import core, rbac, workloads
from lbctl.sandbox.api.tables.ages import parse_time
from lbctl.sandbox.api.tables.column import NAME, OBJECT_META, Cells, Column, Layout, created, name_of
from lbctl.sandbox.api.tables.custom import custom_layout
from lbctl.sandbox.api.tables.node import NODE
from lbctl.sandbox.api.tables.pod import POD
from lbctl.sandbox.api.tables.service import SERVICE

__all__ = ["render"]


def _default_cells(obj: Json, _: datetime) -> Cells:
    instant = parse_time(created(obj)) or datetime(1, 1, 1, tzinfo=UTC)
    return [name_of(obj), instant.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")]


_DEFAULT = Layout(
    (NAME, Column("Created At", "date", documented=(OBJECT_META, "creationTimestamp"))),
    _default_cells,
)
_LAYOUTS: Mapping[tuple[str, str], Layout] = MappingProxyType(
    {
        ("", "nodes"): NODE,
        ("", "pods"): POD,
        ("", "services"): SERVICE,
        **core.LAYOUTS,
        **rbac.LAYOUTS,
        **workloads.LAYOUTS,
    }
)


def render(
    items: Sequence[Json],
    *,
    group: str,
    plural: str,
    now: datetime,
    include_object: str = "",
    columns_of_crd: Sequence[Json] | None = None,
    metadata: Json | None = None,
    headers: bool = True,
    version: str = "v1",
) -> Json:
    """A Table of objects of one resource.

    `columns_of_crd` are the additionalPrinterColumns of a custom resource, None for built-in kinds. `metadata` is the
    list's (resourceVersion, continue, remainingItemCount). `headers` is false for all but the first event of a watch.
    `include_object`: `None`, `Metadata` (and empty), or `Object`.

    Raises: ApiError 400 for another `include_object`.
    """
    _check_include_object(include_object)
    layout = _layout(items, group, plural, columns_of_crd)
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata or {},
        "columnDefinitions": [column.definition() for column in layout.columns] if headers else None,
        "rows": [_row(layout, item, now, include_object, version) for item in items],
    }


def _layout(items: Sequence[Json], group: str, plural: str, columns_of_crd: Sequence[Json] | None) -> Layout:
    if items and items[0].get("kind") == "Scale" and items[0].get("apiVersion") == "autoscaling/v1":
        return workloads.SCALE
    return _LAYOUTS.get((group, plural), _DEFAULT) if columns_of_crd is None else custom_layout(columns_of_crd)


def _check_include_object(value: str) -> None:
    if value not in ("", "None", "Metadata", "Object"):
        why = f"includeObject: Invalid value: \"{value}\": must be 'Metadata', 'Object', 'None', or empty"
        raise bad_request(f"Unable to convert to Table as requested: {why}")


def _row(layout: Layout, item: Json, now: datetime, include_object: str, version: str) -> Json:
    row: Json = {"cells": layout.cells(item, now)}
    if conditions := (layout.conditions(item) if layout.conditions else []):
        row["conditions"] = conditions
    if include_object == "Object":
        row["object"] = item
    elif include_object == "None":
        row["object"] = None
    else:
        api_version = f"meta.k8s.io/{version}"
        metadata = item.get("metadata", {})
        row["object"] = {"kind": "PartialObjectMetadata", "apiVersion": api_version, "metadata": metadata}
    return row
