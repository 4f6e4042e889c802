"""The arithmetic of rolling updates, in tables and as whole rollouts."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbctl.sandbox.workloads.objects import Deployment, ReplicaSet
from lbctl.sandbox.workloads.rollout import Bounds, bounds, emptied, first_size, next_sizes, paused_sizes
from tests.unit.sandbox.workloads.builders import deployment, replica_set


@pytest.mark.parametrize(
    ("replicas", "surge", "unavailable", "expected"),
    [
        (3, "25%", "25%", Bounds(1, 0)),
        (4, "25%", "25%", Bounds(1, 1)),
        (10, "30%", "30%", Bounds(3, 3)),
        (3, 0, 0, Bounds(0, 1)),
        (1, "0%", "10%", Bounds(0, 1)),
        (0, 1, 1, Bounds(1, 0)),
        (2, 5, 5, Bounds(5, 2)),
    ],
)
def test_percentages_become_pods(replicas: int, surge: int | str, unavailable: int | str, expected: Bounds) -> None:
    assert bounds(deployment(replicas, surge=surge, unavailable=unavailable)) == expected


def test_recreate_has_no_room_for_both() -> None:
    assert bounds(deployment(4, kind="Recreate")) == Bounds(0, 0)


def test_the_first_replica_set_starts_whole_and_the_next_within_the_surge() -> None:
    assert first_size(deployment(3), []) == 3
    assert first_size(deployment(3), [replica_set(replicas=3, has=3)]) == 1
    assert first_size(deployment(3, surge=0), [replica_set(replicas=3, has=3)]) == 0
    assert first_size(deployment(3, kind="Recreate"), [replica_set(replicas=0)]) == 3


def fresh(replicas: int, has: int, available: int | None = None) -> ReplicaSet:
    return replica_set("web-2", replicas, has=has, available=available, image="nginx:2")


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(fresh(3, 3), [], {}, id="done"),
        pytest.param(fresh(2, 2), [], {"web-2": 3}, id="scaled up"),
        pytest.param(fresh(5, 5), [], {"web-2": 3}, id="scaled down"),
        pytest.param(
            fresh(1, 1, 0), [replica_set(replicas=3, has=3)], {},
            id="waits for the new Pod",
        ),
        pytest.param(
            fresh(1, 1), [replica_set(replicas=3, has=3)], {"web-1": 2},
            id="the new Pod is available, an old one goes",
        ),
        pytest.param(
            fresh(1, 1, 0), [replica_set(replicas=3, has=3, available=1)], {},
            id="too few available to take any away",
        ),
        pytest.param(
            fresh(2, 2), [replica_set(replicas=2, has=2, available=0)], {"web-1": 1},
            id="unhealthy old Pods go first",
        ),
        pytest.param(
            fresh(3, 3), [replica_set(replicas=1, has=1)], {"web-1": 0},
            id="the last old one goes",
        ),
        pytest.param(
            fresh(2, 2),
            [replica_set("web-0", 1, has=1, created="2026-01-01T09:00:00Z"), replica_set(replicas=1, has=1)],
            {"web-0": 0}, id="the oldest goes first",
        ),
    ],
)  # fmt: skip
def test_the_next_step_of_three_replicas(new: ReplicaSet, old: list[ReplicaSet], expected: dict[str, int]) -> None:
    assert next_sizes(deployment(3), new, old) == expected


def test_recreate_starts_from_nothing() -> None:
    assert emptied([replica_set(replicas=2), replica_set("web-0", 0)]) == {"web-1": 0}
    assert next_sizes(deployment(3, kind="Recreate"), replica_set(replicas=0), []) == {"web-1": 3}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param(replica_set(replicas=3), [], {"web-1": 5}, id="the current one"),
        pytest.param(None, [replica_set(replicas=3)], {"web-1": 5}, id="the old one while there is no other"),
        pytest.param(replica_set(replicas=0), [replica_set("web-0", 3)], {"web-0": 5}, id="the one with Pods"),
        pytest.param(replica_set(replicas=1), [replica_set("web-0", 3)], {}, id="none in the middle of a rollout"),
        pytest.param(None, [], {}, id="none at all"),
    ],
)
def test_a_paused_deployment_only_scales(
    new: ReplicaSet | None, old: list[ReplicaSet], expected: dict[str, int]
) -> None:
    assert paused_sizes(deployment(5, paused=True), new, old) == expected


@dataclass
class World:
    """ReplicaSets whose Pods come, get ready and go at random moments."""

    target: Deployment
    chance: Random
    wanted: dict[str, int]
    ready: dict[str, int]
    unready: dict[str, int] = field(default_factory=dict)

    def sets(self) -> dict[str, ReplicaSet]:
        return {
            name: replica_set(name, size, has=self.ready[name] + self.unready.get(name, 0), available=self.ready[name])
            for name, size in self.wanted.items()
        }

    def control(self) -> None:
        sets = self.sets()
        new = sets.pop("new", None)
        if new is None:
            self.wanted["new"] = first_size(self.target, list(sets.values()))
            self.ready["new"] = 0
        else:
            self.wanted.update(next_sizes(self.target, new, list(sets.values())))

    def live(self) -> None:
        """One ReplicaSet acts at once on its size; one Pod somewhere gets ready."""
        name = self.chance.choice(sorted(self.wanted))
        unready = self.unready.get(name, 0)
        surplus = self.ready[name] + unready - self.wanted[name]
        if surplus < 0:
            self.unready[name] = unready - surplus
        elif surplus > 0:
            from_unready = min(surplus, unready)
            self.unready[name] = unready - from_unready
            self.ready[name] -= surplus - from_unready
        elif unready:
            self.unready[name] = unready - 1
            self.ready[name] += 1


@settings(deadline=None)
@given(
    replicas=st.integers(1, 12),
    surge=st.sampled_from([0, 1, 3, "25%", "100%"]),
    unavailable=st.sampled_from([0, 1, 2, "25%", "50%"]),
    rescaled=st.integers(1, 12),
    seed=st.integers(0, 2**32),
)
def test_rollouts_end_and_keep_within_their_bounds(
    replicas: int, surge: int | str, unavailable: int | str, rescaled: int, seed: int
) -> None:
    target = deployment(replicas, surge=surge, unavailable=unavailable)
    limits = bounds(target)
    world = World(target, Random(seed), {"old": replicas}, {"old": replicas})
    for _ in range(4000):
        world.control()
        assert sum(world.wanted.values()) <= replicas + limits.surge
        world.live()
        assert sum(world.ready.values()) >= replicas - limits.unavailable
        if world.ready == {"old": 0, "new": replicas}:
            break
    assert world.ready == {"old": 0, "new": replicas}
    world.target = deployment(rescaled, surge=surge, unavailable=unavailable)
    for _ in range(4000):
        world.control()
        world.live()
        if world.ready == {"old": 0, "new": rescaled}:
            break
    assert (world.wanted, world.ready) == ({"old": 0, "new": rescaled}, {"old": 0, "new": rescaled})
