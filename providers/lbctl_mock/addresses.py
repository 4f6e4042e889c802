"""Which address is free. Pure bookkeeping of one range, without lock or clock."""

from __future__ import annotations

import heapq
from ipaddress import IPv4Address, IPv6Address

from lbctl.model.address import IPAddress, IPNetwork


class AddressRange:
    """The lowest free address of a network, or a certain one.

    Never given are a network's own number, an IPv4 network's broadcast address and IPv4 addresses that end in .0 or
    .255, which some old equipment drops whatever the mask.
    """

    def __init__(self, network: IPNetwork) -> None:
        self.network = network
        self._first = int(network.network_address)
        self._last = int(network.broadcast_address)
        self._next = self._first
        self._released: list[int] = []
        self._taken: set[int] = set()

    def usable(self, address: IPAddress) -> bool:
        """Whether the address is one that this range may give, taken or not."""
        return address in self.network and self._sound(int(address))

    def free(self, address: IPAddress) -> bool:
        return self.usable(address) and int(address) not in self._taken

    def take(self, address: IPAddress) -> None:
        """Mark a free address as taken."""
        self._taken.add(int(address))

    def lowest(self) -> IPAddress | None:
        """Take the lowest free address; None when there is none."""
        while self._released:
            number = heapq.heappop(self._released)
            if number not in self._taken:
                self._taken.add(number)
                return self._address(number)
        while self._next <= self._last:
            number = self._next
            self._next += 1
            if self._sound(number) and number not in self._taken:
                self._taken.add(number)
                return self._address(number)
        return None

    def release(self, address: IPAddress) -> None:
        number = int(address)
        if number in self._taken:
            self._taken.discard(number)
            if number < self._next:
                heapq.heappush(self._released, number)

    def _sound(self, number: int) -> bool:
        if self.network.version == 6:
            return number != self._first
        return number not in (self._first, self._last) and number & 0xFF not in (0, 0xFF)

    def _address(self, number: int) -> IPAddress:
        return IPv4Address(number) if self.network.version == 4 else IPv6Address(number)
