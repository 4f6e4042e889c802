"""What the server accepts but warns about.

Source: k8s.io/kubernetes/pkg/api/service/warnings.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.strategy.addresses import cidr_warnings, ip_warnings
from lbctl.sandbox.api.strategy.service.fields import CLUSTER_IP, EXTERNAL_NAME, NONE, cluster_ips, spec_of
from lbctl.sandbox.api.strategy.service.validate import TOPOLOGY_HINTS, TOPOLOGY_MODE
from lbctl.sandbox.api.strategy.service.validate_status import ingress_of


def service_warnings(service: Json) -> list[str]:
    """Warnings about a Service that was accepted, in the order of the real server."""
    spec = spec_of(service)
    headless = spec.get("type") == CLUSTER_IP and spec.get("clusterIP") == NONE
    warnings: list[str] = []
    if TOPOLOGY_HINTS in (service["metadata"].get("annotations") or {}):
        warnings.append(f"annotation {TOPOLOGY_HINTS} is deprecated, please use {TOPOLOGY_MODE} instead")
    if not headless:
        for index, address in enumerate(cluster_ips(spec)):
            warnings += ip_warnings(f"spec.clusterIPs[{index}]", address)
    else:
        warnings += _ignored_when_headless(spec)
    return warnings + _external_ips(spec, headless=headless) + _load_balancer(spec) + _odds(spec)


def _ignored_when_headless(spec: Json) -> list[str]:
    ignored = {
        "loadBalancerIP": bool(spec.get("loadBalancerIP")),
        "externalIPs": bool(spec.get("externalIPs")),
        "SessionAffinity": spec.get("sessionAffinity") != "None",
    }
    return [f"spec.{name} is ignored for headless services" for name, present in ignored.items() if present]


def _external_ips(spec: Json, *, headless: bool) -> list[str]:
    listed = spec.get("externalIPs") or []
    warnings = [text for index, one in enumerate(listed) for text in ip_warnings(f"spec.externalIPs[{index}]", one)]
    if listed and not headless and spec.get("type") != EXTERNAL_NAME:
        warnings.append("spec.externalIPs is deprecated and may no longer be implemented in some clusters")
    return warnings


def _load_balancer(spec: Json) -> list[str]:
    warnings = []
    if address := spec.get("loadBalancerIP"):
        warnings += ip_warnings("spec.loadBalancerIP", address)
    for index, cidr in enumerate(spec.get("loadBalancerSourceRanges") or []):
        warnings += cidr_warnings(f"spec.loadBalancerSourceRanges[{index}]", cidr.strip())
    return warnings


def _odds(spec: Json) -> list[str]:
    warnings = []
    external = spec.get("type") == EXTERNAL_NAME
    if external and spec.get("externalIPs"):
        warnings.append('spec.externalIPs is ignored when spec.type is "ExternalName"')
    if not external and spec.get("externalName"):
        warnings.append('spec.externalName is ignored when spec.type is not "ExternalName"')
    if spec.get("trafficDistribution") == "PreferClose":
        warnings.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return warnings


def status_warnings(service: Json) -> list[str]:
    """Warnings about the addresses a controller reports."""
    return [
        text
        for index, ingress in enumerate(ingress_of(service))
        for text in ip_warnings(f"status.loadBalancer.ingress[{index}]", ingress.get("ip") or "")
    ]
