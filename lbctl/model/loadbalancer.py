"""The neutral desired state: what a Service asks of any cloud, before a provider puts it in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from lbctl.model.address import Family, IPAddress, IPNetwork
from lbctl.model.service import NO_LABELS, ObjectKey, Protocol, Uid


class Wiring(Enum):
    """Where a balancer delivers a packet."""

    NODE_PORT = "nodePort"
    """to the node's address and the Service's nodePort"""
    VIP = "vip"
    """unchanged, to a node that accepts the load balancer's own address and port"""
    POD = "pod"
    """to the pods' addresses"""


@dataclass(frozen=True, slots=True)
class Owner:
    """The Service that resources belong to. The UID counts; the key is for people."""

    key: ObjectKey
    uid: Uid


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that the balancer answers on; `node_port` is 0 unless the wiring is NODE_PORT."""

    port: int
    protocol: Protocol
    node_port: int = 0
    name: str = ""
    app_protocol: str = ""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How a balancer finds out whether a node takes traffic: an HTTP GET that answers 200.

    `per_service` tells the Service's own `healthCheckNodePort` (externalTrafficPolicy: Local; KEP-27) from the
    node's check that all Services share (kube-proxy's and our agent's `/healthz`, port 10256; KEP-3836).
    """

    port: int
    path: str = "/healthz"
    interval_s: int = 10
    healthy_threshold: int = 2
    unhealthy_threshold: int = 2
    per_service: bool = False


@dataclass(frozen=True, slots=True)
class Backend:
    """A node behind the balancer. `addresses` are its internal IPs, one per family at the most."""

    node: str
    provider_id: str = ""
    zone: str = ""
    addresses: tuple[IPAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """One load balancer as a Service wants it. Everything a provider's `render` may look at is in here.

    `requested_addresses` must be honoured or refused; `assigned_addresses` are those the Service's status shows today,
    which a provider that has to choose anew should choose again.
    """

    owner: Owner
    families: tuple[Family, ...]
    listeners: tuple[Listener, ...]
    backends: tuple[Backend, ...]
    health_check: HealthCheck
    wiring: Wiring = Wiring.NODE_PORT
    preserve_client_ip: bool = False
    source_ranges: tuple[IPNetwork, ...] = ()
    client_ip_affinity_s: int = 0
    requested_addresses: tuple[IPAddress, ...] = ()
    assigned_addresses: tuple[IPAddress, ...] = ()
    annotations: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
