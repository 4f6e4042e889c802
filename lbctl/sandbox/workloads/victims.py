"""Which Pods go first when a ReplicaSet shrinks: those that would be missed least.

Source: ActivePodsWithRanks, pkg/controller/controller_utils.go. The logarithm of ages is left out: younger goes first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import partial

from lbctl.kube.wire import instant_of
from lbctl.sandbox.workloads.objects import Pod, condition_of

DELETION_COST = "controller.kubernetes.io/pod-deletion-cost"
_PHASES = {"Pending": 0, "Unknown": 1, "Running": 2}
_COST = re.compile(r"[+-]?\d+")

Rank = tuple[bool, int, bool, int, int, float, float, str]


def in_order_of_deletion(pods: Sequence[Pod], siblings: Sequence[Pod]) -> list[Pod]:
    """The Pods, the first to delete first; `siblings` are all Pods of the same owner."""
    ready_on = Counter(one.spec.node_name for one in siblings if one.active and one.ready)
    return sorted(pods, key=partial(_rank, ready_on=ready_on))


def _rank(pod: Pod, *, ready_on: Counter[str]) -> Rank:
    ready = condition_of(pod.status.conditions, "Ready")
    return (
        bool(pod.spec.node_name),
        _PHASES.get(pod.status.phase, 0),
        pod.ready,
        _cost(pod),
        -ready_on[pod.spec.node_name],
        -_moment_s(ready.last_transition_time) if ready is not None and pod.ready else 0.0,
        -_moment_s(pod.metadata.creation_timestamp),
        pod.metadata.name,
    )


def _cost(pod: Pod) -> int:
    text = pod.annotations.get(DELETION_COST, "")
    return int(text) if _COST.fullmatch(text) else 0


def _moment_s(text: str | None) -> float:
    """Seconds since 1970; what has no time counts as the youngest."""
    moment = instant_of(text)
    return moment.timestamp() if moment is not None else float("inf")
