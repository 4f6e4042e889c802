"""Addresses and node ports of Services: never two alike, freed on delete, kept on update."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.service_room import ServiceRoom, causes, manifest


def test_64_concurrent_creates_get_64_addresses_and_node_ports(services: ServiceRoom) -> None:
    with ThreadPoolExecutor(max_workers=64) as pool:
        answers = list(pool.map(lambda number: services.create(f"s{number}", type="NodePort"), range(64)))
    assert len({answer.spec["clusterIP"] for answer in answers}) == 64
    assert len({answer.spec["ports"][0]["nodePort"] for answer in answers}) == 64


def test_an_address_can_be_asked_for_once_it_is_free_again(services: ServiceRoom) -> None:
    address = services.create("first").spec["clusterIP"]
    refused = services.create("second", clusterIP=address)
    assert causes(refused) == [
        f'spec.clusterIPs: Invalid value: ["{address}"]: failed to allocate IP {address}: '
        "provided IP is already allocated"
    ]
    services.delete("first")
    assert services.create("second", clusterIP=address).spec["clusterIP"] == address


def test_a_node_port_can_be_asked_for_once_it_is_free_again(services: ServiceRoom) -> None:
    port = services.create("first", type="NodePort").spec["ports"][0]["nodePort"]
    wanted = [{"port": 80, "nodePort": port}]
    assert causes(services.create("second", type="NodePort", ports=wanted)) == [
        f"spec.ports[0].nodePort: Invalid value: {port}: provided port is already allocated"
    ]
    services.delete("first")
    assert services.create("second", type="NodePort", ports=wanted).spec["ports"][0]["nodePort"] == port


def test_a_node_port_outside_the_range_is_refused_with_the_range(services: ServiceRoom) -> None:
    answer = services.create(type="NodePort", ports=[{"port": 80, "nodePort": 80}])
    assert answer.code == 422
    assert "provided port is not in the valid range. The range of valid ports is " in answer.message


def test_an_address_outside_the_range_is_refused(services: ServiceRoom) -> None:
    answer = services.create(clusterIP="203.0.113.7")
    assert answer.code == 422
    assert 'spec.clusterIPs: Invalid value: ["203.0.113.7"]: failed to allocate IP 203.0.113.7: ' in answer.message


def test_tcp_and_udp_of_one_port_share_a_node_port(services: ServiceRoom) -> None:
    ports = [{"name": "udp", "port": 53, "protocol": "UDP"}, {"name": "tcp", "port": 53, "protocol": "TCP"}]
    udp, tcp = services.create(type="NodePort", ports=ports).spec["ports"]
    assert udp["nodePort"] == tcp["nodePort"]


def test_a_load_balancer_may_do_without_node_ports(services: ServiceRoom) -> None:
    created = services.create(type="LoadBalancer", allocateLoadBalancerNodePorts=False)
    assert "nodePort" not in created.spec["ports"][0]


def test_applying_the_same_manifest_again_changes_nothing(services: ServiceRoom) -> None:
    first = services.create(type="LoadBalancer", externalTrafficPolicy="Local")
    again = services.replace(manifest("web", type="LoadBalancer", externalTrafficPolicy="Local"))
    assert again.spec == first.spec


def test_a_dry_run_stores_nothing_and_takes_nothing(services: ServiceRoom) -> None:
    port = services.create("first", type="NodePort").spec["ports"][0]["nodePort"]
    services.delete("first")
    wanted = [{"port": 80, "nodePort": port}]
    assert services.create("dry", dry_run=True, type="NodePort", ports=wanted).code == 201
    assert services.get("dry").code == 404
    assert services.create("wet", type="NodePort", ports=wanted).code == 201


def test_a_refused_update_leaves_addresses_and_ports_as_they_were(services: ServiceRoom) -> None:
    before = services.create(type="NodePort")
    taken = services.create("other", type="NodePort").spec["ports"][0]["nodePort"]
    ports = [{"name": "new", "port": 81}, {"name": "clash", "port": 82, "nodePort": taken}]
    assert services.patch("web", {"ports": ports}).code == 422
    assert services.get("web").body == before.body


@pytest.fixture
def dual_stack(services: ServiceRoom) -> None:
    """Skip where the cluster has one IP family."""
    probe = services.create("probe", ipFamilyPolicy="PreferDualStack").spec
    services.delete("probe")
    if len(probe["ipFamilies"]) < 2:
        pytest.skip("the cluster has one IP family")


@pytest.mark.usefixtures("dual_stack")
def test_a_dual_stack_service_has_an_address_of_each_family(services: ServiceRoom) -> None:
    spec = services.create(ipFamilyPolicy="RequireDualStack").spec
    assert sorted(spec["ipFamilies"]) == ["IPv4", "IPv6"]
    assert ["IPv6" if ":" in one else "IPv4" for one in spec["clusterIPs"]] == spec["ipFamilies"]


@pytest.mark.usefixtures("dual_stack")
def test_a_second_family_comes_and_goes_while_the_first_address_stays(services: ServiceRoom) -> None:
    first = services.create().spec["clusterIP"]
    dual = services.patch("web", {"ipFamilyPolicy": "RequireDualStack"}).spec
    assert (len(dual["clusterIPs"]), dual["clusterIP"]) == (2, first)
    single = services.patch("web", {"ipFamilyPolicy": "SingleStack"}).spec
    assert single["clusterIPs"] == [first]
    second = dual["clusterIPs"][1]
    assert services.create("other", clusterIP=second).spec["clusterIP"] == second


def test_dropping_a_family_needs_single_stack(services: ServiceRoom, dual_stack: None) -> None:
    spec = services.create(ipFamilyPolicy="PreferDualStack").spec
    answer = services.patch("web", {"ipFamilies": spec["ipFamilies"][:1]})
    assert causes(answer) == [
        'spec.ipFamilyPolicy: Invalid value: "PreferDualStack": '
        "must be 'SingleStack' to release the secondary IP family"
    ]
