"""IP addresses and CIDRs as the API reads them: what is refused, what is warned of.

Old fields accept forms that `ipaddress` does not (leading zeros, IPv4-mapped IPv6) only where the stored object
already has them; new values must be strict, yet need not be canonical (`StrictIPCIDRValidation`, on since 1.36).
Source: k8s.io/apimachinery/pkg/util/validation/ip.go, k8s.io/utils/internal/third_party/forked/golang/net.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from lbctl.sandbox.api.errors import FieldError, invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LEADING_ZEROS = re.compile(r"(?<![0-9a-fA-F:.])0+(?=\d+\.)|(?<=[.:])0+(?=\d+(\.|$))")
_BAD_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_BAD_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


@lru_cache(maxsize=8192)
def _strict(text: str) -> Address | None:
    if "%" in text:
        return None
    try:
        return ip_address(text)
    except ValueError:
        return None


def parse_sloppy(text: str) -> Address | None:
    """The address `text` stands for, leading zeros ignored, IPv4-mapped IPv6 as IPv4; None if it is none."""
    address = _strict(text)
    if address is None and "." in text:
        address = _strict(_LEADING_ZEROS.sub("", text))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_ipv6(text: str) -> bool:
    """Whether `text` is an IPv6 address (an IPv4-mapped one is not)."""
    return isinstance(parse_sloppy(text), IPv6Address)


def is_ipv4(text: str) -> bool:
    """Whether `text` is an IPv4 address, or an IPv4-mapped IPv6 one."""
    return isinstance(parse_sloppy(text), IPv4Address)


def is_dual_stack(texts: Collection[str]) -> bool:
    """Whether both families occur among `texts`."""
    return {is_ipv6(one) for one in texts} == {True, False}


def legacy_ip(path: str, text: str, existing: Collection[str] = ()) -> list[FieldError]:
    """Errors of an address in a field older than strict validation; a value in `existing` is always accepted."""
    if text in existing:
        return []
    if parse_sloppy(text) is None:
        return [invalid(path, text, _BAD_ADDRESS)]
    strict = _strict(text)
    if strict is None:
        return [invalid(path, text, "must not have leading 0s")]
    if isinstance(strict, IPv6Address) and strict.ipv4_mapped is not None:
        return [invalid(path, text, "must not be an IPv4-mapped IPv6 address")]
    return []


def canonical_ip(path: str, text: str) -> list[FieldError]:
    """Errors of an address that must be written in its canonical form."""
    errors = legacy_ip(path, text)
    if not errors and str(_strict(text)) != text:
        errors.append(invalid(path, text, f'must be in canonical form ("{_strict(text)}")'))
    return errors


def endpoint_ip(path: str, text: str) -> list[FieldError]:
    """Errors of an address nothing outside its own host or link could reach."""
    address = parse_sloppy(text)
    if address is None:
        return [invalid(path, text, "must be a valid IP address")]
    errors = []
    if address.is_unspecified:
        errors.append(invalid(path, text, f"may not be unspecified ({text})"))
    if address.is_loopback:
        errors.append(invalid(path, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)"))
    if address.is_link_local:
        errors.append(invalid(path, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"))
    if _is_link_local_multicast(address):
        errors.append(invalid(path, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"))
    return errors


def _is_link_local_multicast(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address in IPv4Network("224.0.0.0/24")
    return address.packed[0] == 0xFF and address.packed[1] & 0x0F == 0x02


def parse_cidr_sloppy(text: str) -> tuple[Address, Network] | None:
    """The address and the network of a CIDR text, host bits and leading zeros ignored; None if it is none."""
    head, slash, bits = text.partition("/")
    address = parse_sloppy(head)
    if not slash or address is None or not bits.isascii() or not bits.isdigit():
        return None
    length = int(bits)
    if isinstance(address, IPv4Address) and ":" in head:
        length -= 96
    if not 0 <= length <= address.max_prefixlen:
        return None
    return address, ip_network((address, length), strict=False)


def legacy_cidr(path: str, text: str, existing: Collection[str] = ()) -> list[FieldError]:
    """Errors of a CIDR in a field older than strict validation; a value in `existing` is always accepted."""
    if text in existing:
        return []
    parsed = parse_cidr_sloppy(text)
    if parsed is None:
        return [invalid(path, text, _BAD_CIDR)]
    address, network = parsed
    head, _, bits = text.partition("/")
    strict = _strict(head)
    if strict is None or str(int(bits)) != bits:
        return [invalid(path, text, "must not have leading 0s in IP or prefix length")]
    if isinstance(strict, IPv6Address) and strict.ipv4_mapped is not None:
        return [invalid(path, text, "must not have an IPv4-mapped IPv6 address")]
    if address != network.network_address:
        return [invalid(path, text, "must not have bits set beyond the prefix length")]
    return []


def ip_warnings(path: str, text: str) -> list[str]:
    """Warnings about an accepted address in an unusual form."""
    sloppy, strict = parse_sloppy(text), _strict(text)
    if sloppy is None:
        return []
    if strict is None or (isinstance(strict, IPv6Address) and strict.ipv4_mapped is not None):
        return [f'{path}: non-standard IP address {json.dumps(text)} is invalid: use "{sloppy}"']
    if isinstance(strict, IPv6Address) and str(strict) != text:
        return [f'{path}: IPv6 address {json.dumps(text)} should be in RFC 5952 canonical format ("{strict}")']
    return []


def cidr_warnings(path: str, text: str) -> list[str]:
    """Warnings about an accepted CIDR in an unusual form."""
    parsed = parse_cidr_sloppy(text)
    if parsed is None:
        return []
    address, network = parsed
    quoted = json.dumps(text)
    warnings = []
    if address != network.network_address:
        single = f"{address}/{address.max_prefixlen}"
        warnings.append(
            f'{path}: CIDR value {quoted} is ambiguous in this context (should be "{network}" or "{single}"?)'
        )
    head, _, bits = text.partition("/")
    strict = _strict(head)
    if strict is None or str(int(bits)) != bits or strict.version != address.version:
        warnings.append(f'{path}: non-standard CIDR value {quoted} is invalid: use "{network}"')
    elif not warnings and strict.version == 6 and str(network) != text:
        warnings.append(f'{path}: IPv6 CIDR value {quoted} should be in RFC 5952 canonical format ("{network}")')
    return warnings
