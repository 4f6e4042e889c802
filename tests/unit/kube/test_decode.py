"""JSON of the API to values: every field once, nulls everywhere, and what must not matter."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from lbctl.kube.kinds import ENDPOINT_SLICES, LEASES, NAMESPACES, NODES, PODS, SERVICES
from lbctl.kube.objects import ContainerPort, json_resource
from lbctl.kube.resources import Resource
from lbctl.kube.wire import micro_time, second_time
from lbctl.model.address import Family
from lbctl.model.endpoint import Endpoint, EndpointPort, EndpointSlice
from lbctl.model.node import Node
from lbctl.model.service import (
    Condition,
    Ingress,
    IngressPort,
    IpMode,
    ObjectKey,
    Protocol,
    Service,
    ServicePort,
    ServiceType,
    TrafficPolicy,
    Uid,
)

META: dict[str, Any] = {
    "name": "web", "namespace": "shop", "uid": "u1", "resourceVersion": "7", "generation": 3, "labels": {"app": "web"},
    "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}],
}  # fmt: skip


def read(resource: Resource[Any], **document: Any) -> Any:
    return resource.decode(json.dumps({"metadata": META, **document}).encode())


def test_a_service_with_every_field() -> None:
    meta = {
        **META,
        "annotations": {"a": "b", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
        "finalizers": ["lbctl.io/load-balancer"],
        "deletionTimestamp": "2026-01-01T00:00:00Z",
    }
    spec = {
        "type": "LoadBalancer",
        "ports": [
            {"name": "http", "port": 80, "targetPort": "web", "nodePort": 30080, "appProtocol": "http"},
            {"name": "dns", "port": 53, "targetPort": 5353, "protocol": "UDP"},
        ],
        "selector": {"app": "web"},
        "clusterIP": "10.96.0.9",
        "clusterIPs": ["10.96.0.9", "fd00:10:96::9"],
        "ipFamilies": ["IPv4", "IPv6"],
        "ipFamilyPolicy": "PreferDualStack",
        "externalIPs": ["198.51.100.1"],
        "externalTrafficPolicy": "Local",
        "internalTrafficPolicy": "Cluster",
        "healthCheckNodePort": 31000,
        "sessionAffinity": "ClientIP",
        "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}},
        "loadBalancerClass": "lbctl.io/mock",
        "loadBalancerIP": "203.0.113.9",
        "loadBalancerSourceRanges": [" 10.0.0.0/8"],
        "allocateLoadBalancerNodePorts": False,
        "publishNotReadyAddresses": True,
        "trafficDistribution": "PreferClose",
    }
    ingress = {"ip": "203.0.113.9", "ipMode": "VIP", "ports": [{"port": 80, "protocol": "TCP", "error": "Busy"}]}
    condition = {
        "type": "Ready", "status": "True", "reason": "R", "message": "m", "observedGeneration": 3,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    status = {"loadBalancer": {"ingress": [ingress, {"hostname": "a.example"}]}, "conditions": [condition]}
    assert read(SERVICES, metadata=meta, spec=spec, status=status) == Service(
        key=ObjectKey("shop", "web"),
        uid=Uid("u1"),
        resource_version="7",
        generation=3,
        type=ServiceType.LOAD_BALANCER,
        ports=(
            ServicePort(80, Protocol.TCP, "http", "web", 30080, "http"),
            ServicePort(53, Protocol.UDP, "dns", 5353),
        ),
        selector={"app": "web"},
        cluster_ips=(ip_address("10.96.0.9"), ip_address("fd00:10:96::9")),
        ip_families=(Family.IPV4, Family.IPV6),
        ip_family_policy="PreferDualStack",
        external_ips=(ip_address("198.51.100.1"),),
        external_traffic_policy=TrafficPolicy.LOCAL,
        health_check_node_port=31000,
        client_ip_affinity_s=60,
        load_balancer_class="lbctl.io/mock",
        load_balancer_ip="203.0.113.9",
        source_ranges=(" 10.0.0.0/8",),
        allocate_node_ports=False,
        publish_not_ready=True,
        traffic_distribution="PreferClose",
        labels={"app": "web"},
        annotations={"a": "b"},
        finalizers=("lbctl.io/load-balancer",),
        deleting=True,
        ingress=(
            Ingress(ip_address("203.0.113.9"), "", IpMode.VIP, (IngressPort(80, Protocol.TCP, "Busy"),)),
            Ingress(hostname="a.example"),
        ),
        conditions=(Condition("Ready", "True", "R", "m", 3),),
    )


def test_a_service_of_nulls_is_the_plain_one() -> None:
    empty = read(SERVICES, spec={}, metadata={"name": "web", "namespace": "shop"})
    spec = dict.fromkeys(
        (
            "ports", "selector", "clusterIPs", "ipFamilies", "externalIPs", "loadBalancerSourceRanges",
            "loadBalancerClass", "sessionAffinityConfig", "allocateLoadBalancerNodePorts", "ipFamilyPolicy",
            "internalTrafficPolicy", "trafficDistribution",
        )
    )  # fmt: skip
    meta = {"name": "web", "namespace": "shop", "labels": None, "annotations": None, "finalizers": None}
    status = {"loadBalancer": {"ingress": None}, "conditions": None}
    assert read(SERVICES, metadata=meta, spec=spec, status=status) == empty == Service(ObjectKey("shop", "web"))


@pytest.mark.parametrize(
    ("spec", "headless", "addresses"),
    [
        ({"clusterIP": "None", "clusterIPs": ["None"]}, True, ()),
        ({"clusterIP": "None"}, True, ()),
        ({"clusterIP": "10.96.0.1"}, False, (ip_address("10.96.0.1"),)),
        ({"clusterIP": ""}, False, ()),
        ({"clusterIPs": ["010.096.000.001"]}, False, (ip_address("10.96.0.1"),)),
        ({"clusterIPs": ["nonsense", "10.96.0.1"]}, False, (ip_address("10.96.0.1"),)),
    ],
    ids=["headless", "headless, old", "single field", "awaits one", "leading zeros", "unreadable left out"],
)
def test_cluster_ips(spec: dict[str, Any], headless: bool, addresses: tuple[Any, ...]) -> None:
    service = read(SERVICES, spec=spec)
    assert (service.headless, service.cluster_ips) == (headless, addresses)


@pytest.mark.parametrize(
    ("spec", "seconds"),
    [
        ({"sessionAffinity": "None", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 5}}}, 0),
        ({"sessionAffinity": "ClientIP"}, 10800),
        ({"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {}}}, 10800),
    ],
    ids=["off", "no config", "no timeout"],
)
def test_client_ip_affinity(spec: dict[str, Any], seconds: int) -> None:
    assert read(SERVICES, spec=spec).client_ip_affinity_s == seconds


def test_an_endpoint_slice_with_every_field() -> None:
    meta = {
        **META,
        "labels": {
            "kubernetes.io/service-name": "web",
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "service.kubernetes.io/headless": "",
        },
    }
    endpoint = {
        "addresses": ["10.0.0.1"],
        "conditions": {"ready": False, "serving": True, "terminating": True},
        "nodeName": "n1",
        "zone": "z1",
        "hostname": "h",
        "hints": {"forZones": [{"name": "z2"}, {"name": "z1"}], "forNodes": [{"name": "n1"}]},
        "targetRef": {"kind": "Pod"},
    }
    ports = [{"name": "http", "port": 8080, "protocol": "TCP"}, {"name": None, "port": None, "protocol": None}]
    decoded = read(ENDPOINT_SLICES, metadata=meta, addressType="IPv4", endpoints=[endpoint], ports=ports)
    assert decoded == EndpointSlice(
        key=ObjectKey("shop", "web"),
        service=ObjectKey("shop", "web"),
        family=Family.IPV4,
        ports=(EndpointPort("http", Protocol.TCP, 8080), EndpointPort("", Protocol.TCP, None)),
        endpoints=(
            Endpoint(
                addresses=(ip_address("10.0.0.1"),),
                ready=False,
                serving=True,
                terminating=True,
                node="n1",
                zone="z1",
                hostname="h",
                hint_zones=frozenset({"z1", "z2"}),
                hint_nodes=frozenset({"n1"}),
            ),
        ),
        headless=True,
        managed_by="endpointslice-controller.k8s.io",
        resource_version="7",
    )


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (None, (True, True, False)),
        ({}, (True, True, False)),
        ({"ready": None, "serving": None, "terminating": None}, (True, True, False)),
        ({"ready": False}, (False, False, False)),
        ({"ready": False, "serving": True}, (False, True, False)),
        ({"ready": True, "serving": False}, (True, False, False)),
    ],
    ids=["none", "empty", "nulls", "serving follows ready", "serving said", "both said"],
)
def test_null_endpoint_conditions_have_their_meaning(conditions: Any, expected: tuple[bool, bool, bool]) -> None:
    """Source: discovery/v1 EndpointConditions: nil ready and serving are true unless ready says otherwise."""
    piece = read(ENDPOINT_SLICES, addressType="IPv4", endpoints=[{"addresses": ["10.0.0.1"], "conditions": conditions}])
    [endpoint] = piece.endpoints
    assert (endpoint.ready, endpoint.serving, endpoint.terminating) == expected


@pytest.mark.parametrize("document", [{"endpoints": None, "ports": None}, {}], ids=["nulls", "absent"])
def test_an_empty_slice(document: dict[str, Any]) -> None:
    piece = read(ENDPOINT_SLICES, addressType="IPv6", **document)
    assert (piece.endpoints, piece.ports, piece.family, piece.service) == ((), (), Family.IPV6, None)


def test_an_fqdn_slice_has_no_family_and_no_endpoints() -> None:
    piece = read(ENDPOINT_SLICES, addressType="FQDN", endpoints=[{"addresses": ["a.example"]}])
    assert (piece.family, piece.endpoints) == (None, ())


def test_a_node_with_every_field() -> None:
    spec = {
        "providerID": "aws:///z1/i-1", "podCIDR": "10.1.0.0/24", "podCIDRs": ["10.1.0.0/24", "fd00::/64"],
        "taints": [{"key": "t", "effect": "NoSchedule"}], "unschedulable": True,
    }  # fmt: skip
    status = {
        "addresses": [
            {"type": "InternalIP", "address": "192.0.2.1"},
            {"type": "ExternalIP", "address": "198.51.100.1"},
            {"type": "Hostname", "address": "n1"},
        ],
        "conditions": [{"type": "MemoryPressure", "status": "False"}, {"type": "Ready", "status": "True"}],
    }
    meta = {"name": "n1", "resourceVersion": "7", "labels": {"topology.kubernetes.io/zone": "z1"}}
    assert read(NODES, metadata=meta, spec=spec, status=status) == Node(
        name="n1",
        provider_id="aws:///z1/i-1",
        internal_ips=(ip_address("192.0.2.1"),),
        external_ips=(ip_address("198.51.100.1"),),
        pod_cidrs=(ip_network("10.1.0.0/24"), ip_network("fd00::/64")),
        labels={"topology.kubernetes.io/zone": "z1"},
        taints=frozenset({"t"}),
        ready=True,
        unschedulable=True,
        resource_version="7",
    )
    assert NODES.key_of(read(NODES, metadata=meta)) == ObjectKey("", "n1")


def test_a_pod_with_its_sidecars_ports_first() -> None:
    spec = {
        "nodeName": "n1", "hostname": "h", "subdomain": "s", "hostNetwork": True,
        "containers": [{"ports": [{"name": "http", "containerPort": 80}]}, {"ports": None}],
        "initContainers": [
            {"ports": [{"name": "once", "containerPort": 1}]},
            {"restartPolicy": "Always", "ports": [{"name": "side", "containerPort": 2, "protocol": "UDP"}]},
        ],
    }  # fmt: skip
    status = {
        "phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}],
        "conditions": [{"type": "Ready", "status": "True"}],
    }  # fmt: skip
    pod = read(PODS, spec=spec, status=status)
    assert pod.ports == (ContainerPort("side", Protocol.UDP, 2), ContainerPort("http", Protocol.TCP, 80))
    assert pod.ips == (ip_address("10.0.0.1"), ip_address("fd00::1"))
    assert (pod.node, pod.hostname, pod.subdomain, pod.host_network) == ("n1", "h", "s", True)
    assert (pod.ready, pod.deleting, pod.finished, pod.labels) == (True, False, False, {"app": "web"})
    assert read(PODS, status={"phase": "Failed"}).finished


def test_a_namespace_and_a_lease() -> None:
    namespace = read(NAMESPACES, metadata={"name": "shop"}, status={"phase": "Terminating"})
    assert (namespace.name, namespace.phase) == ("shop", "Terminating")
    spec = {
        "holderIdentity": "one", "leaseDurationSeconds": 15, "leaseTransitions": 2,
        "acquireTime": "2026-01-01T00:00:00.000000Z", "renewTime": "2026-01-01T00:00:01.5Z",
    }  # fmt: skip
    lease = read(LEASES, spec=spec)
    assert (lease.holder, lease.duration_s, lease.transitions) == ("one", 15, 2)
    assert lease.renewed == datetime(2026, 1, 1, 0, 0, 1, 500000, tzinfo=UTC)
    assert read(LEASES, spec={"holderIdentity": None}).holder == ""


def test_a_bad_item_in_a_list_is_reported_and_the_others_stay() -> None:
    good = {"metadata": META, "spec": {}}
    bad = [
        {"metadata": {**META, "name": "typed"}, "spec": {"ports": [{"port": "x"}]}},
        {"metadata": {**META, "name": "valued"}, "spec": {"ports": [{"port": 1, "protocol": "QUIC"}]}},
        {"spec": {}},
    ]
    page = SERVICES.decode_list(
        json.dumps({"metadata": {"resourceVersion": "9", "continue": "t"}, "items": [bad[0], good, *bad[1:]]}).encode()
    )
    assert [one.key.name for one in page.items] == ["web"]
    assert (page.resource_version, page.more) == ("9", "t")
    assert [sentence.split(" cannot")[0] for sentence in page.unreadable] == [
        "services shop/typed",
        "services shop/valued",
        "services (unnamed)",
    ]


def test_a_list_without_items() -> None:
    assert SERVICES.decode_list(b'{"metadata":{"resourceVersion":"1"},"items":null}').items == ()


def test_any_object_can_be_read_whole() -> None:
    things = json_resource("x.io", "v1", "things", "Thing")
    one = read(things, spec={"deep": [1]})
    assert (one.key, one.uid, one.resource_version) == (ObjectKey("shop", "web"), "u1", "7")
    assert one.document["spec"] == {"deep": [1]}
    page = things.decode_list(
        json.dumps({"metadata": {"resourceVersion": "9"}, "items": [{"metadata": META}]}).encode()
    )
    assert [item.key.name for item in page.items] == ["web"]
    assert page.resource_version == "9"


def test_times_are_written_as_kubernetes_writes_them() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert micro_time(moment) == "2026-01-02T03:04:05.000006Z"
    assert second_time(moment) == "2026-01-02T03:04:05Z"
