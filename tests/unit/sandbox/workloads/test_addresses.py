"""Who holds which Pod address."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.workloads.addresses import AddressLedger
from lbctl.sandbox.workloads.objects import NodeSpec
from tests.unit.sandbox.workloads.builders import node

NODE = node(2)


def test_a_pod_has_the_same_number_in_each_family() -> None:
    assert AddressLedger().take(NODE, "a") == ("10.244.2.2", "fd00:10:244:2::2")


def test_asking_twice_gives_the_same_addresses() -> None:
    ledger = AddressLedger()
    assert ledger.take(NODE, "a") == ledger.take(NODE, "a")


def test_an_address_given_back_is_the_last_to_be_used_again() -> None:
    ledger = AddressLedger()
    first = ledger.take(NODE, "a")
    ledger.release("a")
    assert ledger.take(NODE, "b") != first


def test_adopted_addresses_are_not_given_out() -> None:
    ledger = AddressLedger()
    ledger.adopt(NODE, "old", ("10.244.2.2", "fd00:10:244:2::2"))
    assert ledger.take(NODE, "new") == ("10.244.2.3", "fd00:10:244:2::3")
    ledger.release("old")
    assert ledger.count(NODE) == 1


def test_foreign_addresses_take_no_room() -> None:
    ledger = AddressLedger()
    ledger.adopt(NODE, "host", ("172.18.0.12",))
    ledger.adopt(NODE, "broken", ("not an address",))
    assert ledger.count(NODE) == 0


def test_a_node_without_usable_ranges_has_no_room() -> None:
    bare = msgspec.structs.replace(NODE, spec=NodeSpec(pod_cidrs=("nonsense",)))
    assert AddressLedger().full(bare)
    assert AddressLedger().take(bare, "a") is None


def test_of_two_pods_with_one_address_the_first_holds_it() -> None:
    ledger = AddressLedger()
    ledger.adopt(NODE, "a", ("10.244.2.7",))
    ledger.adopt(NODE, "b", ("10.244.2.7",))
    ledger.release("b")
    assert ledger.count(NODE) == 1


def test_a_full_node_refuses_until_something_is_given_back() -> None:
    ledger = AddressLedger()
    given_out = {ledger.take(NODE, str(number)) for number in range(253)}
    assert len(given_out) == 253
    assert ledger.full(NODE)
    assert ledger.take(NODE, "one too many") is None
    ledger.release("100")
    assert ledger.take(NODE, "one too many") == ("10.244.2.102", "fd00:10:244:2::66")


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=200))
def test_no_address_is_ever_held_twice(steps: list[tuple[bool, int]]) -> None:
    ledger = AddressLedger()
    held: dict[str, tuple[str, ...]] = {}
    for takes, number in steps:
        if takes:
            addresses = ledger.take(NODE, str(number))
            assert addresses is not None
            held[str(number)] = addresses
        else:
            ledger.release(str(number))
            held.pop(str(number), None)
        assert len(set(held.values())) == len(held) == ledger.count(NODE)
