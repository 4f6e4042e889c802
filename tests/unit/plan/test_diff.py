"""The plan between two states, as properties and as examples: `lbctl.plan.diff`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.model.errors import BugError
from lbctl.model.resource import NOTHING, Ref, Resource, Resources, Value
from lbctl.plan.diff import diff, in_order, teardown
from lbctl.plan.steps import Create, Delete, Plan, Update

REFS = tuple(Ref(kind, name) for kind in ("address", "balancer", "listener") for name in "zyx")
FIELDS: st.SearchStrategy[dict[str, Value]] = st.builds(
    lambda port, targets: {"port": port, "targets": targets}, st.integers(0, 2), st.frozensets(st.sampled_from("ab"))
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Resources, Resources]:
    """A wanted and a seen state over the same refs; each ref needs the same others in both, never in a circle."""
    order = draw(st.permutations(REFS))
    needs = {
        ref: tuple(draw(st.lists(st.sampled_from(order[:place]), max_size=3, unique=True))) if place else ()
        for place, ref in enumerate(order)
    }

    def state() -> Resources:
        chosen = draw(st.lists(st.sampled_from(REFS), unique=True))
        return Resources(Resource(ref, draw(FIELDS), needs=needs[ref]) for ref in chosen)

    return state(), state()


def carry_out(plan: Plan, state: Resources) -> Resources:
    """The state after the plan; fails where a step comes before what it needs."""
    wanted = {step.resource.ref for step in plan.steps if isinstance(step, Create)}
    doomed = {step.resource.ref for step in plan.steps if isinstance(step, Delete)}
    for step in plan.steps:
        match step:
            case Create(resource=one):
                assert one.ref not in state
                assert not [need for need in one.needs if need in wanted and need not in state], f"{one.ref} is early"
                state = state.with_(one)
            case Update(resource=one, changed=changed):
                assert changed
                state = state.with_(replace(one, spec={**state[one.ref].spec, **changed}))
            case Delete(resource=one):
                assert not [user.ref for user in state.values() if user.ref in doomed and one.ref in user.needs]
                state = state.without(one.ref)
    return state


@given(worlds())
def test_carrying_out_the_plan_yields_what_is_wanted_and_the_second_plan_is_empty(
    world: tuple[Resources, Resources],
) -> None:
    desired, observed = world
    after = carry_out(diff(desired, observed), observed)
    assert after == desired
    assert not diff(desired, after)


@given(worlds())
def test_deletes_come_last_and_nothing_is_touched_twice(world: tuple[Resources, Resources]) -> None:
    steps = diff(*world).steps
    deletes = [isinstance(step, Delete) for step in steps]
    assert deletes == sorted(deletes)
    assert len({step.resource.ref for step in steps}) == len(steps)


@given(worlds())
def test_the_plan_counts_what_stays(world: tuple[Resources, Resources]) -> None:
    desired, observed = world
    plan = diff(desired, observed)
    same = sum(desired[ref].spec == observed[ref].spec for ref in desired if ref in observed)
    assert plan.unchanged == same


@given(worlds())
def test_the_order_of_arrival_makes_no_difference(world: tuple[Resources, Resources]) -> None:
    desired, observed = world
    turned = Resources(reversed(list(desired.values()))), Resources(reversed(list(observed.values())))
    assert diff(*turned) == diff(desired, observed)


@given(worlds())
def test_a_teardown_removes_everything_users_first(world: tuple[Resources, Resources]) -> None:
    _, observed = world
    assert carry_out(teardown(observed), observed) == NOTHING


def test_only_fields_that_differ_are_changed_and_facts_are_not_looked_at() -> None:
    ref = Ref("pool", "p")
    seen = Resource(ref, {"port": 1, "size": 2, "by_cloud": "x"}, facts={"state": "active"})
    wanted = Resource(ref, {"port": 1, "size": 3}, facts={"hint": "y"})
    (step,) = diff(Resources([wanted]), Resources([seen])).steps
    assert step == Update(wanted, seen, {"size": 3})
    assert not diff(Resources([replace(wanted, spec={"port": 1})]), Resources([seen]))


def test_needs_in_a_circle_are_a_bug_that_is_named() -> None:
    one, two = Ref("a", "1"), Ref("a", "2")
    with pytest.raises(BugError, match="a/1"):
        in_order([Resource(one, needs=(two,)), Resource(two, needs=(one,))])


def test_needs_of_what_is_not_there_are_ignored() -> None:
    lonely = Resource(Ref("listener", "l"), needs=(Ref("balancer", "shared"),))
    assert in_order([lonely]) == [lonely]
