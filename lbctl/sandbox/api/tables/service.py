"""The Service printer: NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE, and SELECTOR.

The 16 characters to which a load balancer's addresses may be cut apply to narrow output only, and a server always
prints wide: real clusters show whole host names too.
Source: printService and getServiceExternalIP of k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from datetime import datetime

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables.ages import age
from lbctl.sandbox.api.tables.column import AGE, NAME, NONE, Cells, Layout, created, field, items, name_of, part
from lbctl.sandbox.api.tables.labels import format_labels


def _service(obj: Json, now: datetime) -> Cells:
    spec = part(obj, "spec")
    cluster_ips = items(spec, "clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    return [
        name_of(obj),
        spec.get("type", ""),
        cluster_ips[0] if cluster_ips else NONE,
        _external_ip(obj, spec),
        ",".join(_port(port) for port in items(spec, "ports")) or NONE,
        age(created(obj), now),
        format_labels(part(spec, "selector")),
    ]


def _external_ip(obj: Json, spec: Json) -> str:
    external_ips = [str(one) for one in items(spec, "externalIPs")]
    match spec.get("type"):
        case "ClusterIP" | "NodePort":
            return ",".join(external_ips) or NONE
        case "LoadBalancer":
            return ",".join(_ingress(obj) + external_ips) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName", ""))
    return "<unknown>"


def _ingress(obj: Json) -> list[str]:
    """The load balancer's addresses, sorted and each once."""
    listed = items(obj, "status", "loadBalancer", "ingress")
    return sorted({str(one.get("ip") or one.get("hostname")) for one in listed if one.get("ip") or one.get("hostname")})


def _port(port: Json) -> str:
    number, node_port = port.get("port", 0), port.get("nodePort", 0)
    return f"{number}:{node_port}/{port.get('protocol', '')}" if node_port else f"{number}/{port.get('protocol', '')}"


SERVICE = Layout(
    (
        NAME,
        field("Type", "core.v1.ServiceSpec", "type"),
        field("Cluster-IP", "core.v1.ServiceSpec", "clusterIP"),
        field("External-IP", "core.v1.ServiceSpec", "externalIPs"),
        field("Port(s)", "core.v1.ServiceSpec", "ports"),
        AGE,
        field("Selector", "core.v1.ServiceSpec", "selector", priority=1),
    ),
    _service,
)
