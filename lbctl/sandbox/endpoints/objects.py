"""The Kubernetes objects of this controller, as lean as it needs them.

Decoded straight from the API's JSON; fields we do not use are skipped. Objects we write back (EndpointSlice, Endpoints)
carry every field we may not lose. A list the server sends as `null` arrives as None; read it with `or ()`.
Source: k8s.io/api/core/v1/types.go, k8s.io/api/discovery/v1/types.go.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from lbctl.model.service import ObjectKey
from lbctl.sandbox.endpoints.names import LABEL_SERVICE_NAME, LABEL_SLICE_MANAGED_BY, LABEL_ZONE
from lbctl.sandbox.objects import Object, Wire

Family: TypeAlias = str
"""`IPv4` or `IPv6`: an `ipFamily` of a Service and the `addressType` of its slices."""

IPV4: Family = "IPv4"
IPV6: Family = "IPv6"


class ServicePort(Wire, frozen=True):
    name: str = ""
    protocol: str = "TCP"
    port: int = 0
    target_port: int | str | None = None
    app_protocol: str | None = None


class ServiceSpec(Wire, frozen=True):
    type: str = "ClusterIP"
    selector: dict[str, str] | None = None
    ports: tuple[ServicePort, ...] | None = None
    cluster_ip: str = msgspec.field(default="", name="clusterIP")
    ip_families: tuple[Family, ...] | None = None
    publish_not_ready_addresses: bool = False
    traffic_distribution: str | None = None


class Service(Object, frozen=True):
    spec: ServiceSpec = ServiceSpec()

    @property
    def selects_pods(self) -> bool:
        """Whether its endpoints come from pods. Source: syncService of both endpoint controllers."""
        return self.spec.type != "ExternalName" and self.has_selector

    @property
    def has_selector(self) -> bool:
        """Whether it names labels. An empty selector is none: a real API server stores no empty map."""
        return bool(self.spec.selector)

    @property
    def headless(self) -> bool:
        """No cluster IP, none to come. Source: IsServiceIPSet, pkg/apis/core/v1/helper."""
        return self.spec.cluster_ip in ("", "None")


class ContainerPort(Wire, frozen=True):
    container_port: int
    name: str = ""
    protocol: str = "TCP"


class Container(Wire, frozen=True):
    ports: tuple[ContainerPort, ...] | None = None
    restart_policy: str | None = None


class PodSpec(Wire, frozen=True):
    node_name: str = ""
    hostname: str = ""
    subdomain: str = ""
    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None


class Condition(Wire, frozen=True):
    type: str = ""
    status: str = ""
    last_transition_time: str | None = None


class PodIP(Wire, frozen=True):
    ip: str = ""


class PodStatus(Wire, frozen=True):
    phase: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    pod_ips: tuple[PodIP, ...] | None = msgspec.field(default=None, name="podIPs")
    conditions: tuple[Condition, ...] | None = None


class Pod(Object, frozen=True):
    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class NodeStatus(Wire, frozen=True):
    conditions: tuple[Condition, ...] | None = None
    allocatable: dict[str, str | int | float] | None = None


class Node(Object, frozen=True):
    status: NodeStatus = NodeStatus()

    @property
    def zone(self) -> str:
        """The zone the node stands in; empty when nobody said."""
        return (self.metadata.labels or {}).get(LABEL_ZONE, "")


class ObjectReference(Wire, frozen=True):
    kind: str = ""
    namespace: str = ""
    name: str = ""
    uid: str = ""
    api_version: str = ""
    resource_version: str = ""
    field_path: str = ""


class EndpointPort(Wire, frozen=True):
    name: str | None = None
    protocol: str | None = None
    port: int | None = None
    app_protocol: str | None = None


class EndpointConditions(Wire, frozen=True):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class Named(Wire, frozen=True):
    name: str


class Hints(Wire, frozen=True):
    for_zones: tuple[Named, ...] | None = None
    for_nodes: tuple[Named, ...] | None = None


class Endpoint(Wire, frozen=True):
    addresses: tuple[str, ...]
    conditions: EndpointConditions = EndpointConditions()
    hostname: str | None = None
    target_ref: ObjectReference | None = None
    node_name: str | None = None
    zone: str | None = None
    hints: Hints | None = None


class EndpointSlice(Object, frozen=True):
    address_type: Family
    endpoints: tuple[Endpoint, ...] | None = None
    ports: tuple[EndpointPort, ...] | None = None

    @property
    def service_key(self) -> ObjectKey | None:
        """The Service it belongs to by its label; None without one."""
        name = (self.metadata.labels or {}).get(LABEL_SERVICE_NAME)
        return ObjectKey(self.metadata.namespace, name) if name else None

    @property
    def managed_by(self) -> str:
        """Who writes it by its label; empty when nobody says."""
        return (self.metadata.labels or {}).get(LABEL_SLICE_MANAGED_BY, "")

    def owned_by(self, service: Service) -> bool:
        """Whether it is of this Service and not of an earlier one of the same name."""
        return any(
            ref.uid == service.metadata.uid and ref.kind == "Service" and ref.api_version == "v1"
            for ref in self.metadata.owner_references or ()
        )


class EndpointAddress(Wire, frozen=True):
    ip: str
    hostname: str = ""
    node_name: str | None = None
    target_ref: ObjectReference | None = None


class SubsetPort(Wire, frozen=True):
    name: str = ""
    port: int = 0
    protocol: str | None = None
    app_protocol: str | None = None


class EndpointSubset(Wire, frozen=True):
    addresses: tuple[EndpointAddress, ...] | None = None
    not_ready_addresses: tuple[EndpointAddress, ...] | None = None
    ports: tuple[SubsetPort, ...] | None = None


class Endpoints(Object, frozen=True):
    subsets: tuple[EndpointSubset, ...] | None = None
