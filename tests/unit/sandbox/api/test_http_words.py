"""Paths, Accept headers, query strings and bodies: what a request says before anything is looked up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.bodies import Malformed, read_json, read_object, read_yaml, summary
from lbctl.sandbox.api.discovery import version_priority
from lbctl.sandbox.api.errors import ApiError
from lbctl.sandbox.api.http.accept import negotiate
from lbctl.sandbox.api.http.paths import Target, parse_path
from lbctl.sandbox.api.http.query import Query, delete_options, list_options, manager_of

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/api/v1/services", Target("", "v1", "services")),
        ("/api/v1/namespaces", Target("", "v1", "namespaces")),
        ("/api/v1/namespaces/x", Target("", "v1", "namespaces", "", "x")),
        ("/api/v1/namespaces/x/status", Target("", "v1", "namespaces", "", "x", "status")),
        ("/api/v1/namespaces/x/finalize", Target("", "v1", "namespaces", "", "x", "finalize")),
        ("/api/v1/namespaces/x/services", Target("", "v1", "services", "x")),
        ("/api/v1/namespaces/x/services/y", Target("", "v1", "services", "x", "y")),
        ("/api/v1/namespaces/x/services/y/status", Target("", "v1", "services", "x", "y", "status")),
        ("/apis/apps/v1/namespaces/x/deployments/y/scale", Target("apps", "v1", "deployments", "x", "y", "scale")),
        ("/apis/g.io/v1/pools/y", Target("g.io", "v1", "pools", "", "y")),
        ("/api/v1/nodes/a%3Ab", Target("", "v1", "nodes", "", "a:b")),
        ("/api/v1", None),
        ("/apis/apps/v1", None),
        ("/version", None),
        ("/api/v1/namespaces/x/services/y/status/more", None),
    ],
)
def test_a_path_names_its_target(path: str, target: Target | None) -> None:
    assert parse_path(path) == target


@pytest.mark.parametrize(
    ("header", "kind", "media"),
    [
        ("", "", "application/json"),
        ("*/*", "", "application/json"),
        ("application/yaml", "", "application/yaml"),
        (f"{TABLE},application/json", "Table", "application/json"),
        ("application/json;as=Table;v=v9;g=meta.k8s.io,application/json", "", "application/json"),
        ("application/vnd.kubernetes.protobuf,application/json", "", "application/json"),
        (
            "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
            "PartialObjectMetadataList",
            "application/json",
        ),
    ],
)
def test_the_first_form_we_have_is_negotiated(header: str, kind: str, media: str) -> None:
    clause = negotiate(header)
    assert (clause.kind, clause.media) == (kind, media)


@pytest.mark.parametrize(
    "header", ["text/csv", "application/vnd.kubernetes.protobuf", "application/json;as=Soup;v=v1;g=x"]
)
def test_a_form_we_do_not_have_is_406(header: str) -> None:
    with pytest.raises(ApiError) as refusal:
        negotiate(header)
    assert refusal.value.code == 406


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "unexpected end of JSON input"),
        ('{"a":', "unexpected end of JSON input"),
        ('{"a":"b', "unexpected end of JSON input"),
        ("{bad", "invalid character 'b' looking for beginning of object key string"),
        ("hello", "invalid character 'h' looking for beginning of value"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ("[1 2]", "invalid character '2' after array element"),
        ("{} x", "invalid character 'x' after top-level value"),
    ],
)
def test_broken_json_is_described_as_go_does(text: str, words: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_json(text.encode())
    assert str(refusal.value) == words


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_json_without_repetitions_has_no_duplicates(value: Any) -> None:
    import json

    body = read_json(json.dumps(value).encode())
    assert (body.value, body.duplicates) == (value, [])


def test_duplicates_are_found_at_every_depth() -> None:
    body = read_json(b'{"a":1,"a":{"b":[{"c":1,"c":2}],"b":[{"c":1,"c":2}]}}')
    assert body.duplicates == ["a", "a.b[0].c", "a.b", "a.b[0].c"]
    assert body.value == {"a": {"b": [{"c": 2}]}}


def test_yaml_is_read_as_json_would_be() -> None:
    body = read_yaml(b"when: 2001-01-01\n1: yes\ntext: 'no'\nlist: [1.5, null]\n")
    assert body.value == {"when": "2001-01-01", "1": True, "text": "no", "list": [1.5, None]}


def test_yaml_duplicates_are_reported_by_line() -> None:
    assert read_yaml(b"a: 1\nb: 2\na: 3\n").duplicates == ['line 3: key "a" already set in map']


def test_yaml_aliases_stay_values() -> None:
    assert read_yaml(b"a: &x {b: 1}\nc: *x\n").value == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize("text", ["a: b: c", "a: !!python/object:os.system x", "a: [1"])
def test_broken_or_dangerous_yaml_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="yaml: "):
        read_yaml(text.encode())


@pytest.mark.parametrize("body", ["[]", '"text"', "5", '{"kind":5}'])
def test_an_object_is_an_object(body: str) -> None:
    with pytest.raises(Malformed, match="couldn't get version/kind"):
        read_object("application/json", body.encode())


def test_a_body_is_shown_short() -> None:
    assert summary(b"") == "<empty>"
    assert summary(b"{}") == "{}"
    assert summary(b"{" + b"a" * 40) == "{" + "a" * 29 + " ..."
    assert summary(b"hello") == "68656c6c6f"


def test_a_manager_is_the_client_before_the_slash() -> None:
    assert manager_of("kubectl/v1.32 (linux)") == "kubectl"
    assert len(manager_of("x" * 500)) == 128


def test_old_watches_with_bookmarks_get_the_end_of_the_initial_events() -> None:
    assert list_options(Query("watch=1&allowWatchBookmarks=true")).send_initial_events is True
    assert list_options(Query("watch=1&allowWatchBookmarks=true&resourceVersion=5")).send_initial_events is None
    assert list_options(Query("watch=1")).send_initial_events is None


@pytest.mark.parametrize(
    ("query", "body", "policy"),
    [
        ("propagationPolicy=Orphan", None, "Orphan"),
        ("orphanDependents=true", None, "Orphan"),
        ("", {"orphanDependents": False}, "Background"),
        ("propagationPolicy=Orphan", {"propagationPolicy": "Foreground"}, "Foreground"),
        ("", None, None),
    ],
)
def test_delete_options_come_from_the_body_or_else_the_query(query: str, body: Any, policy: str | None) -> None:
    assert delete_options(Query(query), body).propagation == policy


def test_delete_options_that_contradict_each_other_are_invalid() -> None:
    with pytest.raises(ApiError) as refusal:
        delete_options(Query(), {"orphanDependents": True, "propagationPolicy": "Orphan"})
    assert refusal.value.code == 422


def test_versions_are_ordered_by_maturity() -> None:
    versions = ["v1alpha1", "v2", "v1beta2", "v1", "v1beta1", "v10", "strange"]
    ordered = sorted(versions, key=version_priority, reverse=True)
    assert ordered == ["v10", "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", "strange"]
