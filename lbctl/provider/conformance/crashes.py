"""Chapter 3: the process dies.

Rules
- Whichever call it is, before or after: a new process finishes the work from what the cloud shows.
- It leaves no resource behind, makes none twice, and touches none of anybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count

import pytest

from lbctl.model.service import Service
from lbctl.provider.conformance.base import Bystanders, Conformance, assert_done
from lbctl.provider.conformance.driver import Driver
from lbctl.provider.conformance.wishes import port
from lbctl.provider.conformance.world import Fault, World

each_moment = pytest.mark.parametrize(
    "moment", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER], ids=["before-the-call", "after-the-call"]
)


@dataclass(frozen=True, slots=True)
class Accident:
    """A world in which the process has died at the `at`-th call; `others` watches over everybody else's resources."""

    world: World
    driver: Driver
    others: Bystanders
    at: int

    @property
    def when(self) -> str:
        return f"by a crash at call {self.at}"


class CrashConformance(Conformance):
    """Death before and after every call."""

    @each_moment
    def test_a_crash_during_create(self, moment: Fault) -> None:
        service = self.web()
        for accident in self._accidents(moment, [], lambda driver: driver.settle(service)):
            accident.driver.settle(service)
            self._assert_exactly(accident, service)

    @each_moment
    def test_a_crash_during_create_of_a_service_that_is_deleted_meanwhile(self, moment: Fault) -> None:
        service = self.web()
        for accident in self._accidents(moment, [], lambda driver: driver.settle(service)):
            accident.driver.settle_gone(service)
            accident.others.assert_alone(accident.when)

    @each_moment
    def test_a_crash_during_update(self, moment: Fault) -> None:
        old, new = self.web(), self._rebuilt(self.web())
        for accident in self._accidents(moment, [old], lambda driver: driver.settle(new)):
            accident.driver.settle(new)
            self._assert_exactly(accident, new)

    @each_moment
    def test_a_crash_during_an_update_that_is_taken_back_meanwhile(self, moment: Fault) -> None:
        old, new = self.web(), self._rebuilt(self.web())
        for accident in self._accidents(moment, [old], lambda driver: driver.settle(new)):
            accident.driver.settle(old)
            self._assert_exactly(accident, old)

    @each_moment
    def test_a_crash_during_a_type_change(self, moment: Fault) -> None:
        """LoadBalancer -> ClusterIP -> LoadBalancer: everything is given back, and comes again."""
        service = self.web()
        for accident in self._accidents(moment, [service], lambda driver: driver.settle_gone(service)):
            accident.driver.settle_gone(service)
            accident.others.assert_alone(accident.when)
            accident.driver.settle(service)
            self._assert_exactly(accident, service)

    @each_moment
    def test_a_crash_during_delete(self, moment: Fault) -> None:
        service = self.web()
        for accident in self._accidents(moment, [service], lambda driver: driver.settle_gone(service)):
            accident.driver.settle_gone(service)
            accident.others.assert_alone(accident.when)

    @each_moment
    def test_a_crash_while_nodes_change(self, moment: Fault) -> None:
        service = self.web()

        def join(driver: Driver) -> None:
            driver.nodes = driver.world.nodes(5)
            driver.settle(service)

        for accident in self._accidents(moment, [service], join, watch=False):
            accident.driver.settle(service)
            assert_done(accident.driver, service)
            assert not accident.driver.plan_shared()

    def test_a_crash_at_every_second_call(self) -> None:
        """A process that never gets far still gets there, as long as each one gets one write done."""
        driver, service = Driver(self.world), self.web()
        for _ in range(100):
            self.world.inject(Fault.CRASH_AFTER, 2)
            try:
                driver.settle(service)
                break
            except self.world.crash:
                driver.restart()
        self.world.inject(Fault.CRASH_AFTER, 10**9)
        driver.settle(service)
        assert_done(driver, service)

    def _accidents(
        self, moment: Fault, existing: list[Service], act: Callable[[Driver], object], *, watch: bool = True
    ) -> Iterator[Accident]:
        """For every call that `act` makes: a fresh world, died at that call, with a new process in it."""
        for at in count(1):
            world = self.make_world()
            driver = Driver(world)
            others = Bystanders(world, self.web())
            for service in existing:
                driver.settle(service)
            world.inject(moment, at)
            try:
                act(driver)
            except world.crash:
                driver.restart()
            if not world.injected():
                assert at > 1, "nothing was called"
                world.close()
                return
            accident = Accident(world, driver, others, at)
            yield accident
            if watch:
                others.assert_unharmed(accident.when)
            world.close()

    def _rebuilt(self, service: Service) -> Service:
        """Everything about the Service's ports is different: creates, updates and deletes in one plan."""
        first = service.ports[0]
        kept = replace(first, node_port=31111)
        return replace(service, ports=(kept, port(8443, first.protocol))[: self.can.max_ports])

    def _assert_exactly(self, accident: Accident, service: Service) -> None:
        assert_done(accident.driver, service)
        accident.others.assert_unharmed(accident.when)
        fresh = self.make_world()
        others = Bystanders(fresh, service)
        Driver(fresh).settle(service)
        ours = len(accident.world.inventory()) - accident.others.count
        assert ours == len(fresh.inventory()) - others.count, f"leaked or doubled {accident.when}"
        fresh.close()
