"""What all chapters of the suite start from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import pytest

from lbctl.model.resource import Ref
from lbctl.model.service import Service, Uid
from lbctl.plan.capabilities import Capabilities
from lbctl.provider.conformance.driver import Driver
from lbctl.provider.conformance.wishes import web
from lbctl.provider.conformance.world import OTHER_CLUSTER, World


class Conformance(ABC):
    """A fresh world for each test, in `self.world`."""

    world: World

    @abstractmethod
    def make_world(self) -> World:
        """A new, empty cloud account."""

    def bears(self, ref: Ref, uid: Uid) -> bool:
        """Whether the name carries the UID. Override it where names are too short for all of it, and say how."""
        return uid in ref.name

    @pytest.fixture(autouse=True)
    def _open_world(self) -> Iterator[None]:
        self.world = self.make_world()
        yield
        self.world.close()

    @property
    def can(self) -> Capabilities:
        """What the provider under test claims."""
        return self.world.provider().capabilities

    def web(self, number: int = 1) -> Service:
        """A plain Service, a different one for each number."""
        return web(self.can, number)


def require(lacking: str) -> None:
    """Skip the test when the provider lacks something (empty text: it does not)."""
    if lacking:
        pytest.skip(f"the provider claims: {lacking}")


def assert_done(driver: Driver, service: Service) -> None:
    """The Service has exactly what it wants, by the cloud's word and by the plan's."""
    seen = driver.provider.observe(driver.want(service).owner)
    assert seen == driver.wanted(service)
    plan = driver.plan(service)
    assert not plan, f"the second plan is not empty:\n{plan}"


class Bystanders:
    """A second Service of ours, and our Service's twin in another cluster, that must come to no harm."""

    def __init__(self, world: World, service: Service) -> None:
        self._world = world
        can = world.provider().capabilities
        before = set(world.inventory())
        Driver(world).settle(web(can, 77))
        Driver(world, OTHER_CLUSTER).settle(service)
        self._theirs = {key: text for key, text in world.inventory().items() if key not in before}

    @property
    def count(self) -> int:
        return len(self._theirs)

    def assert_unharmed(self, when: str = "") -> None:
        now = self._world.inventory()
        harmed = [key for key, text in self._theirs.items() if now.get(key) != text]
        assert not harmed, f"resources of others were changed or deleted {when}: {harmed}"

    def assert_alone(self, when: str = "") -> None:
        """Nothing but theirs is left."""
        self.assert_unharmed(when)
        left = set(self._world.inventory()) - set(self._theirs)
        assert not left, f"leaked {when}: {sorted(left)}"
