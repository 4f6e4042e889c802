"""Chapter 8: many Services, many nodes, two threads.

Rules
- `snapshot` costs calls by the page, not by the Service.
- With shared membership a node that joins costs nothing per Service.
- `apply` may run for two Services at a time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import ClassVar

from lbctl.model.resource import NOTHING
from lbctl.model.service import Service
from lbctl.plan.capabilities import Membership
from lbctl.plan.diff import diff
from lbctl.provider.conformance.base import Conformance, assert_done, require
from lbctl.provider.conformance.driver import Driver, owner_of


class ScaleConformance(Conformance):
    """Counts of calls, and concurrency."""

    services: ClassVar[int] = 1000
    """How many Services the batch test makes; lower it where your fake is slow."""

    def test_a_snapshot_costs_pages_not_services(self) -> None:
        driver, services = Driver(self.world), [self.web(number) for number in range(1, self.services + 1)]
        driver.settle_shared()
        for one in services:
            for step in diff(driver.wanted(one), NOTHING).steps:
                driver.provider.apply(step)
        self.world.wait(self.can.consistency_s)
        before = self.world.calls()
        seen = driver.provider.snapshot()
        spent = self.world.calls() - before
        assert spent == self.world.snapshot_calls(seen)
        assert spent <= self.services / 10 + 10, "that is no batch read"
        by_owner = seen.by_owner()
        assert len(by_owner) == self.services + bool(driver.wanted_shared())
        for one in services:
            assert not diff(driver.wanted(one), by_owner[one.uid])

    def test_a_settled_service_costs_one_look_and_no_write(self) -> None:
        driver, service = Driver(self.world), self.web()
        driver.settle(service)
        before = self.world.inventory()
        plan, _ = driver.once(owner_of(service), driver.wanted(service))
        assert not plan
        assert self.world.inventory() == before

    def test_with_shared_membership_a_node_is_no_service_s_business(self) -> None:
        require("" if self.can.membership is Membership.SHARED else "membership per Service")
        driver, service = Driver(self.world, nodes=3), self.web()
        driver.settle(service)
        driver.nodes = self.world.nodes(4)
        assert not driver.plan(service)
        assert driver.plan_shared()
        driver.settle_shared()
        assert not driver.plan_shared()

    def test_shared_resources_outlive_each_service(self) -> None:
        require("" if self.can.membership is Membership.SHARED else "membership per Service")
        driver, first, second = Driver(self.world), self.web(1), self.web(2)
        driver.settle(first)
        driver.settle(second)
        driver.settle_gone(first)
        assert_done(driver, second)
        assert not driver.plan_shared()

    def test_two_threads_work_on_two_services_at_a_time(self) -> None:
        provider_of_both, start = Driver(self.world), Barrier(2)
        provider_of_both.settle_shared()

        def life(first: int) -> list[Service]:
            driver = Driver(self.world)
            driver.provider = provider_of_both.provider
            start.wait(timeout=30)
            kept = []
            for number in range(first, first + 10):
                service = self.web(number)
                driver.settle(service)
                changed = replace(service, ports=service.ports[:1])
                driver.settle(changed)
                if number % 2:
                    driver.settle_gone(changed)
                else:
                    kept.append(changed)
            return kept

        with ThreadPoolExecutor(2) as pool:
            kept = [one for part in pool.map(life, (1000, 2000)) for one in part]
        for one in kept:
            assert_done(provider_of_both, one)
        assert set(provider_of_both.provider.snapshot().by_owner()) - {None} == {one.uid for one in kept}
        published = [one for service in kept for one in provider_of_both.settle(service)]
        assert len(set(published)) == len(published), "two Services were given the same address"
