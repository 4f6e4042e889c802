"""One ReplicaSet's Pods brought to their number, and its status.

Source: pkg/controller/replicaset/{replica_set.go (manageReplicas),replica_set_utils.go (calculateStatus)}.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from lbctl.sandbox.workloads.kinds import REPLICA_SETS, Kind
from lbctl.sandbox.workloads.objects import Document, Pod, ReplicaSet, ReplicaSetStatus, condition_of
from lbctl.sandbox.workloads.ownership import claim, reference_to
from lbctl.sandbox.workloads.times import seconds_since
from lbctl.sandbox.workloads.victims import in_order_of_deletion
from lbctl.sandbox.workloads.writes import NOTHING, Create, Plan, Write, patch, remove

BURST = 500
"""Pods created or deleted in one go. Source: BurstReplicas, replica_set.go."""

_GENERATED_NAME_ROOM = 58
"""Characters of a generated name that are not random. Source: k8s.io/apiserver/pkg/storage/names/generate.go."""


def plan_replica_set(replica_set: ReplicaSet, candidates: Sequence[Pod], now: datetime) -> Plan:
    """What one ReplicaSet needs next; `candidates` are the namespace's Pods that it controls or nobody does."""
    claimed = claim(
        Kind.POD,
        replica_set,
        reference_to(replica_set, REPLICA_SETS),
        replica_set.spec.selector,
        (one for one in candidates if not one.finished or one.controller is not None),
    )
    active = [one for one in claimed.children if one.active]
    writes: list[Write] = list(claimed.writes)
    if not replica_set.deleting:
        missing = replica_set.spec.replicas - len(active)
        if missing > 0:
            writes += [_create(replica_set)] * min(missing, BURST)
        elif missing < 0:
            surplus = in_order_of_deletion(active, claimed.children)[: min(-missing, BURST)]
            writes += [remove(Kind.POD, one) for one in surplus]
    waits = [_until_available_s(replica_set, one, now) for one in active]
    status = _status(replica_set, active, waits)
    if status != replica_set.status:
        writes.append(patch(Kind.REPLICA_SET, replica_set, {"status": msgspec.to_builtins(status)}, "status"))
    pending = [one for one in waits if one is not None and one > 0.0]
    return Plan(tuple(writes), min(pending)) if pending else (Plan(tuple(writes)) if writes else NOTHING)


def _create(replica_set: ReplicaSet) -> Create:
    template, name = replica_set.spec.template, replica_set.metadata.name
    metadata: Document = {
        "generateName": f"{name[: _GENERATED_NAME_ROOM - 1]}-",
        "namespace": replica_set.metadata.namespace,
        "ownerReferences": [msgspec.to_builtins(reference_to(replica_set, REPLICA_SETS))],
        "labels": template.metadata.labels or {},
    }
    if template.metadata.annotations:
        metadata["annotations"] = template.metadata.annotations
    return Create(Kind.POD, replica_set.metadata.namespace, {"metadata": metadata, "spec": template.spec})


def _until_available_s(replica_set: ReplicaSet, pod: Pod, now: datetime) -> float | None:
    """Seconds until the Pod counts as available, 0 when it does, None when it is not ready. Source: IsPodAvailable."""
    if not pod.ready:
        return None
    condition = condition_of(pod.status.conditions, "Ready")
    since_s = seconds_since(condition.last_transition_time, now) if condition is not None else None
    least_s = replica_set.spec.min_ready_seconds
    return 0.0 if not least_s or since_s is None else max(0.0, least_s - since_s)


def _status(replica_set: ReplicaSet, active: Sequence[Pod], waits: Sequence[float | None]) -> ReplicaSetStatus:
    labels = (replica_set.spec.template.metadata.labels or {}).items()
    return ReplicaSetStatus(
        replicas=len(active),
        fully_labeled_replicas=sum(labels <= one.labels.items() for one in active),
        ready_replicas=sum(one.ready for one in active),
        available_replicas=sum(one == 0.0 for one in waits),
        observed_generation=replica_set.metadata.generation,
    )
