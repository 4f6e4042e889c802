"""(Service, nodes, capabilities) -> LoadBalancer | Rejected. Pure.

What a provider cannot do is refused here, with a reason and a remedy, and never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address

from lbctl.model.address import Family, IPAddress, IPNetwork, family_of
from lbctl.model.loadbalancer import Backend, HealthCheck, Listener, LoadBalancer, Owner, Wiring
from lbctl.model.node import Node, is_backend
from lbctl.model.service import Service, TrafficPolicy, parse_networks
from lbctl.plan.capabilities import Capabilities

SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
ADDRESSES_ANNOTATION = "lbctl.io/load-balancer-ips"

NODE_HEALTH_PORT = 10256
"""kube-proxy's and our agent's `/healthz`. Source: kube-proxy --healthz-bind-address."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A Service that cannot be provisioned as it stands; `message` names the object, the cause and the remedy."""

    reason: str
    message: str


def translate(service: Service, backends: tuple[Backend, ...], capabilities: Capabilities) -> LoadBalancer | Rejected:
    """The load balancer that `service` asks for, or why this provider cannot give it."""
    for check in _CHECKS:
        if (refusal := check(service, capabilities)) is not None:
            return refusal
    ranges, bad_ranges = parse_networks(source_range_texts(service))
    if bad_ranges:
        return _rejected(
            service, "InvalidSourceRange", f"{bad_ranges[0]!r} is not a CIDR; write it like 198.51.100.0/24"
        )
    families = _usable_families(service, capabilities)
    addresses = requested_addresses(service, families)
    if isinstance(addresses, Rejected):
        return addresses
    if addresses and not capabilities.requested_addresses:
        return _rejected(
            service, "AddressNotSupported", "this provider cannot be asked for an address; remove the request"
        )
    return LoadBalancer(
        owner=Owner(service.key, service.uid),
        families=families,
        listeners=tuple(
            Listener(
                port=one.port,
                protocol=one.protocol,
                node_port=one.node_port if capabilities.wiring is Wiring.NODE_PORT else 0,
                name=one.name,
                app_protocol=one.app_protocol,
            )
            for one in service.ports
        ),
        backends=backends,
        health_check=_health_check(service),
        wiring=capabilities.wiring,
        preserve_client_ip=service.external_traffic_policy is TrafficPolicy.LOCAL,
        source_ranges=_unless_everyone(ranges),
        client_ip_affinity_s=service.client_ip_affinity_s,
        requested_addresses=addresses,
        assigned_addresses=tuple(one.ip for one in service.ingress if one.ip is not None),
        annotations=service.annotations,
    )


def backends_of(nodes: Iterable[Node]) -> tuple[Backend, ...]:
    """The nodes that stand behind load balancers, by name; the first internal address of each family counts."""
    chosen = sorted((node for node in nodes if is_backend(node)), key=lambda node: node.name)
    return tuple(
        Backend(node.name, node.provider_id, node.zone, _first_of_each_family(node.internal_ips)) for node in chosen
    )


def source_range_texts(service: Service) -> tuple[str, ...]:
    """`spec.loadBalancerSourceRanges`, or the older annotation where that is empty (the field wins)."""
    if service.source_ranges:
        return service.source_ranges
    text = service.annotations.get(SOURCE_RANGES_ANNOTATION, "")
    return tuple(one.strip() for one in text.split(",") if one.strip())


def requested_addresses(service: Service, families: tuple[Family, ...]) -> tuple[IPAddress, ...] | Rejected:
    """The addresses of the annotation `lbctl.io/load-balancer-ips` (comma-separated) or of `spec.loadBalancerIP`.

    `families` are those the load balancer gets; an address of another one cannot be honoured.
    """
    listed = service.annotations.get(ADDRESSES_ANNOTATION, "")
    if listed and service.load_balancer_ip:
        return _rejected(
            service, "AmbiguousAddress", f"set spec.loadBalancerIP or the annotation {ADDRESSES_ANNOTATION}, not both"
        )
    found: list[IPAddress] = []
    for text in (listed or service.load_balancer_ip).split(","):
        if not text.strip():
            continue
        try:
            found.append(ip_address(text.strip()))
        except ValueError:
            where = f"annotation {ADDRESSES_ANNOTATION}" if listed else "spec.loadBalancerIP"
            return _rejected(service, "InvalidAddress", f"{where}: {text.strip()!r} is not an IP address; correct it")
    for address in found:
        if family_of(address) not in families:
            return _rejected(
                service,
                "InvalidAddress",
                f"the requested address {address} is not of the load balancer's families ({_families(families)}); "
                "request another, or change spec.ipFamilies",
            )
    if len({family_of(one) for one in found}) < len(found):
        text = "several addresses of one family are requested; ask for at most one of each"
        return _rejected(service, "InvalidAddress", text)
    return tuple(found)


def _usable_families(service: Service, can: Capabilities) -> tuple[Family, ...]:
    """The Service's families that this provider offers, in the Service's order; one where it is single-stack."""
    usable = tuple(one for one in service.ip_families if one in can.families)
    return usable if can.dual_stack else usable[:1]


def _check_families(service: Service, can: Capabilities) -> Rejected | None:
    usable = _usable_families(service, can)
    if not usable:
        wanted, offered = _families(service.ip_families), _families(can.families)
        return _rejected(
            service,
            "UnsupportedFamily",
            f"this provider offers {offered}, the Service wants {wanted}; change spec.ipFamilies",
        )
    if service.ip_family_policy == "RequireDualStack" and len(usable) < 2:
        return _rejected(
            service, "DualStackNotSupported", "this provider is single-stack; use PreferDualStack or SingleStack"
        )
    return None


def _check_ports(service: Service, can: Capabilities) -> Rejected | None:
    count = len(service.ports)
    if can.max_ports is not None and count > can.max_ports:
        text = f"{count} ports are asked for and this provider allows {can.max_ports} per load balancer"
        return _rejected(service, "TooManyPorts", f"{text}; {can.max_ports_remedy}")
    return None


def _check_protocols(service: Service, can: Capabilities) -> Rejected | None:
    used = {one.protocol for one in service.ports}
    for protocol in sorted(used - can.protocols, key=lambda one: one.value):
        offered = ", ".join(sorted(one.value for one in can.protocols))
        return _rejected(
            service, "UnsupportedProtocol", f"this provider offers {offered}, not {protocol.value}; remove that port"
        )
    if len(used) > 1 and not can.mixed_protocols:
        return _rejected(
            service,
            "MixedProtocols",
            "this provider cannot mix protocols on one load balancer; use one Service for each",
        )
    return None


def _check_wiring(service: Service, can: Capabilities) -> Rejected | None:
    if can.wiring is Wiring.NODE_PORT:
        bare = [one.port for one in service.ports if not one.node_port]
        if bare:
            text = f"port {bare[0]} has no nodePort and this provider delivers to nodePorts"
            return _rejected(service, "MissingNodePort", f"{text}; set spec.allocateLoadBalancerNodePorts: true")
    if service.external_traffic_policy is TrafficPolicy.LOCAL and not service.health_check_node_port:
        text = "externalTrafficPolicy is Local but spec.healthCheckNodePort is not allocated; create the Service anew"
        return _rejected(service, "MissingHealthCheckNodePort", text)
    return None


def _check_features(service: Service, can: Capabilities) -> Rejected | None:
    if service.client_ip_affinity_s and not can.client_ip_affinity:
        return _rejected(
            service, "AffinityNotSupported", "this provider has no ClientIP affinity; set spec.sessionAffinity: None"
        )
    if source_range_texts(service) and not can.source_ranges:
        return _rejected(
            service,
            "SourceRangesNotSupported",
            "this provider cannot filter by source; remove spec.loadBalancerSourceRanges",
        )
    return None


_CHECKS: tuple[Callable[[Service, Capabilities], Rejected | None], ...] = (
    _check_families,
    _check_ports,
    _check_protocols,
    _check_wiring,
    _check_features,
)


def _rejected(service: Service, reason: str, text: str) -> Rejected:
    return Rejected(reason, f"Service {service.key}: {text}")


def _families(families: Iterable[Family]) -> str:
    return " and ".join(sorted(one.value for one in families))


def _health_check(service: Service) -> HealthCheck:
    if service.external_traffic_policy is TrafficPolicy.LOCAL:
        return HealthCheck(port=service.health_check_node_port, per_service=True)
    return HealthCheck(port=NODE_HEALTH_PORT)


def _unless_everyone(ranges: tuple[IPNetwork, ...]) -> tuple[IPNetwork, ...]:
    """A range that holds every address of its family opens that family; none left means no filter at all."""
    open_families = {one.version for one in ranges if one.prefixlen == 0}
    if len({one.version for one in ranges} - open_families) == 0:
        return ()
    return tuple(sorted(set(ranges), key=str))


def _first_of_each_family(addresses: Iterable[IPAddress]) -> tuple[IPAddress, ...]:
    first: dict[int, IPAddress] = {}
    for one in addresses:
        first.setdefault(one.version, one)
    return tuple(first.values())
