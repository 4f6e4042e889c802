"""Chapter 5: somebody else's hands.

Rules
- What was removed or changed by hand is seen and repaired.
- What already stands under our name and mark is adopted, whoever made it.
"""

from __future__ import annotations

from lbctl.model.resource import Ref
from lbctl.model.service import Service
from lbctl.plan.diff import in_order
from lbctl.provider.conformance.base import Conformance, assert_done
from lbctl.provider.conformance.driver import Driver, owner_of
from lbctl.provider.conformance.world import CLUSTER


class DriftConformance(Conformance):
    """Repair and adoption."""

    def test_what_was_removed_by_hand_is_made_anew(self) -> None:
        for ref in self._refs():
            driver, service = self._standing()
            driver.world.remove(driver.provider.observe(owner_of(service))[ref])
            assert driver.plan(service), f"nobody misses {ref}"
            driver.settle(service)
            assert_done(driver, service)
            driver.world.close()

    def test_what_was_changed_by_hand_is_changed_back(self) -> None:
        changed = 0
        for ref in self._refs():
            driver, service = self._standing()
            if driver.world.tamper(driver.provider.observe(owner_of(service))[ref]):
                changed += 1
                assert driver.plan(service), f"nobody notices the change of {ref}"
                driver.settle(service)
                assert_done(driver, service)
            driver.world.close()
        assert changed, "the world could tamper with nothing"

    def test_shared_resources_are_repaired(self) -> None:
        for ref in Driver(self.world).wanted_shared():
            driver, service = self._standing()
            driver.world.remove(driver.provider.observe(None)[ref])
            assert driver.plan_shared()
            driver.settle(service)
            assert not driver.plan_shared()
            if driver.world.tamper(driver.provider.observe(None)[ref]):
                assert driver.plan_shared()
                driver.settle(service)
                assert not driver.plan_shared()
            driver.world.close()

    def test_a_damaged_service_can_be_deleted(self) -> None:
        for ref in self._refs():
            driver, service = self._standing()
            driver.world.remove(driver.provider.observe(owner_of(service))[ref])
            driver.settle_gone(service)
            driver.release_shared()
            assert driver.world.inventory() == {}
            driver.world.close()

    def test_what_stands_already_under_our_name_and_mark_is_adopted(self) -> None:
        """One resource after the other stands before lbctl comes; the number at the end is always the same."""
        whole, service = self._standing()
        count = len(whole.world.inventory())
        for resource in in_order(whole.wanted(service).values()):
            if any(need in whole.wanted(service) for need in resource.needs):
                continue
            world = self.make_world()
            driver = Driver(world)
            driver.settle_shared()
            world.plant(resource, CLUSTER, owner_of(service))
            driver.settle(service)
            assert_done(driver, service)
            assert len(world.inventory()) == count
            world.close()

    def test_everything_is_adopted_by_a_new_installation(self) -> None:
        driver, service = self._standing()
        before = driver.world.inventory()
        driver.restart()
        driver.settle(service)
        assert driver.world.inventory() == before

    def _standing(self) -> tuple[Driver, Service]:
        driver, service = Driver(self.make_world()), self.web()
        driver.settle(service)
        return driver, service

    def _refs(self) -> tuple[Ref, ...]:
        return tuple(Driver(self.world).wanted(self.web()))
