"""What a Service gets that says nothing.

Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go (`SetDefaults_Service`).
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.strategy.service.fields import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    LOAD_BALANCER,
    NODE_PORT,
    externally_accessible,
    ports_of,
    spec_of,
)

CLIENT_IP_TIMEOUT_S = 10800


def set_defaults(service: Json) -> None:
    """Fill in the static defaults, in place. IP families come later: they depend on the cluster."""
    spec = spec_of(service)
    _default_affinity(spec)
    spec.setdefault("type", CLUSTER_IP)
    for port in ports_of(spec):
        port.setdefault("protocol", "TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port", 0)
    if externally_accessible(spec):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec["type"] in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == LOAD_BALANCER:
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []:
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


def _default_affinity(spec: Json) -> None:
    affinity = spec.setdefault("sessionAffinity", "None")
    if affinity == "None":
        spec.pop("sessionAffinityConfig", None)
    elif affinity == "ClientIP":
        client_ip = (spec.get("sessionAffinityConfig") or {}).get("clientIP") or {}
        if client_ip.get("timeoutSeconds") is None:
            spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": CLIENT_IP_TIMEOUT_S}}


def complete_stored(service: Json) -> None:
    """Drop from a Service that is read what older servers stored by mistake, in place."""
    spec = spec_of(service)
    if spec.get("type") == EXTERNAL_NAME:
        spec.pop("internalTrafficPolicy", None)
