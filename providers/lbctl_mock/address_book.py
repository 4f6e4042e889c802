"""Who has which IP in the mock cloud: the two ranges, and the rules of asking for an address."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address

from lbctl.model.address import Family, IPAddress, family_of
from lbctl.model.resource import Ref, Value
from lbctl_mock import errors
from lbctl_mock.addresses import AddressRange
from lbctl_mock.errors import CloudError
from lbctl_mock.records import Record


class AddressBook:
    """The IPs of address resources, by their fields `family` and `requested` (empty: any)."""

    def __init__(self, ipv4: IPv4Network, ipv6: IPv6Network) -> None:
        self._ranges = {Family.IPV4: AddressRange(ipv4), Family.IPV6: AddressRange(ipv6)}
        self._holders: dict[IPAddress, Ref] = {}

    def assign(self, ref: Ref, fields: Mapping[str, Value], preferred: str = "") -> IPAddress:
        """Take the requested IP, else the preferred one if it is free, else the lowest. Raises CloudError."""
        family = _family(fields)
        addresses = self._ranges[family]
        requested = str(fields["requested"])
        if requested:
            ip = self._requested(requested, family)
            addresses.take(ip)
        else:
            hint = _parse(preferred) if preferred else None
            if hint is not None and addresses.free(hint):
                addresses.take(hint)
                ip = hint
            else:
                ip = self._lowest(addresses)
        self._holders[ip] = ref
        return ip

    def move(self, record: Record, fields: Mapping[str, Value]) -> IPAddress | None:
        """The IP after a change of `requested`: the same one if that will do. Raises CloudError, and keeps the old."""
        requested = str(fields["requested"])
        if record.ip is not None and requested in ("", str(record.ip)):
            return record.ip
        ip = self.assign(record.ref, fields)
        self.release(record)
        return ip

    def take_by_hand(self, ref: Ref, ip: IPAddress) -> None:
        """Mark an IP as held, wherever it is from."""
        self._ranges[family_of(ip)].take(ip)
        self._holders[ip] = ref

    def release(self, record: Record) -> None:
        """Free the IP of a record that goes away or moves; records without one are no concern."""
        if record.ip is not None and self._holders.get(record.ip) == record.ref:
            del self._holders[record.ip]
            self._ranges[family_of(record.ip)].release(record.ip)

    def _requested(self, text: str, family: Family) -> IPAddress:
        ip = _parse(text)
        addresses = self._ranges[family]
        if ip is None or not addresses.usable(ip):
            raise CloudError(errors.ADDRESS_OUT_OF_RANGE, f"{text} cannot be given from {addresses.network}")
        if not addresses.free(ip):
            raise CloudError(errors.ADDRESS_TAKEN, f"{text} is in use by {self._holders.get(ip, 'somebody else')}")
        return ip

    def _lowest(self, addresses: AddressRange) -> IPAddress:
        ip = addresses.lowest()
        if ip is None:
            raise CloudError(errors.NO_FREE_ADDRESS, f"every address of {addresses.network} is in use")
        return ip


def _family(fields: Mapping[str, Value]) -> Family:
    try:
        return Family(fields["family"])
    except ValueError:
        raise CloudError(errors.INVALID, f"{fields['family']} is no IP family") from None


def _parse(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
