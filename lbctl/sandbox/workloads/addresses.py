"""Pod addresses: who holds which number in the ranges of which node.

Rules
- A Pod has the same number in its node's range of each family: 10.244.2.7 goes with fd00:10:244:2::7.
- Numbers start at 2 (1 is the node's own bridge); a number that was given back is the last to be used again.
- What is taken is known by the Pod's UID, so that asking twice gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from lbctl.kube.wire import address_of
from lbctl.sandbox.workloads.objects import Node

FIRST = 2


@dataclass(slots=True)
class _Range:
    holders: dict[int, str] = field(default_factory=dict)
    following: int = FIRST


class AddressLedger:
    """The bookkeeping of Pod addresses on hollow nodes. No I/O."""

    def __init__(self) -> None:
        self._ranges: dict[str, _Range] = {}
        self._held: dict[str, tuple[str, int]] = {}

    def take(self, node: Node, uid: str) -> tuple[str, ...] | None:
        """The Pod's addresses, one of each of the node's ranges; None when the node has no room."""
        networks = _networks(node)
        held = self._held.get(uid)
        if held is not None and held[0] == node.metadata.name:
            return _spell(networks, held[1])
        self.release(uid)
        size = _size(networks)
        if self.count(node) >= size:
            return None
        own = self._ranges.setdefault(node.metadata.name, _Range())
        while own.following in own.holders or own.following >= FIRST + size:
            own.following = FIRST if own.following >= FIRST + size else own.following + 1
        number = own.following
        own.following += 1
        self._hold(node.metadata.name, number, uid)
        return _spell(networks, number)

    def adopt(self, node: Node, uid: str, ips: tuple[str, ...]) -> None:
        """Note the addresses a Pod has already. Those outside the node's ranges take no room."""
        for network in _networks(node):
            for text in ips:
                address = address_of(text)
                if address is not None and address in network:
                    number = int(address) - int(network.network_address)
                    holder = self._ranges.get(node.metadata.name, _Range()).holders.get(number, uid)
                    if holder == uid:
                        self._hold(node.metadata.name, number, uid)
                    return

    def release(self, uid: str) -> None:
        """Give back what a Pod held, if anything."""
        held = self._held.pop(uid, None)
        if held is not None:
            del self._ranges[held[0]].holders[held[1]]

    def full(self, node: Node) -> bool:
        """Whether no more Pods fit on the node."""
        return self.count(node) >= _size(_networks(node))

    def count(self, node: Node) -> int:
        """How many Pods hold addresses of the node."""
        own = self._ranges.get(node.metadata.name)
        return 0 if own is None else len(own.holders)

    def _hold(self, node: str, number: int, uid: str) -> None:
        self.release(uid)
        self._ranges.setdefault(node, _Range()).holders[number] = uid
        self._held[uid] = (node, number)


def _networks(node: Node) -> tuple[IPv4Network | IPv6Network, ...]:
    """The node's ranges; none when somebody has registered a node of that name with ranges that are none."""
    try:
        return tuple(ip_network(one, strict=False) for one in node.spec.pod_cidrs or ())
    except ValueError:
        return ()


def _size(networks: tuple[IPv4Network | IPv6Network, ...]) -> int:
    """How many numbers Pods can have; the last one of the range is IPv4's broadcast address."""
    return max(0, min((one.num_addresses for one in networks), default=0) - FIRST - 1)


def _spell(networks: tuple[IPv4Network | IPv6Network, ...], number: int) -> tuple[str, ...]:
    return tuple(str(one.network_address + number) for one in networks)
