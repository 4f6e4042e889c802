"""Addresses and CIDRs: what is read, refused and warned of."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.strategy.addresses import (
    canonical_ip,
    cidr_warnings,
    endpoint_ip,
    ip_warnings,
    is_ipv6,
    legacy_cidr,
    legacy_ip,
    parse_cidr_sloppy,
    parse_sloppy,
)


@given(st.ip_addresses())
def test_every_address_is_read_back_and_accepted_in_its_canonical_form(address: IPv4Address | IPv6Address) -> None:
    mapped = isinstance(address, IPv6Address) and address.ipv4_mapped is not None
    assert parse_sloppy(str(address)) == (address.ipv4_mapped if mapped else address)  # type: ignore[union-attr]
    assert bool(legacy_ip("x", str(address))) == mapped
    assert mapped or not canonical_ip("x", str(address))


@given(st.text(max_size=20))
def test_any_text_is_either_an_address_or_refused(text: str) -> None:
    assert (parse_sloppy(text) is None) <= bool(legacy_ip("x", text))
    legacy_cidr("x", text)
    cidr_warnings("x", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("010.001.000.09", "10.1.0.9", id="leading-zeros"),
        pytest.param("::ffff:1.2.3.4", "1.2.3.4", id="mapped"),
        pytest.param("fe80::1%eth0", None, id="zone"),
        pytest.param("1.2.3", None, id="short"),
        pytest.param("1.2.3.256", None, id="octet"),
        pytest.param("", None, id="empty"),
        pytest.param(" 1.2.3.4", None, id="space"),
    ],
)
def test_sloppy_reading(text: str, expected: str | None) -> None:
    assert parse_sloppy(text) == (None if expected is None else ip_address(expected))


def test_a_stored_value_stays_acceptable() -> None:
    assert legacy_ip("x", "010.0.0.1", ["010.0.0.1"]) == []
    assert legacy_cidr("x", "10.0.0.1/8", ["10.0.0.1/8"]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10.0.0.0/8", None, id="good"),
        pytest.param("2001:DB8::/32", None, id="not-canonical"),
        pytest.param("10.0.0.0", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)", id="no-length"),
        pytest.param("10.0.0.0/33", "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)", id="length"),
        pytest.param("10.0.0.0/08", "must not have leading 0s in IP or prefix length", id="zero-length"),
        pytest.param("010.0.0.0/8", "must not have leading 0s in IP or prefix length", id="zero-ip"),
        pytest.param("::ffff:10.0.0.0/104", "must not have an IPv4-mapped IPv6 address", id="mapped"),
        pytest.param("10.0.0.1/8", "must not have bits set beyond the prefix length", id="host-bits"),
    ],
)
def test_cidr(text: str, expected: str | None) -> None:
    assert [one.detail for one in legacy_cidr("x", text)] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10.0.0.1", None, id="good"),
        pytest.param("0.0.0.0", "may not be unspecified (0.0.0.0)", id="unspecified"),
        pytest.param("::1", "may not be in the loopback range (127.0.0.0/8, ::1/128)", id="loopback"),
        pytest.param("169.254.1.1", "may not be in the link-local range (169.254.0.0/16, fe80::/10)", id="link-local"),
        pytest.param(
            "224.0.0.5", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)", id="multicast"
        ),
        pytest.param(
            "ff02::1", "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)", id="v6-multicast"
        ),
        pytest.param("ff05::1", None, id="wider-multicast"),
    ],
)
def test_endpoint_address(text: str, expected: str | None) -> None:
    assert [one.detail for one in endpoint_ip("x", text)] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10.0.0.1", [], id="plain"),
        pytest.param("010.0.0.1", ['x: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"'], id="zeros"),
        pytest.param(
            "2001:DB8::1",
            ['x: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'],
            id="case",
        ),
    ],
)
def test_address_warnings(text: str, expected: list[str]) -> None:
    assert ip_warnings("x", text) == expected


def test_cidr_warnings_say_what_may_be_meant() -> None:
    assert cidr_warnings("x", "10.0.0.1/8") == [
        'x: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)'
    ]


def test_families_are_told_apart() -> None:
    assert is_ipv6("fd00::1")
    assert not is_ipv6("::ffff:1.2.3.4")
    assert parse_cidr_sloppy("::ffff:10.0.0.0/104") is not None
