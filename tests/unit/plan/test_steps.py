"""How plans print: `lbctl.plan.steps`."""

from __future__ import annotations

from lbctl.model.resource import Ref, Resource
from lbctl.plan.steps import Create, Delete, Plan, Update, show

POOL = Resource(Ref("pool", "web-80"), {"node_port": 30080, "targets": frozenset({"b", "a"})})
OLD = Resource(Ref("pool", "web-80"), {"node_port": 30081})


def test_a_plan_prints_each_step_with_its_fields_and_the_sums() -> None:
    plan = Plan((Create(POOL), Update(POOL, OLD, dict(POOL.spec)), Delete(OLD)), unchanged=2)
    assert str(plan).splitlines() == [
        "  + create pool/web-80",
        "      node_port: 30080",
        "      targets: {a, b}",
        "  ~ update pool/web-80",
        "      node_port: 30081 -> 30080",
        "      targets: (unset) -> {a, b}",
        "  - delete pool/web-80",
        "1 to create, 1 to update, 1 to delete, 2 unchanged",
    ]


def test_an_empty_plan_says_that_all_is_well_and_is_false() -> None:
    assert str(Plan(unchanged=3)) == "no changes (3 resources are as wanted)"
    assert not Plan(unchanged=3)
    assert Plan((Delete(POOL),))


def test_a_resource_without_fields_prints_on_one_line() -> None:
    assert str(Create(Resource(Ref("address", "a")))) == "+ create address/a"


def test_values_print_for_people() -> None:
    assert show(("a", frozenset({"y", "x"}), True)) == "[a, {x, y}, True]"
