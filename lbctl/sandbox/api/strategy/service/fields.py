"""Reading the fields of a Service, and the questions the rules keep asking about them.

Source: k8s.io/kubernetes/pkg/api/service/util.go, pkg/registry/core/service/{strategy.go,storage/storage.go}.
"""

from __future__ import annotations

from typing import Any, Final

from lbctl.sandbox.api.errors import Json

CLUSTER_IP: Final = "ClusterIP"
NODE_PORT: Final = "NodePort"
LOAD_BALANCER: Final = "LoadBalancer"
EXTERNAL_NAME: Final = "ExternalName"
NONE: Final = "None"
SINGLE_STACK: Final = "SingleStack"
PREFER_DUAL_STACK: Final = "PreferDualStack"
REQUIRE_DUAL_STACK: Final = "RequireDualStack"
IPV4: Final = "IPv4"
IPV6: Final = "IPv6"


def spec_of(service: Json) -> Json:
    """The Service's `spec`, an empty one if it has none."""
    spec: Json = service.setdefault("spec", {})
    return spec


def ports_of(spec: Json) -> list[Json]:
    """The ports; none is an empty list."""
    return spec.get("ports") or []


def cluster_ips(spec: Json) -> list[str]:
    """`clusterIPs`; none is an empty list."""
    return spec.get("clusterIPs") or []


def families(spec: Json) -> list[str]:
    """`ipFamilies`; none is an empty list."""
    return spec.get("ipFamilies") or []


def put(spec: Json, name: str, value: Any) -> None:
    """Set a field, or drop it when the value is empty (`omitempty`)."""
    if value or value is False:
        spec[name] = value
    else:
        spec.pop(name, None)


def is_headless(spec: Json) -> bool:
    """Whether `clusterIPs` says "None"."""
    return cluster_ips(spec) == [NONE]


def needs_cluster_ip(spec: Json) -> bool:
    """Whether the type has cluster IPs at all ("None" counts as one)."""
    return spec.get("type") != EXTERNAL_NAME


def needs_health_check(spec: Json) -> bool:
    """Whether the Service has a `healthCheckNodePort`."""
    return spec.get("type") == LOAD_BALANCER and spec.get("externalTrafficPolicy") == "Local"


def externally_accessible(spec: Json) -> bool:
    """Whether traffic from outside the cluster may arrive, and so `externalTrafficPolicy` has a meaning."""
    kind = spec.get("type")
    return kind in (LOAD_BALANCER, NODE_PORT) or (kind == CLUSTER_IP and bool(spec.get("externalIPs")))


def allocates_node_ports(spec: Json) -> bool:
    """Whether ports without a node port are given one."""
    if spec.get("type") == LOAD_BALANCER:
        return spec.get("allocateLoadBalancerNodePorts") is not False
    return spec.get("type") == NODE_PORT


def has_node_ports(spec: Json) -> bool:
    """Whether the type may have node ports, drawn or asked for."""
    return spec.get("type") in (NODE_PORT, LOAD_BALANCER)


def node_ports(spec: Json) -> list[int]:
    """The node ports in use, in the order of the ports; TCP and UDP may share a number."""
    return [port["nodePort"] for port in ports_of(spec) if port.get("nodePort")]
