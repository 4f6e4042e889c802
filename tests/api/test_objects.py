"""Create, read, update: what every kind has in common."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.api.client import Api
from tests.api.conftest import Namespace, config_map


def test_a_new_object_gets_identity_and_version(ns: Namespace) -> None:
    metadata = ns.config_map("one")["metadata"]
    assert re.fullmatch(r"[0-9a-f-]{36}", metadata["uid"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["creationTimestamp"])
    assert metadata["namespace"] == ns.name
    assert int(metadata["resourceVersion"]) > 0


def test_get_answers_with_what_was_created(ns: Namespace) -> None:
    created = ns.config_map("one", {"a": "b"})
    assert ns.get("configmaps", "one").expect(200) == created


def test_a_missing_object_is_404_and_named(ns: Namespace) -> None:
    answer = ns.get("configmaps", "absent")
    assert (answer.code, answer.reason) == (404, "NotFound")
    assert answer.message == 'configmaps "absent" not found'
    assert answer.body["details"] == {"name": "absent", "kind": "configmaps"}


def test_a_second_object_of_the_same_name_is_refused(ns: Namespace) -> None:
    ns.config_map("one")
    answer = ns.api.post(ns.path("configmaps"), config_map("one"))
    assert (answer.code, answer.reason) == (409, "AlreadyExists")
    assert answer.message == 'configmaps "one" already exists'


def test_an_object_cannot_be_created_in_a_namespace_that_does_not_exist(api: Api) -> None:
    answer = api.post("/api/v1/namespaces/nowhere-at-all/configmaps", config_map("one"))
    assert (answer.code, answer.message) == (404, 'namespaces "nowhere-at-all" not found')


def test_an_object_that_names_another_namespace_is_refused(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), config_map("one", namespace="default"))
    assert answer.code == 400
    assert answer.message == ("the namespace of the provided object does not match the namespace sent on the request")


def test_an_invalid_name_is_422_with_the_field(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), config_map("Not_A_Name"))
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert [cause["field"] for cause in answer.body["details"]["causes"]] == ["metadata.name"]


def test_generate_name_appends_five_characters(ns: Namespace) -> None:
    body = {"metadata": {"generateName": "made-"}, "data": {}}
    names = {ns.create("configmaps", body)["metadata"]["name"] for _ in range(5)}
    assert len(names) == 5
    assert all(re.fullmatch(r"made-[bcdfghjklmnpqrstvwxz2456789]{5}", name) for name in names)


def test_a_long_generate_name_is_shortened_to_63_characters(ns: Namespace) -> None:
    created = ns.create("configmaps", {"metadata": {"generateName": "a" * 70 + "-"}})
    assert len(created["metadata"]["name"]) == 63


@pytest.mark.parametrize("name", ["uid", "creationTimestamp", "deletionTimestamp", "selfLink"])
def test_system_metadata_of_a_client_is_ignored_on_create(ns: Namespace, name: str) -> None:
    sent = "2001-01-01T00:00:00Z" if name.endswith("Timestamp") else "mine"
    created = ns.config_map("one", **{name: sent})
    assert created["metadata"].get(name) != sent


def test_put_replaces_and_moves_the_version_on(ns: Namespace) -> None:
    created = ns.config_map("one", {"a": "b"})
    replaced = ns.api.put(ns.path("configmaps", "one"), {**created, "data": {"c": "d"}}).expect(200)
    assert replaced["data"] == {"c": "d"}
    assert int(replaced["metadata"]["resourceVersion"]) > int(created["metadata"]["resourceVersion"])
    assert replaced["metadata"]["uid"] == created["metadata"]["uid"]


def test_put_of_the_same_content_keeps_the_version(ns: Namespace) -> None:
    created = ns.config_map("one")
    replaced = ns.api.put(ns.path("configmaps", "one"), created).expect(200)
    assert replaced["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]


def test_put_with_a_stale_version_is_a_conflict(ns: Namespace) -> None:
    created = ns.config_map("one")
    ns.api.put(ns.path("configmaps", "one"), {**created, "data": {"new": "er"}}).expect(200)
    answer = ns.api.put(ns.path("configmaps", "one"), {**created, "data": {"old": "er"}})
    assert (answer.code, answer.reason) == (409, "Conflict")
    assert answer.message == (
        'Operation cannot be fulfilled on configmaps "one": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )


def test_put_without_a_version_overwrites(ns: Namespace) -> None:
    ns.config_map("one", {"a": "b"})
    assert ns.api.put(ns.path("configmaps", "one"), config_map("one", {"c": "d"})).expect(200)["data"] == {"c": "d"}


def test_put_of_another_uid_is_a_conflict(ns: Namespace) -> None:
    ns.config_map("one")
    answer = ns.api.put(ns.path("configmaps", "one"), config_map("one", uid="another"))
    assert answer.code == 409
    assert "Precondition failed: UID in precondition: another" in answer.message


def test_put_under_another_name_is_refused(ns: Namespace) -> None:
    ns.config_map("one")
    answer = ns.api.put(ns.path("configmaps", "one"), config_map("two"))
    assert answer.code == 400
    assert answer.message == "the name of the object (two) does not match the name on the URL (one)"


def test_put_of_a_config_map_that_does_not_exist_is_404(ns: Namespace) -> None:
    assert ns.api.put(ns.path("configmaps", "one"), config_map("one")).code == 404


def test_put_creates_a_lease_that_does_not_exist(ns: Namespace) -> None:
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": "one"}, "spec": {}}
    path = ns.path("leases", "one", group="coordination.k8s.io")
    assert ns.api.put(path, lease).expect(201)["metadata"]["uid"]


def test_put_of_a_lease_without_a_version_is_refused(ns: Namespace) -> None:
    path = ns.path("leases", group="coordination.k8s.io")
    ns.api.post(path, {"metadata": {"name": "one"}, "spec": {"holderIdentity": "a"}}).expect(201)
    answer = ns.api.put(f"{path}/one", {"metadata": {"name": "one"}, "spec": {"holderIdentity": "b"}})
    assert answer.code == 422
    assert "metadata.resourceVersion: Invalid value: 0: must be specified for an update" in answer.message


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        pytest.param("{", 400, "", id="broken JSON"),
        pytest.param("[]", 400, "", id="a list"),
        pytest.param(
            {"apiVersion": "v2", "kind": "ConfigMap", "metadata": {"name": "x"}}, 400, "v2", id="another version"
        ),
        pytest.param(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}, 400, "Secret", id="another kind"
        ),
        pytest.param({"metadata": {"name": "x"}, "data": {"a": 1}}, 400, "type string", id="wrong type"),
        pytest.param({"metadata": {}}, 422, "name or generateName is required", id="no name"),
    ],
)
def test_a_body_that_is_no_config_map_is_refused(ns: Namespace, body: Any, code: int, text: str) -> None:
    answer = ns.api.post(ns.path("configmaps"), body)
    assert answer.code == code
    assert text in answer.message


def test_an_unknown_content_type_is_415(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), "a=b", content_type="text/csv")
    assert (answer.code, answer.reason) == (415, "UnsupportedMediaType")


def test_yaml_bodies_are_read_and_yaml_answers_written(ns: Namespace) -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {when: '2001-01-01'}\n"
    answer = ns.api.post(ns.path("configmaps"), text, content_type="application/yaml", accept="application/yaml")
    assert answer.code == 201
    assert "kind: ConfigMap" in answer.body


def test_an_answer_nobody_can_read_is_406(ns: Namespace) -> None:
    assert ns.api.get(ns.path("configmaps"), accept="text/csv").code == 406


def test_an_unknown_resource_is_404(api: Api) -> None:
    answer = api.get("/apis/nobody.example.com/v1/things")
    assert answer.code == 404


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_collection_cannot_be_updated(ns: Namespace, method: str) -> None:
    assert ns.api.request(method, ns.path("configmaps"), {}, content_type="application/json").code == 405


def test_dry_run_creates_nothing(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), config_map("one"), dryRun="All")
    assert answer.expect(201)["metadata"]["uid"]
    assert ns.get("configmaps", "one").code == 404


def test_dry_run_updates_nothing(ns: Namespace) -> None:
    created = ns.config_map("one", {"a": "b"})
    shown = ns.api.put(ns.path("configmaps", "one"), {**created, "data": {"c": "d"}}, dryRun="All").expect(200)
    assert shown["data"] == {"c": "d"}
    assert ns.get("configmaps", "one").expect(200) == created


def test_an_unknown_dry_run_value_is_refused(ns: Namespace) -> None:
    answer = ns.api.post(ns.path("configmaps"), config_map("one"), dryRun="Some")
    assert answer.code == 422
    assert 'Unsupported value: ["Some"]: supported values: "All"' in answer.message


def test_a_write_is_recorded_under_its_field_manager(ns: Namespace) -> None:
    created = ns.create("configmaps", config_map("one"), fieldManager="somebody")
    [entry] = created["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], entry["apiVersion"]) == ("somebody", "Update", "v1")
    assert entry["fieldsV1"] == {"f:data": {".": {}, "f:key": {}}}


def test_without_a_field_manager_the_user_agent_names_it(ns: Namespace) -> None:
    created = ns.create("configmaps", config_map("one"), headers={"User-Agent": "somebody/1.0 (linux)"})
    assert created["metadata"]["managedFields"][0]["manager"] == "somebody"


def test_status_is_written_through_its_subresource_only(ns: Namespace) -> None:
    service = {"metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}
    ingress = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7", "ipMode": "VIP"}]}}
    created = ns.create("services", {**service, "status": ingress})
    assert created["status"] == {"loadBalancer": {}}
    changed = {**created, "status": ingress, "spec": {**created["spec"], "sessionAffinity": "ClientIP"}}
    shown = ns.api.put(ns.path("services", "web", "status"), changed).expect(200)
    assert shown["status"] == ingress
    assert shown["spec"]["sessionAffinity"] == "None"
    again = ns.api.put(ns.path("services", "web"), {**shown, "status": {}}).expect(200)
    assert again["status"] == ingress


def test_a_subresource_the_kind_does_not_have_is_404(ns: Namespace) -> None:
    ns.config_map("one")
    assert ns.api.get(ns.path("configmaps", "one", "status")).code == 404


def test_scale_reads_and_writes_replicas(ns: Namespace) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    ns.api.post(ns.path("deployments", group="apps"), {"metadata": {"name": "web"}, "spec": spec}).expect(201)
    path = ns.path("deployments", "web", "scale", group="apps")
    scale = ns.api.get(path).expect(200)
    assert (scale["kind"], scale["apiVersion"], scale["spec"]) == ("Scale", "autoscaling/v1", {"replicas": 1})
    assert scale["status"]["selector"] == "app=web"
    assert ns.api.patch(path, {"spec": {"replicas": 3}}).expect(200)["spec"] == {"replicas": 3}
    assert ns.api.get(path[: -len("/scale")]).expect(200)["spec"]["replicas"] == 3
