"""Chapter 2: whose a resource is, and what it is called.

Rules
- `render` is pure: no call, and the same answer from every instance.
- A name carries the Service's UID, so that a Service of the same name created anew never meets its predecessor.
- `snapshot` and `observe` return what bears our cluster's mark and nothing else.
- Resources of one kind name the same fields, wanted or seen.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from lbctl.model.errors import PermanentError
from lbctl.model.loadbalancer import Owner
from lbctl.model.resource import NOTHING
from lbctl.model.service import ObjectKey, Service
from lbctl.plan.diff import in_order
from lbctl.provider.conformance.base import Bystanders, Conformance, assert_done
from lbctl.provider.conformance.driver import Driver, owner_of
from lbctl.provider.conformance.wishes import CHANGES, uid
from lbctl.provider.conformance.world import CLUSTER, OTHER_CLUSTER


class NamingConformance(Conformance):
    """Names, owners, clusters."""

    def test_render_is_deterministic_and_makes_no_call(self) -> None:
        before = self.world.calls()
        first, second = Driver(self.world), Driver(self.world)
        assert first.wanted(self.web()) == second.wanted(self.web())
        assert first.wanted_shared() == second.wanted_shared()
        assert self.world.calls() == before

    def test_every_name_carries_the_uid_and_every_resource_its_owner(self) -> None:
        service = self.web()
        for one in Driver(self.world).wanted(service).values():
            assert self.bears(one.ref, service.uid), f"{one.ref} does not carry {service.uid}"
            assert one.owner == owner_of(service)

    def test_shared_resources_have_no_owner(self) -> None:
        assert all(one.owner is None for one in Driver(self.world).wanted_shared().values())

    def test_the_same_name_with_another_uid_is_another_service(self) -> None:
        driver, old = Driver(self.world), self.web()
        new = replace(old, uid=uid(4711))
        assert not set(driver.wanted(old)) & set(driver.wanted(new)), "two UIDs share a resource"
        driver.settle(old)
        driver.settle(new)
        assert_done(driver, old)
        assert_done(driver, new)
        driver.settle_gone(old)
        assert_done(driver, new)

    def test_resources_of_a_kind_name_the_same_fields_wanted_or_seen(self) -> None:
        driver = Driver(self.world)
        fields: dict[str, set[frozenset[str]]] = defaultdict(set)
        for number, change in enumerate((one for one in CHANGES if not one.needs(self.can)), start=1):
            service = change.after(self.web(number))
            driver.settle(service)
            for one in (*driver.wanted(service).values(), *driver.provider.observe(owner_of(service)).values()):
                fields[one.ref.kind].add(frozenset(one.spec))
        uneven = {kind: sorted(map(sorted, ways)) for kind, ways in fields.items() if len(ways) > 1}
        assert not uneven

    def test_observe_sees_one_owner_and_the_snapshot_all(self) -> None:
        driver, services = Driver(self.world), [self.web(number) for number in (1, 2, 3)]
        for one in services:
            driver.settle(one)
        by_owner = driver.provider.snapshot().by_owner()
        for one in services:
            assert driver.provider.observe(owner_of(one)) == driver.wanted(one)
            assert by_owner.pop(one.uid) == driver.wanted(one)
        assert by_owner.pop(None, NOTHING) == driver.provider.observe(None) == driver.wanted_shared()
        assert not by_owner

    def test_two_clusters_in_one_account_never_meet(self) -> None:
        ours, theirs, service = Driver(self.world, CLUSTER), Driver(self.world, OTHER_CLUSTER), self.web()
        ours.settle(service)
        theirs.settle(service)
        assert_done(ours, service)
        assert_done(theirs, service)
        ours.settle_gone(service)
        ours.release_shared()
        assert ours.provider.snapshot() == NOTHING
        assert_done(theirs, service)
        assert not theirs.plan_shared()

    def test_a_life_among_others_does_them_no_harm(self) -> None:
        service = self.web()
        others = Bystanders(self.world, service)
        driver = Driver(self.world)
        driver.settle(service)
        driver.settle(replace(service, ports=service.ports[:1]))
        others.assert_unharmed("by create and update")
        driver.settle_gone(service)
        others.assert_alone("by delete")

    def test_a_foreign_resource_under_our_name_is_left_alone(self) -> None:
        """Whether another cluster's, or our cluster's but another Service's: refused by name, never touched."""
        strangers = ((OTHER_CLUSTER, self.web()), (CLUSTER, replace(self.web(), uid=uid(99), key=ObjectKey("x", "y"))))
        for cluster, stranger in strangers:
            world = self.make_world()
            driver, service = Driver(world), self.web()
            driver.settle_shared()
            before = set(world.inventory())
            target = in_order(driver.wanted(service).values())[0]
            world.plant(target, cluster, Owner(stranger.key, stranger.uid))
            planted = {key: text for key, text in world.inventory().items() if key not in before}
            assert planted
            refusal = _refusal(driver, service)
            assert refusal is None or target.ref.name in refusal, "the message does not name the resource"
            driver.settle_gone(service)
            left = {key: text for key, text in world.inventory().items() if key not in before}
            assert left == planted, "what is not ours was changed or removed, or something of ours was left"
            world.close()


def _refusal(driver: Driver, service: Service) -> str | None:
    """The message of the PermanentError that settling ends with; None when it succeeds."""
    try:
        driver.settle(service)
    except PermanentError as failure:
        return failure.message
    return None
