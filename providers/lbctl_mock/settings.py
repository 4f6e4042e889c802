"""The switches of the mock cloud and of the provider before it."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lbctl.model.address import Family
from lbctl.model.loadbalancer import Wiring
from lbctl.model.service import IpMode, Protocol
from lbctl.plan.capabilities import Capabilities, Membership

DOCUMENTATION_IPV4 = IPv4Network("203.0.113.0/24")
"""TEST-NET-3. Source: RFC 5737 §3."""
DOCUMENTATION_IPV6 = IPv6Network("2001:db8::/32")
"""Source: RFC 3849 §2."""


class Quotas(BaseModel):
    """How much the cloud account may hold; None is no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    balancers: int | None = Field(default=None, ge=0, description="balancers in the whole account")
    listeners_per_balancer: int | None = Field(default=None, ge=0, description="listeners on one balancer")
    targets_per_pool: int | None = Field(default=None, ge=0, description="nodes in one pool or node group")


class Throttle(BaseModel):
    """A token bucket over all calls of the account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(gt=0, description="tokens that come back per second; a call takes one")
    burst: int = Field(default=1, ge=1, description="tokens in a full bucket")


class MockSettings(BaseModel):
    """`providers.mock` of the configuration file. Every field has a default: a plain, fast, complete cloud."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ipv4_range: IPv4Network = Field(default=DOCUMENTATION_IPV4, description="where IPv4 addresses are taken from")
    ipv6_range: IPv6Network = Field(default=DOCUMENTATION_IPV6, description="where IPv6 addresses are taken from")

    latency_s: float = Field(default=0.0, ge=0, description="how long each call takes")
    provisioning_s: float = Field(
        default=0.0, ge=0, description="how long a new balancer is 'provisioning' before 'active'"
    )
    consistency_s: float = Field(
        default=0.0, ge=0, description="how long a search still shows the state before a write"
    )
    page_size: int = Field(default=500, ge=1, description="resources per page of a search")
    quotas: Quotas = Field(default=Quotas(), description="limits of the account")
    throttle: Throttle | None = Field(default=None, description="limit on calls per second")

    families: frozenset[Family] = Field(default=frozenset(Family), description="IP families that are offered")
    protocols: frozenset[Protocol] = Field(default=frozenset(Protocol), description="protocols that are offered")
    wiring: Wiring = Field(default=Wiring.NODE_PORT, description="where packets are delivered: nodePort or vip")
    membership: Membership = Field(default=Membership.PER_SERVICE, description="whose the list of nodes is")
    ip_mode: IpMode = Field(default=IpMode.VIP, description="`ipMode` of the published addresses")
    dual_stack: bool = Field(default=True, description="whether one balancer can have an address of each family")
    mixed_protocols: bool = Field(default=True, description="whether one balancer can mix protocols")
    source_ranges: bool = Field(default=True, description="whether sources can be filtered")
    client_ip_affinity: bool = Field(default=True, description="whether a client can be kept on one node")
    requested_addresses: bool = Field(default=True, description="whether a Service may ask for an address")
    max_ports: int | None = Field(default=None, ge=1, description="ports per Service; None is no limit")

    @field_validator("ipv4_range")
    @classmethod
    def _has_room(cls, value: IPv4Network) -> IPv4Network:
        if value.prefixlen > 30:
            raise ValueError(f"{value} is too small; give a /30 or larger")
        return value

    @field_validator("ipv6_range")
    @classmethod
    def _has_room_too(cls, value: IPv6Network) -> IPv6Network:
        if value.prefixlen > 126:
            raise ValueError(f"{value} is too small; give a /126 or larger")
        return value

    @field_validator("families", "protocols")
    @classmethod
    def _offers_something(
        cls, value: frozenset[Family] | frozenset[Protocol]
    ) -> frozenset[Family] | frozenset[Protocol]:
        if not value:
            raise ValueError("name at least one")
        return value

    @field_validator("wiring")
    @classmethod
    def _is_known(cls, value: Wiring) -> Wiring:
        if value is Wiring.POD:
            raise ValueError("the mock cloud delivers to nodes; choose nodePort or vip")
        return value

    def capabilities(self) -> Capabilities:
        """What a cloud with these settings can do."""
        return Capabilities(
            protocols=self.protocols,
            families=self.families,
            wiring=self.wiring,
            membership=self.membership,
            ip_mode=self.ip_mode,
            mixed_protocols=self.mixed_protocols,
            dual_stack=self.dual_stack and len(self.families) == len(Family),
            source_ranges=self.source_ranges,
            client_ip_affinity=self.client_ip_affinity,
            requested_addresses=self.requested_addresses,
            max_ports=self.max_ports,
            consistency_s=self.consistency_s,
        )
