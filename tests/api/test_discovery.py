"""What a client learns about the server before it asks for anything, and who it is told to be."""

from __future__ import annotations

import pytest

from tests.api.client import Api
from tests.api.conftest import Namespace

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def test_the_version_is_a_recent_one(api: Api) -> None:
    version = api.get("/version").expect(200)
    assert version["major"] == "1"
    assert int(version["minor"].rstrip("+")) >= 32
    assert version["gitVersion"].startswith(f"v1.{version['minor'].rstrip('+')}.")


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_health_is_plain_text(api: Api, path: str) -> None:
    answer = api.get(path)
    assert (answer.code, answer.body) == (200, "ok")


def test_the_core_group_lists_its_resources(api: Api) -> None:
    assert api.get("/api").expect(200)["versions"] == ["v1"]
    body = api.get("/api/v1").expect(200)
    resources = {one["name"]: one for one in body["resources"]}
    services = resources["services"]
    assert (services["kind"], services["singularName"], services["namespaced"]) == ("Service", "service", True)
    assert services["shortNames"] == ["svc"]
    assert services["categories"] == ["all"]
    assert {"create", "delete", "get", "list", "patch", "update", "watch"} <= set(services["verbs"])
    assert resources["services/status"]["verbs"] == ["get", "patch", "update"]
    assert "deletecollection" not in resources["namespaces"]["verbs"]


@pytest.mark.parametrize(
    "group",
    [
        "apiextensions.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
    ],
)
def test_every_group_is_listed_and_described(api: Api, group: str) -> None:
    groups = {one["name"]: one for one in api.get("/apis").expect(200)["groups"]}
    assert groups[group]["preferredVersion"]["groupVersion"] == f"{group}/v1"
    assert api.get(f"/apis/{group}").expect(200)["kind"] == "APIGroup"
    assert api.get(f"/apis/{group}/v1").expect(200)["groupVersion"] == f"{group}/v1"


@pytest.mark.parametrize(("path", "resource"), [("/api", "services"), ("/apis", "endpointslices")])
def test_discovery_is_aggregated_for_those_who_ask(api: Api, path: str, resource: str) -> None:
    answer = api.get(path, accept=AGGREGATED)
    body = answer.expect(200)
    assert (body["kind"], body["apiVersion"]) == ("APIGroupDiscoveryList", "apidiscovery.k8s.io/v2")
    assert "as=APIGroupDiscoveryList" in answer.headers["Content-Type"]
    resources = [one for item in body["items"] for version in item["versions"] for one in version["resources"]]
    [found] = [one for one in resources if one["resource"] == resource]
    assert found["scope"] == "Namespaced"
    assert found["responseKind"]["kind"]


def test_openapi_v3_describes_a_service(api: Api) -> None:
    paths = api.get("/openapi/v3").expect(200)["paths"]
    document = api.get(paths["api/v1"]["serverRelativeURL"]).expect(200)
    schemas = document["components"]["schemas"]
    assert "ports" in schemas["io.k8s.api.core.v1.ServiceSpec"]["properties"]


def test_openapi_v2_describes_a_service(api: Api) -> None:
    document = api.get("/openapi/v2").expect(200)
    assert document["swagger"] == "2.0"
    assert "io.k8s.api.core.v1.Service" in document["definitions"]


def test_openapi_v2_comes_as_protobuf_for_old_clients(api: Api) -> None:
    answer = api.get("/openapi/v2", accept="application/com.github.proto-openapi.spec.v2@v1.0+protobuf")
    assert answer.code == 200
    assert answer.headers["Content-Type"] == "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"


@pytest.mark.parametrize("path", ["/nothing", "/apis/nothing.example.com", "/apis/apps/v9", "/api/v9/services"])
def test_an_unknown_path_is_404(api: Api, path: str) -> None:
    assert api.get(path).code == 404


def test_a_wrong_token_is_401(api: Api) -> None:
    answer = api.get("/api/v1/services", headers={"Authorization": "Bearer wrong"})
    assert (answer.code, answer.reason, answer.message) == (401, "Unauthorized", "Unauthorized")


def test_nobody_in_particular_may_read_services(api: Api) -> None:
    assert api.get("/api/v1/services", headers={"Authorization": ""}).code in (401, 403)


def test_the_holder_of_the_credentials_may_do_everything(api: Api) -> None:
    attributes = {"namespace": "default", "verb": "create", "resource": "services"}
    body = {"spec": {"resourceAttributes": attributes}}
    answer = api.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body).expect(201)
    assert answer["status"]["allowed"] is True
    rules = api.post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {"spec": {"namespace": "default"}})
    [rule] = [one for one in rules.expect(201)["status"]["resourceRules"] if one["resources"] == ["*"]]
    assert rule["verbs"] == ["*"]


def test_others_may_not(api: Api) -> None:
    attributes = {"namespace": "default", "verb": "create", "resource": "services"}
    body = {"spec": {"user": "somebody-else", "resourceAttributes": attributes}}
    answer = api.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", body).expect(201)
    assert answer["status"]["allowed"] is False


def test_whom_one_impersonates_is_refused(api: Api, ns: Namespace) -> None:
    answer = api.get(ns.path("services"), headers={"Impersonate-User": "bob"})
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        'services is forbidden: User "bob" cannot list resource "services" in API group "" '
        f'in the namespace "{ns.name}"'
    )


def test_one_can_ask_who_one_is(api: Api) -> None:
    review = api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {}).expect(201)
    assert "system:masters" in review["status"]["userInfo"]["groups"]


def test_a_token_review_tells_good_tokens_from_bad(api: Api) -> None:
    review = api.post("/apis/authentication.k8s.io/v1/tokenreviews", {"spec": {"token": "wrong"}}).expect(201)
    assert not review["status"].get("authenticated")


def test_a_new_cluster_has_its_namespaces_and_the_service_of_its_api(api: Api) -> None:
    for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
        assert api.get(f"/api/v1/namespaces/{name}").expect(200)["status"]["phase"] == "Active"
    service = api.get("/api/v1/namespaces/default/services/kubernetes").expect(200)
    assert service["spec"]["ports"][0]["port"] == 443
    assert service["spec"]["clusterIP"].endswith(".1")
    endpoints = api.get("/api/v1/namespaces/default/endpoints/kubernetes").expect(200)
    assert endpoints["subsets"][0]["addresses"]
