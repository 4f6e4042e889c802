"""The pure half of the mock provider: a neutral load balancer in this cloud's words.

    address   one per family          <cluster>-<uid>-ipv4
    balancer  one                     <cluster>-<uid>                names its addresses, in order
    firewall  one, with source ranges <cluster>-<uid>
    pool      one per port            <cluster>-<uid>-80-tcp         nodes, nodePort, health check, affinity
    listener  one per port            <cluster>-<uid>-80-tcp         names balancer and pool
    node-group one per cluster        <cluster>                      only with shared membership; pools name it

A port's number and protocol stand in the names, since the cloud cannot change them; all else is updated in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from types import MappingProxyType

from lbctl.model.address import Family, IPAddress, family_of
from lbctl.model.errors import PermanentError
from lbctl.model.loadbalancer import Backend, Listener, LoadBalancer
from lbctl.model.resource import NO_FIELDS, Ref, Resource, Resources, Value
from lbctl.plan.capabilities import Membership
from lbctl_mock.addresses import AddressRange
from lbctl_mock.records import ADDRESS, BALANCER, FIREWALL, LISTENER, NODE_GROUP, POOL, references
from lbctl_mock.settings import MockSettings

PREFERRED = "preferred"
"""The hint on a wanted address: the IP that the Service's status shows."""


def needs_of(kind: str, fields: Mapping[str, Value]) -> tuple[Ref, ...]:
    """What must exist before a resource with these fields; the same for wanted and seen ones.

    A listener follows its balancer's firewall, where there is one, so that no port is open to everyone for a moment.
    """
    needs = references(kind, fields)
    return (*needs, Ref(FIREWALL, str(fields["balancer"]))) if kind == LISTENER else needs


class Renderer:
    """Renders for one cluster."""

    def __init__(self, settings: MockSettings, cluster: str) -> None:
        self._cluster = cluster
        self._shared = settings.membership is Membership.SHARED
        self._ranges = {
            Family.IPV4: AddressRange(settings.ipv4_range),
            Family.IPV6: AddressRange(settings.ipv6_range),
        }

    def render(self, lb: LoadBalancer) -> Resources:
        """The wanted resources of one Service.

        Raises:
            PermanentError: `AddressOutOfRange`, for a requested address that this cloud cannot give.
        """
        base = f"{self._cluster}-{lb.owner.uid}"
        addresses = [self._address(lb, family, base) for family in lb.families]
        names: tuple[Value, ...] = tuple(one.ref.name for one in addresses)
        resources = [*addresses, _wanted(lb, Ref(BALANCER, base), {"addresses": names})]
        if lb.source_ranges:
            sources = frozenset(map(str, lb.source_ranges))
            resources.append(_wanted(lb, Ref(FIREWALL, base), {"balancer": base, "sources": sources}))
        targets = frozenset() if self._shared else _targets(lb.backends)
        for port in lb.listeners:
            name = f"{base}-{port.port}-{port.protocol.value.lower()}"
            resources.append(self._pool(lb, port, name, targets))
            resources.append(
                _wanted(
                    lb,
                    Ref(LISTENER, name),
                    {"balancer": base, "port": port.port, "protocol": port.protocol.value, "pool": name},
                )
            )
        return Resources(resources)

    def render_shared(self, backends: tuple[Backend, ...]) -> Resources:
        """The node group, with shared membership; nothing otherwise."""
        if not self._shared:
            return Resources()
        return Resources([Resource(Ref(NODE_GROUP, self._cluster), {"targets": _targets(backends)})])

    @staticmethod
    def ip_of(address: Resource) -> IPAddress:
        """The IP that the cloud gave to an address as seen."""
        return ip_address(address.fact("ip"))

    def _address(self, lb: LoadBalancer, family: Family, base: str) -> Resource:
        requested = next((one for one in lb.requested_addresses if family_of(one) is family), None)
        assigned = next((one for one in lb.assigned_addresses if family_of(one) is family), None)
        addresses = self._ranges[family]
        if requested is not None and not addresses.usable(requested):
            raise PermanentError(
                "AddressOutOfRange",
                f"Service {lb.owner.key}: the requested address {requested} cannot be given from this provider's "
                f"range {addresses.network}; request another address or none",
            )
        return _wanted(
            lb,
            Ref(ADDRESS, f"{base}-{family.value.lower()}"),
            {"family": family.value, "requested": str(requested or "")},
            MappingProxyType({PREFERRED: str(assigned)}) if assigned else NO_FIELDS,
        )

    def _pool(self, lb: LoadBalancer, port: Listener, name: str, targets: frozenset[str]) -> Resource:
        check = lb.health_check
        return _wanted(
            lb,
            Ref(POOL, name),
            {
                "protocol": port.protocol.value,
                "node_port": port.node_port,
                "targets": targets,
                "node_group": self._cluster if self._shared else "",
                "health_port": check.port,
                "health_path": check.path,
                "health_interval_s": check.interval_s,
                "healthy_threshold": check.healthy_threshold,
                "unhealthy_threshold": check.unhealthy_threshold,
                "affinity_s": lb.client_ip_affinity_s,
                "preserve_client_ip": lb.preserve_client_ip,
            },
        )


def _wanted(lb: LoadBalancer, ref: Ref, spec: Mapping[str, Value], facts: Mapping[str, Value] = NO_FIELDS) -> Resource:
    return Resource(ref, spec, lb.owner, needs_of(ref.kind, spec), facts)


def _targets(backends: tuple[Backend, ...]) -> frozenset[str]:
    """Nodes as the cloud knows them: by instance, or by name where that is unknown."""
    return frozenset(one.provider_id or one.node for one in backends)
