"""Tables of custom resources, and what a request may ask of any table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.tables import render

NOW = datetime(2026, 11, 22, 17, 0, 0, tzinfo=UTC)
CREATED = "2026-11-22T16:00:00Z"


def table(group: str, plural: str, *objects: Json, **options: Any) -> Json:
    stamped = [
        {**one, "metadata": {"creationTimestamp": CREATED, "name": "web", **one.get("metadata", {})}} for one in objects
    ]
    return render(stamped, group=group, plural=plural, now=NOW, **options)


def cells(group: str, plural: str, obj: Json, **options: Any) -> list[Any]:
    row: list[Any] = table(group, plural, obj, **options)["rows"][0]["cells"]
    return row


def headings(answer: Json, *, wide: bool) -> list[str]:
    return [one["name"].upper() for one in answer["columnDefinitions"] if wide or one["priority"] == 0]


def column(name: str, kind: str, path: str) -> Json:
    return {"name": name, "type": kind, "jsonPath": path}


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("string", "x", "x"),
        ("string", 5, "5"),
        ("string", 1.5, "1.5"),
        ("string", True, "true"),
        ("string", {"b": 1, "a": "<"}, '{"a":"\\u003c","b":1}'),
        ("string", ["x", 1], '["x",1]'),
        ("integer", 5, 5),
        ("integer", 5.9, 5),
        ("integer", "5", None),
        ("integer", True, None),
        ("number", 1.5, 1.5),
        ("number", "1.5", None),
        ("boolean", False, False),
        ("boolean", "false", None),
        ("date", "2026-11-22T15:00:00Z", "120m"),
        ("date", "", "<unknown>"),
        ("date", "soon", "<invalid>"),
        ("date", 5, None),
    ],
)
def test_custom_column_types(kind: str, value: Any, shown: Any) -> None:
    columns = [column("C", kind, ".spec.c")]
    assert cells("lbctl.io", "pools", {"spec": {"c": value}}, columns_of_crd=columns) == ["web", shown]


def test_custom_column_without_a_value_is_null() -> None:
    columns = [
        column("Missing", "string", ".a.b"),
        column("Wrong", "string", ".metadata[0]"),
        column("Bad", "string", "["),
    ]
    assert cells("lbctl.io", "pools", {}, columns_of_crd=columns) == ["web", None, None, None]


def test_custom_resource_without_columns_shows_its_age() -> None:
    answer = table("lbctl.io", "pools", {}, columns_of_crd=[])
    assert headings(answer, wide=False) == ["NAME", "AGE"]
    assert answer["rows"][0]["cells"] == ["web", "60m"]


def test_scale_subresource_has_columns_of_its_own() -> None:
    scale: Json = {"kind": "Scale", "apiVersion": "autoscaling/v1", "spec": {"replicas": 3}, "status": {"replicas": 1}}
    answer = table("apps", "deployments", scale)
    assert headings(answer, wide=False) == ["NAME", "DESIRED", "AVAILABLE", "AGE"]
    assert answer["rows"][0]["cells"] == ["web", 3, 1, "60m"]


@pytest.mark.parametrize("include", ["", "Metadata"])
def test_rows_carry_metadata_unless_asked_otherwise(include: str) -> None:
    carried = table("", "secrets", {"data": {"a": "b"}}, include_object=include)["rows"][0]["object"]
    assert carried == {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"creationTimestamp": CREATED, "name": "web"},
    }


def test_rows_carry_the_object_or_nothing_on_request() -> None:
    assert table("", "secrets", {"data": {"a": "b"}}, include_object="Object")["rows"][0]["object"]["data"] == {
        "a": "b"
    }
    assert table("", "secrets", {}, include_object="None")["rows"][0]["object"] is None
    with pytest.raises(ApiError, match=r'includeObject: Invalid value: "All"') as caught:
        table("", "secrets", {}, include_object="All")
    assert caught.value.code == 400


def test_table_keeps_list_metadata_and_leaves_headers_out_when_told() -> None:
    answer = table("", "secrets", metadata={"resourceVersion": "7", "continue": "x"}, headers=False, version="v1beta1")
    assert answer == {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1beta1",
        "metadata": {"resourceVersion": "7", "continue": "x"},
        "columnDefinitions": None,
        "rows": [],
    }
