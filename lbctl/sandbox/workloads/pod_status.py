"""The status a hollow kubelet reports for a Pod: everything runs at once, and is ready unless told otherwise.

Source of the words: pkg/kubelet/status/generate.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from lbctl.kube.client import PatchKind
from lbctl.kube.wire import second_time
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.nodes import wants_ready
from lbctl.sandbox.workloads.objects import Condition, ContainerStatus, Document, Node, Pod, condition_of
from lbctl.sandbox.workloads.times import settled
from lbctl.sandbox.workloads.writes import Patch


def plan_running(pod: Pod, node: Node, ips: Sequence[str], now: datetime) -> Patch | None:
    """Report the Pod as running on the node with these addresses; None when that is what it says already."""
    wanted = _conditions(pod, node, now)
    containers, inits = _statuses(pod, _containers_ready(pod, node))
    if _says(pod, wanted, containers, inits):
        return None
    since = pod.status.start_time or second_time(now)
    status: Document = {
        "phase": "Running",
        "startTime": since,
        "conditions": [_changed(one, pod) for one in wanted],
        "containerStatuses": [_running(pod, one, since) for one in containers],
    }
    if inits:
        status["initContainerStatuses"] = [_initialized(pod, one, since) for one in inits]
    if not pod.ips:
        status.update(_addresses(node, ips))
    return _patch(pod, status)


def plan_unschedulable(pod: Pod, message: str, now: datetime) -> Patch | None:
    """Report that no node can take the Pod; None when it says so already."""
    wanted = settled(Condition("PodScheduled", "False", "Unschedulable", message), pod.status.conditions, now)
    if _same(wanted, condition_of(pod.status.conditions, wanted.type)):
        return None
    return _patch(pod, {"conditions": [_changed(wanted, pod)]})


def _patch(pod: Pod, status: Document) -> Patch:
    return Patch(Kind.POD, pod.key, pod.uid, {"status": status}, "status", PatchKind.STRATEGIC)


def _containers_ready(pod: Pod, node: Node) -> bool:
    return wants_ready(pod) and wants_ready(node)


def _conditions(pod: Pod, node: Node, now: datetime) -> tuple[Condition, ...]:
    containers = _containers_condition(pod, node)
    wanted = (
        Condition("PodReadyToStartContainers", "True"),
        Condition("Initialized", "True"),
        _ready_condition(pod, containers),
        containers,
        Condition("PodScheduled", "True"),
    )
    return tuple(settled(one, pod.status.conditions, now) for one in wanted)


def _containers_condition(pod: Pod, node: Node) -> Condition:
    if _containers_ready(pod, node):
        return Condition("ContainersReady", "True")
    names = " ".join(one.name for one in pod.spec.containers or ())
    return Condition("ContainersReady", "False", "ContainersNotReady", f"containers with unready status: [{names}]")


def _ready_condition(pod: Pod, containers: Condition) -> Condition:
    if containers.status != "True":
        return Condition("Ready", containers.status, containers.reason, containers.message)
    unmet = []
    for gate in pod.spec.readiness_gates or ():
        seen = condition_of(pod.status.conditions, gate.condition_type)
        if seen is None:
            unmet.append(f'corresponding condition of pod readiness gate "{gate.condition_type}" does not exist.')
        elif seen.status != "True":
            unmet.append(f'the status of pod readiness gate "{gate.condition_type}" is not "True", but {seen.status}')
    if unmet:
        return Condition("Ready", "False", "ReadinessGatesNotReady", ", ".join(unmet))
    return Condition("Ready", "True")


def _statuses(pod: Pod, ready: bool) -> tuple[tuple[ContainerStatus, ...], tuple[ContainerStatus, ...]]:
    """What we say of the containers, and of the init containers: a finished one is ready, and no longer started."""
    containers = tuple(ContainerStatus(one.name, ready, True, one.image) for one in pod.spec.containers or ())
    inits = tuple(ContainerStatus(one.name, True, one.sidecar, one.image) for one in pod.spec.init_containers or ())
    return containers, inits


def _says(
    pod: Pod,
    conditions: Sequence[Condition],
    containers: tuple[ContainerStatus, ...],
    inits: tuple[ContainerStatus, ...],
) -> bool:
    status = pod.status
    return (
        status.phase == "Running"
        and bool(status.pod_ips)
        and all(_same(one, condition_of(status.conditions, one.type)) for one in conditions)
        and (status.container_statuses or ()) == containers
        and (status.init_container_statuses or ()) == inits
    )


def _same(wanted: Condition, seen: Condition | None) -> bool:
    return seen is not None and (wanted.status, wanted.reason, wanted.message) == (
        seen.status,
        seen.reason,
        seen.message,
    )


def _changed(wanted: Condition, pod: Pod) -> Document:
    """A condition in a strategic merge patch: what no longer applies is taken away by null."""
    document: Document = {
        "type": wanted.type,
        "status": wanted.status,
        "lastTransitionTime": wanted.last_transition_time,
    }
    seen = condition_of(pod.status.conditions, wanted.type)
    for name in ("reason", "message"):
        value: str = getattr(wanted, name)
        if value or (seen is not None and getattr(seen, name)):
            document[name] = value or None
    return document


def _running(pod: Pod, one: ContainerStatus, since: str) -> Document:
    return {**_common(pod, one), "state": {"running": {"startedAt": since}}}


def _initialized(pod: Pod, one: ContainerStatus, since: str) -> Document:
    if one.started:
        return _running(pod, one, since)
    ended = {"exitCode": 0, "reason": "Completed", "startedAt": since, "finishedAt": since}
    return {**_common(pod, one), "state": {"terminated": ended}}


def _common(pod: Pod, one: ContainerStatus) -> Document:
    return {
        "name": one.name,
        "ready": one.ready,
        "started": one.started,
        "restartCount": 0,
        "image": one.image,
        "imageID": "",
        "containerID": f"hollow://{pod.uid}/{one.name}",
    }


def _addresses(node: Node, ips: Sequence[str]) -> Document:
    hosts = node.internal_ips
    return {
        "hostIP": hosts[0] if hosts else "",
        "hostIPs": [{"ip": one} for one in hosts],
        "podIP": ips[0],
        "podIPs": [{"ip": one} for one in ips],
    }
