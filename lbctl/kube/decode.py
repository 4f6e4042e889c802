"""Services, EndpointSlices and Nodes: JSON to the house's values.

The structs name only the fields that are used; everything else in the JSON (managedFields above all) is skipped
without being built. Source: k8s.io/api core/v1 and discovery/v1 types.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network

from msgspec import field

from lbctl.kube.wire import (
    Meta,
    Wire,
    address_of,
    addresses_of,
    annotations_of,
    labels_of,
    protocol_of,
    shared,
    shared_set,
)
from lbctl.model.address import Family, IPNetwork
from lbctl.model.endpoint import Endpoint, EndpointPort, EndpointSlice
from lbctl.model.node import Node
from lbctl.model.service import (
    Condition,
    Ingress,
    IngressPort,
    IpMode,
    ObjectKey,
    Service,
    ServicePort,
    ServiceType,
    TrafficPolicy,
    Uid,
)

SERVICE_NAME_LABEL = "kubernetes.io/service-name"
MANAGED_BY_LABEL = "endpointslice.kubernetes.io/managed-by"
HEADLESS_LABEL = "service.kubernetes.io/headless"
_FAMILIES = {family.value: family for family in Family}
_IP_MODES = {mode.value: mode for mode in IpMode}
# v1.DefaultClientIPServiceAffinitySeconds
_DEFAULT_AFFINITY_S = 10800


class ServiceMeta(Meta, gc=False):
    annotations: dict[str, str] | None = None


class ServicePortWire(Wire, gc=False):
    port: int
    protocol: str | None = None
    name: str = ""
    target_port: int | str = 0
    node_port: int = 0
    app_protocol: str | None = None


class ClientIpWire(Wire, gc=False):
    timeout_seconds: int | None = None


class AffinityConfigWire(Wire, gc=False):
    client_ip: ClientIpWire | None = field(default=None, name="clientIP")


class ServiceSpecWire(Wire, gc=False):
    type: str = "ClusterIP"
    ports: list[ServicePortWire] | None = None
    selector: dict[str, str] | None = None
    cluster_ip: str = field(default="", name="clusterIP")
    cluster_ips: list[str] | None = field(default=None, name="clusterIPs")
    ip_families: list[str] | None = None
    ip_family_policy: str | None = None
    external_ips: list[str] | None = field(default=None, name="externalIPs")
    external_name: str = ""
    external_traffic_policy: str = ""
    internal_traffic_policy: str | None = None
    health_check_node_port: int = 0
    session_affinity: str = ""
    session_affinity_config: AffinityConfigWire | None = None
    load_balancer_class: str | None = None
    load_balancer_ip: str = field(default="", name="loadBalancerIP")
    load_balancer_source_ranges: list[str] | None = None
    allocate_load_balancer_node_ports: bool | None = None
    publish_not_ready_addresses: bool = False
    traffic_distribution: str | None = None


class IngressPortWire(Wire, gc=False):
    port: int
    protocol: str | None = None
    error: str | None = None


class IngressWire(Wire, gc=False):
    ip: str = ""
    hostname: str = ""
    ip_mode: str | None = None
    ports: list[IngressPortWire] | None = None


class LoadBalancerWire(Wire, gc=False):
    ingress: list[IngressWire] | None = None


class ConditionWire(Wire, gc=False):
    type: str
    status: str = "Unknown"
    reason: str = ""
    message: str = ""
    observed_generation: int = 0


class ServiceStatusWire(Wire, gc=False):
    load_balancer: LoadBalancerWire | None = None
    conditions: list[ConditionWire] | None = None


class ServiceWire(Wire, gc=False):
    metadata: ServiceMeta
    spec: ServiceSpecWire = field(default_factory=ServiceSpecWire)
    status: ServiceStatusWire | None = None


def service_of(wire: ServiceWire) -> Service:
    """Raises: ValueError for a type or protocol that this version does not know."""
    meta, spec, status = wire.metadata, wire.spec, wire.status or ServiceStatusWire()
    cluster_ips = spec.cluster_ips or ([spec.cluster_ip] if spec.cluster_ip else [])
    return Service(
        key=meta.key,
        uid=Uid(meta.uid),
        resource_version=meta.resource_version,
        generation=meta.generation,
        type=ServiceType(spec.type or "ClusterIP"),
        ports=tuple(_service_port(port) for port in spec.ports or ()),
        selector=labels_of(spec.selector),
        cluster_ips=() if "None" in cluster_ips else addresses_of(cluster_ips),
        headless="None" in cluster_ips,
        ip_families=_families(spec.ip_families),
        ip_family_policy=spec.ip_family_policy or "SingleStack",
        external_ips=addresses_of(spec.external_ips),
        external_name=spec.external_name,
        external_traffic_policy=_policy(spec.external_traffic_policy),
        internal_traffic_policy=_policy(spec.internal_traffic_policy),
        health_check_node_port=spec.health_check_node_port,
        client_ip_affinity_s=_affinity_s(spec),
        load_balancer_class=spec.load_balancer_class,
        load_balancer_ip=spec.load_balancer_ip,
        source_ranges=tuple(spec.load_balancer_source_ranges or ()),
        allocate_node_ports=spec.allocate_load_balancer_node_ports is not False,
        publish_not_ready=spec.publish_not_ready_addresses,
        traffic_distribution=spec.traffic_distribution or "",
        labels=labels_of(meta.labels),
        annotations=annotations_of(meta.annotations),
        finalizers=tuple(meta.finalizers or ()),
        deleting=meta.deletion_timestamp is not None,
        ingress=tuple(_ingress(one) for one in (status.load_balancer or LoadBalancerWire()).ingress or ()),
        conditions=tuple(_condition(one) for one in status.conditions or ()),
    )


def _service_port(wire: ServicePortWire) -> ServicePort:
    return ServicePort(
        port=wire.port,
        protocol=protocol_of(wire.protocol),
        name=wire.name,
        target_port=wire.target_port,
        node_port=wire.node_port,
        app_protocol=wire.app_protocol or "",
    )


def _families(texts: Iterable[str] | None) -> tuple[Family, ...]:
    return tuple(_FAMILIES[text] for text in texts or () if text in _FAMILIES) or (Family.IPV4,)


def _policy(text: str | None) -> TrafficPolicy:
    return TrafficPolicy.LOCAL if text == "Local" else TrafficPolicy.CLUSTER


def _affinity_s(spec: ServiceSpecWire) -> int:
    if spec.session_affinity != "ClientIP":
        return 0
    config = spec.session_affinity_config
    seconds = config.client_ip.timeout_seconds if config is not None and config.client_ip is not None else None
    return _DEFAULT_AFFINITY_S if seconds is None else seconds


def _ingress(wire: IngressWire) -> Ingress:
    return Ingress(
        ip=address_of(wire.ip) if wire.ip else None,
        hostname=wire.hostname,
        ip_mode=_IP_MODES.get(wire.ip_mode or ""),
        ports=tuple(IngressPort(one.port, protocol_of(one.protocol), one.error or "") for one in wire.ports or ()),
    )


def _condition(wire: ConditionWire) -> Condition:
    return Condition(wire.type, wire.status, wire.reason, wire.message, wire.observed_generation)


class EndpointConditionsWire(Wire, gc=False):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class HintWire(Wire, gc=False):
    name: str


class HintsWire(Wire, gc=False):
    for_zones: list[HintWire] | None = None
    for_nodes: list[HintWire] | None = None


class EndpointWire(Wire, gc=False):
    addresses: list[str] | None = None
    conditions: EndpointConditionsWire | None = None
    node_name: str | None = None
    zone: str | None = None
    hostname: str | None = None
    hints: HintsWire | None = None


class EndpointPortWire(Wire, gc=False):
    name: str | None = None
    protocol: str | None = None
    port: int | None = None


class EndpointSliceWire(Wire, gc=False):
    metadata: Meta
    address_type: str = ""
    endpoints: list[EndpointWire] | None = None
    ports: list[EndpointPortWire] | None = None


_NOWHERE: frozenset[str] = frozenset()
_NO_CONDITIONS = EndpointConditionsWire()


def endpoint_slice_of(wire: EndpointSliceWire) -> EndpointSlice:
    """`family` is None for FQDN slices, whose endpoints are left out. Raises: ValueError for an unknown protocol."""
    meta = wire.metadata
    labels = meta.labels or {}
    service = labels.get(SERVICE_NAME_LABEL)
    family = _FAMILIES.get(wire.address_type)
    return EndpointSlice(
        key=meta.key,
        service=ObjectKey(meta.namespace, service) if service else None,
        family=family,
        ports=tuple(EndpointPort(one.name or "", protocol_of(one.protocol), one.port) for one in wire.ports or ()),
        endpoints=tuple(_endpoint(one) for one in wire.endpoints or ()) if family is not None else (),
        headless=HEADLESS_LABEL in labels,
        managed_by=shared(labels.get(MANAGED_BY_LABEL)),
        resource_version=meta.resource_version,
    )


def _endpoint(wire: EndpointWire) -> Endpoint:
    conditions = wire.conditions or _NO_CONDITIONS
    ready = conditions.ready is not False
    # By position: names would cost a third more, a hundred thousand times.
    return Endpoint(
        addresses_of(wire.addresses),
        ready,
        ready if conditions.serving is None else conditions.serving,
        conditions.terminating is True,
        shared(wire.node_name),
        shared(wire.zone),
        wire.hostname or "",
        _hinted(wire.hints.for_zones) if wire.hints is not None else _NOWHERE,
        _hinted(wire.hints.for_nodes) if wire.hints is not None else _NOWHERE,
    )


def _hinted(hints: list[HintWire] | None) -> frozenset[str]:
    return shared_set(tuple(sorted(hint.name for hint in hints))) if hints else _NOWHERE


class TaintWire(Wire, gc=False):
    key: str


class NodeSpecWire(Wire, gc=False):
    provider_id: str = field(default="", name="providerID")
    pod_cidr: str = field(default="", name="podCIDR")
    pod_cidrs: list[str] | None = field(default=None, name="podCIDRs")
    taints: list[TaintWire] | None = None
    unschedulable: bool = False


class NodeAddressWire(Wire, gc=False):
    type: str
    address: str


class NodeStatusWire(Wire, gc=False):
    addresses: list[NodeAddressWire] | None = None
    conditions: list[ConditionWire] | None = None


class NodeWire(Wire, gc=False):
    metadata: Meta
    spec: NodeSpecWire = field(default_factory=NodeSpecWire)
    status: NodeStatusWire = field(default_factory=NodeStatusWire)


def node_of(wire: NodeWire) -> Node:
    """A Node; addresses and networks that do not parse are left out."""
    meta, spec, status = wire.metadata, wire.spec, wire.status
    addresses = status.addresses or ()
    return Node(
        name=meta.name,
        provider_id=spec.provider_id,
        internal_ips=addresses_of(one.address for one in addresses if one.type == "InternalIP"),
        external_ips=addresses_of(one.address for one in addresses if one.type == "ExternalIP"),
        pod_cidrs=_networks(spec.pod_cidrs or ([spec.pod_cidr] if spec.pod_cidr else [])),
        labels=labels_of(meta.labels),
        taints=frozenset(taint.key for taint in spec.taints or ()),
        ready=any(one.type == "Ready" and one.status == "True" for one in status.conditions or ()),
        unschedulable=spec.unschedulable,
        deleting=meta.deletion_timestamp is not None,
        resource_version=meta.resource_version,
    )


def _networks(texts: Iterable[str]) -> tuple[IPNetwork, ...]:
    networks: list[IPNetwork] = []
    for text in texts:
        try:
            networks.append(ip_network(text, strict=False))
        except ValueError:
            continue
    return tuple(networks)
