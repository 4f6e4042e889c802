"""Sets of resources: `lbctl.model.resource`."""

from __future__ import annotations

from lbctl.model.loadbalancer import Owner
from lbctl.model.resource import NOTHING, Ref, Resource, Resources
from lbctl.model.service import ObjectKey, Uid

POOL = Resource(Ref("pool", "b"), {"size": 1}, facts={"state": "active", "size": 3})
ADDRESS = Resource(Ref("address", "a"), owner=Owner(ObjectKey("shop", "web"), Uid("uid-1")))


def test_facts_do_not_count_in_a_comparison_and_read_as_text() -> None:
    assert Resource(POOL.ref, {"size": 1}) == POOL
    assert Resource(POOL.ref, {"size": 2}) != POOL
    assert (POOL.fact("size"), POOL.fact("ip")) == ("3", "")


def test_a_set_is_a_mapping_that_compares_by_content() -> None:
    both = Resources([POOL, ADDRESS])
    assert both == Resources([ADDRESS, POOL])
    assert both[POOL.ref] is POOL
    assert len(both) == 2
    assert not NOTHING


def test_changes_make_copies() -> None:
    one = Resources([POOL])
    larger = Resource(POOL.ref, {"size": 9})
    assert one.with_(larger)[POOL.ref] == larger
    assert one.with_(ADDRESS).without(POOL.ref) == Resources([ADDRESS])
    assert one == Resources([POOL])


def test_resources_can_be_picked_by_kind_in_order_of_names_and_grouped_by_owner() -> None:
    early = Resource(Ref("pool", "a"))
    many = Resources([POOL, ADDRESS, early])
    assert many.of_kind("pool") == (early, POOL)
    assert many.by_owner() == {Uid("uid-1"): Resources([ADDRESS]), None: Resources([POOL, early])}


def test_a_ref_prints_as_kind_and_name() -> None:
    assert str(POOL.ref) == "pool/b"
