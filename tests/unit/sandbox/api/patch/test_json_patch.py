"""JSON patch: RFC 6902 as the real server understands it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.patch import json_patch

_SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab/~", max_size=3)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab/~-", max_size=3), inner, max_size=3),
    max_leaves=8,
)
_OBJECTS = st.dictionaries(st.text("abc", min_size=1, max_size=2), _VALUES, max_size=4)


@dataclass(frozen=True)
class Case:
    name: str
    doc: Json
    patch: list[Json]
    want: Json


CASES = [
    Case("add a key", {}, [{"op": "add", "path": "/a", "value": 1}], {"a": 1}),
    Case("add into a list", {"l": [1, 3]}, [{"op": "add", "path": "/l/1", "value": 2}], {"l": [1, 2, 3]}),
    Case("append to a list", {"l": [1]}, [{"op": "add", "path": "/l/-", "value": 2}], {"l": [1, 2]}),
    Case("remove from a list", {"l": [1, 2]}, [{"op": "remove", "path": "/l/0"}], {"l": [2]}),
    Case("replace", {"a": 1}, [{"op": "replace", "path": "/a", "value": [2]}], {"a": [2]}),
    Case("move", {"a": 1, "b": {}}, [{"op": "move", "from": "/a", "path": "/b/c"}], {"b": {"c": 1}}),
    Case("copy", {"a": [1]}, [{"op": "copy", "from": "/a", "path": "/b"}], {"a": [1], "b": [1]}),
    Case("a passed test", {"a": {"b": 1}}, [{"op": "test", "path": "/a", "value": {"b": 1}}], {"a": {"b": 1}}),
    Case("escaped keys", {"a/b": 1, "m~n": 2}, [{"op": "remove", "path": "/a~1b"}], {"m~n": 2}),
    Case("replace adds a missing key", {}, [{"op": "replace", "path": "/a", "value": 1}], {"a": 1}),
    Case("test of a missing key against null", {}, [{"op": "test", "path": "/a", "value": None}], {}),
    Case("negative indices", {"l": [1, 2]}, [{"op": "replace", "path": "/l/-1", "value": 9}], {"l": [1, 9]}),
    Case("a missing value is null", {}, [{"op": "add", "path": "/a"}], {"a": None}),
    Case("replace of the whole object", {"a": 1}, [{"op": "replace", "path": "", "value": {"b": 2}}], {"b": 2}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_operation(case: Case) -> None:
    assert json_patch(case.doc, case.patch) == case.want


REFUSED: dict[str, list[Any]] = {
    "remove of a missing key": [{"op": "remove", "path": "/x"}],
    "an index beyond the end": [{"op": "add", "path": "/l/5", "value": 1}],
    "a parent that is missing": [{"op": "add", "path": "/x/y", "value": 1}],
    "a key into a list": [{"op": "add", "path": "/l/name", "value": 1}],
    "a failed test": [{"op": "test", "path": "/a", "value": 2}],
    "true is not one": [{"op": "test", "path": "/a", "value": True}],
    "an unknown operation": [{"op": "merge", "path": "/a"}],
    "no path": [{"op": "add", "value": 1}],
    "add of the whole object": [{"op": "add", "path": "", "value": {}}],
    "a scalar for the whole object": [{"op": "replace", "path": "", "value": 1}],
}


@pytest.mark.parametrize("patch", REFUSED.values(), ids=REFUSED)
def test_an_operation_that_does_not_apply_is_a_422_without_details(patch: list[Any]) -> None:
    with pytest.raises(ApiError) as caught:
        json_patch({"a": 1, "l": [0]}, patch)
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")
    assert caught.value.message == "the server rejected our request due to an error in our request"


def test_a_body_that_is_no_list_of_operations_is_a_400() -> None:
    with pytest.raises(ApiError) as caught:
        json_patch({}, ["x"])
    assert caught.value.code == 400
    expected = "error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp"
    assert caught.value.message == expected


def test_more_than_ten_thousand_operations_are_a_413() -> None:
    with pytest.raises(ApiError) as caught:
        json_patch({}, [{"op": "add", "path": "/a", "value": 1}] * 10_001)
    assert caught.value.code == 413
    assert caught.value.message.endswith("The allowed maximum operations in a JSON patch is 10000, got 10001")


def test_the_arguments_stay_as_they_were() -> None:
    doc: Json = {"l": [{"a": 1}]}
    patch: list[Json] = [
        {"op": "add", "path": "/n", "value": {"deep": []}},
        {"op": "add", "path": "/n/deep/-", "value": 1},
        {"op": "remove", "path": "/l/0/a"},
    ]
    assert json_patch(doc, patch) == {"l": [{}], "n": {"deep": [1]}}
    assert doc == {"l": [{"a": 1}]}
    assert patch[0]["value"] == {"deep": []}


@given(old=_OBJECTS, new=_OBJECTS)
def test_a_patch_made_by_another_implementation_leads_from_one_object_to_the_other(old: Json, new: Json) -> None:
    operations = jsonpatch.make_patch(old, new).patch
    if any(operation["path"] == "" for operation in operations):
        return
    assert json_patch(old, operations) == new
