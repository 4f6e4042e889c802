"""Updates: type changes, upgrades to two families and back, what may never change, and status."""

from __future__ import annotations

from typing import Any

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from tests.unit.sandbox.api.strategy.room import Room, complaints, service, services

NAME = {"type": "ExternalName", "externalName": "example.com"}
FIXED = "may not change once set"


def created(**spec: Any) -> Room:
    room = services()
    room.create(service(**spec))
    return room


def refused(room: Room, spec: Json) -> list[str]:
    with pytest.raises(ApiError) as refusal:
        room.edit("web", spec=spec)
    assert refusal.value.code == 422
    return complaints(refusal.value)


def test_becoming_an_external_name_drops_what_was_allocated() -> None:
    room = created(type="LoadBalancer", externalTrafficPolicy="Local", loadBalancerClass="lbctl.io/mock")
    spec = room.edit("web", spec=NAME)["spec"]
    assert spec == {
        **NAME,
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "selector": {"app": "web"},
        "sessionAffinity": "None",
    }


def test_an_external_name_that_becomes_a_cluster_ip_gets_an_address() -> None:
    room = created(**NAME)
    spec = room.edit("web", spec={"type": "ClusterIP", "externalName": None})["spec"]
    assert spec["clusterIP"].startswith("10.96.")
    assert spec["ipFamilies"] == ["IPv4"]
    assert spec["internalTrafficPolicy"] == "Cluster"


@pytest.mark.parametrize("before", ["NodePort", "LoadBalancer"])
def test_becoming_a_cluster_ip_drops_node_ports_and_keeps_the_address(before: str) -> None:
    room = created(type=before)
    old = room.stored["web"]["spec"]
    new = room.edit("web", spec={"type": "ClusterIP"})["spec"]
    assert new["clusterIP"] == old["clusterIP"]
    assert "nodePort" not in new["ports"][0]
    assert "externalTrafficPolicy" not in new
    assert "allocateLoadBalancerNodePorts" not in new


def test_a_node_port_survives_becoming_a_load_balancer_and_back() -> None:
    room = created(type="NodePort")
    port = room.stored["web"]["spec"]["ports"][0]["nodePort"]
    assert room.edit("web", spec={"type": "LoadBalancer"})["spec"]["ports"][0]["nodePort"] == port
    assert room.edit("web", spec={"type": "NodePort"})["spec"]["ports"][0]["nodePort"] == port


def test_the_health_check_port_comes_and_goes_with_the_local_policy() -> None:
    room = created(type="LoadBalancer")
    local = room.edit("web", spec={"externalTrafficPolicy": "Local"})["spec"]
    assert 30000 <= local["healthCheckNodePort"] <= 32767
    assert "healthCheckNodePort" not in room.edit("web", spec={"externalTrafficPolicy": "Cluster"})["spec"]


def test_a_field_the_client_changed_together_with_the_type_is_not_dropped_but_refused() -> None:
    room = created(type="LoadBalancer", loadBalancerClass="lbctl.io/a")
    errors = refused(room, {"type": "ClusterIP", "loadBalancerClass": "lbctl.io/b"})
    # The real server looks twice, too.
    assert errors == ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"] * 2


def test_turning_node_port_allocation_off_keeps_the_ports_that_are_there() -> None:
    room = created(type="LoadBalancer")
    old = room.stored["web"]["spec"]["ports"]
    assert room.edit("web", spec={"allocateLoadBalancerNodePorts": False})["spec"]["ports"] == old


def test_the_load_balancer_status_goes_with_the_type() -> None:
    room = created(type="LoadBalancer")
    with_status = room.stored["web"] | {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}}}
    assert room.update_status(with_status)["status"]["loadBalancer"]["ingress"]
    assert room.edit("web", spec={"type": "NodePort"})["status"] == {"loadBalancer": {}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"]},
            [f'spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: {FIXED}'],
            id="another-address",
        ),
        pytest.param(
            {"clusterIP": "10.96.0.9"}, [f'spec.clusterIPs[0]: Invalid value: ["10.96.0.9"]: {FIXED}'], id="singular"
        ),
        pytest.param(
            {"clusterIP": "None", "clusterIPs": ["None"]},
            [f'spec.clusterIPs[0]: Invalid value: ["None"]: {FIXED}'],
            id="headless",
        ),
        pytest.param(
            {"ipFamilies": ["IPv6"]},
            ['spec.clusterIPs[0]: Invalid value: "10.96.0.8": expected an IPv6 value as indicated by `ipFamilies[0]`'],
            id="another-family",
        ),
    ],
)
def test_the_primary_address_never_changes(spec: Json, expected: list[str]) -> None:
    assert refused(created(clusterIP="10.96.0.8"), spec) == expected


@pytest.mark.parametrize(
    "cleared",
    [
        pytest.param({"clusterIP": None}, id="singular"),
        pytest.param({"clusterIPs": None}, id="plural"),
        pytest.param({"clusterIP": None, "clusterIPs": None}, id="both"),
        pytest.param({"clusterIP": "", "clusterIPs": []}, id="emptied"),
        pytest.param({"ipFamilies": None, "ipFamilyPolicy": None}, id="families"),
    ],
)
def test_an_old_client_that_leaves_addresses_out_changes_nothing(cleared: Json) -> None:
    room = created()
    old = room.stored["web"]["spec"]
    assert room.edit("web", spec=cleared)["spec"] == old


def test_an_upgrade_to_two_families_adds_an_address_and_a_downgrade_frees_it() -> None:
    room = created()
    first = room.stored["web"]["spec"]["clusterIP"]
    dual = room.edit("web", spec={"ipFamilyPolicy": "RequireDualStack"})["spec"]
    assert dual["ipFamilies"] == ["IPv4", "IPv6"]
    assert dual["clusterIPs"][0] == dual["clusterIP"] == first
    single = room.edit("web", spec={"ipFamilyPolicy": "SingleStack"})["spec"]
    assert (single["clusterIPs"], single["ipFamilies"]) == ([first], ["IPv4"])
    again = room.create(service("other", clusterIP=dual["clusterIPs"][1]))
    assert again["spec"]["clusterIP"] == dual["clusterIPs"][1]


def test_a_second_address_can_be_asked_for() -> None:
    room = created()
    first = room.stored["web"]["spec"]["clusterIP"]
    asked = {"ipFamilyPolicy": "PreferDualStack", "clusterIPs": [first, "fd00:10:96::9"]}
    assert room.edit("web", spec=asked)["spec"]["clusterIPs"] == [first, "fd00:10:96::9"]


@pytest.mark.parametrize(
    ("field", "word"),
    [pytest.param("clusterIPs", "cluster IP", id="ip"), pytest.param("ipFamilies", "IP family", id="family")],
)
def test_a_second_family_goes_only_with_single_stack(field: str, word: str) -> None:
    room = created(ipFamilyPolicy="RequireDualStack")
    shortened = room.stored["web"]["spec"][field][:1]
    expected = (
        'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": '
        f"must be 'SingleStack' to release the secondary {word}"
    )
    assert refused(room, {field: shortened}) == [expected]


def test_prefer_dual_stack_is_not_upgraded_by_an_unrelated_update() -> None:
    room = created(ipFamilyPolicy="PreferDualStack")
    stored = room.stored["web"]["spec"]
    stored["ipFamilies"], stored["clusterIPs"] = ["IPv4"], [stored["clusterIP"]]
    assert room.edit("web", spec={"publishNotReadyAddresses": True})["spec"]["ipFamilies"] == ["IPv4"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("lbctl.io/a", "lbctl.io/b", id="changed"),
        pytest.param("lbctl.io/a", None, id="removed"),
        pytest.param(None, "lbctl.io/b", id="added"),
    ],
)
def test_the_class_of_a_load_balancer_never_changes(before: str | None, after: str | None) -> None:
    room = created(type="LoadBalancer", loadBalancerClass=before)
    shown = "null" if after is None else f'"{after}"'
    assert refused(room, {"loadBalancerClass": after}) == [f"spec.loadBalancerClass: Invalid value: {shown}: {FIXED}"]


def test_the_class_may_be_set_on_the_way_to_a_load_balancer() -> None:
    room = created()
    spec = room.edit("web", spec={"type": "LoadBalancer", "loadBalancerClass": "lbctl.io/a"})["spec"]
    assert spec["loadBalancerClass"] == "lbctl.io/a"


def test_the_health_check_port_never_changes_while_it_is_needed() -> None:
    room = created(type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30101)
    assert refused(room, {"healthCheckNodePort": 30102}) == ["spec.healthCheckNodePort: Forbidden: field is immutable"]


def test_an_update_cannot_write_status_and_a_status_write_cannot_change_the_spec() -> None:
    room = created(type="LoadBalancer")
    old = room.stored["web"]
    ingress = {"loadBalancer": {"ingress": [{"ip": "203.0.113.1", "ipMode": "VIP"}]}}
    assert room.update(old | {"status": ingress})["status"] == {"loadBalancer": {}}
    written = room.update_status(old | {"status": ingress, "spec": {"ports": [{"port": 1}]}})
    assert written["spec"] == old["spec"]
    assert written["status"] == ingress


INGRESS = "status.loadBalancer.ingress"


@pytest.mark.parametrize(
    ("kind", "ingress", "expected"),
    [
        pytest.param("LoadBalancer", {"ip": "203.0.113.1"}, [], id="ip-mode-defaults"),
        pytest.param("LoadBalancer", {"ip": "203.0.113.1", "ipMode": "Proxy"}, [], id="proxy"),
        pytest.param("LoadBalancer", {"hostname": "lb.example.com"}, [], id="hostname"),
        pytest.param(
            "LoadBalancer",
            {"ip": "203.0.113"},
            [
                f'{INGRESS}[0].ip: Invalid value: "203.0.113": '
                "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            ],
            id="bad-ip",
        ),
        pytest.param(
            "LoadBalancer",
            {"ip": "203.0.113.1", "ipMode": "Routed"},
            [f'{INGRESS}[0].ipMode: Unsupported value: "Routed": supported values: "Proxy", "VIP"'],
            id="unknown-mode",
        ),
        pytest.param(
            "LoadBalancer",
            {"hostname": "lb.example.com", "ipMode": "VIP"},
            [f"{INGRESS}[0].ipMode: Forbidden: may not be specified when `ip` is not set"],
            id="mode-without-ip",
        ),
        pytest.param(
            "LoadBalancer",
            {"hostname": "203.0.113.1"},
            [f'{INGRESS}[0].hostname: Invalid value: "203.0.113.1": must be a DNS name, not an IP address'],
            id="hostname-is-an-ip",
        ),
        pytest.param(
            "NodePort",
            {"hostname": "lb.example.com"},
            [f"{INGRESS}: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
            id="not-a-load-balancer",
        ),
    ],
)
def test_reported_ingress_is_checked(kind: str, ingress: Json, expected: list[str]) -> None:
    room = created(type=kind)
    written = room.stored["web"] | {"status": {"loadBalancer": {"ingress": [ingress]}}}
    if not expected:
        stored = room.update_status(written)["status"]["loadBalancer"]["ingress"][0]
        assert stored.get("ipMode") == (ingress.get("ipMode", "VIP") if "ip" in ingress else None)
        return
    with pytest.raises(ApiError) as refusal:
        room.update_status(written)
    assert complaints(refusal.value) == expected


def test_metadata_that_identifies_an_object_cannot_be_changed() -> None:
    room = created()
    changed = room.stored["web"] | {"metadata": {**room.stored["web"]["metadata"], "uid": "other"}}
    with pytest.raises(ApiError) as refusal:
        room.update(changed)
    assert complaints(refusal.value) == ['metadata.uid: Invalid value: "other": field is immutable']
