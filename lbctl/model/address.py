"""IP families, addresses and networks, as values."""

from __future__ import annotations

from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network


class Family(Enum):
    """The values of `spec.ipFamilies` and of an EndpointSlice's `addressType`."""

    IPV4 = "IPv4"
    IPV6 = "IPv6"


def family_of(address: IPAddress | IPNetwork) -> Family:
    return Family.IPV4 if address.version == 4 else Family.IPV6
