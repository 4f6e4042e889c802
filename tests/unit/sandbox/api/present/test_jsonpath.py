"""The JSONPath forms that printer columns use."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.tables.jsonpath import JsonPathError, compile_path

POOL: dict[str, Any] = {
    "metadata": {"annotations": {"lbctl.io/owner": "net"}},
    "spec": {"ranges": ["a", "b", "c"], "size": 3, "paused": False, "none": None},
    "status": {
        "conditions": [
            {"type": "Synced", "status": "True", "age": 3},
            {"type": "Ready", "status": "False", "age": 9},
        ]
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.size", [3]),
        (".spec.none", [None]),
        (".spec.missing.deeper", []),
        (".spec.size.deeper", []),
        (".spec.ranges[0]", ["a"]),
        (".spec.ranges[-1]", ["c"]),
        (".spec.ranges[-1:]", ["c"]),
        (".spec.ranges[:2]", ["a", "b"]),
        (".spec.ranges[0:3:2]", ["a", "c"]),
        (".spec.ranges[*]", ["a", "b", "c"]),
        (".spec.ranges[0,2]", ["a", "c"]),
        (".spec['size','paused']", [3, False]),
        ("['spec'].size", [3]),
        (r".metadata.annotations.lbctl\.io/owner", ["net"]),
        (".metadata.annotations['lbctl.io/owner']", ["net"]),
        ('.metadata.annotations["lbctl.io/owner"]', ["net"]),
        ('.status.conditions[?(@.type=="Ready")].status', ["False"]),
        (".status.conditions[?(@.type=='Ready')].status", ["False"]),
        (".status.conditions[?( @.type != 'Ready' )].status", ["True"]),
        (".status.conditions[?(@.age>5)].type", ["Ready"]),
        (".status.conditions[?(@.age<=3)].type", ["Synced"]),
        (".status.conditions[?(@.missing)].type", []),
        (".status.conditions[?(@.age)].type", ["Synced", "Ready"]),
        (".status.conditions[*].type", ["Synced", "Ready"]),
        ("..type", ["Synced", "Ready"]),
        (".metadata.annotations.*", ["net"]),
    ],
)
def test_path_finds(path: str, found: list[Any]) -> None:
    assert compile_path(path)(POOL) == found


@pytest.mark.parametrize("path", [".spec.ranges[3]", ".spec.size[0]", ".spec.size[?(@.a)]", ".spec.ranges[?(@ > 1)]"])
def test_path_that_does_not_fit_the_object_is_an_error(path: str) -> None:
    find = compile_path(path)
    with pytest.raises(JsonPathError):
        find(POOL)


@pytest.mark.parametrize(
    "path", ["spec", ".", ".a[", ".a[x]", ".a['b]", ".a[]", ".a[1:2:3:4]", ".a[?(@.b==c)]", ".a\\"]
)
def test_path_that_does_not_parse_is_an_error(path: str) -> None:
    with pytest.raises(JsonPathError):
        compile_path(path)


@given(st.text(alphabet=".[]()?@*'\"\\ab0:,=<>! -", max_size=15))
def test_any_text_parses_or_is_an_error(path: str) -> None:
    try:
        find = compile_path(path)
        find(POOL)
    except JsonPathError:
        pass
