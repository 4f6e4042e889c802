"""The Services that the suite asks for, and the changes it makes to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lbctl.model.address import Family
from lbctl.model.loadbalancer import Wiring
from lbctl.model.service import ObjectKey, Protocol, Service, ServicePort, ServiceType, TrafficPolicy, Uid
from lbctl.plan.capabilities import Capabilities

BOTH = (Family.IPV4, Family.IPV6)


def uid(number: int) -> Uid:
    """A UID as the API server makes them, a different one for each number."""
    return Uid(f"{number:08x}-7c1e-4b5a-9d3f-0123456789ab")


def port(number: int, protocol: Protocol = Protocol.TCP, node_port: int = 0) -> ServicePort:
    """A Service port with a name and a nodePort of its own."""
    free = 30000 + number % 2000 + (700 if protocol is Protocol.UDP else 0)
    return ServicePort(
        port=number, protocol=protocol, name=f"{protocol.value.lower()}-{number}", node_port=node_port or free
    )


def web(can: Capabilities, number: int = 1, *, name: str = "") -> Service:
    """A Service of type LoadBalancer with two TCP ports and one family, or as near as the provider can come."""
    family = Family.IPV4 if Family.IPV4 in can.families else Family.IPV6
    protocol = Protocol.TCP if Protocol.TCP in can.protocols else min(can.protocols, key=lambda one: one.value)
    ports = (port(80, protocol), port(443, protocol))
    return Service(
        key=ObjectKey("shop", name or f"web-{number}"),
        uid=uid(number),
        generation=1,
        type=ServiceType.LOAD_BALANCER,
        ports=ports[: can.max_ports],
        ip_families=(family,),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A Service before and after an edit; `needs` says what a provider lacks for it, or nothing."""

    name: str
    before: Callable[[Service], Service]
    after: Callable[[Service], Service]
    needs: Callable[[Capabilities], str] = lambda _: ""


def _same(service: Service) -> Service:
    return service


def _ports(*ports: ServicePort) -> Callable[[Service], Service]:
    return lambda service: replace(service, ports=ports)


def _ranges(*ranges: str) -> Callable[[Service], Service]:
    return lambda service: replace(service, source_ranges=ranges)


def _affinity(seconds: int) -> Callable[[Service], Service]:
    return lambda service: replace(service, client_ip_affinity_s=seconds)


def _local(service: Service) -> Service:
    return replace(service, external_traffic_policy=TrafficPolicy.LOCAL, health_check_node_port=31999)


def _dual(service: Service) -> Service:
    return replace(service, ip_families=BOTH, ip_family_policy="RequireDualStack")


def _tcp(count: int) -> Callable[[Capabilities], str]:
    def needs(can: Capabilities) -> str:
        if Protocol.TCP not in can.protocols:
            return "no TCP"
        return f"fewer than {count} ports" if can.max_ports is not None and can.max_ports < count else ""

    return needs


def _node_ports(can: Capabilities) -> str:
    return _tcp(2)(can) or ("" if can.wiring is Wiring.NODE_PORT else "no delivery to nodePorts")


def _source_ranges(can: Capabilities) -> str:
    return "" if can.source_ranges else "no source ranges"


def _client_ip(can: Capabilities) -> str:
    return "" if can.client_ip_affinity else "no ClientIP affinity"


def _udp(can: Capabilities) -> str:
    return "" if {Protocol.TCP, Protocol.UDP} <= can.protocols else "not both of TCP and UDP"


def _mixed(can: Capabilities) -> str:
    return _udp(can) or ("" if can.mixed_protocols else "no mixed protocols")


def dual_stack(can: Capabilities) -> str:
    """Why this provider gives no dual-stack load balancers, or nothing."""
    return "" if can.dual_stack and can.families.issuperset(BOTH) else "no dual stack"


OFFICE, HOME = "198.51.100.0/24", "192.0.2.0/24"

CHANGES = (
    Change("port-added", _ports(port(80)), _ports(port(80), port(443)), _tcp(2)),
    Change("port-removed", _ports(port(80), port(443)), _ports(port(443)), _tcp(2)),
    Change("port-changed", _ports(port(80), port(443)), _ports(port(81), port(443)), _tcp(2)),
    Change("node-port-changed", _ports(port(80)), _ports(port(80, node_port=31234)), _node_ports),
    Change("node-ports-swapped", _ports(port(80, node_port=31080), port(443, node_port=31443)),
           _ports(port(80, node_port=31443), port(443, node_port=31080)), _node_ports),
    Change("tcp-becomes-udp", _ports(port(53)), _ports(port(53, Protocol.UDP)), _udp),
    Change("udp-joins-tcp-on-one-port", _ports(port(53)), _ports(port(53), port(53, Protocol.UDP)), _mixed),
    Change("udp-leaves", _ports(port(53), port(53, Protocol.UDP)), _ports(port(53)), _mixed),
    Change("source-ranges-set", _same, _ranges(OFFICE), _source_ranges),
    Change("source-ranges-changed", _ranges(OFFICE), _ranges(OFFICE, HOME), _source_ranges),
    Change("source-ranges-dropped", _ranges(OFFICE, HOME), _same, _source_ranges),
    Change("affinity-set", _same, _affinity(10800), _client_ip),
    Change("affinity-timeout-changed", _affinity(10800), _affinity(60), _client_ip),
    Change("affinity-dropped", _affinity(10800), _same, _client_ip),
    Change("traffic-policy-becomes-local", _same, _local),
    Change("traffic-policy-becomes-cluster", _local, _same),
    Change("second-family-added", _same, _dual, dual_stack),
    Change("second-family-dropped", _dual, _same, dual_stack),
)  # fmt: skip
"""Every edit of a Service that a provider must follow in place or by replacement."""
