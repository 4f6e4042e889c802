"""The kinds lbctl reads."""

from __future__ import annotations

from typing import Final

from lbctl.kube.decode import EndpointSliceWire, NodeWire, ServiceWire, endpoint_slice_of, node_of, service_of
from lbctl.kube.objects import (
    Lease,
    LeaseWire,
    Namespace,
    NamespaceWire,
    Pod,
    PodWire,
    lease_of,
    namespace_of,
    pod_of,
)
from lbctl.kube.resources import Resource, resource
from lbctl.model.endpoint import EndpointSlice
from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service

SERVICES: Final[Resource[Service]] = resource(
    "", "v1", "services", "Service", wire=ServiceWire, convert=service_of, key_of=lambda service: service.key
)
ENDPOINT_SLICES: Final[Resource[EndpointSlice]] = resource(
    "discovery.k8s.io", "v1", "endpointslices", "EndpointSlice",
    wire=EndpointSliceWire, convert=endpoint_slice_of, key_of=lambda piece: piece.key,
)  # fmt: skip
NODES: Final[Resource[Node]] = resource(
    "", "v1", "nodes", "Node",
    wire=NodeWire, convert=node_of, key_of=lambda node: ObjectKey("", node.name), namespaced=False,
)  # fmt: skip
PODS: Final[Resource[Pod]] = resource("", "v1", "pods", "Pod", wire=PodWire, convert=pod_of, key_of=lambda pod: pod.key)
NAMESPACES: Final[Resource[Namespace]] = resource(
    "", "v1", "namespaces", "Namespace",
    wire=NamespaceWire, convert=namespace_of, key_of=lambda namespace: ObjectKey("", namespace.name), namespaced=False,
)  # fmt: skip
LEASES: Final[Resource[Lease]] = resource(
    "coordination.k8s.io", "v1", "leases", "Lease", wire=LeaseWire, convert=lease_of, key_of=lambda lease: lease.key
)
