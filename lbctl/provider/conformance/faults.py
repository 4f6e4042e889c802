"""Chapter 4: the cloud misbehaves.

Rules
- Throttling, server errors and lost answers are TemporaryErrors (or retried inside the call, for a short while).
- Whichever call they hit, trying again from the start ends where it would have ended anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from lbctl.model.errors import TemporaryError
from lbctl.model.resource import NOTHING
from lbctl.model.service import Service
from lbctl.provider.conformance.base import Bystanders, Conformance, assert_done
from lbctl.provider.conformance.driver import Driver
from lbctl.provider.conformance.wishes import port
from lbctl.provider.conformance.world import Fault, World

each_fault = pytest.mark.parametrize(
    "fault", [Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_RESPONSE], ids=lambda one: one.name.lower()
)

FOR_LONG = 1000
"""More calls than a provider's own short retries last."""


class FaultConformance(Conformance):
    """One call goes wrong, or many."""

    @each_fault
    @pytest.mark.parametrize("times", [1, 3])
    def test_create_gets_through(self, fault: Fault, times: int) -> None:
        service = self.web()
        for world, driver in self._broken(fault, times, [], lambda driver: driver.settle(service)):
            assert_done(driver, service)
            world.close()

    @each_fault
    def test_update_gets_through(self, fault: Fault) -> None:
        old = self.web()
        first = old.ports[0]
        new = Service(
            old.key, old.uid, type=old.type, ip_families=old.ip_families, ports=(port(8443, first.protocol), first)
        )
        if self.can.max_ports == 1:
            pytest.skip("the provider claims: one port only")
        for world, driver in self._broken(fault, 1, [old], lambda driver: driver.settle(new)):
            assert_done(driver, new)
            world.close()

    @each_fault
    def test_delete_gets_through_and_harms_nobody(self, fault: Fault) -> None:
        service = self.web()
        for at in count(1):
            world = self.make_world()
            others, driver = Bystanders(world, service), Driver(world)
            driver.settle(service)
            world.inject(fault, at)
            driver.settle_gone(service)
            others.assert_alone(f"after {fault.name} at call {at}")
            world.close()
            if not world.injected():
                return

    @each_fault
    def test_a_read_that_fails_never_returns_a_part(self, fault: Fault) -> None:
        """A snapshot cut short would look like resources that are gone."""
        driver = Driver(self.world)
        driver.settle(self.web())
        whole = driver.provider.snapshot()
        assert whole != NOTHING
        for at in range(1, self.world.snapshot_calls(whole) + 1):
            self.world.inject(fault, at, FOR_LONG)
            with pytest.raises(TemporaryError):
                driver.provider.snapshot()
        self.world.inject(fault, 10**9)
        assert driver.provider.snapshot() == whole

    @each_fault
    def test_errors_say_what_failed(self, fault: Fault) -> None:
        driver = Driver(self.world)
        self.world.inject(fault, 1, FOR_LONG)
        with pytest.raises(TemporaryError) as caught:
            driver.provider.snapshot()
        assert caught.value.reason.isidentifier()
        assert caught.value.reason[0].isupper()
        assert caught.value.message
        assert caught.value.__cause__ is not None, "translated with `raise … from`"

    def _broken(
        self, fault: Fault, times: int, existing: list[Service], act: Callable[[Driver], object]
    ) -> list[tuple[World, Driver]]:
        """For every call that `act` makes: a fresh world in which that call, and the next ones, went wrong."""
        finished = []
        for at in count(1):
            world = self.make_world()
            driver = Driver(world)
            for service in existing:
                driver.settle(service)
            world.inject(fault, at, times)
            act(driver)
            if not world.injected():
                world.close()
                break
            finished.append((world, driver))
        return finished
