"""A started controller over the mock cloud; time stands still unless a test moves it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lbctl.runtime.clock import FakeClock
from lbctl_mock.cloud import MockCloud
from lbctl_mock.provider import MockProvider
from lbctl_mock.settings import MockSettings
from tests.unit.controller.world import FakeCluster, World, world


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def start(clock: FakeClock) -> Callable[..., tuple[World, MockCloud]]:
    """Start a controller: on a new cloud and cluster, or (a restart) on those of an earlier one."""

    def start(
        cloud: MockCloud | None = None, cluster: FakeCluster | None = None, **settings: object
    ) -> tuple[World, MockCloud]:
        options = {name: settings.pop(name) for name in ("default_class", "collect_orphans") if name in settings}
        made = MockSettings.model_validate(settings)
        cloud = cloud or MockCloud(made, clock, clock.advance)
        provider = MockProvider(cloud, made, "test")
        return world(provider, clock=clock, cluster=cluster, **options), cloud

    return start
