"""What one write takes from the allocators and gives back to them, as one transaction.

Rules
- What is taken is taken at once, so that nobody else gets it; `release` gives it back.
- What the write lets go stays taken until `commit`, so that a failed write has lost nothing.
- A dry run takes nothing: addresses it would draw are shown as the network address, ports as numbers above the range.

Source: k8s.io/kubernetes/pkg/registry/core/service/storage/{alloc,transaction}.go, portallocator/operation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from lbctl.sandbox.api.strategy.service.allocators import AllocationRefused, ClusterIPs, NodePorts

Address = IPv4Address | IPv6Address

_FIRST_DRY_RUN_PORT = 32769


class ServiceReservation:
    """Addresses and node ports of one write; see `lbctl.sandbox.api.strategy.base.Reservation`."""

    def __init__(self, ips: Mapping[str, ClusterIPs], ports: NodePorts, *, dry_run: bool) -> None:
        self._ips = ips
        self._ports = ports
        self._dry_run = dry_run
        self._taken_ips: list[tuple[str, Address]] = []
        self._taken_ports: list[int] = []
        self._freed_ips: list[tuple[str, Address]] = []
        self._freed_ports: list[int] = []

    def take_ip(self, family: str, address: Address) -> None:
        """Take this address. Raises: AllocationRefused."""
        allocator = self._ips[family]
        if self._dry_run:
            allocator.check(address)
            return
        allocator.take(address)
        self._taken_ips.append((family, address))

    def draw_ip(self, family: str) -> Address:
        """Take any address of the family. Raises: RangeFull."""
        allocator = self._ips[family]
        if self._dry_run:
            return allocator.network.network_address
        address = allocator.draw()
        self._taken_ips.append((family, address))
        return address

    def free_ip(self, family: str, address: Address) -> None:
        """Let the address go when the write succeeds; a family the cluster no longer has is ignored."""
        if family in self._ips:
            self._freed_ips.append((family, address))

    def take_port(self, port: int) -> None:
        """Take this node port. Raises: AllocationRefused."""
        if not self._dry_run:
            self._ports.take(port)
        elif port in self._ports or port in self._taken_ports:
            raise AllocationRefused("provided port is already allocated")
        self._taken_ports.append(port)

    def draw_port(self) -> int:
        """Take any node port. Raises: RangeFull."""
        if self._dry_run:
            port = max(self._taken_ports) + 1 if self._taken_ports else _FIRST_DRY_RUN_PORT
        else:
            port = self._ports.draw()
        self._taken_ports.append(port)
        return port

    def free_port(self, port: int) -> None:
        """Let the node port go when the write succeeds."""
        self._freed_ports.append(port)

    def commit(self) -> None:
        """The write succeeded: what it let go is free."""
        if not self._dry_run:
            self._give_back(self._freed_ips, self._freed_ports)

    def release(self) -> None:
        """The write failed: what it took is free."""
        if not self._dry_run:
            self._give_back(self._taken_ips, self._taken_ports)

    def _give_back(self, addresses: list[tuple[str, Address]], ports: list[int]) -> None:
        for family, address in addresses:
            self._ips[family].give_back(address)
        for port in ports:
            self._ports.give_back(port)
