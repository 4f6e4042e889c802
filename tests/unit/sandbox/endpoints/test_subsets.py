"""Subsets of Endpoints: their usual form, and their limit of a thousand addresses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.endpoints.objects import EndpointAddress, EndpointSubset, ObjectReference, SubsetPort
from lbctl.sandbox.endpoints.subsets import repack, same_subsets, truncate

HTTP, DNS = SubsetPort("http", 80, "TCP"), SubsetPort("dns", 53, "UDP")


def at(*ips: str) -> tuple[EndpointAddress, ...]:
    return tuple(EndpointAddress(ip) for ip in ips)


def test_addresses_with_the_same_ports_share_a_subset() -> None:
    packed = repack([EndpointSubset(at("10.0.0.2"), None, (HTTP,)), EndpointSubset(at("10.0.0.1"), None, (HTTP,))])
    assert packed == (EndpointSubset(at("10.0.0.1", "10.0.0.2"), None, (HTTP,)),)


def test_ports_with_the_same_addresses_share_a_subset() -> None:
    packed = repack([EndpointSubset(at("10.0.0.1"), None, (HTTP,)), EndpointSubset(at("10.0.0.1"), None, (DNS,))])
    assert packed == (EndpointSubset(at("10.0.0.1"), None, (DNS, HTTP)),)


def test_ready_and_not_ready_share_a_subset() -> None:
    packed = repack([EndpointSubset(at("10.0.0.1"), None, (HTTP,)), EndpointSubset(None, at("10.0.0.2"), (HTTP,))])
    assert packed == (EndpointSubset(at("10.0.0.1"), at("10.0.0.2"), (HTTP,)),)


def test_not_ready_trumps_ready() -> None:
    packed = repack([EndpointSubset(at("10.0.0.1"), at("10.0.0.1"), (HTTP,))])
    assert packed == (EndpointSubset(None, at("10.0.0.1"), (HTTP,)),)


def test_addresses_with_different_ports_have_different_subsets() -> None:
    packed = repack(
        [EndpointSubset(at("10.0.0.1", "10.0.0.2"), None, (HTTP,)), EndpointSubset(at("10.0.0.2"), None, (DNS,))]
    )
    assert packed == (
        EndpointSubset(at("10.0.0.2"), None, (DNS,)),
        EndpointSubset(at("10.0.0.1", "10.0.0.2"), None, (HTTP,)),
    )


def test_two_pods_on_one_address_stay_two() -> None:
    twins = tuple(EndpointAddress("10.0.0.1", target_ref=ObjectReference(uid=uid)) for uid in ("b", "a"))
    (packed,) = repack([EndpointSubset(twins, None, (HTTP,))])
    assert [one.target_ref.uid for one in packed.addresses or () if one.target_ref] == ["a", "b"]


def test_addresses_without_ports_are_kept() -> None:
    assert repack([EndpointSubset(at("10.0.0.1"))]) == (EndpointSubset(at("10.0.0.1")),)


def test_a_missing_protocol_is_tcp() -> None:
    assert same_subsets(
        [EndpointSubset(at("10.0.0.1"), None, (SubsetPort("http", 80),))],
        [EndpointSubset(at("10.0.0.1"), (), (HTTP,))],
    )


def test_the_version_of_a_target_makes_no_difference() -> None:
    def with_version(version: str) -> list[EndpointSubset]:
        target = ObjectReference("Pod", "default", "p", "u", resource_version=version)
        return [EndpointSubset((EndpointAddress("10.0.0.1", target_ref=target),))]

    assert same_subsets(with_version("1"), with_version(""))


def many(count: int, start: int = 0) -> tuple[EndpointAddress, ...]:
    return tuple(EndpointAddress(f"10.{n // 62500}.{n // 250 % 250}.{n % 250}") for n in range(start, start + count))


def test_a_thousand_addresses_are_not_cut() -> None:
    subsets = (EndpointSubset(many(600), many(400, 600), (HTTP,)),)
    assert truncate(subsets) == (subsets, False)


def test_ready_addresses_go_before_others() -> None:
    (cut,), was_cut = truncate((EndpointSubset(many(900), many(400, 900), (HTTP,)),))
    assert was_cut
    assert (len(cut.addresses or ()), len(cut.not_ready_addresses or ())) == (900, 100)


def test_too_many_ready_addresses_leave_no_room_for_others() -> None:
    (cut,), _ = truncate((EndpointSubset(many(1200), many(10, 1200), (HTTP,)),))
    assert (len(cut.addresses or ()), cut.not_ready_addresses) == (1000, None)


def test_subsets_are_cut_in_proportion() -> None:
    cut, _ = truncate((EndpointSubset(many(500), None, (HTTP,)), EndpointSubset(many(1500, 500), None, (DNS,))))
    assert [len(one.addresses or ()) for one in cut] == [250, 750]


ADDRESSES = st.lists(st.integers(1, 6).map(lambda n: EndpointAddress(f"10.0.0.{n}")), max_size=4).map(tuple)
SUBSETS = st.lists(
    st.builds(EndpointSubset, ADDRESSES, ADDRESSES, st.lists(st.sampled_from([HTTP, DNS]), max_size=2).map(tuple)),
    max_size=5,
)


@given(SUBSETS)
def test_repacking_twice_changes_nothing_more(subsets: list[EndpointSubset]) -> None:
    once = repack(subsets)
    assert repack(once) == once


@given(SUBSETS, st.randoms())
def test_the_order_of_subsets_makes_no_difference(subsets: list[EndpointSubset], random: object) -> None:
    shuffled = list(subsets)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert repack(shuffled) == repack(subsets)


@given(SUBSETS)
def test_no_address_is_lost(subsets: list[EndpointSubset]) -> None:
    def ips(of: object) -> set[str]:
        return {each.ip for one in of for each in (*(one.addresses or ()), *(one.not_ready_addresses or ()))}  # type: ignore[attr-defined]

    assert ips(repack(subsets)) == ips(subsets)
