"""Which endpoints a Service should have: pods grouped by the port numbers they serve on.

Source: reconcileByAddressType and getEndpointPorts, k8s.io/endpointslice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from lbctl.sandbox.endpoints import pods as podrules
from lbctl.sandbox.endpoints.objects import Endpoint, EndpointPort, EndpointSlice, Family, Node, Pod, Service

PortsKey: TypeAlias = tuple[tuple[str, str, int, str], ...]
"""The ports of a slice, comparable: sorted (name, protocol, number, appProtocol); number -1 is every port."""

EndpointId: TypeAlias = tuple[tuple[str, ...], str, str, str]
"""What makes two endpoints the same one: sorted addresses, hostname, namespace and name of the target."""


@dataclass(slots=True)
class Group:
    """Endpoints that share their ports, by identity; taken out one by one as they find a place in a slice."""

    ports: tuple[EndpointPort, ...]
    endpoints: dict[EndpointId, Endpoint] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Desired:
    """One family's endpoints. `nodeless` are the pods left out because their node is not known (yet)."""

    groups: dict[PortsKey, Group]
    nodeless: tuple[Pod, ...]


def ports_key(ports: Iterable[EndpointPort] | None) -> PortsKey:
    """The identity of a list of ports, whatever its order. Source: NewPortMapKey."""
    return tuple(
        sorted(
            (one.name or "", one.protocol or "TCP", -1 if one.port is None else one.port, one.app_protocol or "")
            for one in ports or ()
        )
    )


def endpoint_id(endpoint: Endpoint) -> EndpointId:
    """Source: hashEndpoint, k8s.io/endpointslice/util/endpointset.go."""
    addresses, target = endpoint.addresses, endpoint.target_ref
    if len(addresses) > 1:
        addresses = tuple(sorted(addresses))
    if target is None:
        return addresses, endpoint.hostname or "", "", ""
    return addresses, endpoint.hostname or "", target.namespace, target.name


def same_beyond_id(one: Endpoint, other: Endpoint) -> bool:
    """Whether endpoints of one identity are equal in all but hints. Source: EndpointsEqualBeyondHash."""
    return (
        one.conditions == other.conditions
        and one.node_name == other.node_name
        and one.zone == other.zone
        and _same_target(one, other)
    )


def _same_target(one: Endpoint, other: Endpoint) -> bool:
    mine, theirs = one.target_ref, other.target_ref
    if mine is None or theirs is None or mine == theirs:
        return mine == theirs
    return (mine.kind, mine.namespace, mine.name, mine.uid, mine.api_version, mine.field_path) == (
        theirs.kind,
        theirs.namespace,
        theirs.name,
        theirs.uid,
        theirs.api_version,
        theirs.field_path,
    )


def group_slices(slices: Iterable[EndpointSlice]) -> dict[PortsKey, list[EndpointSlice]]:
    """Existing slices by their ports."""
    grouped: dict[PortsKey, list[EndpointSlice]] = {}
    for one in slices:
        grouped.setdefault(ports_key(one.ports), []).append(one)
    return grouped


def desired_endpoints(service: Service, pods: Iterable[Pod], nodes: Mapping[str, Node], family: Family) -> Desired:
    """The endpoints of `pods` (all that match the selector, in the order they should fill slices) in one family.

    A pod on a node that is not in `nodes` is left out, unless the Service publishes addresses that are not ready.
    """
    groups: dict[PortsKey, Group] = {}
    nodeless: list[Pod] = []
    by_numbers: dict[tuple[int | None, ...], Group] = {}
    for pod in pods:
        if not podrules.belongs_in_endpoints(pod, include_terminating=True):
            continue
        numbers = tuple(podrules.find_port(pod, port) for port in service.spec.ports or ())
        group = by_numbers.get(numbers)
        if group is None:
            ports = _endpoint_ports(service, numbers)
            group = groups.setdefault(ports_key(ports), Group(ports))
            by_numbers[numbers] = group
        node = nodes.get(pod.spec.node_name)
        if node is None and not service.spec.publish_not_ready_addresses:
            nodeless.append(pod)
            continue
        endpoint = podrules.to_endpoint(pod, node, service, family)
        if endpoint is not None:
            group.endpoints[endpoint_id(endpoint)] = endpoint
    return Desired(groups, tuple(nodeless))


def _endpoint_ports(service: Service, numbers: tuple[int | None, ...]) -> tuple[EndpointPort, ...]:
    return tuple(
        EndpointPort(name=port.name, protocol=port.protocol, port=number, app_protocol=port.app_protocol)
        for port, number in zip(service.spec.ports or (), numbers, strict=True)
        if number is not None
    )
