"""(desired, observed) -> Plan. Pure, and the same for every provider.

Rules
- What is wanted and not seen is created, what is seen and not wanted is deleted, what differs in `spec` is updated.
- A resource comes after everything it needs; a delete comes before the delete of what it needs.
- Deletes come last, so that a replacement stands before what it replaces is gone.
- `apply(diff(d, o))` yields `d`, and `diff(d, d)` is empty.
"""

from __future__ import annotations

from collections.abc import Iterable

from lbctl.model.errors import BugError
from lbctl.model.resource import NOTHING, Ref, Resource, Resources
from lbctl.plan.steps import Create, Delete, Plan, Step, Update


def diff(desired: Resources, observed: Resources) -> Plan:
    """The ordered steps that lead from `observed` to `desired`. Raises BugError when `needs` form a circle."""
    steps: list[Step] = []
    for resource in in_order(desired.values()):
        seen = observed.get(resource.ref)
        if seen is None:
            steps.append(Create(resource))
            continue
        changed = {name: value for name, value in resource.spec.items() if seen.spec.get(name) != value}
        if changed:
            steps.append(Update(resource, seen, changed))
    kept = len(desired) - len(steps)
    gone = [one for one in observed.values() if one.ref not in desired]
    steps.extend(Delete(one) for one in reversed(in_order(gone)))
    return Plan(tuple(steps), unchanged=kept)


def teardown(observed: Resources) -> Plan:
    """The plan of a deleted Service: an empty desired set."""
    return diff(NOTHING, observed)


def in_order(resources: Iterable[Resource]) -> list[Resource]:
    """Sort so that each resource follows what it needs; by ref where that leaves a choice."""
    waiting = {one.ref: one for one in sorted(resources, key=lambda one: one.ref)}
    ordered: list[Resource] = []
    done: set[Ref] = set()
    open_: set[Ref] = set()

    def place(one: Resource) -> None:
        if one.ref in done:
            return
        if one.ref in open_:
            raise BugError(f"the needs of {one.ref} form a circle")
        open_.add(one.ref)
        for ref in sorted(one.needs):
            if ref in waiting:
                place(waiting[ref])
        open_.discard(one.ref)
        done.add(one.ref)
        ordered.append(one)

    for one in waiting.values():
        place(one)
    return ordered
