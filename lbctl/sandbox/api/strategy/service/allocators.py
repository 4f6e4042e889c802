"""Who has which ClusterIP and which node port.

Source: k8s.io/kubernetes/pkg/registry/core/service/{ipallocator,portallocator}; KEP-3070, KEP-3668. The refusal of an
address outside the range is worded as up to 1.32: later servers only say that it "does not match the current range".
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from random import Random

from lbctl.sandbox.api.strategy.service.pool import BandedRange, static_band
from lbctl.sandbox.api.strategy.settings import Network

Address = IPv4Address | IPv6Address


class AllocationRefused(Exception):
    """A number that was asked for cannot be had; the text is what the user reads."""


class RangeFull(AllocationRefused):
    """Nothing is left to draw from."""

    def __init__(self) -> None:
        super().__init__("range is full")


class ClusterIPs:
    """The Service addresses of one family.

    The network address is never handed out, nor is the broadcast address of an IPv4 network. A sixteenth of the range,
    16 to 256 addresses, is kept for explicit requests.
    """

    def __init__(self, network: Network, random: Random) -> None:
        self.network = network
        self._first = network[1]
        unusable = 2 if network.version == 4 else 1
        static = static_band(network.num_addresses, least=16, most=256, share=16)
        usable = network.num_addresses - unusable
        self._range = BandedRange(usable, min(static, usable), random)

    @property
    def family(self) -> str:
        """`IPv4` or `IPv6`."""
        return f"IPv{self.network.version}"

    @property
    def free(self) -> int:
        """How many addresses are left."""
        return self._range.free

    @property
    def first_dynamic(self) -> Address:
        """The lowest address that is drawn while the upper band lasts."""
        return self._first + self._range.static

    def __contains__(self, address: Address) -> bool:
        return self._usable(address) and self._offset(address) in self._range

    def take(self, address: Address) -> None:
        """Take an address somebody asked for.

        Raises:
            AllocationRefused: it is outside the range, or taken.
        """
        self.check(address)
        if not self._range.take(self._offset(address)):
            raise AllocationRefused("provided IP is already allocated")

    def check(self, address: Address) -> None:
        """Raises: AllocationRefused if the address can never be had here."""
        if not self._usable(address):
            raise AllocationRefused(
                f"the provided IP ({address}) is not in the valid range. The range of valid IPs is {self.network}"
            )

    def draw(self) -> Address:
        """Take any free address, above the static band as long as there are some.

        Raises:
            RangeFull: none is left.
        """
        offset = self._range.draw()
        if offset is None:
            raise RangeFull
        return self._first + offset

    def give_back(self, address: Address) -> None:
        """Free an address; a free or foreign one is left alone."""
        if self._usable(address):
            self._range.give_back(self._offset(address))

    def restore(self, address: Address) -> None:
        """Mark an address of a stored Service as taken, however often."""
        if self._usable(address):
            self._range.take(self._offset(address))

    def _usable(self, address: Address) -> bool:
        return address.version == self.network.version and 0 <= self._offset(address) < self._range.size

    def _offset(self, address: Address) -> int:
        return int(address) - int(self._first)


class NodePorts:
    """The node ports of the cluster. A 32nd of the range, 16 to 128 ports, is kept for explicit requests."""

    def __init__(self, ports: range, random: Random) -> None:
        self.ports = ports
        self._range = BandedRange(len(ports), static_band(len(ports), least=16, most=128, share=32), random)

    @property
    def free(self) -> int:
        """How many ports are left."""
        return self._range.free

    @property
    def first_dynamic(self) -> int:
        """The lowest port that is drawn while the upper band lasts."""
        return self.ports.start + self._range.static

    def __contains__(self, port: int) -> bool:
        return port in self.ports and port - self.ports.start in self._range

    def take(self, port: int) -> None:
        """Take a port somebody asked for.

        Raises:
            AllocationRefused: it is outside the range, or taken.
        """
        if port not in self.ports:
            valid = f"{self.ports[0]}-{self.ports[-1]}"
            raise AllocationRefused(f"provided port is not in the valid range. The range of valid ports is {valid}")
        if not self._range.take(port - self.ports.start):
            raise AllocationRefused("provided port is already allocated")

    def draw(self) -> int:
        """Take any free port, above the static band as long as there are some.

        Raises:
            RangeFull: none is left.
        """
        offset = self._range.draw()
        if offset is None:
            raise RangeFull
        return self.ports.start + offset

    def give_back(self, port: int) -> None:
        """Free a port; a free or foreign one is left alone."""
        if port in self.ports:
            self._range.give_back(port - self.ports.start)

    def restore(self, port: int) -> None:
        """Mark a port of a stored Service as taken, however often."""
        if port in self.ports:
            self._range.take(port - self.ports.start)
