"""What happens to each Pod on hollow nodes: it gets a node, addresses and a running status; deleted, it soon goes.

Rules
- Only Pods on our own nodes are touched, and Pods without a node.
- A Pod that is being deleted stays as ready as it was until its grace, capped by the settings, has passed.
- A Pod that has run on a node that left is deleted. Source: pkg/controller/podgc (gcOrphaned).
- Addresses are given back when the Pod is gone or has finished.

No I/O: the caller brings the objects and the times, and carries the plans out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from lbctl.model.service import ObjectKey
from lbctl.sandbox.workloads.addresses import AddressLedger
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.nodes import node_name
from lbctl.sandbox.workloads.objects import Node, Pod
from lbctl.sandbox.workloads.pod_status import plan_running, plan_unschedulable
from lbctl.sandbox.workloads.scheduling import Unschedulable, choose, wants_node
from lbctl.sandbox.workloads.settings import WorkloadSettings
from lbctl.sandbox.workloads.writes import NOTHING, Bind, Plan, Write, remove


class HollowPods:
    """The scheduler and the kubelets of the hollow nodes: objects in, plans out."""

    def __init__(self, settings: WorkloadSettings) -> None:
        self._names = tuple(node_name(number) for number in range(1, settings.hollow_nodes + 1))
        self._longest_grace_s = settings.longest_grace_s
        self._ledger = AddressLedger()
        self._uids: dict[ObjectKey, str] = {}
        self._due_s: dict[str, float] = {}
        self._last = ""

    def ours(self, node: str) -> bool:
        """Whether a node of that name is one of the hollow ones."""
        return node in self._names

    def adopt(self, pod: Pod, nodes: Mapping[str, Node]) -> None:
        """Note what a Pod from an earlier start holds; call it for all of them before the first `plan`."""
        node = nodes.get(pod.spec.node_name)
        if node is not None and not pod.finished and not pod.spec.host_network:
            self._remember(pod)
            self._ledger.adopt(node, pod.uid, pod.ips)

    def gone(self, key: ObjectKey) -> None:
        """The Pod of that name is no more."""
        uid = self._uids.pop(key, None)
        if uid is not None:
            self._ledger.release(uid)
            self._due_s.pop(uid, None)

    def plan(self, pod: Pod, nodes: Mapping[str, Node], now: datetime, now_s: float) -> Plan:
        """What to do for one Pod; `nodes` are those that exist, `now_s` is monotonic."""
        self._remember(pod)
        if pod.finished:
            self._ledger.release(pod.uid)
        if pod.deleting:
            return self._plan_end(pod, nodes, now, now_s)
        if pod.finished:
            return NOTHING
        if wants_node(pod):
            return self._plan_start(pod, nodes, now)
        if not self.ours(pod.spec.node_name):
            return NOTHING
        node = nodes.get(pod.spec.node_name)
        if node is None:
            return Plan((remove(Kind.POD, pod, 0),)) if pod.ips else NOTHING
        return Plan(self._report(pod, node, now))

    def _remember(self, pod: Pod) -> None:
        if self._uids.get(pod.key) != pod.uid:
            self.gone(pod.key)
            self._uids[pod.key] = pod.uid

    def _plan_start(self, pod: Pod, nodes: Mapping[str, Node], now: datetime) -> Plan:
        standing = [nodes[name] for name in self._names if name in nodes and not nodes[name].deleting]
        choice = choose(pod, standing, self._last, self._ledger.full)
        if isinstance(choice, Unschedulable):
            complaint = plan_unschedulable(pod, choice.message, now)
            return Plan((complaint,) if complaint is not None else ())
        self._last = choice.metadata.name
        return Plan((Bind(pod.key, pod.uid, self._last), *self._report(pod, choice, now)))

    def _report(self, pod: Pod, node: Node, now: datetime) -> tuple[Write, ...]:
        ips = self._addresses(pod, node)
        if not ips:
            return ()
        status = plan_running(pod, node, ips, now)
        return (status,) if status is not None else ()

    def _addresses(self, pod: Pod, node: Node) -> tuple[str, ...]:
        if pod.ips:
            return pod.ips
        if pod.spec.host_network:
            return node.internal_ips
        return self._ledger.take(node, pod.uid) or ()

    def _plan_end(self, pod: Pod, nodes: Mapping[str, Node], now: datetime, now_s: float) -> Plan:
        if not self.ours(pod.spec.node_name):
            return NOTHING
        granted_s = pod.metadata.deletion_grace_period_seconds
        if granted_s == 0:
            # Only finalizers hold it now, and they are not ours.
            return NOTHING
        node = nodes.get(pod.spec.node_name)
        if node is None or pod.status.phase != "Running":
            return Plan((remove(Kind.POD, pod, 0),))
        grace_s = self._longest_grace_s if granted_s is None else min(granted_s, self._longest_grace_s)
        due_s = min(self._due_s.get(pod.uid, now_s + grace_s), now_s + grace_s)
        self._due_s[pod.uid] = due_s
        if now_s >= due_s:
            return Plan((remove(Kind.POD, pod, 0),))
        return Plan(self._report(pod, node, now), due_s - now_s)
