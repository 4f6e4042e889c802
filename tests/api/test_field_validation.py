"""`fieldValidation`: what happens to fields that do not exist or are there twice."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import MERGE_PATCH, STRATEGIC
from tests.api.conftest import Namespace

SERVICE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web"},
    "spec": {"ports": [{"port": 80, "prot": "TCP"}], "selektor": {"app": "web"}},
}
DOUBLE = '{"metadata":{"name":"one"},"data":{"a":"1","a":"2"}}'


def test_strict_refuses_unknown_fields_and_names_them(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("services"), SERVICE, fieldValidation="Strict")
    assert (answer.code, answer.reason) == (400, "BadRequest")
    assert answer.message == (
        'Service in version "v1" cannot be handled as a Service: strict decoding error: '
        'unknown field "spec.ports[0].prot", unknown field "spec.selektor"'
    )


@pytest.mark.parametrize("query", [{"fieldValidation": "Warn"}, {}])
def test_warn_is_the_default_and_drops_unknown_fields(ns: Namespace, query: dict[str, str]) -> None:
    answer = ns.api.post(ns.path("services"), SERVICE, **query)
    assert "selektor" not in answer.expect(201)["spec"]
    assert answer.warnings == ('unknown field "spec.ports[0].prot"', 'unknown field "spec.selektor"')


def test_ignore_is_silent(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("services"), SERVICE, fieldValidation="Ignore")
    answer.expect(201)
    assert not [one for one in answer.warnings if "unknown field" in one]


def test_strict_refuses_duplicate_fields(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), DOUBLE, fieldValidation="Strict")
    assert answer.code == 400
    assert 'strict decoding error: duplicate field "data.a"' in answer.message


def test_of_duplicate_fields_the_last_wins(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), DOUBLE)
    assert answer.expect(201)["data"] == {"a": "2"}
    assert answer.warnings == ('duplicate field "data.a"',)


@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC])
def test_patches_are_checked_too(ns: Namespace, content_type: str) -> None:
    ns.create("services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    patch = {"spec": {"selektor": {"app": "web"}}}
    answer = ns.api.patch(ns.path("services", "web"), patch, content_type, fieldValidation="Strict")
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert 'strict decoding error: unknown field "spec.selektor"' in answer.message
    warned = ns.api.patch(ns.path("services", "web"), patch, content_type)
    warned.expect(200)
    assert 'unknown field "spec.selektor"' in warned.warnings


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"ports": [{"port": "80"}]}, "string into Go struct field ServicePort.spec.ports.port of type int32"),
        ({"ports": {"port": 80}}, "object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort"),
        ({"selector": "app"}, "string into Go struct field ServiceSpec.spec.selector of type map[string]string"),
    ],
)
def test_a_wrong_type_is_refused_whatever_the_validation(ns: Namespace, spec: dict[str, Any], text: str) -> None:
    answer = ns.api.post(ns.path("services"), {"metadata": {"name": "web"}, "spec": spec}, fieldValidation="Ignore")
    assert answer.code == 400
    assert f"json: cannot unmarshal {text}" in answer.message


def test_an_unknown_directive_is_invalid(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("services"), SERVICE, fieldValidation="Sometimes")
    assert (answer.code, answer.reason) == (422, "Invalid")
