"""Giving a Service its addresses and ports, or taking them back, when it is created, changed or deleted.

Source: k8s.io/kubernetes/pkg/registry/core/service/storage/alloc.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from lbctl.sandbox.api.errors import Json, internal_error, invalid
from lbctl.sandbox.api.strategy.addresses import parse_sloppy
from lbctl.sandbox.api.strategy.service.allocators import AllocationRefused, ClusterIPs, NodePorts, RangeFull
from lbctl.sandbox.api.strategy.service.families import family_of, keeps_prefer_dual_stack, refused
from lbctl.sandbox.api.strategy.service.fields import (
    NONE,
    allocates_node_ports,
    cluster_ips,
    families,
    has_node_ports,
    needs_cluster_ip,
    needs_health_check,
    node_ports,
    ports_of,
    spec_of,
)
from lbctl.sandbox.api.strategy.service.reservation import ServiceReservation


class ServiceAllocation:
    """The allocators of the cluster, and who holds what in them."""

    def __init__(self, ips: Mapping[str, ClusterIPs], ports: NodePorts) -> None:
        self._ips = ips
        self._ports = ports

    def reserve(self, new: Json, old: Json | None, *, dry_run: bool) -> ServiceReservation:
        """Take what `new` needs beyond what `old` has, and write it into `new`.

        Raises:
            ApiError: 422 when something asked for cannot be had, 500 when a range is full. Nothing stays taken then.
        """
        reservation = ServiceReservation(self._ips, self._ports, dry_run=dry_run)
        write = _Write(new, old, reservation)
        try:
            write.cluster_ips()
            write.node_ports()
            write.health_check()
        except Exception:
            reservation.release()
            raise
        return reservation

    def release(self, service: Json) -> None:
        """Free everything a deleted Service held."""
        spec = spec_of(service)
        for address in _held_addresses(spec):
            allocator = self._ips.get(family_of(address))
            parsed = parse_sloppy(address)
            if allocator is not None and parsed is not None:
                allocator.give_back(parsed)
        for port in _held_ports(spec):
            self._ports.give_back(port)

    def restore(self, service: Json) -> None:
        """Mark everything a stored Service holds as taken; doing so again changes nothing."""
        spec = spec_of(service)
        for address in _held_addresses(spec):
            allocator = self._ips.get(family_of(address))
            parsed = parse_sloppy(address)
            if allocator is not None and parsed is not None:
                allocator.restore(parsed)
        for port in _held_ports(spec):
            self._ports.restore(port)


def _held_addresses(spec: Json) -> list[str]:
    return [one for one in cluster_ips(spec) if one != NONE] if needs_cluster_ip(spec) else []


def _held_ports(spec: Json) -> list[int]:
    held = node_ports(spec) if has_node_ports(spec) else []
    if needs_health_check(spec) and spec.get("healthCheckNodePort"):
        held.append(spec["healthCheckNodePort"])
    return held


class _Write:
    """One create (no old spec) or update."""

    def __init__(self, new: Json, old: Json | None, reservation: ServiceReservation) -> None:
        self._service = new
        self._new = spec_of(new)
        self._old = None if old is None else spec_of(old)
        self._reservation = reservation

    def cluster_ips(self) -> None:
        new, old = self._new, self._old
        if old is None or (not needs_cluster_ip(old) and needs_cluster_ip(new)):
            if needs_cluster_ip(new):
                self._allocate_ips(0)
        elif cluster_ips(old)[:1] == [NONE] or keeps_prefer_dual_stack(new, old):
            return
        elif needs_cluster_ip(old) and not needs_cluster_ip(new):
            self._free_ips(old, 0)
        elif len(families(old)) == 1 and len(families(new)) == 2:
            self._allocate_ips(1)
        elif len(families(old)) == 2 and len(families(new)) == 1:
            self._free_ips(old, 1)

    def _allocate_ips(self, start: int) -> None:
        """Allocate for the families from index `start` on; `clusterIPs` may already name addresses."""
        asked = cluster_ips(self._new)
        if asked[:1] == [NONE]:
            return
        wanted = list(asked) + [""] * (len(families(self._new)) - len(asked))
        got = list(wanted)
        for index, family in enumerate(families(self._new)):
            if index >= start:
                got[index] = self._allocate_ip(family, wanted, index)
        self._new["clusterIPs"] = got
        self._new["clusterIP"] = got[0]

    def _allocate_ip(self, family: str, wanted: list[str], index: int) -> str:
        if not wanted[index]:
            try:
                return str(self._reservation.draw_ip(family))
            except RangeFull as full:
                name = self._service["metadata"].get("name", "")
                raise internal_error(f'failed to allocate a serviceIP for Service "{name}": {full}') from full
        address = parse_sloppy(wanted[index])
        if address is None:
            raise internal_error(f'failed to parse service IP "{wanted[index]}"')
        try:
            self._reservation.take_ip(family, address)
        except AllocationRefused as why:
            text = f"failed to allocate IP {wanted[index]}: {why}"
            raise refused(self._service, [invalid("spec.clusterIPs", wanted, text)]) from why
        return wanted[index]

    def _free_ips(self, old: Json, start: int) -> None:
        for address in cluster_ips(old)[start:]:
            parsed = parse_sloppy(address)
            if parsed is not None:
                self._reservation.free_ip(family_of(address), parsed)

    def node_ports(self) -> None:
        if self._old is None:
            if has_node_ports(self._new):
                self._create_node_ports()
            return
        held = node_ports(self._old) if has_node_ports(self._old) else []
        if has_node_ports(self._new):
            self._update_node_ports(held)
        kept = node_ports(self._new) if has_node_ports(self._new) else []
        for port in sorted(set(held) - set(kept)):
            self._reservation.free_port(port)

    def _create_node_ports(self) -> None:
        """Ports with the same number (as for DNS over TCP and UDP) share one node port unless they ask for two."""
        ports = ports_of(self._new)
        chosen: dict[int, int] = {}
        for index, port in enumerate(ports):
            asked, number = port.get("nodePort", 0), port.get("port", 0)
            if not asked and not allocates_node_ports(self._new):
                continue
            if number not in chosen:
                shared = next(
                    (one["nodePort"] for one in ports if one.get("port") == number and one.get("nodePort")), 0
                )
                chosen[number] = self._take_port(index, shared) if shared else self._draw_port()
                port["nodePort"] = chosen[number]
            elif not asked:
                port["nodePort"] = chosen[number]
            elif asked != chosen[number]:
                self._take_port(index, asked)

    def _update_node_ports(self, held: list[int]) -> None:
        taken: set[int] = set()
        for index, port in enumerate(ports_of(self._new)):
            asked = port.get("nodePort", 0)
            if asked and asked not in held and asked not in taken:
                taken.add(self._take_port(index, asked))
            elif not asked and allocates_node_ports(self._new):
                port["nodePort"] = self._draw_port()

    def _take_port(self, index: int, port: int) -> int:
        try:
            self._reservation.take_port(port)
        except AllocationRefused as why:
            raise refused(self._service, [invalid(f"spec.ports[{index}].nodePort", port, str(why))]) from why
        return port

    def _draw_port(self) -> int:
        try:
            return self._reservation.draw_port()
        except RangeFull as full:
            raise internal_error(f"failed to allocate a nodePort: {full}") from full

    def health_check(self) -> None:
        had = self._old is not None and needs_health_check(self._old)
        needs = needs_health_check(self._new)
        if needs and not had:
            self._allocate_health_check()
        elif had and not needs and self._old is not None and self._old.get("healthCheckNodePort"):
            self._reservation.free_port(self._old["healthCheckNodePort"])

    def _allocate_health_check(self) -> None:
        asked = self._new.get("healthCheckNodePort", 0)
        try:
            if asked:
                self._reservation.take_port(asked)
            else:
                self._new["healthCheckNodePort"] = self._reservation.draw_port()
        except RangeFull as full:
            raise internal_error(f"failed to allocate a HealthCheck NodePort 0: {full}") from full
        except AllocationRefused as why:
            raise internal_error(f"failed to allocate requested HealthCheck NodePort {asked}: {why}") from why
