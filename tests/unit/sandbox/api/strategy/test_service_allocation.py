"""What Services hold over their lives: taken on create, kept on update, freed on delete, untouched by dry runs."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.strategy.service import ServiceStrategy
from lbctl.sandbox.api.strategy.settings import ServiceSettings
from tests.unit.sandbox.api.strategy.room import Room, complaints, service, services

SMALL = ServiceSettings((IPv4Network("10.0.0.0/28"), IPv6Network("fd00::/124")), range(30000, 30012))


def strategy_of(room: Room) -> ServiceStrategy:
    assert isinstance(room.strategy, ServiceStrategy)
    return room.strategy


def free(room: Room) -> tuple[int, int, int]:
    """How many IPv4 addresses, IPv6 addresses and node ports are free."""
    strategy = strategy_of(room)
    return strategy.cluster_ips["IPv4"].free, strategy.cluster_ips["IPv6"].free, strategy.node_ports.free


@pytest.mark.parametrize(
    ("spec", "held"),
    [
        pytest.param({}, (1, 0, 0), id="ClusterIP"),
        pytest.param({"clusterIP": "None"}, (0, 0, 0), id="headless"),
        pytest.param({"ipFamilies": ["IPv6"]}, (0, 1, 0), id="IPv6"),
        pytest.param({"ipFamilyPolicy": "PreferDualStack"}, (1, 1, 0), id="dual-stack"),
        pytest.param({"type": "NodePort"}, (1, 0, 1), id="NodePort"),
        pytest.param({"type": "LoadBalancer"}, (1, 0, 1), id="LoadBalancer"),
        pytest.param({"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False}, (1, 0, 0), id="no-node-ports"),
        pytest.param({"type": "LoadBalancer", "externalTrafficPolicy": "Local"}, (1, 0, 2), id="health-check-port"),
        pytest.param({"type": "ExternalName", "externalName": "example.com"}, (0, 0, 0), id="ExternalName"),
    ],
)
def test_a_service_holds_what_its_type_needs_and_frees_it_all(spec: Json, held: tuple[int, int, int]) -> None:
    room = services()
    before = free(room)
    room.create(service(**spec))
    assert tuple(was - now for was, now in zip(before, free(room), strict=True)) == held
    room.delete("web")
    assert free(room) == before


def test_tcp_and_udp_of_one_port_number_share_a_node_port() -> None:
    room = services()
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
        {"name": "metrics", "port": 9153},
    ]
    spec = room.create(service(type="NodePort", ports=ports))["spec"]
    udp, tcp, metrics = (port["nodePort"] for port in spec["ports"])
    assert udp == tcp != metrics
    room.delete("web")
    assert free(room)[2] == 2768


def test_an_explicit_node_port_is_shared_with_the_other_protocol_wherever_it_stands() -> None:
    room = services()
    ports = [{"name": "a", "port": 53}, {"name": "b", "port": 53, "protocol": "UDP", "nodePort": 30053}]
    spec = room.create(service(type="NodePort", ports=ports))["spec"]
    assert [port["nodePort"] for port in spec["ports"]] == [30053, 30053]


def test_one_port_number_may_ask_for_a_node_port_per_protocol() -> None:
    room = services()
    ports = [
        {"name": "a", "port": 53, "nodePort": 30053},
        {"name": "b", "port": 53, "protocol": "UDP", "nodePort": 30054},
    ]
    spec = room.create(service(type="NodePort", ports=ports))["spec"]
    assert [port["nodePort"] for port in spec["ports"]] == [30053, 30054]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            {"clusterIP": "10.96.0.9"},
            {"clusterIP": "10.96.0.9"},
            'spec.clusterIPs: Invalid value: ["10.96.0.9"]: failed to allocate IP 10.96.0.9: '
            "provided IP is already allocated",
            id="cluster-ip",
        ),
        pytest.param(
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]},
            {"type": "NodePort", "ports": [{"port": 81, "nodePort": 30080}]},
            "spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated",
            id="node-port",
        ),
        pytest.param(
            {},
            {"type": "NodePort", "ports": [{"port": 81, "nodePort": 80}]},
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
            "The range of valid ports is 30000-32767",
            id="node-port-range",
        ),
        pytest.param(
            {},
            {"clusterIP": "192.0.2.1"},
            'spec.clusterIPs: Invalid value: ["192.0.2.1"]: failed to allocate IP 192.0.2.1: '
            "the provided IP (192.0.2.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16",
            id="cluster-ip-range",
        ),
    ],
)
def test_what_cannot_be_had_is_refused_and_nothing_stays_taken(first: Json, second: Json, expected: str) -> None:
    room = services()
    room.create(service("one", **first))
    before = free(room)
    with pytest.raises(ApiError) as refusal:
        room.create(service("two", **second))
    assert (refusal.value.code, refusal.value.reason) == (422, "Invalid")
    assert complaints(refusal.value) == [expected]
    assert refusal.value.message == f'Service "two" is invalid: {expected}'
    assert free(room) == before


def test_a_clash_of_the_health_check_port_is_an_internal_error_as_in_the_real_server() -> None:
    room = services()
    room.create(service("one", type="NodePort", ports=[{"port": 80, "nodePort": 30080}]))
    local = service("two", type="LoadBalancer", externalTrafficPolicy="Local", healthCheckNodePort=30080)
    with pytest.raises(ApiError) as refusal:
        room.create(local)
    assert refusal.value.code == 500
    assert refusal.value.message == (
        "Internal error occurred: failed to allocate requested HealthCheck NodePort 30080: "
        "provided port is already allocated"
    )


def test_a_full_address_range_is_an_internal_error_that_names_the_service() -> None:
    room = services(SMALL)
    for number in range(14):
        room.create(service(f"s{number}"))
    with pytest.raises(ApiError) as refusal:
        room.create(service("late"))
    assert refusal.value.code == 500
    assert refusal.value.message.endswith('failed to allocate a serviceIP for Service "late": range is full')


def test_a_dry_run_takes_nothing_and_shows_placeholders() -> None:
    room = services()
    before = free(room)
    shown = room.create(service(type="NodePort", ipFamilyPolicy="RequireDualStack"), dry_run=True)["spec"]
    assert free(room) == before
    assert shown["clusterIPs"] == ["10.96.0.0", "fd00:10:96::"]
    assert shown["ports"][0]["nodePort"] == 32769


def test_a_dry_run_reports_a_taken_node_port() -> None:
    room = services()
    taken = [{"port": 80, "nodePort": 30080}]
    room.create(service("one", type="NodePort", ports=taken))
    with pytest.raises(ApiError, match="provided port is already allocated"):
        room.create(service("two", type="NodePort", ports=taken), dry_run=True)


def test_a_dry_run_of_an_update_frees_nothing() -> None:
    room = services()
    room.create(service(type="NodePort"))
    before = free(room)
    room.edit("web", spec={"type": "ExternalName", "externalName": "example.com"}, dry_run=True)
    assert free(room) == before


def test_an_update_that_repeats_only_the_manifest_keeps_addresses_and_ports() -> None:
    room = services()
    manifest = service(type="LoadBalancer", externalTrafficPolicy="Local", ipFamilyPolicy="PreferDualStack")
    first = room.create(manifest)
    before = free(room)
    assert room.update(manifest)["spec"] == first["spec"]
    assert free(room) == before


def test_a_port_that_is_removed_frees_its_node_port_and_a_new_one_gets_its_own() -> None:
    room = services()
    ports = [{"name": "a", "port": 1}, {"name": "b", "port": 2}]
    first = room.create(service(type="NodePort", ports=ports))["spec"]["ports"]
    changed = room.update(service(type="NodePort", ports=[{"name": "b", "port": 2}, {"name": "c", "port": 3}]))
    kept, new = changed["spec"]["ports"]
    assert kept["nodePort"] == first[1]["nodePort"]
    assert new["nodePort"] not in (first[0]["nodePort"], first[1]["nodePort"])
    assert first[0]["nodePort"] not in strategy_of(room).node_ports


def test_a_node_port_that_moves_to_another_port_is_not_also_kept_by_the_first() -> None:
    room = services()
    ports = [{"name": "a", "port": 1, "nodePort": 30001}, {"name": "b", "port": 2, "nodePort": 30002}]
    room.create(service(type="NodePort", ports=ports))
    moved = [{"name": "a", "port": 1}, {"name": "b", "port": 2, "nodePort": 30001}]
    first, second = room.update(service(type="NodePort", ports=moved))["spec"]["ports"]
    assert second["nodePort"] == 30001
    assert first["nodePort"] not in (30001, 30002)
    assert 30002 not in strategy_of(room).node_ports


def test_an_external_name_that_mentions_a_node_port_does_not_own_it() -> None:
    room = services()
    ports = [{"port": 80, "nodePort": 30080}]
    room.create(service("owner", type="NodePort", ports=ports))
    room.create(service("alias", type="ExternalName", externalName="example.com", ports=ports))
    room.delete("alias")
    assert 30080 in strategy_of(room).node_ports


def test_a_failed_write_gives_back_what_it_took_and_keeps_what_it_let_go() -> None:
    room = services()
    old = room.create(service(type="NodePort"))
    before = free(room)
    new = service(type="NodePort", ports=[{"port": 80, "nodePort": 30001}, {"name": "x", "port": 81}])
    new["spec"]["ports"][0]["name"] = "w"
    strategy = strategy_of(room)
    strategy.default(new)
    strategy.prepare_update(new, old)
    reservation = strategy.reserve(new, old, dry_run=False)
    assert 30001 in strategy.node_ports
    reservation.release()
    assert free(room) == before
    assert old["spec"]["ports"][0]["nodePort"] in strategy.node_ports


def test_restoring_stored_services_twice_gives_the_same_allocations_as_before_the_restart() -> None:
    room = services()
    room.create(service("a", type="LoadBalancer", externalTrafficPolicy="Local"))
    room.create(service("b", ipFamilyPolicy="RequireDualStack"))
    room.create(service("c", clusterIP="None"))
    again = services(seed=2)
    for _ in range(2):
        for stored in room.stored.values():
            again.strategy.restore(stored)
    assert free(again) == free(room)
    with pytest.raises(ApiError, match="provided IP is already allocated"):
        again.create(service("d", clusterIP=room.stored["a"]["spec"]["clusterIP"]))


SPECS: dict[str, Json] = {
    "cluster-ip": {"type": "ClusterIP"},
    "node-port": {"type": "NodePort"},
    "balanced": {"type": "LoadBalancer"},
    "local": {"type": "LoadBalancer", "externalTrafficPolicy": "Local"},
    "portless": {"type": "LoadBalancer", "allocateLoadBalancerNodePorts": False},
    "external": {"type": "ExternalName", "externalName": "example.com"},
    "dual": {"type": "ClusterIP", "ipFamilyPolicy": "RequireDualStack"},
    "single": {"type": "ClusterIP", "ipFamilyPolicy": "SingleStack"},
    "asks": {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30003}]},
}


class CrowdedCluster(RuleBasedStateMachine):
    """Whatever happens to Services in a tiny cluster, what they hold is exactly what is taken, and nothing twice."""

    @initialize(seed=st.integers(0, 99))
    def build(self, seed: int) -> None:
        self.room = services(SMALL, seed)

    @rule(name=st.sampled_from("abcdefgh"), spec=st.sampled_from(sorted(SPECS)), dry_run=st.booleans())
    def write(self, name: str, spec: str, dry_run: bool) -> None:
        manifest = service(name, **SPECS[spec])
        try:
            if name in self.room.stored:
                self.room.update(manifest, dry_run=dry_run)
            else:
                self.room.create(manifest, dry_run=dry_run)
        except ApiError as error:
            if error.code not in (422, 500):
                raise

    @rule(name=st.sampled_from("abcdefgh"))
    def delete(self, name: str) -> None:
        if name in self.room.stored:
            self.room.delete(name)

    @invariant()
    def held_is_taken(self) -> None:
        if not hasattr(self, "room"):
            return
        addresses: list[str] = []
        ports: list[int] = []
        for stored in self.room.stored.values():
            spec = stored["spec"]
            addresses += spec.get("clusterIPs") or []
            ports += {port["nodePort"] for port in spec["ports"] if "nodePort" in port}
            ports += [spec["healthCheckNodePort"]] if "healthCheckNodePort" in spec else []
        assert len(set(addresses)) == len(addresses)
        assert len(set(ports)) == len(ports)
        v6 = sum(ip_address(one).version == 6 for one in addresses)
        assert free(self.room) == (14 - (len(addresses) - v6), 15 - v6, 12 - len(ports))


TestCrowdedCluster = CrowdedCluster.TestCase
TestCrowdedCluster.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
