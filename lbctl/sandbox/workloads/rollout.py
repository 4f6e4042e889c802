"""How many Pods each ReplicaSet of a Deployment should have next: the arithmetic of scaling and of rolling updates.

Rules
- All ReplicaSets together never have more than `replicas` + maxSurge Pods.
- Old ReplicaSets give up Pods only as far as `replicas` - maxUnavailable stay available; their unhealthy Pods go first.
- Recreate: the old ones go to 0, and the new one comes when their Pods are gone.

Source: pkg/controller/deployment/{rolling,recreate,sync}.go, util/deployment_util.go (NewRSNewReplicas,
ResolveFenceposts). Proportional scaling in the middle of a rollout is left out: the rollout itself gets there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lbctl.sandbox.workloads.objects import Deployment, ReplicaSet, RollingUpdate

Sizes = dict[str, int]
"""Wanted replicas by the ReplicaSet's name, of those that change."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rolling update's limits, in Pods."""

    surge: int
    unavailable: int


def bounds(deployment: Deployment) -> Bounds:
    """maxSurge is rounded up, maxUnavailable down; when both are 0, one Pod may be unavailable."""
    if deployment.spec.strategy.type != "RollingUpdate":
        return Bounds(0, 0)
    rolling = deployment.spec.strategy.rolling_update or RollingUpdate()
    replicas = deployment.spec.replicas
    surge = math.ceil(_share(rolling.max_surge, replicas))
    unavailable = math.floor(_share(rolling.max_unavailable, replicas))
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return Bounds(surge, min(unavailable, replicas))


def _share(value: int | str, replicas: int) -> float:
    """A number of Pods, or a percentage of the replicas. Source: intstr.GetScaledValueFromIntOrPercent."""
    if isinstance(value, int):
        return value
    percent = value.removesuffix("%")
    return int(percent) * replicas / 100 if percent.isdecimal() else 0


def first_size(deployment: Deployment, old: Sequence[ReplicaSet]) -> int:
    """The size a new ReplicaSet starts with."""
    if deployment.spec.strategy.type != "RollingUpdate":
        return deployment.spec.replicas
    return _grown(deployment, 0, _total(old))


def next_sizes(deployment: Deployment, new: ReplicaSet, old: Sequence[ReplicaSet]) -> Sizes:
    """The next step of a rollout, or of scaling; empty when there is nothing to do, or to wait for Pods."""
    wanted = deployment.spec.replicas
    if deployment.spec.strategy.type != "RollingUpdate":
        return {} if new.spec.replicas == wanted else {new.metadata.name: wanted}
    size = new.spec.replicas
    if size > wanted:
        return {new.metadata.name: wanted}
    grown = _grown(deployment, size, _total(old) + size)
    if grown != size:
        return {new.metadata.name: grown}
    return _shrink_old(deployment, new, old)


def paused_sizes(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> Sizes:
    """A paused Deployment only scales the one ReplicaSet that has Pods, or would have them."""
    known = [*old, *([new] if new is not None else [])]
    active = [one for one in known if one.spec.replicas > 0]
    if len(active) > 1 or not known:
        return {}
    target = active[0] if active else new or max(known, key=_age)
    wanted = deployment.spec.replicas
    return {} if target.spec.replicas == wanted else {target.metadata.name: wanted}


def emptied(old: Sequence[ReplicaSet]) -> Sizes:
    """All of them at 0."""
    return {one.metadata.name: 0 for one in old if one.spec.replicas > 0}


def _grown(deployment: Deployment, size: int, total: int) -> int:
    wanted = deployment.spec.replicas
    room = wanted + bounds(deployment).surge - total
    return size + max(0, min(room, wanted - size))


def _shrink_old(deployment: Deployment, new: ReplicaSet, old: Sequence[ReplicaSet]) -> Sizes:
    least_available = deployment.spec.replicas - bounds(deployment).unavailable
    unavailable_new = new.spec.replicas - new.status.available_replicas
    spare = _total(old) + new.spec.replicas - least_available - unavailable_new
    if _total(old) == 0 or spare <= 0:
        return {}
    oldest_first = sorted(old, key=_age)
    sizes = {one.metadata.name: one.spec.replicas for one in oldest_first}
    for one in oldest_first:
        unhealthy = max(0, min(one.spec.replicas - one.status.available_replicas, spare))
        sizes[one.metadata.name] -= unhealthy
        spare -= unhealthy
    extra = sum(_available(one) for one in (*old, new)) - least_available
    for one in oldest_first:
        healthy = max(0, min(sizes[one.metadata.name], extra))
        sizes[one.metadata.name] -= healthy
        extra -= healthy
    return {one.metadata.name: sizes[one.metadata.name] for one in old if sizes[one.metadata.name] != one.spec.replicas}


def _available(one: ReplicaSet) -> int:
    """Pods that will stay available: those that are about to go do not count, which the source forgets."""
    return min(one.status.available_replicas, one.spec.replicas)


def _total(sets: Sequence[ReplicaSet]) -> int:
    return sum(one.spec.replicas for one in sets)


def _age(one: ReplicaSet) -> tuple[str, str]:
    return one.metadata.creation_timestamp or "", one.metadata.name
