"""Rows read as on a real cluster. Expected cells were taken from what a real API server answers for such objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables import render

NOW = datetime(2026, 11, 22, 17, 0, 0, tzinfo=UTC)
CREATED = "2026-11-22T16:00:00Z"


def table(group: str, plural: str, *objects: Json, **options: Any) -> Json:
    stamped = [
        {**one, "metadata": {"creationTimestamp": CREATED, "name": "web", **one.get("metadata", {})}} for one in objects
    ]
    return render(stamped, group=group, plural=plural, now=NOW, **options)


def cells(group: str, plural: str, obj: Json, **options: Any) -> list[Any]:
    row: list[Any] = table(group, plural, obj, **options)["rows"][0]["cells"]
    return row


def headings(answer: Json, *, wide: bool) -> list[str]:
    return [one["name"].upper() for one in answer["columnDefinitions"] if wide or one["priority"] == 0]


PORTS = [{"port": 80, "protocol": "TCP"}]


@pytest.mark.parametrize(
    ("spec", "status", "shown"),
    [
        pytest.param(
            {"type": "ClusterIP", "clusterIPs": ["10.96.0.9"], "ports": PORTS, "selector": {"b": "1", "a": "2"}},
            {},
            ["ClusterIP", "10.96.0.9", "<none>", "80/TCP", "60m", "a=2,b=1"],
            id="cluster-ip",
        ),
        pytest.param(
            {"type": "ClusterIP", "clusterIPs": ["None"]},
            {},
            ["ClusterIP", "None", "<none>", "<none>", "60m", "<none>"],
            id="headless-without-ports",
        ),
        pytest.param(
            {
                "type": "NodePort",
                "clusterIPs": ["10.96.0.9"],
                "externalIPs": ["1.2.3.4", "1.2.3.5"],
                "ports": [{"port": 53, "nodePort": 30053, "protocol": "UDP"}, *PORTS],
            },
            {},
            ["NodePort", "10.96.0.9", "1.2.3.4,1.2.3.5", "53:30053/UDP,80/TCP", "60m", "<none>"],
            id="node-port",
        ),
        pytest.param(
            {"type": "LoadBalancer", "clusterIPs": ["10.96.0.9"], "ports": PORTS},
            {},
            ["LoadBalancer", "10.96.0.9", "<pending>", "80/TCP", "60m", "<none>"],
            id="load-balancer-pending",
        ),
        pytest.param(
            {"type": "LoadBalancer", "clusterIPs": ["10.96.0.9"], "ports": PORTS, "externalIPs": ["1.2.3.4"]},
            {
                "loadBalancer": {
                    "ingress": [{"ip": "9.9.9.9"}, {"hostname": "averyveryverylonghostname.elb.example.com"}]
                }
            },
            [
                "LoadBalancer",
                "10.96.0.9",
                "9.9.9.9,averyveryverylonghostname.elb.example.com,1.2.3.4",
                "80/TCP",
                "60m",
                "<none>",
            ],
            id="load-balancer-addresses-are-sorted-and-never-cut",
        ),
        pytest.param(
            {"type": "ExternalName", "externalName": "a.example.com"},
            {},
            ["ExternalName", "<none>", "a.example.com", "<none>", "60m", "<none>"],
            id="external-name",
        ),
        pytest.param({}, {}, ["", "<none>", "<unknown>", "<none>", "60m", "<none>"], id="nothing-at-all"),
    ],
)
def test_service(spec: Json, status: Json, shown: list[str]) -> None:
    assert cells("", "services", {"spec": spec, "status": status}) == ["web", *shown]


def test_service_columns() -> None:
    answer = table("", "services")
    narrow = ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"]
    assert headings(answer, wide=False) == narrow
    assert headings(answer, wide=True) == [*narrow, "SELECTOR"]
    assert answer["columnDefinitions"][0] == {
        "name": "Name",
        "type": "string",
        "format": "name",
        "description": answer["columnDefinitions"][0]["description"],
        "priority": 0,
    }
    assert all(one["description"] for one in answer["columnDefinitions"])


def test_node() -> None:
    info = {
        "kubeletVersion": "v1.34.0",
        "osImage": "Debian",
        "kernelVersion": "6.1",
        "architecture": "amd64",
        "containerRuntimeVersion": "containerd://2",
    }
    obj: Json = {
        "metadata": {"labels": {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "edge"}},
        "spec": {"unschedulable": True},
        "status": {
            "conditions": [{"type": "Ready", "status": "False"}],
            "addresses": [{"type": "InternalIP", "address": "10.1.1.1"}],
            "nodeInfo": info,
        },
    }
    assert cells("", "nodes", obj) == [
        "web",
        "NotReady,SchedulingDisabled",
        "control-plane,edge",
        "60m",
        "v1.34.0",
        "10.1.1.1",
        "<none>",
        "Debian",
        "6.1 (amd64)",
        "containerd://2",
    ]
    bare = ["web", "Unknown", "<none>", "60m", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"]
    assert cells("", "nodes", {}) == bare


SUBSETS = [
    {"addresses": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}], "ports": [{"port": 80}, {"port": 81}]},
    {"addresses": [{"ip": "fd00::1"}], "ports": [{"port": 9}]},
]
SLICE_ENDPOINTS = [{"addresses": [f"10.0.0.{number}"]} for number in range(1, 6)]
SELECTOR = {
    "matchLabels": {"a": "b"},
    "matchExpressions": [
        {"key": "c", "operator": "In", "values": ["z", "d"]},
        {"key": "0", "operator": "DoesNotExist"},
        {"key": "e", "operator": "Exists"},
    ],
}
TEMPLATE = {"spec": {"containers": [{"name": "x", "image": "i:1"}, {"name": "y", "image": "j"}]}}


@pytest.mark.parametrize(
    ("kind", "obj", "shown"),
    [
        pytest.param(("", "namespaces"), {"status": {"phase": "Active"}}, ["web", "Active", "60m"], id="namespace"),
        pytest.param(
            ("", "configmaps"), {"data": {"a": ""}, "binaryData": {"b": ""}}, ["web", 2, "60m"], id="configmap"
        ),
        pytest.param(("", "secrets"), {"type": "Opaque", "data": {"a": ""}}, ["web", "Opaque", 1, "60m"], id="secret"),
        pytest.param(("", "serviceaccounts"), {}, ["web", "60m"], id="serviceaccount"),
        pytest.param(("", "endpoints"), {}, ["web", "<none>", "60m"], id="endpoints-empty"),
        pytest.param(
            ("", "endpoints"),
            {"subsets": SUBSETS},
            ["web", "10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 2 more...", "60m"],
            id="endpoints-more",
        ),
        pytest.param(("", "endpoints"), {"subsets": SUBSETS[1:]}, ["web", "[fd00::1]:9", "60m"], id="endpoints-ipv6"),
        pytest.param(
            ("", "endpoints"),
            {"subsets": [{"addresses": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}]},
            ["web", "10.0.0.1,fd00::1", "60m"],
            id="endpoints-without-ports",
        ),
        pytest.param(
            ("discovery.k8s.io", "endpointslices"),
            {
                "addressType": "IPv4",
                "endpoints": SLICE_ENDPOINTS,
                "ports": [{"port": 80}, {"name": "b"}, {}, {"port": 4}],
            },
            ["web", "IPv4", "80,b,* + 1 more...", "10.0.0.1,10.0.0.2,10.0.0.3 + 2 more...", "60m"],
            id="endpointslice",
        ),
        pytest.param(
            ("discovery.k8s.io", "endpointslices"),
            {"addressType": "IPv6", "endpoints": None},
            ["web", "IPv6", "<unset>", "<unset>", "60m"],
            id="endpointslice-empty",
        ),
        pytest.param(
            ("coordination.k8s.io", "leases"), {"spec": {"holderIdentity": "me"}}, ["web", "me", "60m"], id="lease"
        ),
        pytest.param(
            ("apps", "deployments"),
            {
                "spec": {"replicas": 3, "selector": SELECTOR, "template": TEMPLATE},
                "status": {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1},
            },
            ["web", "1/3", 2, 1, "60m", "x,y", "i:1,j", "!0,a=b,c in (d,z),e"],
            id="deployment",
        ),
        pytest.param(
            ("apps", "replicasets"),
            {"spec": {"replicas": 3, "template": TEMPLATE}, "status": {"replicas": 2}},
            ["web", 3, 2, 0, "60m", "x,y", "i:1,j", "<none>"],
            id="replicaset",
        ),
        pytest.param(
            ("apps", "daemonsets"),
            {"spec": {"selector": {"matchLabels": {"a": "b"}}}, "status": {"numberReady": 1}},
            ["web", 0, 0, 1, 0, 0, "<none>", "60m", "", "", "a=b"],
            id="daemonset",
        ),
        pytest.param(
            ("rbac.authorization.k8s.io", "rolebindings"),
            {
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": [
                    {"kind": "User", "name": "u"},
                    {"kind": "User", "name": "v"},
                    {"kind": "ServiceAccount", "name": "s", "namespace": "n"},
                ],
            },
            ["web", "Role/r", "60m", "u, v", "", "n/s"],
            id="rolebinding",
        ),
        pytest.param(("apiextensions.k8s.io", "customresourcedefinitions"), {}, ["web", CREATED], id="default-table"),
    ],
)
def test_cells(kind: tuple[str, str], obj: Json, shown: list[Any]) -> None:
    assert cells(*kind, obj) == shown


EVENT: Json = {
    "involvedObject": {"kind": "Service", "name": "web", "fieldPath": "spec"},
    "reason": "EnsuredLoadBalancer",
    "message": " done\n",
    "type": "Normal",
    "source": {"component": "lbctl", "host": "node-a"},
    "firstTimestamp": "2026-11-22T15:00:00Z",
    "lastTimestamp": "2026-11-22T16:58:00Z",
    "count": 4,
}
NEW_EVENT: Json = {
    "regarding": {"kind": "Service", "name": "web"},
    "reason": "EnsuredLoadBalancer",
    "note": "done",
    "type": "Normal",
    "reportingController": "lbctl.io/controller",
    "reportingInstance": "c-0",
    "eventTime": "2026-11-22T15:00:00.000000Z",
}
SERIES = {"count": 5, "lastObservedTime": "2026-11-22T16:59:00.000000Z"}


@pytest.mark.parametrize("group", ["", "events.k8s.io"])
@pytest.mark.parametrize(
    ("obj", "last", "source", "count", "path"),
    [
        pytest.param(EVENT, "2m", "lbctl, node-a", 4, "spec", id="core"),
        pytest.param(NEW_EVENT, "120m", "lbctl.io/controller, c-0", 1, "", id="single"),
        pytest.param({**NEW_EVENT, "series": SERIES}, "60s", "lbctl.io/controller, c-0", 5, "", id="series"),
    ],
)
def test_event_of_either_api(group: str, obj: Json, last: str, source: str, count: int, path: str) -> None:
    expected = [last, "Normal", "EnsuredLoadBalancer", "service/web", path, source, "done", "120m", count, "web"]
    assert cells(group, "events", obj) == expected


def test_event_columns_without_wide_are_five() -> None:
    assert headings(table("", "events"), wide=False) == ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
