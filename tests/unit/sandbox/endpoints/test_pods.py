"""What a pod contributes: whether at all, with which addresses, ports, conditions and names."""

from __future__ import annotations

import pytest

from lbctl.sandbox.endpoints import pods as podrules
from lbctl.sandbox.endpoints.addresses import canonical
from lbctl.sandbox.endpoints.objects import ContainerPort, Pod, ServicePort
from tests.unit.sandbox.endpoints.builders import node, pod, service


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10.0.0.1", ("IPv4", "10.0.0.1"), id="plain IPv4"),
        pytest.param("010.000.0.01", ("IPv4", "10.0.0.1"), id="leading zeros are decimal"),
        pytest.param("::ffff:10.0.0.1", ("IPv4", "10.0.0.1"), id="IPv4-mapped is IPv4"),
        pytest.param("FD00:0:0::1", ("IPv6", "fd00::1"), id="IPv6 in its usual spelling"),
        pytest.param("fe80::1%eth0", None, id="a zone is no address"),
        pytest.param("", None, id="empty"),
        pytest.param("10.0.0", None, id="three octets"),
        pytest.param("10.0..1", None, id="empty octet"),
        pytest.param("example.com", None, id="name"),
    ],
)
def test_addresses_are_read_as_the_api_server_reads_them(text: str, expected: tuple[str, str] | None) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("one", "with_terminating", "without"),
    [
        pytest.param(pod(), True, True, id="running"),
        pytest.param(pod(phase="Pending"), True, True, id="pending with an address"),
        pytest.param(pod(ready=False), True, True, id="not ready"),
        pytest.param(pod(phase="Succeeded"), False, False, id="succeeded"),
        pytest.param(pod(phase="Failed"), False, False, id="failed"),
        pytest.param(pod(ips=[]), False, False, id="no address yet"),
        pytest.param(pod(deleted=True), True, False, id="terminating"),
    ],
)
def test_which_pods_belong_in_endpoints(one: Pod, with_terminating: bool, without: bool) -> None:
    assert podrules.belongs_in_endpoints(one, include_terminating=True) is with_terminating
    assert podrules.belongs_in_endpoints(one, include_terminating=False) is without


@pytest.mark.parametrize(
    ("one", "publish", "ready", "serving", "terminating"),
    [
        pytest.param(pod(), False, True, True, False, id="ready"),
        pytest.param(pod(ready=False), False, False, False, False, id="not ready"),
        pytest.param(pod(ready=False), True, True, False, False, id="not ready but published"),
        pytest.param(pod(deleted=True), False, False, True, True, id="terminating and still serving"),
        pytest.param(pod(deleted=True, ready=False), False, False, False, True, id="terminating"),
        pytest.param(pod(deleted=True), True, True, True, True, id="terminating but published"),
    ],
)
def test_conditions_of_an_endpoint(one: Pod, publish: bool, ready: bool, serving: bool, terminating: bool) -> None:
    endpoint = podrules.to_endpoint(one, node(), service(publish_not_ready=publish), "IPv4")
    assert endpoint is not None
    conditions = endpoint.conditions
    assert (conditions.ready, conditions.serving, conditions.terminating) == (ready, serving, terminating)


NAMED = ServicePort(name="http", port=80, target_port="web")


@pytest.mark.parametrize(
    ("one", "port", "expected"),
    [
        pytest.param(pod(), ServicePort(port=80, target_port=8080), 8080, id="number"),
        pytest.param(pod(), ServicePort(port=80), 80, id="no targetPort is the port"),
        pytest.param(pod(ports=[ContainerPort(9090, "web")]), NAMED, 9090, id="name"),
        pytest.param(pod(ports=[ContainerPort(9090, "web", "UDP")]), NAMED, None, id="name of another protocol"),
        pytest.param(pod(ports=[ContainerPort(9090, "other")]), NAMED, None, id="unknown name"),
        pytest.param(pod(sidecar_ports=[ContainerPort(7070, "web")]), NAMED, 7070, id="name in a sidecar"),
        pytest.param(pod(init_ports=[ContainerPort(7070, "web")]), NAMED, None, id="name in an init container"),
        pytest.param(
            pod(ports=[ContainerPort(1, "web")], sidecar_ports=[ContainerPort(2, "web")]),
            NAMED,
            1,
            id="containers before sidecars",
        ),
    ],
)
def test_target_port_is_found_in_the_pod(one: Pod, port: ServicePort, expected: int | None) -> None:
    assert podrules.find_port(one, port) == expected


@pytest.mark.parametrize(
    ("hostname", "subdomain", "expected"),
    [
        pytest.param("db-0", "web", "db-0", id="the subdomain is the Service"),
        pytest.param("db-0", "other", None, id="another subdomain"),
        pytest.param("db-0", "", None, id="no subdomain"),
        pytest.param("", "web", None, id="no hostname"),
    ],
)
def test_hostname_is_set_only_under_the_service(hostname: str, subdomain: str, expected: str | None) -> None:
    endpoint = podrules.to_endpoint(pod(hostname=hostname, subdomain=subdomain), node(), service(), "IPv4")
    assert endpoint is not None
    assert endpoint.hostname == expected


def test_endpoint_names_node_zone_and_pod() -> None:
    endpoint = podrules.to_endpoint(pod(3), node(zone="eu-1"), service(), "IPv4")
    assert endpoint is not None
    assert (endpoint.node_name, endpoint.zone) == ("node-a", "eu-1")
    target = endpoint.target_ref
    assert target is not None
    assert (target.kind, target.namespace, target.name, target.uid) == ("Pod", "default", "pod-0003", "uid-pod-3")
    assert target.resource_version == ""


def test_each_family_gets_its_own_addresses() -> None:
    both = pod(ips=["10.0.0.1", "fd00::1"])
    assert [
        endpoint.addresses
        for family in ("IPv4", "IPv6")
        if (endpoint := podrules.to_endpoint(both, node(), service(), family))
    ] == [("10.0.0.1",), ("fd00::1",)]
    assert podrules.to_endpoint(pod(ips=["10.0.0.1"]), node(), service(), "IPv6") is None


@pytest.mark.parametrize(
    ("families", "cluster_ip", "expected"),
    [
        pytest.param(["IPv6", "IPv4"], "fd00::1", ("IPv6", "IPv4"), id="as the Service says"),
        pytest.param([], "10.0.0.1", ("IPv4",), id="of an IPv4 cluster IP"),
        pytest.param([], "fd00::1", ("IPv6",), id="of an IPv6 cluster IP"),
        pytest.param([], "None", ("IPv4", "IPv6"), id="headless without families: both"),
    ],
)
def test_families_of_a_service(families: list[str], cluster_ip: str, expected: tuple[str, ...]) -> None:
    assert podrules.families_of(service(families=families, cluster_ip=cluster_ip)) == expected
