"""Label selectors select what the real server selects, and are refused in its words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError
from lbctl.sandbox.api.selectors import parse_labels

WEB = {"app": "web", "tier": "front", "shard": "7", "empty": ""}
NAME_RULE = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
VALUE_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        pytest.param("", True, id="empty-selects-everything"),
        pytest.param("app=web", True, id="equals"),
        pytest.param("app==web", True, id="double-equals"),
        pytest.param("app=db", False, id="equals-another"),
        pytest.param("app!=db", True, id="not-equals"),
        pytest.param("missing!=x", True, id="not-equals-of-missing-key"),
        pytest.param("missing=", False, id="missing-key-is-not-empty-value"),
        pytest.param("empty=", True, id="empty-value"),
        pytest.param("app", True, id="exists"),
        pytest.param("missing", False, id="exists-not"),
        pytest.param("!missing", True, id="does-not-exist"),
        pytest.param("!app", False, id="does-not-exist-but-does"),
        pytest.param("app in (db,web)", True, id="in"),
        pytest.param("missing in (a)", False, id="in-of-missing-key"),
        pytest.param("empty in ()", True, id="in-nothing-is-the-empty-value"),
        pytest.param("empty in (a,)", True, id="trailing-comma-is-the-empty-value"),
        pytest.param("app notin (db)", True, id="notin"),
        pytest.param("missing notin (db)", True, id="notin-of-missing-key"),
        pytest.param("app notin (web)", False, id="notin-but-is"),
        pytest.param("shard>6", True, id="greater"),
        pytest.param("shard<7", False, id="less"),
        pytest.param("app>6", False, id="greater-of-no-number"),
        pytest.param("missing<6", False, id="less-of-missing-key"),
        pytest.param(" app = web , tier in ( front ) ", True, id="blanks"),
        pytest.param("app=web,tier=back", False, id="all-must-hold"),
        pytest.param("in in (in,notin)", False, id="keywords-as-key-and-values"),
    ],
)
def test_selector_semantics(selector: str, selected: bool) -> None:
    assert parse_labels(selector)(WEB) is selected


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("a in", "unable to parse requirement: found '' expected: '('"),
        ("a in (", "unable to parse requirement: found '', expected: ',', ')' or identifier"),
        ("a in (b", "unable to parse requirement: found '', expected: ',' or ')'"),
        ("a in (b c)", "unable to parse requirement: found 'c', expected: ',' or ')'"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("!", "unable to parse requirement: found '', expected: identifier"),
        ("a=!b", "unable to parse requirement: found '!', expected: identifier"),
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a=b,", "found '', expected: identifier after ','"),
        ("=b", "found '=', expected: !, identifier, or 'end of string'"),
        ("-a", f'unable to parse requirement: <nil>: Invalid value: "-a": {NAME_RULE}'),
        ("a=-b", f'unable to parse requirement: values[0][a]: Invalid value: "-b": {VALUE_RULE}'),
        (
            "a in (-b,c_)",
            f'unable to parse requirement: [values[0][a]: Invalid value: "-b": {VALUE_RULE}, '
            f'values[1][a]: Invalid value: "c_": {VALUE_RULE}]',
        ),
        (
            "a>x",
            'unable to parse requirement: values[0]: Invalid value: "x": '
            "for 'Gt', 'Lt' operators, the value must be an integer",
        ),
        (
            f"a={'b' * 64}",
            'unable to parse requirement: values[0][a]: Invalid value: "'
            + "b" * 64
            + '": must be no more than 63 bytes',
        ),
        ("/a=1", 'unable to parse requirement: <nil>: Invalid value: "/a": prefix part must be non-empty'),
    ],
)
def test_refusal_is_worded_as_the_real_servers(selector: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_labels(selector)
    assert (caught.value.code, caught.value.reason, caught.value.message) == (400, "BadRequest", message)


keys = st.sampled_from(["app", "tier", "example.com/zone", "in", "notin"])
values = st.sampled_from(["", "a", "b", "in", "notin", "x-1.2_3"])


@st.composite
def requirements(draw: st.DrawFn) -> tuple[str, str, frozenset[str]]:
    operator = draw(st.sampled_from(["in", "notin", "=", "==", "!=", "exists", "!"]))
    chosen = draw(st.frozensets(values, min_size=1, max_size=3))
    return draw(keys), operator, chosen if operator in ("in", "notin") else frozenset(sorted(chosen)[:1])


def written(requirement: tuple[str, str, frozenset[str]]) -> str:
    key, operator, wanted = requirement
    match operator:
        case "in" | "notin":
            return f"{key} {operator} ({','.join(sorted(wanted))})"
        case "exists":
            return key
        case "!":
            return f"!{key}"
    return f"{key}{operator}{next(iter(wanted))}"


def holds(requirement: tuple[str, str, frozenset[str]], labels: Mapping[str, str]) -> bool:
    key, operator, wanted = requirement
    match operator:
        case "in" | "=" | "==":
            return key in labels and labels[key] in wanted
        case "notin" | "!=":
            return key not in labels or labels[key] not in wanted
        case "exists":
            return key in labels
    return key not in labels


@given(st.lists(requirements(), max_size=4), st.dictionaries(keys, values))
def test_selector_holds_exactly_when_each_requirement_does(
    wanted: list[tuple[str, str, frozenset[str]]], labels: dict[str, str]
) -> None:
    selects = parse_labels(",".join(written(one) for one in wanted))
    assert selects(labels) is all(holds(one, labels) for one in wanted)


@given(st.text(alphabet="ab/-._ =!<>(),\t\0é\"'", max_size=12) | st.text(max_size=12))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        outcome: int | bool = parse_labels(text)({"a": "b"})
    except ApiError as error:
        outcome = error.code
    assert outcome in (True, False, 400)
