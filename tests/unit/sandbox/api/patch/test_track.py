"""Ownership by POST, PUT and the other patches."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch import Schema, apply, keep_times_if_unchanged, schema_for, track

SERVICE = schema_for("", "Service")
T0, T1, T2 = "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z"


def created(obj: Json, manager: str = "maker", schema: Schema = SERVICE) -> Json:
    obj = copy.deepcopy(obj)
    track(obj, None, manager=manager, schema=schema, api_version=obj["apiVersion"], subresource="", now=T0)
    obj["metadata"]["uid"] = "u-1"
    return obj


def changed(
    live: Json, edit: Callable[[Json], object], manager: str = "editor", *, now: str = T1, subresource: str = ""
) -> Json:
    new = copy.deepcopy(live)
    edit(new)
    track(new, live, manager=manager, schema=SERVICE, api_version="v1", subresource=subresource, now=now)
    return new


def entries(obj: Json) -> list[tuple[str, str, str, str]]:
    return [
        (one["manager"], one["operation"], one.get("subresource", ""), one.get("time", ""))
        for one in obj["metadata"].get("managedFields", [])
    ]


def fields(obj: Json, manager: str) -> Json:
    found: Json = next(one["fieldsV1"] for one in obj["metadata"]["managedFields"] if one["manager"] == manager)
    return found


def service() -> Json:
    """As decoded and defaulted, before allocation."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "labels": {"a": "1"}, "creationTimestamp": None},
        "spec": {
            "internalTrafficPolicy": "Cluster",
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 80}],
            "publishNotReadyAddresses": False,
            "selector": {"app": "web"},
            "sessionAffinity": "None",
            "type": "ClusterIP",
        },
        "status": {"loadBalancer": {}},
    }


def test_a_create_owns_what_it_sets_but_not_the_structs_that_are_always_there() -> None:
    assert fields(created(service()), "maker") == {
        "f:metadata": {"f:labels": {".": {}, "f:a": {}}},
        "f:spec": {
            "f:internalTrafficPolicy": {},
            "f:ports": {
                ".": {},
                'k:{"port":80,"protocol":"TCP"}': {
                    ".": {},
                    "f:name": {},
                    "f:port": {},
                    "f:protocol": {},
                    "f:targetPort": {},
                },
            },
            "f:selector": {},
            "f:sessionAffinity": {},
            "f:type": {},
        },
    }


def test_a_pod_owns_its_empty_resources_but_not_the_list_of_containers() -> None:
    pod: Json = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}
    made = created({**pod, "spec": {"containers": [{"name": "c", "image": "i"}]}}, schema=schema_for("", "Pod"))
    assert fields(made, "maker") == {
        "f:spec": {
            "f:containers": {'k:{"name":"c"}': {".": {}, "f:image": {}, "f:name": {}, "f:resources": {}}},
        }
    }


def test_an_update_owns_what_it_changed_and_takes_it_from_the_others() -> None:
    after = changed(created(service()), lambda new: new["spec"].update(type="NodePort"))
    assert entries(after) == [("maker", "Update", "", T0), ("editor", "Update", "", T1)]
    assert fields(after, "editor") == {"f:spec": {"f:type": {}}}
    assert "f:type" not in fields(after, "maker")["f:spec"]


def test_a_second_update_of_one_manager_adds_to_its_entry() -> None:
    live = changed(created(service()), lambda new: new["spec"].update(type="NodePort"))
    after = changed(live, lambda new: new["metadata"]["labels"].update(b="2"), now=T2)
    assert fields(after, "editor") == {"f:metadata": {"f:labels": {"f:b": {}}}, "f:spec": {"f:type": {}}}
    assert entries(after)[1] == ("editor", "Update", "", T2)


def test_removed_fields_leave_every_entry_and_empty_entries_go() -> None:
    live = changed(created(service()), lambda new: new["metadata"]["labels"].update(b="2"))
    after = changed(live, lambda new: new["metadata"]["labels"].pop("b"), "third", now=T2)
    assert entries(after) == [("maker", "Update", "", T0)]


def test_an_update_without_changes_leaves_the_entries_alone() -> None:
    live = created(service())
    assert changed(live, lambda new: None)["metadata"] == live["metadata"]


def test_zero_values_that_go_would_not_encode_are_no_change() -> None:
    live = created(service())
    after = changed(
        live, lambda new: new["spec"].update(externalName="", externalIPs=[], publishNotReadyAddresses=False)
    )
    assert entries(after) == entries(live)


def test_status_and_main_resource_have_separate_entries() -> None:
    def ingress(new: Json) -> None:
        new["status"] = {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}
        new["spec"]["type"] = "LoadBalancer"

    after = changed(created(service()), ingress, "maker", subresource="status")
    assert entries(after) == [("maker", "Update", "", T0), ("maker", "Update", "status", T1)]
    assert after["metadata"]["managedFields"][1]["fieldsV1"] == {"f:status": {"f:loadBalancer": {"f:ingress": {}}}}
    again = changed(created(service()), ingress, "other")
    assert fields(again, "other") == {"f:spec": {"f:type": {}}}


@pytest.mark.parametrize("reset", [[], [{}]], ids=["an empty list", "an empty entry"])
def test_managed_fields_can_be_reset_and_are_then_not_tracked_until_an_apply(reset: list[Any]) -> None:
    live = changed(created(service()), lambda new: new["metadata"].update(managedFields=reset))
    assert "managedFields" not in live["metadata"]
    later = changed(live, lambda new: new["metadata"]["labels"].update(b="2"))
    assert "managedFields" not in later["metadata"]
    body: Json = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "labels": {"c": "3"}}}
    tracked = apply(later, body, manager="one", force=False, schema=SERVICE, api_version="v1", subresource="", now=T2)
    assert entries(tracked) == [("one", "Apply", "", T2), ("before-first-apply", "Update", "", T2)]


def test_a_request_may_write_managed_fields_itself_as_kubectl_does_to_migrate() -> None:
    def migrate(new: Json) -> None:
        (entry,) = new["metadata"]["managedFields"]
        entry.update(manager="kubectl", operation="Apply")

    after = changed(created(service(), "kubectl-client-side-apply"), migrate)
    assert entries(after) == [("kubectl", "Apply", "", T0)]


@pytest.mark.parametrize(
    "sent",
    [None, [{"manager": "x", "operation": "Update"}], [{"operation": "Steal", "apiVersion": "v1"}]],
    ids=["none", "no version", "an unknown operation"],
)
def test_broken_or_missing_managed_fields_in_a_request_leave_the_stored_ones(sent: list[Json] | None) -> None:
    live = created(service())
    after = changed(live, lambda new: new["metadata"].update(managedFields=sent))
    assert entries(after) == entries(live)


def test_a_subresource_cannot_write_managed_fields() -> None:
    live = created(service())
    assert entries(
        changed(live, lambda new: new["metadata"].update(managedFields=[]), subresource="status")
    ) == entries(live)


def _labelling(name: str) -> Callable[[Json], object]:
    return lambda new: new["metadata"]["labels"].update({name: "x"})


def test_at_most_ten_updaters_are_kept_and_the_oldest_become_ancient_changes() -> None:
    live = created(service())
    for number in range(12):
        live = changed(live, _labelling(f"n{number}"), f"m{number:02}", now=f"2026-01-01T00:01:{number:02}Z")
    names = [name for name, *_ in entries(live)]
    assert names == ["ancient-changes", *(f"m{number:02}" for number in range(3, 12))]
    labels = fields(live, "ancient-changes")["f:metadata"]["f:labels"]
    assert labels == {".": {}, "f:a": {}, "f:n0": {}, "f:n1": {}, "f:n2": {}}


def test_new_times_are_taken_back_where_nothing_else_changed() -> None:
    live = created(service())
    later = copy.deepcopy(live)
    later["metadata"]["managedFields"][0]["time"] = T2
    keep_times_if_unchanged(later, live)
    assert later == live


def test_new_times_stay_where_something_changed() -> None:
    live = created(service())
    later = changed(live, lambda new: new["metadata"]["labels"].update(a="2"), "maker")
    keep_times_if_unchanged(later, live)
    assert entries(later) == [("maker", "Update", "", T1)]
