"""Which address a Service gets: `lbctl_mock.addresses` and `address_book`."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.model.address import IPAddress
from lbctl.model.resource import Ref
from lbctl_mock import errors
from lbctl_mock.address_book import AddressBook
from lbctl_mock.addresses import AddressRange
from lbctl_mock.errors import CloudError
from lbctl_mock.records import ADDRESS, Record, Tags
from lbctl_mock.settings import DOCUMENTATION_IPV4, DOCUMENTATION_IPV6

ONE, TWO = Ref(ADDRESS, "one"), Ref(ADDRESS, "two")


def lowest(count: int, network: str) -> list[str]:
    pool = AddressRange(ip_network(network))
    return [str(pool.lowest()) for _ in range(count)]


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        pytest.param("203.0.113.0/24", ["203.0.113.1", "203.0.113.2", "203.0.113.3"], id="not .0"),
        pytest.param("203.0.113.252/30", ["203.0.113.253", "203.0.113.254", "None"], id="not .255"),
        pytest.param("10.0.0.254/31", ["None"] * 3, id="too small for anything"),
        pytest.param("192.0.2.16/30", ["192.0.2.17", "192.0.2.18", "None"], id="not the broadcast address"),
        pytest.param("2001:db8::/32", ["2001:db8::1", "2001:db8::2", "2001:db8::3"], id="IPv6, not the zero address"),
    ],
)
def test_the_lowest_free_address_is_given(network: str, expected: list[str]) -> None:
    assert lowest(3, network) == expected


def test_addresses_at_the_seam_of_two_octets_are_left_out() -> None:
    pool = AddressRange(ip_network("10.0.0.0/23"))
    given_ = [pool.lowest() for _ in range(508)]
    assert str(given_[253]) == "10.0.0.254"
    assert str(given_[254]) == "10.0.1.1"
    assert given_[-1] == ip_address("10.0.1.254")
    assert pool.lowest() is None


@given(st.lists(st.tuples(st.sampled_from(["lowest", "take", "release"]), st.integers(0, 15)), max_size=60))
def test_no_address_is_given_twice_and_the_lowest_is_always_found(moves: list[tuple[str, int]]) -> None:
    network = ip_network("192.0.2.16/28")
    pool = AddressRange(network)
    taken: set[IPAddress] = set()
    for move, number in moves:
        address = network[number]
        match move:
            case "lowest":
                free = [one for one in network.hosts() if one not in taken]
                assert pool.lowest() == (free[0] if free else None)
                taken.update(free[:1])
            case "take" if pool.free(address):
                assert address not in taken
                pool.take(address)
                taken.add(address)
            case "release":
                pool.release(address)
                taken.discard(address)


def test_a_request_is_honoured_and_refused_to_the_next_one() -> None:
    book = AddressBook(DOCUMENTATION_IPV4, DOCUMENTATION_IPV6)
    fields = {"family": "IPv4", "requested": "203.0.113.9"}
    assert book.assign(ONE, fields) == ip_address("203.0.113.9")
    with pytest.raises(CloudError, match="in use by address/one") as caught:
        book.assign(TWO, fields)
    assert caught.value.code == errors.ADDRESS_TAKEN


@pytest.mark.parametrize("address", ["192.0.2.1", "203.0.113.0", "203.0.113.255", "2001:db8::1", "nonsense"])
def test_a_request_outside_the_range_is_refused(address: str) -> None:
    book = AddressBook(DOCUMENTATION_IPV4, DOCUMENTATION_IPV6)
    with pytest.raises(CloudError, match=r"203\.0\.113\.0/24") as caught:
        book.assign(ONE, {"family": "IPv4", "requested": address})
    assert caught.value.code == errors.ADDRESS_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("preferred", "expected"),
    [
        pytest.param("203.0.113.77", "203.0.113.77", id="free"),
        pytest.param("203.0.113.1", "203.0.113.2", id="taken"),
        pytest.param("192.0.2.1", "203.0.113.2", id="out of range"),
        pytest.param("", "203.0.113.2", id="none"),
    ],
)
def test_a_preference_is_followed_if_it_can_be(preferred: str, expected: str) -> None:
    book = AddressBook(DOCUMENTATION_IPV4, DOCUMENTATION_IPV6)
    book.assign(ONE, {"family": "IPv4", "requested": ""})
    assert str(book.assign(TWO, {"family": "IPv4", "requested": ""}, preferred)) == expected


def test_an_address_moves_only_if_it_must_and_frees_the_old_one() -> None:
    book = AddressBook(DOCUMENTATION_IPV4, DOCUMENTATION_IPV6)
    had = book.assign(ONE, {"family": "IPv4", "requested": ""})
    record = Record(ONE, Tags("c"), ip=had)
    assert book.move(record, {"family": "IPv4", "requested": str(had)}) == had
    assert book.move(record, {"family": "IPv4", "requested": ""}) == had
    assert book.move(record, {"family": "IPv4", "requested": "203.0.113.9"}) == ip_address("203.0.113.9")
    assert book.assign(TWO, {"family": "IPv4", "requested": ""}) == had
