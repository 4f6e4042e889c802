"""Chapter 6: things take time.

Rules
- While the cloud is at work, `ingress` is Pending and says why; it never waits and never guesses.
- A cloud whose reads lag says so in `consistency_s`; within that time stale reads lead to no harm, only to more looks.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from lbctl.model.errors import TemporaryError
from lbctl.model.resource import NOTHING
from lbctl.model.service import Service
from lbctl.provider.conformance.base import Conformance, assert_done, require
from lbctl.provider.conformance.driver import Driver, owner_of
from lbctl.provider.contract import Pending


class WaitingConformance(Conformance):
    """Asynchronous work and eventual consistency."""

    def test_a_load_balancer_under_way_is_pending_and_then_has_an_ingress(self) -> None:
        require("" if self.world.asynchronous else "synchronous provisioning")
        driver, service = Driver(self.world), self.web()
        driver.settle_shared()
        driver.once(owner_of(service), driver.wanted(service))
        self.world.wait(self.can.consistency_s)
        answer = driver.provider.ingress(driver.provider.observe(owner_of(service)))
        assert isinstance(answer, Pending)
        assert answer.reason.isidentifier()
        assert answer.message
        assert driver.settle(service)

    def test_apply_does_not_wait_for_asynchronous_work(self) -> None:
        require("" if self.world.asynchronous else "synchronous provisioning")
        driver, service = Driver(self.world), self.web()
        driver.settle_shared()
        before_s = self.world.now_s()
        driver.once(owner_of(service), driver.wanted(service))
        assert self.world.now_s() - before_s < 1.0

    def test_a_deletion_in_the_midst_of_provisioning_leaves_nothing(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle_shared()
        driver.once(owner_of(service), driver.wanted(service))
        driver.settle_gone(service)
        driver.release_shared()
        assert self.world.inventory() == {}

    @pytest.mark.parametrize("passes", [2, 5])
    def test_passes_in_quick_succession_make_nothing_twice(self, passes: int) -> None:
        driver, service = Driver(self.world), self.web()
        for _ in range(passes):
            self._hurry(driver, service)
        count = len(self.world.inventory())
        driver.settle(service)
        assert_done(driver, service)
        assert len(self.world.inventory()) == count

    def test_a_change_taken_back_at_once_is_taken_back(self) -> None:
        """A stale read shows the old state, which is the wanted one again: only a later look tells."""
        driver, old = Driver(self.world), self.web()
        new = replace(old, ports=tuple(replace(one, node_port=one.node_port + 1) for one in old.ports))
        driver.settle(old)
        self._hurry(driver, new)
        driver.settle(old)
        assert_done(driver, old)

    def test_create_right_after_delete_ends_with_everything_there(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle(service)
        self._hurry(driver, None)
        driver.settle(service)
        assert_done(driver, service)

    def test_delete_right_after_create_ends_with_nothing_there(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle_shared()
        self._hurry(driver, service)
        self._hurry(driver, None)
        driver.settle_gone(service)
        driver.release_shared()
        assert self.world.inventory() == {}

    def _hurry(self, driver: Driver, service: Service | None) -> None:
        """One pass without a pause before or after it (None: the deletion of the first Service)."""
        wanted = driver.wanted(service) if service else NOTHING
        try:
            if service:
                driver.once(None, driver.wanted_shared())
            driver.once(owner_of(service or self.web()), wanted)
        except TemporaryError:
            return
