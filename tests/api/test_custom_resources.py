"""Custom resources: from the definition to objects that follow it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.client import APPLY, STRATEGIC, TABLE, Answer, Api
from tests.api.conftest import Namespace

SPEC_SCHEMA = {
    "type": "object",
    "required": ["size"],
    "properties": {
        "size": {"type": "integer", "minimum": 1, "maximum": 10},
        "color": {"type": "string", "enum": ["red", "blue"], "default": "red"},
        "name": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 5},
        "tags": {"type": "array", "maxItems": 2, "x-kubernetes-list-type": "set", "items": {"type": "string"}},
        "port": {"x-kubernetes-int-or-string": True},
        "parts": {
            "type": "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["id"],
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "count": {"type": "integer", "default": 1}},
            },
        },
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
    },
}
SCHEMA = {
    "type": "object",
    "properties": {
        "spec": SPEC_SCHEMA,
        "status": {"type": "object", "properties": {"phase": {"type": "string"}, "replicas": {"type": "integer"}}},
    },
}


@dataclass(frozen=True)
class Widgets:
    """A custom resource defined for one test module, in a group of its own."""

    api: Api
    group: str

    @property
    def definition(self) -> str:
        return f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{self.group}"

    def path(self, ns: Namespace, name: str = "", subresource: str = "") -> str:
        return ns.path("widgets", name, subresource, group=self.group)

    def body(self, name: str, spec: Any = None, **more: Any) -> dict[str, Any]:
        return {
            "apiVersion": f"{self.group}/v1",
            "kind": "Widget",
            "metadata": {"name": name},
            "spec": {"size": 3} if spec is None else spec,
            **more,
        }

    def create(self, ns: Namespace, name: str, spec: Any = None, **more: Any) -> Answer:
        return self.api.post(self.path(ns), self.body(name, spec, **more))


def crd(group: str, **version: Any) -> dict[str, Any]:
    names = {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"], "categories": ["all"]}
    one = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": SCHEMA},
        "subresources": {
            "status": {},
            "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.replicas"},
        },
        "additionalPrinterColumns": [
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            {"name": "Phase", "type": "string", "jsonPath": ".status.phase"},
        ],
        **version,
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [one]},
    }


def established(answer: Answer) -> bool:
    conditions = answer.body.get("status", {}).get("conditions") or []
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


@pytest.fixture(scope="module")
def widgets(api: Api) -> Iterator[Widgets]:
    """A served custom resource."""
    found = Widgets(api, f"w{secrets.token_hex(4)}.example.com")
    api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd(found.group)).expect(201)
    api.await_answer(found.definition, established)
    api.await_code(f"/apis/{found.group}/v1/widgets", 200)
    yield found
    api.delete(found.definition).expect(200)
    api.await_code(found.definition, 404, within_s=30)


def test_a_definition_gets_its_conditions_and_accepted_names(widgets: Widgets) -> None:
    status = widgets.api.get(widgets.definition).expect(200)["status"]
    assert {one["type"]: one["status"] for one in status["conditions"]} == {
        "NamesAccepted": "True",
        "Established": "True",
    }
    assert status["acceptedNames"]["kind"] == "Widget"
    assert status["acceptedNames"]["singular"] == "widget"
    assert status["storedVersions"] == ["v1"]


def test_a_definition_is_discovered(widgets: Widgets) -> None:
    resources = widgets.api.get(f"/apis/{widgets.group}/v1").expect(200)["resources"]
    listed = {one["name"]: one for one in resources}
    assert set(listed) == {"widgets", "widgets/status", "widgets/scale"}
    assert (listed["widgets"]["shortNames"], listed["widgets"]["categories"]) == (["wd"], ["all"])
    groups = widgets.api.get("/apis").expect(200)["groups"]
    assert widgets.group in [one["name"] for one in groups]


def test_defaults_are_filled_in(widgets: Widgets, ns: Namespace) -> None:
    spec = widgets.create(ns, "one", {"size": 3, "parts": [{"id": "a"}]}).expect(201)["spec"]
    assert spec == {"size": 3, "color": "red", "parts": [{"id": "a", "count": 1}]}


def test_unknown_fields_are_pruned_except_where_they_are_wanted(widgets: Widgets, ns: Namespace) -> None:
    spec = widgets.create(ns, "one", {"size": 3, "unknown": 1, "free": {"anything": [1]}}).expect(201)["spec"]
    assert spec == {"size": 3, "color": "red", "free": {"anything": [1]}}


def test_unknown_fields_are_refused_when_validation_is_strict(widgets: Widgets, ns: Namespace) -> None:
    body = widgets.body("one", {"size": 3, "unknown": 1})
    answer = widgets.api.post(widgets.path(ns), body, fieldValidation="Strict")
    assert answer.code == 400
    assert 'strict decoding error: unknown field "spec.unknown"' in answer.message


@pytest.mark.parametrize(
    ("spec", "field", "text"),
    [
        pytest.param(
            {"size": "3"}, "spec.size", 'spec.size in body must be of type integer: "string"', id="wrong type"
        ),
        pytest.param({"size": 0}, "spec.size", "should be greater than or equal to 1", id="too small"),
        pytest.param({"size": 11}, "spec.size", "should be less than or equal to 10", id="too big"),
        pytest.param({}, "spec.size", "Required value", id="missing"),
        pytest.param(
            {"size": 1, "color": "green"}, "spec.color", 'supported values: "red", "blue"', id="not in the enum"
        ),
        pytest.param({"size": 1, "name": "A"}, "spec.name", "should match '^[a-z]+$'", id="no match"),
        pytest.param({"size": 1, "name": "abcdef"}, "spec.name", "may not be more than 5 bytes", id="too long"),
        pytest.param({"size": 1, "tags": ["a", "b", "c"]}, "spec.tags", "must have at most 2 items", id="too many"),
        pytest.param({"size": 1, "tags": ["a", "a"]}, "spec.tags[1]", 'Duplicate value: "a"', id="no set"),
        pytest.param(
            {"size": 1, "parts": [{"id": "a"}, {"id": "a"}]},
            "spec.parts[1]",
            'Duplicate value: {"id":"a"}',
            id="no map",
        ),
        pytest.param({"size": 1, "port": True}, "spec.port", "must be of type integer", id="neither int nor string"),
    ],
)
def test_what_the_schema_forbids_is_invalid(
    widgets: Widgets, ns: Namespace, spec: dict[str, Any], field: str, text: str
) -> None:
    answer = widgets.create(ns, "bad", spec)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert text in answer.message
    assert field in [cause["field"] for cause in answer.body["details"]["causes"]]


@pytest.mark.parametrize("port", [80, "http"])
def test_int_or_string_takes_both(widgets: Widgets, ns: Namespace, port: int | str) -> None:
    assert widgets.create(ns, "one", {"size": 1, "port": port}).expect(201)["spec"]["port"] == port


def test_status_is_a_subresource_of_its_own(widgets: Widgets, ns: Namespace) -> None:
    created = widgets.create(ns, "one", status={"phase": "Sent"}).expect(201)
    assert "status" not in created
    path = widgets.path(ns, "one", "status")
    sent = {"spec": {"size": 9}, "status": {"phase": "Ready"}, "metadata": {"labels": {"a": "b"}}}
    shown = widgets.api.patch(path, sent).expect(200)
    assert (shown["status"], shown["spec"]["size"]) == ({"phase": "Ready"}, 3)
    assert "labels" not in shown["metadata"]
    assert shown["metadata"]["generation"] == 1


def test_a_change_of_the_spec_makes_a_new_generation(widgets: Widgets, ns: Namespace) -> None:
    created = widgets.create(ns, "one").expect(201)
    path = widgets.path(ns, "one")
    assert created["metadata"]["generation"] == 1
    assert widgets.api.patch(path, {"spec": {"size": 4}}).expect(200)["metadata"]["generation"] == 2
    labelled = widgets.api.patch(path, {"metadata": {"labels": {"a": "b"}}}).expect(200)
    assert labelled["metadata"]["generation"] == 2


def test_a_put_needs_the_version(widgets: Widgets, ns: Namespace) -> None:
    widgets.create(ns, "one").expect(201)
    answer = widgets.api.put(widgets.path(ns, "one"), widgets.body("one"))
    assert answer.code == 422
    assert "metadata.resourceVersion: Invalid value: 0: must be specified for an update" in answer.message


def test_scale_goes_to_the_paths_of_the_definition(widgets: Widgets, ns: Namespace) -> None:
    widgets.create(ns, "one").expect(201)
    path = widgets.path(ns, "one", "scale")
    assert widgets.api.get(path).expect(200)["spec"] == {"replicas": 3}
    widgets.api.patch(path, {"spec": {"replicas": 5}}).expect(200)
    assert widgets.api.get(widgets.path(ns, "one")).expect(200)["spec"]["size"] == 5


def test_columns_of_the_definition_are_printed(widgets: Widgets, ns: Namespace) -> None:
    widgets.create(ns, "one").expect(201)
    widgets.api.patch(widgets.path(ns, "one", "status"), {"status": {"phase": "Ready"}}).expect(200)
    table = widgets.api.get(widgets.path(ns), accept=TABLE).expect(200)
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Size", "Phase"]
    assert table["rows"][0]["cells"] == ["one", 3, "Ready"]


def test_apply_merges_lists_by_the_keys_of_the_schema(widgets: Widgets, ns: Namespace) -> None:
    path = widgets.path(ns, "one")
    one = widgets.body("one", {"size": 3, "parts": [{"id": "a", "count": 2}]})
    widgets.api.patch(path, one, APPLY, fieldManager="one").expect(201)
    two = widgets.body("one", {"parts": [{"id": "b"}]})
    merged = widgets.api.patch(path, two, APPLY, fieldManager="two").expect(200)
    assert merged["spec"]["parts"] == [{"id": "a", "count": 2}, {"id": "b", "count": 1}]


def test_a_strategic_patch_is_not_for_custom_resources(widgets: Widgets, ns: Namespace) -> None:
    widgets.create(ns, "one").expect(201)
    assert widgets.api.patch(widgets.path(ns, "one"), {}, STRATEGIC).code == 415


def test_custom_resources_are_watched(widgets: Widgets, ns: Namespace) -> None:
    version = widgets.api.get(widgets.path(ns)).expect(200)["metadata"]["resourceVersion"]
    events = widgets.api.watch(widgets.path(ns), resourceVersion=version)
    widgets.create(ns, "one").expect(201)
    event = next(events)
    assert (event["type"], event["object"]["kind"]) == ("ADDED", "Widget")
    assert event["object"]["apiVersion"] == f"{widgets.group}/v1"


def test_items_of_a_list_say_what_they_are(widgets: Widgets, ns: Namespace) -> None:
    widgets.create(ns, "one").expect(201)
    body = widgets.api.get(widgets.path(ns)).expect(200)
    assert (body["kind"], body["items"][0]["kind"]) == ("WidgetList", "Widget")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"scope": "Everywhere"}, "spec.scope", id="unknown scope"),
        pytest.param({"group": ""}, "spec.group", id="no group"),
        pytest.param({"versions": []}, "spec.versions", id="no version"),
    ],
)
def test_a_definition_that_makes_no_sense_is_invalid(api: Api, change: dict[str, Any], field: str) -> None:
    definition = crd("broken.example.com")
    definition["spec"] |= change
    answer = api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    assert answer.code == 422
    assert field in [cause["field"] for cause in answer.body["details"]["causes"]]


def test_a_deleted_definition_takes_its_objects_and_its_paths_along(api: Api, ns: Namespace) -> None:
    gone = Widgets(api, f"gone{secrets.token_hex(4)}.example.com")
    api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd(gone.group)).expect(201)
    api.await_answer(gone.definition, established)
    api.await_code(f"/apis/{gone.group}/v1/widgets", 200)
    gone.create(ns, "one").expect(201)
    api.delete(gone.definition).expect(200)
    api.await_code(gone.definition, 404, within_s=30)
    api.await_code(f"/apis/{gone.group}/v1/widgets", 404)


def test_two_versions_serve_the_same_objects(api: Api, ns: Namespace) -> None:
    two = Widgets(api, f"two{secrets.token_hex(4)}.example.com")
    definition = crd(two.group)
    [v1] = definition["spec"]["versions"]
    definition["spec"]["versions"].append({**v1, "name": "v2", "storage": False})
    api.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition).expect(201)
    api.await_answer(two.definition, established)
    api.await_code(f"/apis/{two.group}/v2/widgets", 200)
    two.create(ns, "one").expect(201)
    shown = api.get(ns.path("widgets", "one", group=two.group, version="v2")).expect(200)
    assert shown["apiVersion"] == f"{two.group}/v2"
    api.delete(two.definition).expect(200)
