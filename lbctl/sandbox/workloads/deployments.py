"""One Deployment brought a step further: ReplicaSets created, scaled and forgotten, and its status.

Source: pkg/controller/deployment/deployment_controller.go (syncDeployment), sync.go (getNewReplicaSet).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from lbctl.sandbox.workloads.deployment_status import Rollout, complete, deadline_s, status_of
from lbctl.sandbox.workloads.kinds import DEPLOYMENTS, Kind
from lbctl.sandbox.workloads.objects import Deployment, Document, Pod, ReplicaSet
from lbctl.sandbox.workloads.ownership import claim, reference_to
from lbctl.sandbox.workloads.revisions import REVISION, annotations_for, current, forgotten
from lbctl.sandbox.workloads.rollout import Sizes, emptied, first_size, next_sizes, paused_sizes
from lbctl.sandbox.workloads.templates import HASH_LABEL, template_hash, with_label
from lbctl.sandbox.workloads.writes import NOTHING, Create, Plan, Write, patch, remove

MAX_NAME_LENGTH = 253


def plan_deployment(
    deployment: Deployment, candidates: Sequence[ReplicaSet], pods: Sequence[Pod], now: datetime
) -> Plan:
    """What one Deployment needs next.

    `candidates` are the namespace's ReplicaSets that it controls or nobody does, `pods` the Pods of those it controls.
    """
    if deployment.deleting:
        return NOTHING
    claimed = claim(
        Kind.REPLICA_SET, deployment, reference_to(deployment, DEPLOYMENTS), deployment.spec.selector, candidates
    )
    if claimed.writes:
        # The next look finds them as they should be.
        return Plan(claimed.writes)
    sets = [one for one in claimed.children if not one.deleting]
    new = current(deployment, sets)
    old = [one for one in sets if one is not new]
    created, sizes = _step(deployment, new, old, pods)
    writes: list[Write] = [*_annotate(deployment, new, old), *_scale(sets, sizes)]
    if created is not None:
        writes.append(created)
    rollout = Rollout(deployment, sets, new, _name_in(created))
    status = status_of(rollout, now)
    if complete(deployment, status):
        writes += [remove(Kind.REPLICA_SET, one) for one in forgotten(deployment, old)]
    if status != deployment.status:
        writes.append(patch(Kind.DEPLOYMENT, deployment, {"status": msgspec.to_builtins(status)}, "status"))
    return Plan(tuple(writes), deadline_s(deployment, status, now))


def _step(
    deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet], pods: Sequence[Pod]
) -> tuple[Create | None, Sizes]:
    """The ReplicaSet to create, and the sizes to change."""
    if deployment.spec.paused:
        return None, paused_sizes(deployment, new, old)
    if deployment.spec.strategy.type == "Recreate":
        if sizes := emptied(old):
            return None, sizes
        if _old_pods_run(new, old, pods):
            return None, {}
    if new is None:
        return _create(deployment, old), {}
    return None, next_sizes(deployment, new, old)


def _old_pods_run(new: ReplicaSet | None, old: Sequence[ReplicaSet], pods: Sequence[Pod]) -> bool:
    current_uid = new.uid if new is not None else ""
    running = (one for one in pods if not one.finished and one.controller is not None)
    return any(one.status.replicas for one in old) or any(
        one.controller is not None and one.controller.uid != current_uid for one in running
    )


def _create(deployment: Deployment, old: Sequence[ReplicaSet]) -> Create:
    digest = template_hash(deployment.spec.template)
    template = with_label(deployment.spec.template, HASH_LABEL, digest)
    selector: Document = msgspec.to_builtins(deployment.spec.selector)
    selector["matchLabels"] = {**(deployment.spec.selector.match_labels or {}), HASH_LABEL: digest}
    room = MAX_NAME_LENGTH - len(digest) - 1
    metadata: Document = {
        "name": f"{deployment.metadata.name[:room]}-{digest}",
        "namespace": deployment.metadata.namespace,
        "labels": template.metadata.labels,
        "annotations": annotations_for(deployment, None, old),
        "ownerReferences": [msgspec.to_builtins(reference_to(deployment, DEPLOYMENTS))],
    }
    spec: Document = {
        "replicas": first_size(deployment, old),
        "minReadySeconds": deployment.spec.min_ready_seconds,
        "selector": selector,
        "template": msgspec.to_builtins(template),
    }
    return Create(Kind.REPLICA_SET, deployment.metadata.namespace, {"metadata": metadata, "spec": spec})


def _annotate(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> list[Write]:
    """Bring the revision to the current ReplicaSet and to the Deployment."""
    wanted = annotations_for(deployment, new, old)
    writes: list[Write] = []
    if new is None:
        return writes
    changes: Document = {}
    if not wanted.items() <= new.annotations.items():
        changes["metadata"] = {"annotations": wanted}
    if new.spec.min_ready_seconds != deployment.spec.min_ready_seconds:
        changes["spec"] = {"minReadySeconds": deployment.spec.min_ready_seconds}
    if changes:
        writes.append(patch(Kind.REPLICA_SET, new, changes))
    if deployment.annotations.get(REVISION) != wanted[REVISION]:
        metadata: Document = {"annotations": {REVISION: wanted[REVISION]}}
        writes.append(patch(Kind.DEPLOYMENT, deployment, {"metadata": metadata}))
    return writes


def _scale(sets: Sequence[ReplicaSet], sizes: Sizes) -> list[Write]:
    return [
        patch(Kind.REPLICA_SET, one, {"spec": {"replicas": sizes[one.metadata.name]}})
        for one in sets
        if one.metadata.name in sizes
    ]


def _name_in(created: Create | None) -> str:
    if created is None:
        return ""
    metadata = created.document["metadata"]
    return str(metadata["name"]) if isinstance(metadata, dict) else ""
