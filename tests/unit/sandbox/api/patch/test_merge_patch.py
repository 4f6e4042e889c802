"""JSON merge patch: RFC 7396 as the real server understands it."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.patch import merge_patch

_VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(st.text("abc", min_size=1, max_size=2), _VALUES, max_size=4)

CASES: dict[str, tuple[Json, Json, Json]] = {
    "replaces": ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    "adds": ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    "null deletes": ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    "null of a missing key": ({}, {"a": None}, {}),
    "a list replaces a list": ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
    "an object replaces a list": ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    "objects merge deeply": ({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}}, {"a": {"c": 2, "d": 3}}),
    "nulls vanish from new objects": ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
    "nulls vanish from objects in new lists": ({}, {"a": [{"b": None}, None]}, {"a": [{}, None]}),
    "an object becomes a scalar": ({"a": {"b": 1}}, {"a": 1}, {"a": 1}),
}


@pytest.mark.parametrize(("doc", "patch", "want"), CASES.values(), ids=CASES)
def test_merge(doc: Json, patch: Json, want: Json) -> None:
    assert merge_patch(doc, patch) == want


def test_a_patch_that_is_no_object_is_a_400() -> None:
    with pytest.raises(ApiError) as caught:
        merge_patch({}, cast("Json", [1]))
    assert caught.value.code == 400
    expected = "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
    assert caught.value.message == expected


def test_the_result_shares_nothing_with_the_document() -> None:
    doc: Json = {"metadata": {"labels": {"a": "1"}}}
    merged = merge_patch(doc, {"spec": {}})
    merged["metadata"]["labels"]["b"] = "2"
    assert doc == {"metadata": {"labels": {"a": "1"}}}


def _difference(old: Json, new: Json) -> Json:
    """The merge patch from one object to another, by RFC 7396."""
    patch: dict[str, Any] = dict.fromkeys(old.keys() - new.keys())
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            patch[key] = _difference(before, value)
        elif key not in old or before != value or isinstance(before, bool) != isinstance(value, bool):
            patch[key] = value
    return patch


@given(old=_OBJECTS, new=_OBJECTS)
def test_the_difference_of_two_objects_leads_from_one_to_the_other(old: Json, new: Json) -> None:
    assert merge_patch(old, _difference(old, new)) == new


@given(doc=_OBJECTS, patch=_OBJECTS)
def test_merging_a_patch_twice_is_merging_it_once(doc: Json, patch: Json) -> None:
    once = merge_patch(doc, patch)
    assert merge_patch(once, patch) == once
