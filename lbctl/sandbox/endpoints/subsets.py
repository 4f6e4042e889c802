"""The subsets of an Endpoints object in their usual form, and within their size.

Source: pkg/api/v1/endpoints/util.go (RepackSubsets) and truncateEndpoints, pkg/controller/endpoint. Lists are sorted by
value where the original sorts by a hash of it, so that people find what they look for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from lbctl.sandbox.endpoints.names import MAX_ENDPOINTS_PER_OBJECT
from lbctl.sandbox.endpoints.objects import EndpointAddress, EndpointSubset, SubsetPort

Subsets: TypeAlias = tuple[EndpointSubset, ...]
_AddressId: TypeAlias = tuple[str, str]
_Readiness: TypeAlias = dict[_AddressId, bool]


def repack(subsets: Iterable[EndpointSubset]) -> Subsets:
    """One subset per set of addresses that serve the same ports with the same readiness; sorted, without duplicates.

    An address is known by IP and target UID. Of an address that is both ready and not on a port, not ready counts.
    """
    known: dict[_AddressId, EndpointAddress] = {}
    by_port: dict[SubsetPort | None, _Readiness] = {}
    for subset in subsets:
        for port in subset.ports or (None,):
            on_port = by_port.setdefault(_with_protocol(port), {})
            for ready, addresses in ((True, subset.addresses), (False, subset.not_ready_addresses)):
                for address in addresses or ():
                    identity = _identity(address)
                    known.setdefault(identity, address)
                    on_port[identity] = ready and on_port.get(identity, True)
    by_addresses: dict[frozenset[tuple[_AddressId, bool]], list[SubsetPort]] = {}
    for port, on_port in by_port.items():
        ports = by_addresses.setdefault(frozenset(on_port.items()), [])
        if port is not None:
            ports.append(port)
    packed = [_subset(known, readiness, ports) for readiness, ports in by_addresses.items()]
    return tuple(sorted(packed, key=_subset_order))


def truncate(subsets: Subsets) -> tuple[Subsets, bool]:
    """At most 1000 addresses, ready ones first, each subset cut in proportion; and whether anything was cut."""
    ready = sum(len(one.addresses or ()) for one in subsets)
    not_ready = sum(len(one.not_ready_addresses or ()) for one in subsets)
    if ready + not_ready <= MAX_ENDPOINTS_PER_OBJECT:
        return subsets, False
    cut: list[EndpointSubset] = []
    cut_ready = ready > MAX_ENDPOINTS_PER_OBJECT
    room = share = MAX_ENDPOINTS_PER_OBJECT if cut_ready else MAX_ENDPOINTS_PER_OBJECT - ready
    total = ready if cut_ready else not_ready
    for one in subsets:
        addresses = (one.addresses if cut_ready else one.not_ready_addresses) or ()
        kept = addresses[: min(room, math.ceil(len(addresses) / total * share))]
        room -= len(kept)
        if cut_ready:
            cut.append(replace(one, addresses=kept or None, not_ready_addresses=None))
        else:
            cut.append(replace(one, not_ready_addresses=kept or None))
    return tuple(cut), True


def same_subsets(one: Iterable[EndpointSubset] | None, other: Iterable[EndpointSubset] | None) -> bool:
    """Equality that overlooks the resourceVersion of targets, and null for empty."""
    return [_comparable(subset) for subset in one or ()] == [_comparable(subset) for subset in other or ()]


def _comparable(subset: EndpointSubset) -> EndpointSubset:
    return EndpointSubset(
        addresses=_without_versions(subset.addresses or ()),
        not_ready_addresses=_without_versions(subset.not_ready_addresses or ()),
        ports=tuple(_protocol_named(port) for port in subset.ports or ()),
    )


def _without_versions(addresses: Sequence[EndpointAddress]) -> tuple[EndpointAddress, ...]:
    return tuple(
        replace(one, target_ref=replace(one.target_ref, resource_version=""))
        if one.target_ref is not None and one.target_ref.resource_version
        else one
        for one in addresses
    )


def _identity(address: EndpointAddress) -> _AddressId:
    return address.ip, address.target_ref.uid if address.target_ref is not None else ""


def _with_protocol(port: SubsetPort | None) -> SubsetPort | None:
    return None if port is None or port.port <= 0 else _protocol_named(port)


def _protocol_named(port: SubsetPort) -> SubsetPort:
    return port if port.protocol else replace(port, protocol="TCP")


def _subset(
    known: dict[_AddressId, EndpointAddress],
    readiness: Iterable[tuple[_AddressId, bool]],
    ports: Iterable[SubsetPort],
) -> EndpointSubset:
    ordered = sorted(readiness)
    return EndpointSubset(
        addresses=tuple(known[identity] for identity, ready in ordered if ready) or None,
        not_ready_addresses=tuple(known[identity] for identity, ready in ordered if not ready) or None,
        ports=tuple(sorted(ports, key=_port_order)) or None,
    )


def _port_order(port: SubsetPort) -> tuple[str, int, str, str]:
    return port.name, port.port, port.protocol or "", port.app_protocol or ""


def _subset_order(subset: EndpointSubset) -> tuple[list[tuple[str, int, str, str]], list[_AddressId]]:
    everyone = (*(subset.addresses or ()), *(subset.not_ready_addresses or ()))
    return [_port_order(port) for port in subset.ports or ()], [_identity(one) for one in everyone]
