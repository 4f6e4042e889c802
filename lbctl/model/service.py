"""A Service as lbctl sees it: the fields that decide something, frozen.

Source: Kubernetes API v1 Service (k8s.io/api/core/v1/types.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple, NewType

from lbctl.model.address import Family, IPAddress, IPNetwork

Uid = NewType("Uid", str)

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class ObjectKey(NamedTuple):
    """Namespace and name of an object; prints as kubectl users write it."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


class Protocol(Enum):
    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"


class ServiceType(Enum):
    CLUSTER_IP = "ClusterIP"
    NODE_PORT = "NodePort"
    LOAD_BALANCER = "LoadBalancer"
    EXTERNAL_NAME = "ExternalName"


class TrafficPolicy(Enum):
    CLUSTER = "Cluster"
    LOCAL = "Local"


class IpMode(Enum):
    """How traffic to an ingress IP reaches a node: unchanged (VIP) or readdressed by the balancer (Proxy). KEP-1860."""

    VIP = "VIP"
    PROXY = "Proxy"


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One entry of `spec.ports`; `node_port` is 0 where none is allocated, `target_port` a number or a port name."""

    port: int
    protocol: Protocol = Protocol.TCP
    name: str = ""
    target_port: int | str = 0
    node_port: int = 0
    app_protocol: str = ""


@dataclass(frozen=True, slots=True)
class IngressPort:
    """One entry of `status.loadBalancer.ingress[].ports`; `error` is CamelCase, empty when the port works."""

    port: int
    protocol: Protocol
    error: str = ""


@dataclass(frozen=True, slots=True)
class Ingress:
    """One entry of `status.loadBalancer.ingress`: an IP (with its mode) or a hostname."""

    ip: IPAddress | None = None
    hostname: str = ""
    ip_mode: IpMode | None = None
    ports: tuple[IngressPort, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A `metav1.Condition`; `status` is True, False or Unknown. The writer owns lastTransitionTime."""

    type: str
    status: str
    reason: str
    message: str = ""
    observed_generation: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """A Service. Address fields that do not parse are left out; `external_name` is empty for other types.

    `cluster_ips` is empty for headless Services (`headless` tells them from Services that await an address).
    `source_ranges` and `load_balancer_ip` are as written, in text: `plan.translate` judges them.
    """

    key: ObjectKey
    uid: Uid = Uid("")
    resource_version: str = ""
    generation: int = 0
    type: ServiceType = ServiceType.CLUSTER_IP
    ports: tuple[ServicePort, ...] = ()
    selector: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    cluster_ips: tuple[IPAddress, ...] = ()
    headless: bool = False
    ip_families: tuple[Family, ...] = (Family.IPV4,)
    ip_family_policy: str = "SingleStack"
    external_ips: tuple[IPAddress, ...] = ()
    external_name: str = ""
    external_traffic_policy: TrafficPolicy = TrafficPolicy.CLUSTER
    internal_traffic_policy: TrafficPolicy = TrafficPolicy.CLUSTER
    health_check_node_port: int = 0
    client_ip_affinity_s: int = 0
    load_balancer_class: str | None = None
    load_balancer_ip: str = ""
    source_ranges: tuple[str, ...] = ()
    allocate_node_ports: bool = True
    publish_not_ready: bool = False
    traffic_distribution: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    annotations: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    finalizers: tuple[str, ...] = ()
    deleting: bool = False
    ingress: tuple[Ingress, ...] = ()
    conditions: tuple[Condition, ...] = field(default=())

    def condition(self, type_: str) -> Condition | None:
        """The condition of that type, or None."""
        return next((one for one in self.conditions if one.type == type_), None)


def parse_networks(texts: tuple[str, ...]) -> tuple[tuple[IPNetwork, ...], tuple[str, ...]]:
    """Split texts into networks and those that are none; surrounding blanks are allowed, as kube-proxy allows them."""
    from ipaddress import ip_network

    good: list[IPNetwork] = []
    bad: list[str] = []
    for text in texts:
        try:
            good.append(ip_network(text.strip(), strict=False))
        except ValueError:
            bad.append(text)
    return tuple(good), tuple(bad)
