"""Hollow nodes: what each one says of itself, and what is done when the API says something else.

Rules
- Nodes are registered once, at the start. One that a person deletes stays away until the next start, as after a real
  node's departure; nodes of an earlier start beyond the number wanted are removed.
- The annotation `lbctl.io/hollow-ready: "false"` makes a node not ready, which also taints it.

Source of the taint: pkg/controller/nodelifecycle/node_lifecycle_controller.go (it does not run here, so we do it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from lbctl.kube.client import PatchKind
from lbctl.kube.wire import second_time
from lbctl.sandbox.objects import Object
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.objects import Condition, Document, Node, NodeAddress, Taint, condition_of
from lbctl.sandbox.workloads.settings import WorkloadSettings
from lbctl.sandbox.workloads.times import settled
from lbctl.sandbox.workloads.writes import Create, Patch, Write, patch, remove

HOLLOW_READY = "lbctl.io/hollow-ready"
"""Annotation of Pods and hollow Nodes: `"false"` keeps them not ready."""

HOSTNAME = "kubernetes.io/hostname"
ZONE = "topology.kubernetes.io/zone"
NOT_READY_TAINT = "node.kubernetes.io/not-ready"

_PROVIDER_ID = re.compile(r"mock:///node-(\d+)")


def node_name(number: int) -> str:
    """`node-1` for 1."""
    return f"node-{number}"


def wants_ready(obj: Object) -> bool:
    """Whether the annotation leaves the Pod or Node ready."""
    return obj.annotations.get(HOLLOW_READY) != "false"


def register(settings: WorkloadSettings, seen: Iterable[Node], now: datetime) -> list[Write]:
    """What to do about nodes at the start: create those that miss, remove those that were ours and are too many."""
    present = {one.metadata.name: one for one in seen}
    writes: list[Write] = [
        Create(Kind.NODE, "", describe(number, settings, now))
        for number in range(1, settings.hollow_nodes + 1)
        if node_name(number) not in present
    ]
    for one in present.values():
        ours = _PROVIDER_ID.fullmatch(one.spec.provider_id)
        if ours and int(ours[1]) > settings.hollow_nodes > 0:
            writes.append(remove(Kind.NODE, one))
    return writes


def describe(number: int, settings: WorkloadSettings, now: datetime) -> Document:
    """The Node object of one hollow node."""
    name = node_name(number)
    v4, v6 = settings.pod_networks
    cidrs = [
        f"{v4.network_address + (number << 8)}/24",
        f"{v6.network_address + (_spelled(number) << 64)}/64",
    ]
    ready = Condition("Ready", "True", "KubeletReady", _READY_MESSAGE)
    return {
        "metadata": {
            "name": name,
            "labels": {
                HOSTNAME: name,
                ZONE: settings.zones[(number - 1) % len(settings.zones)],
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
            },
        },
        "spec": {"podCIDR": cidrs[0], "podCIDRs": cidrs, "providerID": f"mock:///{name}"},
        "status": {
            "addresses": msgspec.to_builtins(addresses(number, settings)),
            "conditions": [_condition(settled(ready, None, now), now)],
            "capacity": {"cpu": "4", "memory": "8Gi", "pods": "250"},
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "250"},
            "nodeInfo": _info(name, settings),
        },
    }


def addresses(number: int, settings: WorkloadSettings) -> tuple[NodeAddress, ...]:
    """`status.addresses`: one internal address per family, and the host name."""
    v4, v6 = settings.node_networks
    host = 10 + number
    return (
        NodeAddress("InternalIP", str(v4.network_address + host)),
        NodeAddress("InternalIP", str(v6.network_address + _spelled(host))),
        NodeAddress("Hostname", node_name(number)),
    )


def _spelled(number: int) -> int:
    """The number whose hexadecimal digits are those of `number` in decimal."""
    return int(str(number), 16)


def _info(name: str, settings: WorkloadSettings) -> Document:
    return {
        "machineID": name,
        "systemUUID": name,
        "bootID": name,
        "kernelVersion": "hollow",
        "osImage": "lbctl sandbox",
        "containerRuntimeVersion": "hollow://1.0",
        "kubeletVersion": settings.kubelet_version,
        "kubeProxyVersion": "",
        "operatingSystem": "linux",
        "architecture": "amd64",
    }


_READY_MESSAGE = "the hollow node is ready"


def plan_node(node: Node, now: datetime) -> list[Patch]:
    """Bring a hollow node's Ready condition and its taint in line with the annotation."""
    if node.deleting:
        return []
    if wants_ready(node):
        wanted = Condition("Ready", "True", "KubeletReady", _READY_MESSAGE)
    else:
        wanted = Condition("Ready", "False", "KubeletNotReady", f"the annotation {HOLLOW_READY} says so")
    # First the taint: its patch names the resourceVersion, which that of the status moves.
    writes = _plan_taint(node)
    seen = condition_of(node.status.conditions, "Ready")
    if seen is None or (seen.status, seen.reason) != (wanted.status, wanted.reason):
        status: Document = {"conditions": [_condition(settled(wanted, node.status.conditions, now), now)]}
        writes.append(Patch(Kind.NODE, node.key, node.uid, {"status": status}, "status", PatchKind.STRATEGIC))
    return writes


def _plan_taint(node: Node) -> list[Patch]:
    taints = node.spec.taints or ()
    others = tuple(one for one in taints if one.key != NOT_READY_TAINT)
    wanted = others if wants_ready(node) else (*others, Taint(NOT_READY_TAINT, effect="NoSchedule"))
    if {(one.key, one.effect) for one in wanted} == {(one.key, one.effect) for one in taints}:
        return []
    metadata: Document = {"resourceVersion": node.resource_version}
    return [patch(Kind.NODE, node, {"metadata": metadata, "spec": {"taints": msgspec.to_builtins(wanted) or None}})]


def _condition(condition: Condition, now: datetime) -> Document:
    return {**msgspec.to_builtins(condition), "lastHeartbeatTime": second_time(now)}
