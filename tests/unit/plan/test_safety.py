"""The guard rails: `lbctl.plan.safety`."""

from __future__ import annotations

import pytest

from lbctl.model.errors import UnsafePlan
from lbctl.model.loadbalancer import Owner
from lbctl.model.resource import Ref, Resource
from lbctl.model.service import ObjectKey, Uid
from lbctl.plan.safety import check_mass_delete, check_safe
from lbctl.plan.steps import Create, Delete, Plan, Step, Update

OWNER = Owner(ObjectKey("shop", "web"), Uid("uid-1"))
STRANGER = Owner(ObjectKey("bank", "vault"), Uid("uid-2"))
RENAMED = Owner(ObjectKey("shop", "renamed"), Uid("uid-1"))


def resource(owner: Owner | None) -> Resource:
    return Resource(Ref("balancer", "b"), owner=owner)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Create(resource(OWNER)), id="create"),
        pytest.param(Update(resource(OWNER), resource(OWNER), {}), id="update of ours"),
        pytest.param(Delete(resource(OWNER)), id="delete of ours"),
        pytest.param(Delete(resource(RENAMED)), id="the UID counts, not the key"),
    ],
)
def test_what_is_ours_passes(step: Step) -> None:
    check_safe(Plan((step,)), OWNER, synced=True)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(Update(resource(OWNER), resource(STRANGER), {}), id="update of a stranger's"),
        pytest.param(Delete(resource(STRANGER)), id="delete of a stranger's"),
    ],
)
def test_what_is_another_service_s_is_refused_by_its_name(step: Step) -> None:
    with pytest.raises(UnsafePlan, match="balancer/b belongs to Service bank/vault") as caught:
        check_safe(Plan((Create(resource(OWNER)), step)), OWNER, synced=True)
    assert caught.value.reason == "ForeignOwner"


def test_nothing_is_done_on_half_the_knowledge() -> None:
    with pytest.raises(UnsafePlan) as caught:
        check_safe(Plan((Create(resource(OWNER)),)), OWNER, synced=False)
    assert caught.value.reason == "CachesNotSynced"
    check_safe(Plan(), OWNER, synced=False)


@pytest.mark.parametrize(
    ("deletes", "known", "allowed"),
    [
        pytest.param(10, 10, True, id="few, though all"),
        pytest.param(11, 22, True, id="half"),
        pytest.param(12, 23, False, id="more than half"),
        pytest.param(1000, 1000, False, id="everything"),
        pytest.param(0, 0, True, id="nothing"),
    ],
)
def test_a_sweep_that_removes_most_of_everything_is_refused(deletes: int, known: int, allowed: bool) -> None:
    if allowed:
        check_mass_delete(deletes, known)
        return
    with pytest.raises(UnsafePlan, match=f"{deletes} of {known}") as caught:
        check_mass_delete(deletes, known)
    assert caught.value.reason == "MassDelete"
