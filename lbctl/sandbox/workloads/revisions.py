"""The revisions of a Deployment: which ReplicaSet is the current one, how each is numbered, which are forgotten.

Source: pkg/controller/deployment/util/deployment_util.go (FindNewReplicaSet, MaxRevision, SetNewReplicaSetAnnotations),
sync.go (cleanupDeployment).
"""

from __future__ import annotations

from collections.abc import Sequence

from lbctl.sandbox.workloads.objects import Deployment, ReplicaSet
from lbctl.sandbox.workloads.templates import same_template

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"

_NOT_COPIED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        HISTORY,
        "deployment.kubernetes.io/desired-replicas",
        "deployment.kubernetes.io/max-replicas",
        "deprecated.deployment.rollback.to",
    }
)


def current(deployment: Deployment, sets: Sequence[ReplicaSet]) -> ReplicaSet | None:
    """The ReplicaSet that has the Deployment's template; the oldest of several."""
    matching = [one for one in sets if same_template(one.spec.template, deployment.spec.template)]
    return min(matching, key=lambda one: (one.metadata.creation_timestamp or "", one.metadata.name), default=None)


def revision_of(one: ReplicaSet | Deployment) -> int:
    """Its number; 0 when it has none."""
    text = one.annotations.get(REVISION, "")
    return int(text) if text.isdecimal() else 0


def annotations_for(deployment: Deployment, new: ReplicaSet | None, old: Sequence[ReplicaSet]) -> dict[str, str]:
    """The annotations the current ReplicaSet should have (beside others): the Deployment's, and the highest number.

    A ReplicaSet that becomes current again keeps its earlier numbers in a list.
    """
    copied = {name: value for name, value in deployment.annotations.items() if name not in _NOT_COPIED}
    wanted = max((revision_of(one) for one in old), default=0) + 1
    had = revision_of(new) if new is not None else 0
    if new is None or had >= wanted:
        return {**copied, REVISION: str(max(had, wanted))}
    if had == 0:
        return {**copied, REVISION: str(wanted)}
    earlier = new.annotations.get(HISTORY, "")
    return {**copied, REVISION: str(wanted), HISTORY: f"{earlier},{had}" if earlier else str(had)}


def forgotten(deployment: Deployment, old: Sequence[ReplicaSet]) -> list[ReplicaSet]:
    """Old, empty ReplicaSets beyond `revisionHistoryLimit`, lowest revisions first."""
    limit = deployment.spec.revision_history_limit
    kept = [one for one in old if not one.deleting]
    if limit is None or len(kept) <= limit:
        return []
    surplus = sorted(kept, key=revision_of)[: len(kept) - limit]
    return [one for one in surplus if _empty(one)]


def _empty(one: ReplicaSet) -> bool:
    known = one.metadata.generation <= one.status.observed_generation
    return known and one.spec.replicas == 0 and one.status.replicas == 0
