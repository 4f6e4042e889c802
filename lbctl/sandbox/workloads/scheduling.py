"""Which node a Pod goes to: the next one in turn that may take it.

Looked at: cordons, taints, `spec.nodeSelector` and room for addresses; not looked at: affinity, resources, priority.
Source of the rules and words: pkg/scheduler/framework/plugins/{nodeaffinity,nodeunschedulable,tainttoleration},
pkg/scheduler/framework/types.go (FitError).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from lbctl.sandbox.workloads.objects import Node, Pod, Taint, Toleration

SCHEDULER = "default-scheduler"
UNSCHEDULABLE_TAINT = Taint("node.kubernetes.io/unschedulable", effect="NoSchedule")

_CORDONED = "node(s) were unschedulable"
_NO_MATCH = "node(s) didn't match Pod's node affinity/selector"
_TAINTED = "node(s) had untolerated taint(s)"
_FULL = "Too many pods"


@dataclass(frozen=True, slots=True)
class Unschedulable:
    """No node can take the Pod; `message` says why, as the real scheduler words it."""

    message: str


def wants_node(pod: Pod) -> bool:
    """Whether it is our turn to give the Pod a node."""
    spec = pod.spec
    waits = not spec.node_name and not spec.scheduling_gates
    return waits and spec.scheduler_name == SCHEDULER and pod.active


def choose(pod: Pod, nodes: Sequence[Node], last: str, full: Callable[[Node], bool]) -> Node | Unschedulable:
    """The first node after `last`, in the order given and around, that may take the Pod."""
    reasons: Counter[str] = Counter()
    names = [one.metadata.name for one in nodes]
    start = names.index(last) + 1 if last in names else 0
    for node in (*nodes[start:], *nodes[:start]):
        reason = refusal(pod, node, full)
        if reason is None:
            return node
        reasons[reason] += 1
    return Unschedulable(_explain(reasons, len(nodes)))


def refusal(pod: Pod, node: Node, full: Callable[[Node], bool]) -> str | None:
    """Why the node cannot take the Pod; None when it can."""
    tolerations = pod.spec.tolerations or ()
    if node.spec.unschedulable and not _tolerated(UNSCHEDULABLE_TAINT, tolerations):
        return _CORDONED
    taints = (one for one in node.spec.taints or () if one.key != UNSCHEDULABLE_TAINT.key)
    if any(one.effect in ("NoSchedule", "NoExecute") and not _tolerated(one, tolerations) for one in taints):
        return _TAINTED
    if not (pod.spec.node_selector or {}).items() <= node.labels.items():
        return _NO_MATCH
    if not pod.spec.host_network and full(node):
        return _FULL
    return None


def _tolerated(taint: Taint, tolerations: Iterable[Toleration]) -> bool:
    return any(_tolerates(one, taint) for one in tolerations)


def _tolerates(one: Toleration, taint: Taint) -> bool:
    """Source: Toleration.ToleratesTaint, k8s.io/api/core/v1/toleration.go."""
    if one.effect not in ("", taint.effect):
        return False
    if one.operator == "Exists":
        return one.key in ("", taint.key)
    return one.operator in ("", "Equal") and one.key == taint.key and one.value == taint.value


def _explain(reasons: Counter[str], total: int) -> str:
    if not total:
        return "no nodes available to schedule pods"
    listed = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
    return f"0/{total} nodes are available: {listed}."
