"""The Pod printer: NAME READY STATUS RESTARTS AGE, and IP, node and readiness gates.

STATUS starts as the phase and is overridden by what says more, in this order: a scheduling gate, init containers that
are not through, the last container that waits or ended, and deletion.
Source: printPod of k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables.ages import age, human_duration, parse_time
from lbctl.sandbox.api.tables.column import (
    AGE,
    NAME,
    NONE,
    Cells,
    Column,
    Layout,
    created,
    field,
    items,
    name_of,
    part,
)

_UNREACHABLE = "NodeLost"
_DONE = {
    "Succeeded": "The pod has completed successfully.",
    "Failed": "The pod failed.",
}


@dataclass(slots=True)
class _Restarts:
    """How often containers were restarted, and when the last of those ended."""

    count: int = 0
    last: datetime | None = None

    def add(self, container: Json) -> None:
        self.count += container.get("restartCount", 0)
        ended = parse_time(part(container, "lastState", "terminated").get("finishedAt"))
        if ended is not None and (self.last is None or self.last < ended):
            self.last = ended

    def text(self, now: datetime) -> str:
        if self.count == 0 or self.last is None:
            return str(self.count)
        return f"{self.count} ({human_duration(now - self.last)} ago)"


@dataclass(slots=True)
class _Summary:
    """What the containers of a pod add up to."""

    reason: str
    restarts: _Restarts
    ready: int = 0


def _pod(obj: Json, now: datetime) -> Cells:
    summary = _summarize(obj)
    init = {one.get("name"): one for one in items(obj, "spec", "initContainers")}
    total = len(items(obj, "spec", "containers")) + sum(_is_sidecar(one) for one in init.values())
    spec, status = part(obj, "spec"), part(obj, "status")
    addresses = items(status, "podIPs") or [{"ip": status.get("podIP")}]
    return [
        name_of(obj),
        f"{summary.ready}/{total}",
        _deletion_reason(obj) or summary.reason,
        summary.restarts.text(now),
        age(created(obj), now),
        addresses[0].get("ip") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _readiness_gates(obj),
    ]


def _summarize(obj: Json) -> _Summary:
    status = part(obj, "status")
    summary = _Summary(str(status.get("reason") or status.get("phase") or ""), _Restarts())
    if any(one.get("reason") == "SchedulingGated" for one in _conditions(obj, "PodScheduled")):
        summary.reason = "SchedulingGated"
    sidecar_restarts, initializing = _init_containers(obj, summary)
    initialized = _conditions(obj, "Initialized")
    if not initializing or (initialized and initialized[0].get("status") == "True"):
        summary.restarts = sidecar_restarts
        _containers(obj, summary)
    return summary


def _init_containers(obj: Json, summary: _Summary) -> tuple[_Restarts, bool]:
    """Count init containers up to the first that is not through; says whether there was one."""
    specs = {one.get("name"): one for one in items(obj, "spec", "initContainers")}
    sidecar_restarts = _Restarts()
    for index, container in enumerate(items(obj, "status", "initContainerStatuses")):
        sidecar = _is_sidecar(specs.get(container.get("name"), {}))
        summary.restarts.add(container)
        if sidecar:
            sidecar_restarts.add(container)
        if _ended(container) and part(container, "state", "terminated").get("exitCode", 0) == 0:
            continue
        if sidecar and container.get("started"):
            summary.ready += bool(container.get("ready"))
            continue
        summary.reason = _init_reason(container, index, len(specs))
        return sidecar_restarts, True
    return sidecar_restarts, False


def _init_reason(container: Json, index: int, total: int) -> str:
    if _ended(container):
        return f"Init:{_ended_reason(container)}"
    waiting = part(container, "state", "waiting").get("reason")
    return f"Init:{waiting}" if waiting and waiting != "PodInitializing" else f"Init:{index}/{total}"


def _containers(obj: Json, summary: _Summary) -> None:
    running, failed = False, ""
    for container in reversed(items(obj, "status", "containerStatuses")):
        summary.restarts.add(container)
        state = part(container, "state")
        if waiting := part(state, "waiting").get("reason"):
            summary.reason = waiting
        elif _ended(container):
            summary.reason = _ended_reason(container)
            failed = summary.reason if part(state, "terminated").get("exitCode", 0) != 0 else failed
        elif container.get("ready") and state.get("running") is not None:
            running = True
            summary.ready += 1
    if summary.reason == "Completed":
        ready = any(one.get("status") == "True" for one in _conditions(obj, "Ready"))
        if running and ready:
            summary.reason = "Running"
        elif failed or running:
            summary.reason = failed or "NotReady"


def _ended(container: Json) -> bool:
    return part(container, "state").get("terminated") is not None


def _ended_reason(container: Json) -> str:
    terminated = part(container, "state", "terminated")
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _is_sidecar(container: Json) -> bool:
    return container.get("restartPolicy") == "Always"


def _conditions(obj: Json, kind: str) -> list[Json]:
    return [one for one in items(obj, "status", "conditions") if one.get("type") == kind]


def _deletion_reason(obj: Json) -> str:
    status = part(obj, "status")
    if not part(obj, "metadata").get("deletionTimestamp"):
        return ""
    if status.get("reason") == _UNREACHABLE:
        return "Unknown"
    return "" if status.get("phase") in _DONE else "Terminating"


def _readiness_gates(obj: Json) -> str:
    gates = items(obj, "spec", "readinessGates")
    if not gates:
        return NONE
    held = [next(iter(_conditions(obj, gate.get("conditionType", ""))), {}) for gate in gates]
    return f"{sum(one.get('status') == 'True' for one in held)}/{len(gates)}"


def _row_conditions(obj: Json) -> list[Json]:
    phase = part(obj, "status").get("phase")
    if phase not in _DONE:
        return []
    return [{"type": "Completed", "status": "True", "reason": phase, "message": _DONE[phase]}]


POD = Layout(
    (
        NAME,
        Column("Ready", description="The aggregate readiness state of this pod for accepting traffic."),
        Column("Status", description="The aggregate status of the containers in this pod."),
        Column(
            "Restarts",
            description="The number of times the containers in this pod have been restarted and when the last "
            "container in this pod has restarted.",
        ),
        AGE,
        field("IP", "core.v1.PodStatus", "podIP", priority=1),
        field("Node", "core.v1.PodSpec", "nodeName", priority=1),
        field("Nominated Node", "core.v1.PodStatus", "nominatedNodeName", priority=1),
        field("Readiness Gates", "core.v1.PodSpec", "readinessGates", priority=1),
    ),
    _pod,
    _row_conditions,
)
