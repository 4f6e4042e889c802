"""IP addresses as the API server's Go code reads and prints them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from lbctl.sandbox.endpoints.objects import IPV4, IPV6, Family


@lru_cache(maxsize=1 << 16)
def canonical(text: str) -> tuple[Family, str] | None:
    """The family and usual spelling of an address, or None where there is no address.

    Leading zeros of IPv4 octets are decimal, and an IPv4-mapped IPv6 address is the IPv4 address in it.
    Source: ParseIPSloppy and IsIPv6, k8s.io/utils/net.
    """
    try:
        if ":" not in text:
            return IPV4, str(IPv4Address(_without_leading_zeros(text)))
        if "%" in text:
            return None
        address = IPv6Address(text)
    except AddressValueError:
        return None
    mapped = address.ipv4_mapped
    return (IPV6, str(address)) if mapped is None else (IPV4, str(mapped))


def _without_leading_zeros(text: str) -> str:
    if text[:1] != "0" and ".0" not in text:
        return text
    return ".".join(octet.lstrip("0") or "0" if octet else octet for octet in text.split("."))
