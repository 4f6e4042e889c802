"""What the load generator writes: Nodes, Services of type LoadBalancer, and their EndpointSlices."""

from __future__ import annotations

import json

from benchmarks.http_load import Target

NAMESPACE = "default"
CLASS = "lbctl.io/mock"
FOREIGN_CLASS = "example.com/nobody"
SERVICES_PATH = f"/api/v1/namespaces/{NAMESPACE}/services"
SLICES_PATH = f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"
NODES_PATH = "/api/v1/nodes"
ENDPOINTS_EACH = 10


def service(target: Target, name: str, class_: str = CLASS, ports: int = 1) -> bytes:
    """POST one Service without a selector."""
    listed = [{"name": f"p{i}", "port": 80 + i, "targetPort": 8080 + i} for i in range(ports)]
    spec = {"type": "LoadBalancer", "loadBalancerClass": class_, "ports": listed}
    document = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
    return target.request("POST", SERVICES_PATH, json.dumps(document).encode())


def endpoint_slice(target: Target, service_name: str, number: int, nodes: int) -> bytes:
    """POST the EndpointSlice of a Service: ten ready addresses on ten nodes."""
    endpoints = [
        {
            "addresses": [f"10.{128 + (number >> 12)}.{number >> 4 & 255}.{(number & 15) * 16 + i}"],
            "conditions": {"ready": True},
            "nodeName": f"node-{(number * ENDPOINTS_EACH + i) % nodes}",
            "zone": f"zone-{i % 3}",
        }
        for i in range(ENDPOINTS_EACH)
    ]
    document = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{service_name}-1", "labels": {"kubernetes.io/service-name": service_name}},
        "addressType": "IPv4",
        "ports": [{"name": "p0", "port": 8080, "protocol": "TCP"}],
        "endpoints": endpoints,
    }
    return target.request("POST", SLICES_PATH, json.dumps(document).encode())


def node(target: Target, number: int) -> bytes:
    """POST one ready Node."""
    document = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": f"node-{number}", "labels": {"topology.kubernetes.io/zone": f"zone-{number % 3}"}},
        "spec": {"providerID": f"mock:///node-{number}"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": f"192.168.{number >> 8}.{number & 255}"}],
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }
    return target.request("POST", NODES_PATH, json.dumps(document).encode())


def new_port(target: Target, name: str, port: int) -> bytes:
    """PATCH the number of a Service's first port."""
    patch = [{"op": "replace", "path": "/spec/ports/0/port", "value": port}]
    path = f"{SERVICES_PATH}/{name}"
    return target.request("PATCH", path, json.dumps(patch).encode(), "application/json-patch+json")
