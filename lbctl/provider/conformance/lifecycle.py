"""Chapter 1: a Service comes, changes and goes.

Rules
- After create and after every change the cloud holds exactly what `render` says: nothing is missing, nothing is left.
- The plan after that is empty.
- `apply` of a step that has been carried out already is a success.
"""

from __future__ import annotations

import pytest

from lbctl.model.errors import TemporaryError
from lbctl.model.resource import NOTHING, Resources
from lbctl.model.service import Service
from lbctl.plan.diff import diff
from lbctl.plan.steps import Create, Delete, Update
from lbctl.provider.conformance.base import Conformance, assert_done, require
from lbctl.provider.conformance.driver import Driver, owner_of
from lbctl.provider.conformance.wishes import CHANGES, Change
from lbctl.provider.contract import Pending

each_change = pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.name)
"""Run a test once for each entry of `CHANGES`."""


class LifecycleConformance(Conformance):
    """Create, update, delete."""

    def test_a_service_gets_what_it_wants_and_an_ingress(self) -> None:
        driver, service = Driver(self.world), self.web()
        ingress = driver.settle(service)
        assert_done(driver, service)
        assert ingress, "a load balancer that stands has an ingress"
        for one in ingress:
            assert (one.ip is None) != (not one.hostname), "an ingress has either an IP or a hostname"
            assert one.ip is None or one.ip_mode is self.can.ip_mode

    def test_the_ingress_stays_the_same_over_changes_and_restarts(self) -> None:
        driver, service = Driver(self.world), self.web()
        ingress = driver.settle(service)
        driver.nodes = self.world.nodes(5)
        assert driver.settle(service) == ingress
        driver.restart()
        assert driver.settle(service) == ingress

    def test_a_deleted_service_leaves_nothing(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle(service)
        driver.settle_gone(service)
        driver.release_shared()
        assert driver.provider.observe(owner_of(service)) == NOTHING
        assert self.world.inventory() == {}

    def test_a_service_can_come_back_at_once(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle(service)
        driver.settle_gone(service)
        driver.settle(service)
        assert_done(driver, service)

    def test_deleting_what_never_existed_is_no_work(self) -> None:
        driver = Driver(self.world)
        before = self.world.calls()
        plan, seen = driver.once(owner_of(self.web()), NOTHING)
        assert not plan
        assert seen == NOTHING
        assert self.world.calls() > before, "observe reads the cloud"

    @each_change
    def test_a_change_is_followed(self, change: Change) -> None:
        require(change.needs(self.can))
        before, after = change.before(self.web()), change.after(self.web())
        driver = Driver(self.world)
        driver.settle(before)
        assert driver.plan(after), f"{change.name} changes nothing in the cloud; the suite or render is wrong"
        driver.settle(after)
        assert_done(driver, after)
        assert len(self.world.inventory()) == self._count_of(after), "something of the old state is left"

    @each_change
    def test_a_changed_service_can_be_deleted(self, change: Change) -> None:
        require(change.needs(self.can))
        driver = Driver(self.world)
        driver.settle(change.before(self.web()))
        driver.settle(change.after(self.web()))
        driver.settle_gone(self.web())
        driver.release_shared()
        assert self.world.inventory() == {}

    @pytest.mark.parametrize(("before", "after"), [(3, 5), (5, 3), (3, 0), (0, 3)])
    def test_nodes_join_and_leave(self, before: int, after: int) -> None:
        driver, service = Driver(self.world, nodes=before), self.web()
        driver.settle(service)
        driver.nodes = self.world.nodes(after)
        assert driver.plan(service) or driver.plan_shared(), "nobody takes notice of the nodes"
        driver.settle(service)
        assert_done(driver, service)
        assert not driver.plan_shared()

    def test_a_node_that_is_replaced_under_its_name_is_another_target(self) -> None:
        driver, service = Driver(self.world, nodes=2), self.web()
        driver.settle(service)
        first, second = self.world.nodes(2)
        third = self.world.nodes(3)[2]
        driver.nodes = (first, type(second)(second.name, third.provider_id, third.internal_ips, ready=True))
        assert driver.plan(service) or driver.plan_shared()
        driver.settle(service)
        assert_done(driver, service)

    def test_every_step_can_be_said_twice(self) -> None:
        driver, service = Driver(self.world, twice=True), self.web()
        driver.settle(service)
        assert_done(driver, service)
        driver.nodes = self.world.nodes(4)
        driver.settle(service)
        assert_done(driver, service)
        assert len(self.world.inventory()) == self._count_of(service)
        driver.settle_gone(service)
        driver.release_shared()
        assert self.world.inventory() == {}

    @each_change
    def test_every_step_of_a_change_can_be_said_twice(self, change: Change) -> None:
        require(change.needs(self.can))
        driver = Driver(self.world, twice=True)
        driver.settle(change.before(self.web()))
        driver.settle(change.after(self.web()))
        assert_done(driver, change.after(self.web()))

    def test_a_whole_plan_can_be_carried_out_again_later(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle(service)
        for step in diff(driver.wanted(service), NOTHING).steps:
            assert isinstance(step, Create)
            assert driver.provider.apply(step) == step.resource
        assert_done(driver, service)
        gone = diff(NOTHING, driver.provider.observe(owner_of(service)))
        driver.settle_gone(service)
        for step in gone.steps:
            assert isinstance(step, Delete)
            assert driver.provider.apply(step) is None

    def test_an_update_of_what_is_gone_asks_for_another_look(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle(service)
        seen = driver.provider.observe(owner_of(service))
        driver.settle_gone(service)
        for one in seen.values():
            with pytest.raises(TemporaryError):
                driver.provider.apply(Update(one, one, dict(one.spec)))

    def test_there_is_no_ingress_before_there_is_a_load_balancer(self) -> None:
        assert isinstance(self.world.provider().ingress(Resources()), Pending)

    def _count_of(self, service: Service) -> int:
        """How many resources a fresh account holds when only this Service is in it."""
        world = self.make_world()
        Driver(world).settle(service)
        count = len(world.inventory())
        world.close()
        return count
