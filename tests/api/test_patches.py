"""Patches of all four kinds, and who owns what afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import APPLY, JSON_PATCH, MERGE_PATCH, STRATEGIC
from tests.api.conftest import Namespace, config_map

PORTS = [{"name": "http", "port": 80}, {"name": "https", "port": 443}]


def service(**spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {"selector": {"app": "web"}, "ports": PORTS, **spec},
    }


def applied(name: str = "shared", **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_a_merge_patch_changes_adds_and_removes(ns: Namespace) -> None:
    ns.config_map("one", {"keep": "1", "change": "2", "drop": "3"})
    patch = {"data": {"change": "4", "drop": None, "add": "5"}}
    patched = ns.api.patch(ns.path("configmaps", "one"), patch).expect(200)
    assert patched["data"] == {"keep": "1", "change": "4", "add": "5"}


def test_a_merge_patch_replaces_lists(ns: Namespace) -> None:
    ns.create("services", service())
    patched = ns.api.patch(ns.path("services", "web"), {"spec": {"ports": [{"port": 8080}]}}).expect(200)
    assert [port["port"] for port in patched["spec"]["ports"]] == [8080]


def test_a_json_patch_follows_pointers(ns: Namespace) -> None:
    ns.config_map("one", annotations={"a/b": "1", "c": "2"})
    operations = [
        {"op": "test", "path": "/metadata/annotations/a~1b", "value": "1"},
        {"op": "replace", "path": "/metadata/annotations/a~1b", "value": "3"},
        {"op": "move", "from": "/metadata/annotations/c", "path": "/metadata/annotations/d"},
        {"op": "copy", "from": "/metadata/annotations/d", "path": "/metadata/annotations/e"},
    ]
    patched = ns.api.patch(ns.path("configmaps", "one"), operations, JSON_PATCH).expect(200)
    assert patched["metadata"]["annotations"] == {"a/b": "3", "d": "2", "e": "2"}


def test_a_json_patch_whose_test_fails_changes_nothing(ns: Namespace) -> None:
    created = ns.config_map("one", {"a": "1"})
    operations = [{"op": "replace", "path": "/data/a", "value": "2"}, {"op": "test", "path": "/data/a", "value": "1"}]
    assert ns.api.patch(ns.path("configmaps", "one"), operations, JSON_PATCH).code == 422
    assert ns.get("configmaps", "one").body == created


def test_a_strategic_patch_merges_ports_by_their_key(ns: Namespace) -> None:
    ns.create("services", service())
    patch = {"spec": {"ports": [{"port": 443, "targetPort": 8443}]}}
    patched = ns.api.patch(ns.path("services", "web"), patch, STRATEGIC).expect(200)
    assert {port["port"]: port["targetPort"] for port in patched["spec"]["ports"]} == {80: 80, 443: 8443}


def test_a_strategic_patch_deletes_by_directive(ns: Namespace) -> None:
    ns.create("services", service())
    patch = {"spec": {"ports": [{"port": 80, "$patch": "delete"}]}}
    patched = ns.api.patch(ns.path("services", "web"), patch, STRATEGIC).expect(200)
    assert [port["port"] for port in patched["spec"]["ports"]] == [443]


@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC, JSON_PATCH])
def test_a_patch_of_nothing_is_404(ns: Namespace, content_type: str) -> None:
    body: Any = [] if content_type == JSON_PATCH else {}
    assert ns.api.patch(ns.path("configmaps", "absent"), body, content_type).code == 404


@pytest.mark.parametrize("content_type", [MERGE_PATCH, STRATEGIC, JSON_PATCH, APPLY])
def test_a_broken_patch_is_refused(ns: Namespace, content_type: str) -> None:
    ns.config_map("one")
    assert ns.api.patch(ns.path("configmaps", "one"), "{", content_type, fieldManager="me").code == 400


def test_an_unknown_patch_type_is_415(ns: Namespace) -> None:
    ns.config_map("one")
    assert ns.api.patch(ns.path("configmaps", "one"), {}, "application/json").code == 415


def test_a_patch_with_a_stale_version_is_a_conflict(ns: Namespace) -> None:
    created = ns.config_map("one")
    ns.api.patch(ns.path("configmaps", "one"), {"data": {"a": "b"}}).expect(200)
    stale = {"metadata": {"resourceVersion": created["metadata"]["resourceVersion"]}, "data": {"a": "c"}}
    assert ns.api.patch(ns.path("configmaps", "one"), stale).reason == "Conflict"


def test_a_patch_cannot_rename(ns: Namespace) -> None:
    ns.config_map("one")
    answer = ns.api.patch(ns.path("configmaps", "one"), {"metadata": {"name": "two"}})
    assert (answer.code, answer.message) == (
        400,
        "the name of the object (two) does not match the name on the URL (one)",
    )


def test_a_patch_that_makes_an_object_invalid_is_422(ns: Namespace) -> None:
    ns.create("services", service())
    answer = ns.api.patch(ns.path("services", "web"), {"spec": {"ports": [{"port": 0}]}})
    assert (answer.code, answer.reason) == (422, "Invalid")


def test_a_dry_run_patch_changes_nothing(ns: Namespace) -> None:
    created = ns.config_map("one")
    shown = ns.api.patch(ns.path("configmaps", "one"), {"data": {"a": "b"}}, dryRun="All").expect(200)
    assert shown["data"]["a"] == "b"
    assert ns.get("configmaps", "one").body == created


def test_status_is_patched_through_its_subresource(ns: Namespace) -> None:
    ns.create("services", service(type="LoadBalancer"))
    status = {"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}}, "spec": {"ports": []}}
    patched = ns.api.patch(ns.path("services", "web", "status"), status).expect(200)
    assert patched["status"]["loadBalancer"]["ingress"] == [{"hostname": "lb.example.com"}]
    assert len(patched["spec"]["ports"]) == 2
    ignored = ns.api.patch(ns.path("services", "web"), {"status": {"loadBalancer": None}}).expect(200)
    assert ignored["status"] == patched["status"]


def test_apply_creates_and_then_updates(ns: Namespace) -> None:
    path = ns.path("configmaps", "shared")
    assert ns.api.apply(path, applied(a="1"), "me").expect(201)["data"] == {"a": "1"}
    assert ns.api.apply(path, applied(b="2"), "me").expect(200)["data"] == {"b": "2"}


def test_apply_records_ownership(ns: Namespace) -> None:
    created = ns.api.apply(ns.path("configmaps", "shared"), applied(a="1"), "me").expect(201)
    [entry] = created["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"]) == ("me", "Apply")
    assert entry["fieldsV1"] == {"f:data": {"f:a": {}}}


def test_apply_of_the_same_content_changes_nothing(ns: Namespace) -> None:
    path = ns.path("configmaps", "shared")
    first = ns.api.apply(path, applied(a="1"), "me").expect(201)
    assert ns.api.apply(path, applied(a="1"), "me").expect(200) == first


def test_two_managers_own_different_fields(ns: Namespace) -> None:
    path = ns.path("configmaps", "shared")
    ns.api.apply(path, applied(a="1"), "one").expect(201)
    both = ns.api.apply(path, applied(b="2"), "two").expect(200)
    assert both["data"] == {"a": "1", "b": "2"}
    assert ns.api.apply(path, applied(), "one").expect(200)["data"] == {"b": "2"}


def test_a_field_of_another_manager_is_a_conflict(ns: Namespace) -> None:
    path = ns.path("configmaps", "shared")
    ns.api.apply(path, applied(a="1"), "one").expect(201)
    answer = ns.api.apply(path, applied(a="2"), "two")
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    [cause] = answer.body["details"]["causes"]
    assert cause == {"reason": "FieldManagerConflict", "message": 'conflict with "one"', "field": ".data.a"}


def test_force_takes_the_field_over(ns: Namespace) -> None:
    path = ns.path("configmaps", "shared")
    ns.api.apply(path, applied(a="1"), "one").expect(201)
    forced = ns.api.apply(path, applied(a="2"), "two", force="true").expect(200)
    assert forced["data"] == {"a": "2"}
    assert [entry["manager"] for entry in forced["metadata"]["managedFields"]] == ["two"]


def test_a_field_of_an_update_is_a_conflict_for_apply(ns: Namespace) -> None:
    ns.create("configmaps", config_map("shared", {"a": "1"}), fieldManager="updater")
    answer = ns.api.apply(ns.path("configmaps", "shared"), applied(a="2"), "applier")
    assert answer.code == 409
    assert 'conflict with "updater" using v1' in answer.message


def test_agreeing_managers_share_a_field(ns: Namespace) -> None:
    path = ns.path("configmaps", "shared")
    ns.api.apply(path, applied(a="1"), "one").expect(201)
    ns.api.apply(path, applied(a="1"), "two").expect(200)
    assert ns.api.apply(path, applied(), "one").expect(200)["data"] == {"a": "1"}
    assert "data" not in ns.api.apply(path, applied(), "two").expect(200)


def test_apply_merges_ports_by_port_and_protocol(ns: Namespace) -> None:
    path = ns.path("services", "web")
    ns.api.apply(path, service(), "one").expect(201)
    more = service(ports=[{"name": "dns", "port": 53, "protocol": "UDP"}])
    merged = ns.api.apply(path, more, "two").expect(200)
    assert sorted(port["port"] for port in merged["spec"]["ports"]) == [53, 80, 443]


def test_apply_of_a_status_touches_nothing_else(ns: Namespace) -> None:
    ns.create("services", service(type="LoadBalancer"))
    body = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}},
    }
    shown = ns.api.apply(ns.path("services", "web", "status"), body, "cloud").expect(200)
    assert shown["status"]["loadBalancer"]["ingress"][0]["ip"] == "203.0.113.9"
    entry = next(one for one in shown["metadata"]["managedFields"] if one["manager"] == "cloud")
    assert entry["subresource"] == "status"


def test_apply_without_a_manager_is_refused(ns: Namespace) -> None:
    answer = ns.api.patch(ns.path("configmaps", "shared"), applied(a="1"), APPLY)
    assert answer.code == 422
    assert "fieldManager: Required value: is required for apply patch" in answer.message


def test_apply_reads_yaml(ns: Namespace) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shared\ndata:\n  a: '1'\n"
    assert ns.api.apply(ns.path("configmaps", "shared"), text, "me").expect(201)["data"] == {"a": "1"}


def test_a_dry_run_apply_creates_nothing(ns: Namespace) -> None:
    ns.api.apply(ns.path("configmaps", "shared"), applied(a="1"), "me", dryRun="All").expect(201)
    assert ns.get("configmaps", "shared").code == 404


@pytest.mark.parametrize("managed", [[], [{}]])
def test_a_client_can_drop_all_ownership(ns: Namespace, managed: list[Any]) -> None:
    ns.config_map("one")
    patch = [{"op": "replace", "path": "/metadata/managedFields", "value": managed}]
    patched = ns.api.patch(ns.path("configmaps", "one"), patch, JSON_PATCH).expect(200)
    assert "managedFields" not in patched["metadata"]
