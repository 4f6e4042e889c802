"""What a Deployment's status says: counts, and the conditions Available and Progressing.

Source: pkg/controller/deployment/{sync.go (calculateStatus),progress.go}, util/deployment_util.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from lbctl.kube.wire import second_time
from lbctl.sandbox.workloads.objects import Condition, Deployment, DeploymentStatus, ReplicaSet, condition_of
from lbctl.sandbox.workloads.rollout import bounds
from lbctl.sandbox.workloads.times import seconds_since, settled

AVAILABLE, PROGRESSING = "Available", "Progressing"
DONE, CREATED, FOUND, UPDATED = (
    "NewReplicaSetAvailable",
    "NewReplicaSetCreated",
    "FoundNewReplicaSet",
    "ReplicaSetUpdated",
)
TIMED_OUT, PAUSED, RESUMED = "ProgressDeadlineExceeded", "DeploymentPaused", "DeploymentResumed"


@dataclass(frozen=True, slots=True)
class Rollout:
    """A Deployment and its ReplicaSets; `created` names a new one this sync makes, which is not in `sets` yet."""

    deployment: Deployment
    sets: Sequence[ReplicaSet]
    new: ReplicaSet | None
    created: str = ""

    @property
    def new_name(self) -> str:
        return self.created or (self.new.metadata.name if self.new is not None else "")


def status_of(rollout: Rollout, now: datetime) -> DeploymentStatus:
    """The whole status as it should be now; conditions of other types are kept."""
    deployment, sets, new = rollout.deployment, rollout.sets, rollout.new
    available = sum(one.status.available_replicas for one in sets)
    counts = DeploymentStatus(
        observed_generation=deployment.metadata.generation,
        replicas=sum(one.status.replicas for one in sets),
        updated_replicas=new.status.replicas if new is not None else 0,
        ready_replicas=sum(one.status.ready_replicas for one in sets),
        available_replicas=available,
        unavailable_replicas=max(0, sum(one.spec.replicas for one in sets) - available),
    )
    wanted = [_availability(deployment, available), _progress(rollout, counts, now)]
    return msgspec.structs.replace(counts, conditions=_merged(deployment, wanted, now))


def deadline_s(deployment: Deployment, status: DeploymentStatus, now: datetime) -> float | None:
    """Seconds until the rollout counts as stuck; None when it cannot."""
    limit_s = deployment.spec.progress_deadline_seconds
    condition = condition_of(status.conditions, PROGRESSING)
    if limit_s is None or condition is None or condition.reason in (DONE, PAUSED, TIMED_OUT):
        return None
    passed_s = seconds_since(condition.last_update_time, now)
    return None if passed_s is None else max(0.0, limit_s - passed_s) + 1.0


def complete(deployment: Deployment, status: DeploymentStatus) -> bool:
    """Whether all Pods are new and available. Source: DeploymentComplete."""
    wanted = deployment.spec.replicas
    counts = (status.updated_replicas, status.replicas, status.available_replicas)
    return counts == (wanted, wanted, wanted) and status.observed_generation >= deployment.metadata.generation


def _availability(deployment: Deployment, available: int) -> Condition:
    if available >= deployment.spec.replicas - bounds(deployment).unavailable:
        return Condition(AVAILABLE, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    return Condition(AVAILABLE, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")


def _progress(rollout: Rollout, counts: DeploymentStatus, now: datetime) -> Condition | None:
    """The condition Progressing: as it was seen when nothing is to be said, None without a deadline."""
    deployment = rollout.deployment
    seen = condition_of(deployment.status.conditions, PROGRESSING)
    if deployment.spec.progress_deadline_seconds is None:
        return None
    if deployment.spec.paused:
        timed_out = seen is not None and seen.reason == TIMED_OUT
        return seen if timed_out else Condition(PROGRESSING, "Unknown", PAUSED, "Deployment is paused")
    if rollout.created:
        return Condition(PROGRESSING, "True", CREATED, f'Created new replica set "{rollout.created}"')
    if seen is not None and seen.reason == PAUSED:
        return Condition(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed")
    if seen is not None and seen.reason == DONE and counts.replicas == counts.updated_replicas:
        return seen
    name = f'ReplicaSet "{rollout.new_name}"'
    if complete(deployment, counts):
        return Condition(PROGRESSING, "True", DONE, f"{name} has successfully progressed.")
    if _moved(deployment, counts):
        moved = second_time(now)
        return Condition(PROGRESSING, "True", UPDATED, f"{name} is progressing.", last_update_time=moved)
    if seen is None:
        return Condition(PROGRESSING, "True", FOUND, f'Found new replica set "{rollout.new_name}"')
    if _timed_out(deployment, seen, now):
        return Condition(PROGRESSING, "False", TIMED_OUT, f"{name} has timed out progressing.")
    return seen


def _moved(deployment: Deployment, counts: DeploymentStatus) -> bool:
    """Whether Pods came, got ready, or old ones went since the last status. Source: DeploymentProgressing."""
    before = deployment.status
    return (
        counts.updated_replicas > before.updated_replicas
        or counts.replicas - counts.updated_replicas < before.replicas - before.updated_replicas
        or counts.ready_replicas > before.ready_replicas
        or counts.available_replicas > before.available_replicas
    )


def _timed_out(deployment: Deployment, seen: Condition, now: datetime) -> bool:
    limit_s = deployment.spec.progress_deadline_seconds
    passed_s = seconds_since(seen.last_update_time, now)
    return seen.reason != DONE and limit_s is not None and passed_s is not None and passed_s > limit_s


def _merged(deployment: Deployment, wanted: Sequence[Condition | None], now: datetime) -> tuple[Condition, ...] | None:
    seen = deployment.status.conditions
    conditions = [_stamped(one, seen, now) for one in wanted if one is not None]
    others = [one for one in seen or () if one.type not in (AVAILABLE, PROGRESSING)]
    return tuple(conditions + others) or None


def _stamped(wanted: Condition, seen: tuple[Condition, ...] | None, now: datetime) -> Condition:
    before = condition_of(seen, wanted.type)
    if before is not None and (before.status, before.reason) == (wanted.status, wanted.reason):
        moved = wanted.last_update_time not in (None, before.last_update_time)
        if not moved:
            return before
    stamped = settled(wanted, seen, now)
    return msgspec.structs.replace(stamped, last_update_time=second_time(now))
