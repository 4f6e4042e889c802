"""Services that change: their type, and what must stay once it is set."""

from __future__ import annotations

import pytest

from tests.api.service_room import Json, ServiceRoom, causes

EXTERNAL: Json = {"type": "ExternalName", "externalName": "example.com"}
SPECS: dict[str, Json] = {
    "ClusterIP": {"type": "ClusterIP"},
    "NodePort": {"type": "NodePort"},
    "LoadBalancer": {"type": "LoadBalancer"},
    "ExternalName": EXTERNAL,
}


@pytest.mark.parametrize("after", SPECS)
@pytest.mark.parametrize("before", SPECS)
def test_any_type_can_become_any_other(services: ServiceRoom, before: str, after: str) -> None:
    old = services.create(**SPECS[before]).spec
    new = services.patch("web", SPECS[after]).spec
    assert new["type"] == after
    assert ("clusterIP" in new) == (after != "ExternalName")
    assert ("nodePort" in new["ports"][0]) == (after in ("NodePort", "LoadBalancer"))
    assert ("allocateLoadBalancerNodePorts" in new) == (after == "LoadBalancer")
    assert ("externalTrafficPolicy" in new) == (after in ("NodePort", "LoadBalancer"))
    if "ExternalName" not in (before, after):
        assert new["clusterIPs"] == old["clusterIPs"]
    if {before, after} == {"NodePort", "LoadBalancer"}:
        assert new["ports"] == old["ports"]


def test_what_a_type_change_lets_go_can_be_had_by_others(services: ServiceRoom) -> None:
    old = services.create(type="NodePort").spec
    services.patch("web", EXTERNAL)
    ports = [{"port": 80, "nodePort": old["ports"][0]["nodePort"]}]
    taken = services.create("other", type="NodePort", clusterIP=old["clusterIP"], ports=ports)
    assert taken.code == 201


def test_the_health_check_port_follows_the_local_policy(services: ServiceRoom) -> None:
    services.create(type="LoadBalancer")
    local = services.patch("web", {"externalTrafficPolicy": "Local"}).spec
    assert local["healthCheckNodePort"] not in (0, local["ports"][0]["nodePort"])
    assert "healthCheckNodePort" not in services.patch("web", {"externalTrafficPolicy": "Cluster"}).spec


@pytest.mark.parametrize(
    ("created", "change", "expected"),
    [
        pytest.param(
            {"type": "LoadBalancer", "loadBalancerClass": "lbctl.io/a"},
            {"loadBalancerClass": "lbctl.io/b"},
            'spec.loadBalancerClass: Invalid value: "lbctl.io/b": may not change once set',
            id="class",
        ),
        pytest.param(
            {},
            {"clusterIP": "None", "clusterIPs": ["None"]},
            'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set',
            id="headless",
        ),
        pytest.param(
            {"clusterIP": "None"},
            {"type": "LoadBalancer"},
            "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services",
            id="headless-load-balancer",
        ),
    ],
)
def test_what_is_set_once_stays(services: ServiceRoom, created: Json, change: Json, expected: str) -> None:
    before = services.create(**created).body
    assert causes(services.patch("web", change)) == [expected]
    assert services.get("web").body == before


def test_a_client_that_knows_no_plural_addresses_can_still_update(services: ServiceRoom) -> None:
    created = services.create().body
    old_client = {**created, "spec": {**created["spec"], "publishNotReadyAddresses": True}}
    for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        del old_client["spec"][field]
    assert services.replace(old_client).spec == {**created["spec"], "publishNotReadyAddresses": True}
