"""Deletion: finalizers, preconditions, owners, collections, namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import Api
from tests.api.conftest import Namespace, config_map


def owner_reference(owner: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        **more,
    }


def test_delete_answers_with_a_status_that_names_the_object(ns: Namespace) -> None:
    created = ns.config_map("a")
    status = ns.api.delete(ns.path("configmaps", "a")).expect(200)
    assert (status["kind"], status["status"]) == ("Status", "Success")
    assert status["details"] == {"name": "a", "kind": "configmaps", "uid": created["metadata"]["uid"]}
    assert ns.get("configmaps", "a").code == 404


def test_delete_of_a_service_answers_with_the_service(ns: Namespace) -> None:
    ns.create("services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    assert ns.api.delete(ns.path("services", "web")).expect(200)["kind"] == "Service"


def test_delete_of_nothing_is_404(ns: Namespace) -> None:
    assert ns.api.delete(ns.path("configmaps", "absent")).code == 404


def test_a_finalizer_keeps_an_object_until_it_is_taken_off(ns: Namespace) -> None:
    ns.config_map("a", finalizers=["example.com/keep"])
    path = ns.path("configmaps", "a")
    deleted = ns.api.delete(path).expect(200)
    assert deleted["metadata"]["deletionTimestamp"]
    assert deleted["metadata"]["deletionGracePeriodSeconds"] == 0
    assert ns.get("configmaps", "a").expect(200)["metadata"]["finalizers"] == ["example.com/keep"]
    ns.api.patch(path, {"metadata": {"finalizers": None}}).expect(200)
    assert ns.get("configmaps", "a").code == 404


def test_a_second_delete_does_not_move_the_deletion_timestamp(ns: Namespace) -> None:
    ns.config_map("a", finalizers=["example.com/keep"])
    path = ns.path("configmaps", "a")
    first = ns.api.delete(path).expect(200)["metadata"]
    assert ns.api.delete(path).expect(200)["metadata"]["deletionTimestamp"] == first["deletionTimestamp"]
    ns.api.patch(path, {"metadata": {"finalizers": None}}).expect(200)


def test_no_finalizer_can_be_added_to_an_object_that_is_being_deleted(ns: Namespace) -> None:
    ns.config_map("a", finalizers=["example.com/keep"])
    path = ns.path("configmaps", "a")
    ns.api.delete(path).expect(200)
    answer = ns.api.patch(path, {"metadata": {"finalizers": ["example.com/keep", "example.com/more"]}})
    assert answer.code == 422
    assert "no new finalizers can be added if the object is being deleted" in answer.message
    ns.api.patch(path, {"metadata": {"finalizers": None}}).expect(200)


@pytest.mark.parametrize("name", ["uid", "resourceVersion"])
def test_a_precondition_that_does_not_hold_is_a_conflict(ns: Namespace, name: str) -> None:
    ns.config_map("a")
    answer = ns.api.delete(ns.path("configmaps", "a"), {"preconditions": {name: "1"}})
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert ns.get("configmaps", "a").code == 200


def test_a_precondition_that_holds_lets_the_deletion_through(ns: Namespace) -> None:
    metadata = ns.config_map("a")["metadata"]
    conditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    ns.api.delete(ns.path("configmaps", "a"), {"preconditions": conditions}).expect(200)
    assert ns.get("configmaps", "a").code == 404


def test_dry_run_deletes_nothing(ns: Namespace) -> None:
    ns.config_map("a")
    ns.api.delete(ns.path("configmaps", "a"), {"dryRun": ["All"]}).expect(200)
    ns.api.delete(ns.path("configmaps", "a"), dryRun="All").expect(200)
    assert ns.get("configmaps", "a").code == 200


def test_an_unknown_propagation_policy_is_invalid(ns: Namespace) -> None:
    ns.config_map("a")
    assert ns.api.delete(ns.path("configmaps", "a"), propagationPolicy="Sideways").code == 422


def test_dependents_go_with_their_owner(ns: Namespace) -> None:
    owner = ns.config_map("owner")
    ns.config_map("dependent", ownerReferences=[owner_reference(owner)])
    ns.api.delete(ns.path("configmaps", "owner"), propagationPolicy="Background").expect(200)
    ns.api.await_code(ns.path("configmaps", "dependent"), 404)


def test_a_dependent_stays_while_one_of_its_owners_does(ns: Namespace) -> None:
    owners = [ns.config_map(name) for name in ("one", "two")]
    ns.config_map("dependent", ownerReferences=[owner_reference(owner) for owner in owners])
    ns.api.delete(ns.path("configmaps", "one")).expect(200)

    def has_one_owner(answer: Any) -> bool:
        return len(answer.body["metadata"].get("ownerReferences", [])) == 1

    left = ns.api.await_answer(ns.path("configmaps", "dependent"), has_one_owner).body
    assert left["metadata"]["ownerReferences"][0]["name"] == "two"


def test_orphans_outlive_their_owner(ns: Namespace) -> None:
    owner = ns.config_map("owner")
    ns.config_map("dependent", ownerReferences=[owner_reference(owner)])
    ns.api.delete(ns.path("configmaps", "owner"), propagationPolicy="Orphan").expect(200)
    ns.api.await_code(ns.path("configmaps", "owner"), 404)
    assert "ownerReferences" not in ns.get("configmaps", "dependent").expect(200)["metadata"]


def test_foreground_deletion_waits_for_dependents_that_block_it(ns: Namespace) -> None:
    owner = ns.config_map("owner")
    reference = owner_reference(owner, blockOwnerDeletion=True)
    ns.config_map("dependent", ownerReferences=[reference], finalizers=["example.com/keep"])
    ns.api.delete(ns.path("configmaps", "owner"), propagationPolicy="Foreground").expect(200)
    ns.api.await_answer(
        ns.path("configmaps", "dependent"), lambda answer: "deletionTimestamp" in answer.body["metadata"]
    )
    assert "foregroundDeletion" in ns.get("configmaps", "owner").expect(200)["metadata"]["finalizers"]
    ns.api.patch(ns.path("configmaps", "dependent"), {"metadata": {"finalizers": None}}).expect(200)
    ns.api.await_code(ns.path("configmaps", "owner"), 404)


def test_a_collection_is_deleted_by_selector(ns: Namespace) -> None:
    for name in ("a", "b"):
        ns.config_map(name, labels={"team": name})
    ns.api.delete(ns.path("configmaps"), labelSelector="team=a").expect(200)
    assert ns.get("configmaps", "a").code == 404
    assert ns.get("configmaps", "b").code == 200


def test_an_unscheduled_pod_is_deleted_at_once(ns: Namespace) -> None:
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "c"}]}}
    ns.create("pods", {**pod, "spec": {**pod["spec"], "schedulerName": "nobody"}})  # type: ignore[dict-item]
    ns.api.delete(ns.path("pods", "p")).expect(200)
    assert ns.get("pods", "p").code == 404


def test_a_scheduled_pod_is_given_its_grace_period(ns: Namespace) -> None:
    spec = {"containers": [{"name": "c", "image": "c"}], "nodeName": "nowhere"}
    ns.create("pods", {"metadata": {"name": "p"}, "spec": spec})
    metadata = ns.api.delete(ns.path("pods", "p"), gracePeriodSeconds=20).expect(200)["metadata"]
    assert metadata["deletionGracePeriodSeconds"] == 20
    assert metadata["deletionTimestamp"] > metadata["creationTimestamp"]
    ns.api.delete(ns.path("pods", "p"), gracePeriodSeconds=0).expect(200)
    ns.api.await_code(ns.path("pods", "p"), 404)


def test_a_namespace_takes_its_contents_with_it(api: Api) -> None:
    name = api.post("/api/v1/namespaces", {"metadata": {"generateName": "gone-"}}).expect(201)["metadata"]["name"]
    path = f"/api/v1/namespaces/{name}"
    api.post(f"{path}/configmaps", config_map("held", finalizers=["example.com/keep"])).expect(201)
    api.post(f"{path}/secrets", {"metadata": {"name": "s"}}).expect(201)
    deleted = api.delete(path).expect(200)
    assert deleted["status"]["phase"] == "Terminating"
    api.await_code(f"{path}/secrets/s", 404)
    refused = api.post(f"{path}/configmaps", config_map("late"))
    assert (refused.code, refused.reason) == (403, "Forbidden")
    assert f"unable to create new content in namespace {name} because it is being terminated" in refused.message
    assert api.get(path).expect(200)["spec"]["finalizers"] == ["kubernetes"]
    api.patch(f"{path}/configmaps/held", {"metadata": {"finalizers": None}}).expect(200)
    api.await_code(path, 404, within_s=30)


def test_an_empty_namespace_can_be_made_again_under_the_same_name(api: Api) -> None:
    name = api.post("/api/v1/namespaces", {"metadata": {"generateName": "again-"}}).expect(201)["metadata"]["name"]
    path = f"/api/v1/namespaces/{name}"
    api.delete(path).expect(200)
    api.await_code(path, 404, within_s=30)
    api.post("/api/v1/namespaces", {"metadata": {"name": name}}).expect(201)
    api.delete(path).expect(200)


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-public"])
def test_the_namespaces_a_cluster_needs_cannot_be_deleted(api: Api, name: str) -> None:
    answer = api.delete(f"/api/v1/namespaces/{name}", dryRun="All")
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == f'namespaces "{name}" is forbidden: this namespace may not be deleted'


def test_every_namespace_has_a_default_service_account(ns: Namespace) -> None:
    ns.api.await_code(ns.path("serviceaccounts", "default"), 200)
