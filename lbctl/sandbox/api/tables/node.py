"""The Node printer: NAME STATUS ROLES AGE VERSION, and addresses and system versions.

Source: printNode and findNodeRoles of k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from datetime import datetime

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables.ages import UNKNOWN, age
from lbctl.sandbox.api.tables.column import AGE, NAME, NONE, Cells, Column, Layout, created, field, items, name_of, part

_ROLE_PREFIX = "node-role.kubernetes.io/"
_ROLE_LABEL = "kubernetes.io/role"


def _node(obj: Json, now: datetime) -> Cells:
    info = part(obj, "status", "nodeInfo")
    kernel = info.get("kernelVersion") or UNKNOWN
    if info.get("architecture"):
        kernel += f" ({info['architecture']})"
    return [
        name_of(obj),
        _status(obj),
        ",".join(_roles(obj)) or NONE,
        age(created(obj), now),
        info.get("kubeletVersion", ""),
        _address(obj, "InternalIP"),
        _address(obj, "ExternalIP"),
        info.get("osImage") or UNKNOWN,
        kernel,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def _status(obj: Json) -> str:
    ready = [one for one in items(obj, "status", "conditions") if one.get("type") == "Ready"]
    words = ["Unknown"] if not ready else ["Ready" if ready[-1].get("status") == "True" else "NotReady"]
    if part(obj, "spec").get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(obj: Json) -> list[str]:
    labels = part(obj, "metadata", "labels")
    roles = {key.removeprefix(_ROLE_PREFIX) for key in labels if key.startswith(_ROLE_PREFIX)}
    return sorted((roles | {str(labels.get(_ROLE_LABEL, ""))}) - {""})


def _address(obj: Json, kind: str) -> str:
    return next((str(one.get("address")) for one in items(obj, "status", "addresses") if one.get("type") == kind), NONE)


NODE = Layout(
    (
        NAME,
        Column("Status", description="The status of the node"),
        Column("Roles", description="The roles of the node"),
        AGE,
        field("Version", "core.v1.NodeSystemInfo", "kubeletVersion"),
        field("Internal-IP", "core.v1.NodeStatus", "addresses", priority=1),
        field("External-IP", "core.v1.NodeStatus", "addresses", priority=1),
        field("OS-Image", "core.v1.NodeSystemInfo", "osImage", priority=1),
        field("Kernel-Version", "core.v1.NodeSystemInfo", "kernelVersion", priority=1),
        field("Container-Runtime", "core.v1.NodeSystemInfo", "containerRuntimeVersion", priority=1),
    ),
    _node,
)
