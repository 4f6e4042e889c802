"""Field sets and their fieldsV1 form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.fields import (
    FieldPath,
    FieldSet,
    PathElement,
    field_element,
    key_element,
    parse_element,
    parse_fields,
    path_text,
    value_element,
)

_SCALARS = st.integers(-9, 9) | st.booleans() | st.text('a<"\\é', max_size=3) | st.floats(-2, 2, width=16)
_ELEMENTS = st.one_of(
    st.builds(field_element, st.text("ab.:/", min_size=1, max_size=3)),
    st.builds(key_element, st.dictionaries(st.sampled_from(["port", "protocol", "name"]), _SCALARS, min_size=1)),
    st.builds(value_element, _SCALARS),
)
_PATHS = st.lists(_ELEMENTS, min_size=1, max_size=4).map(tuple)
_PATH_LISTS = st.lists(_PATHS, max_size=8)


def make(paths: list[FieldPath]) -> FieldSet:
    result = FieldSet()
    for path in paths:
        result.insert(path)
    return result


ELEMENTS: dict[str, tuple[PathElement, str, str]] = {
    "a field": (field_element("spec"), "f:spec", ".spec"),
    "a field with dots": (field_element("a.b/c"), "f:a.b/c", ".a.b/c"),
    "keys, sorted": (
        key_element({"protocol": "TCP", "port": 80}),
        'k:{"port":80,"protocol":"TCP"}',
        '[port=80,protocol="TCP"]',
    ),
    "a string": (value_element("x"), 'v:"x"', '[="x"]'),
    "a number": (value_element(3), "v:3", "[=3]"),
    "a boolean": (value_element(True), "v:true", "[=true]"),
    "text that Go escapes": (value_element("<&>"), 'v:"\\u003c\\u0026\\u003e"', '[="<&>"]'),
}


@pytest.mark.parametrize(("element", "encoded", "shown"), ELEMENTS.values(), ids=ELEMENTS)
def test_element(element: PathElement, encoded: str, shown: str) -> None:
    assert element.serialize() == encoded
    assert str(element) == shown
    assert parse_element(encoded) == element


def test_one_true_and_the_text_one_are_different_items() -> None:
    assert len({value_element(1), value_element(True), value_element("1")}) == 3


def test_elements_sort_as_in_go() -> None:
    ordered = [
        field_element("a"),
        field_element("b"),
        key_element({"port": 9}),
        key_element({"port": 80}),
        key_element({"port": 80, "protocol": "TCP"}),
        value_element(2),
        value_element("a"),
        value_element(True),
    ]
    shuffled = ordered[4:] + ordered[:4]
    assert sorted(shuffled) == ordered


def test_a_parent_that_is_a_member_too_is_written_as_a_dot() -> None:
    spec, ports = field_element("spec"), field_element("ports")
    encoded = make([(spec, ports), (spec, ports, key_element({"port": 80})), (spec, field_element("type"))]).to_json()
    assert encoded == {"f:spec": {"f:ports": {".": {}, 'k:{"port":80}': {}}, "f:type": {}}}


def test_paths_print_as_conflicts_do() -> None:
    path = (field_element("spec"), field_element("ports"), key_element({"port": 80, "protocol": "TCP"}))
    assert path_text(path) == '.spec.ports[port=80,protocol="TCP"]'


def test_elements_of_unknown_types_are_dropped() -> None:
    assert parse_fields({"z:new": {}, "f:a": {}}).to_json() == {"f:a": {}}


@pytest.mark.parametrize("broken", ["f", "spec", "k:[1]", "k:{", "i:x"])
def test_broken_elements_are_refused(broken: str) -> None:
    with pytest.raises(ValueError):
        parse_fields({broken: {}})


@given(_PATH_LISTS)
def test_a_set_survives_its_encoding(paths: list[FieldPath]) -> None:
    fields = make(paths)
    encoded: Json = fields.to_json()
    assert set(parse_fields(encoded).paths()) == set(fields.paths()) == set(paths)
    assert parse_fields(encoded).to_json() == encoded


@given(_PATH_LISTS, _PATH_LISTS)
def test_union_intersection_and_difference_are_those_of_the_paths(
    left: list[FieldPath], right: list[FieldPath]
) -> None:
    a, b = make(left), make(right)
    assert set(a.union(b).paths()) == set(left) | set(right)
    assert set(a.intersection(b).paths()) == set(left) & set(right)
    assert set(a.difference(b).paths()) == set(left) - set(right)
    assert bool(a.difference(b)) == bool(set(left) - set(right))


@given(_PATH_LISTS, _PATH_LISTS)
def test_a_recursive_difference_takes_what_is_below_along(left: list[FieldPath], right: list[FieldPath]) -> None:
    want = {path for path in left if not any(path[: len(cut)] == cut for cut in right)}
    assert set(make(left).recursive_difference(make(right)).paths()) == want
