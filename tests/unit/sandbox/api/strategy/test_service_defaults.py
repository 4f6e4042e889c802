"""What a Service that says little looks like once it is stored, and what the server warns about."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

import pytest

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.strategy.settings import ServiceSettings
from tests.unit.sandbox.api.strategy.room import service, services


def test_a_minimal_service_gets_the_defaults_of_a_real_cluster() -> None:
    stored = services().create(service())
    address = stored["spec"].pop("clusterIP")
    assert stored["spec"] == {
        "clusterIPs": [address],
        "internalTrafficPolicy": "Cluster",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "selector": {"app": "web"},
        "sessionAffinity": "None",
        "type": "ClusterIP",
    }
    assert stored["status"] == {"loadBalancer": {}}


@pytest.mark.parametrize(
    ("spec", "field", "expected"),
    [
        pytest.param({"type": "NodePort"}, "externalTrafficPolicy", "Cluster", id="node-port"),
        pytest.param({"externalIPs": ["192.0.2.1"]}, "externalTrafficPolicy", "Cluster", id="external-ips"),
        pytest.param({"type": "LoadBalancer"}, "allocateLoadBalancerNodePorts", True, id="load-balancer"),
        pytest.param(
            {"sessionAffinity": "ClientIP"},
            "sessionAffinityConfig",
            {"clientIP": {"timeoutSeconds": 10800}},
            id="affinity",
        ),
        pytest.param(
            {"sessionAffinity": "None", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}},
            "sessionAffinityConfig",
            None,
            id="no-affinity",
        ),
        pytest.param({"type": "ExternalName", "externalName": "a.b"}, "internalTrafficPolicy", None, id="name"),
        pytest.param(
            {"type": "ExternalName", "externalName": "a.b", "internalTrafficPolicy": "Local"},
            "internalTrafficPolicy",
            None,
            id="name-with-policy",
        ),
        pytest.param({"clusterIP": ""}, "ipFamilyPolicy", "SingleStack", id="empty-address"),
        pytest.param({"selector": {}}, "selector", None, id="empty-selector"),
    ],
)
def test_a_default_depends_on_the_type(spec: Json, field: str, expected: object) -> None:
    assert services().create(service(**spec))["spec"].get(field) == expected


@pytest.mark.parametrize(
    ("spec", "policy", "families"),
    [
        pytest.param({}, "SingleStack", ["IPv4"], id="nothing-said"),
        pytest.param({"ipFamilies": ["IPv6"]}, "SingleStack", ["IPv6"], id="family"),
        pytest.param({"clusterIP": "fd00:10:96::7"}, "SingleStack", ["IPv6"], id="address"),
        pytest.param({"ipFamilyPolicy": "PreferDualStack"}, "PreferDualStack", ["IPv4", "IPv6"], id="prefer"),
        pytest.param(
            {"ipFamilyPolicy": "RequireDualStack", "ipFamilies": ["IPv6"]},
            "RequireDualStack",
            ["IPv6", "IPv4"],
            id="require-v6-first",
        ),
        pytest.param({"clusterIP": "None"}, "SingleStack", ["IPv4"], id="headless"),
        pytest.param({"clusterIP": "None", "selector": None}, "RequireDualStack", ["IPv4", "IPv6"], id="by-hand"),
    ],
)
def test_families_follow_the_request_and_the_cluster(spec: Json, policy: str, families: list[str]) -> None:
    stored = services().create(service(**spec))["spec"]
    assert (stored["ipFamilyPolicy"], stored["ipFamilies"]) == (policy, families)
    versions = ["IPv6" if ":" in one else "IPv4" for one in stored["clusterIPs"] if one != "None"]
    assert versions == ([] if spec.get("clusterIP") == "None" else families)


def test_prefer_dual_stack_is_single_where_the_cluster_has_one_family() -> None:
    room = services(ServiceSettings((IPv6Network("fd00:10:96::/112"),)))
    stored = room.create(service(ipFamilyPolicy="PreferDualStack"))["spec"]
    assert stored["ipFamilies"] == ["IPv6"]
    assert len(stored["clusterIPs"]) == 1


def test_a_headless_service_without_selector_is_dual_even_in_a_single_stack_cluster() -> None:
    room = services(ServiceSettings((IPv4Network("10.96.0.0/16"),)))
    stored = room.create(service(clusterIP="None", selector=None))["spec"]
    assert stored["ipFamilies"] == ["IPv4", "IPv6"]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(
            {"clusterIP": "fd00:10:96:0::77"},
            [
                'spec.clusterIPs[0]: IPv6 address "fd00:10:96:0::77" should be in RFC 5952 canonical format '
                '("fd00:10:96::77")'
            ],
            id="uncanonical",
        ),
        pytest.param(
            {"clusterIP": "None", "sessionAffinity": "ClientIP"},
            ["spec.SessionAffinity is ignored for headless services"],
            id="headless",
        ),
        pytest.param(
            {"externalIPs": ["192.0.2.1"]},
            ["spec.externalIPs is deprecated and may no longer be implemented in some clusters"],
            id="external-ips",
        ),
        pytest.param(
            {"externalName": "example.com"},
            ['spec.externalName is ignored when spec.type is not "ExternalName"'],
            id="external-name",
        ),
        pytest.param(
            {"trafficDistribution": "PreferClose"},
            ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
            id="distribution",
        ),
    ],
)
def test_oddities_are_accepted_with_a_warning(spec: Json, expected: list[str]) -> None:
    room = services()
    stored = room.create(service(**spec))
    assert room.strategy.warnings(stored, None) == expected


@pytest.mark.parametrize(
    ("cidrs", "ports"),
    [
        pytest.param((), range(30000, 32768), id="no-network"),
        pytest.param((IPv4Network("10.0.0.0/16"), IPv4Network("10.1.0.0/16")), range(30000, 32768), id="family-twice"),
        pytest.param((IPv4Network("10.0.0.0/31"),), range(30000, 32768), id="tiny"),
        pytest.param((IPv4Network("10.0.0.0/16"),), range(100), id="port-zero"),
        pytest.param((IPv4Network("10.0.0.0/16"),), range(65000, 65537), id="port-65536"),
        pytest.param((IPv4Network("10.0.0.0/16"),), range(5, 5), id="no-ports"),
    ],
)
def test_impossible_settings_are_refused(cidrs: tuple[IPv4Network, ...], ports: range) -> None:
    with pytest.raises(ValueError, match=r"service range|node ports"):
        ServiceSettings(cidrs, ports)
