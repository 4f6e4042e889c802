"""Objects as the API would give them, with only what a test cares about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lbctl.kube.wire import second_time
from lbctl.sandbox.objects import Meta, OwnerReference
from lbctl.sandbox.workloads.objects import (
    Address,
    Condition,
    Container,
    Deployment,
    DeploymentSpec,
    DeploymentStatus,
    Node,
    NodeAddress,
    NodeSpec,
    NodeStatus,
    Pod,
    PodSpec,
    PodStatus,
    ReplicaSet,
    ReplicaSetSpec,
    ReplicaSetStatus,
    RollingUpdate,
    Selector,
    Strategy,
    Taint,
    Template,
    TemplateMeta,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOW_TEXT = second_time(NOW)
EARLIER = "2026-01-01T11:00:00Z"
APP = {"app": "web"}


def node(number: int = 1, *, cordoned: bool = False, taints: tuple[Taint, ...] = (), zone: str = "a") -> Node:
    name = f"node-{number}"
    return Node(
        metadata=Meta(name=name, uid=f"uid-{name}", resource_version="10", labels={"zone": zone}),
        spec=NodeSpec(
            pod_cidrs=(f"10.244.{number}.0/24", f"fd00:10:244:{number}::/64"),
            provider_id=f"mock:///{name}",
            unschedulable=cordoned,
            taints=taints or None,
        ),
        status=NodeStatus(
            addresses=(
                NodeAddress("InternalIP", f"172.18.0.{10 + number}"),
                NodeAddress("InternalIP", f"fd00:172:18::{10 + number}"),
                NodeAddress("Hostname", name),
            ),
            conditions=(Condition("Ready", "True", "KubeletReady"),),
        ),
    )


def owner(kind: str, name: str) -> OwnerReference:
    return OwnerReference("apps/v1", kind, name, f"uid-{name}", True, True)


def pod(
    name: str = "web-1",
    *,
    on: str = "",
    ips: tuple[str, ...] = (),
    phase: str = "Pending",
    ready: bool = False,
    ready_since: str = EARLIER,
    created: str = EARLIER,
    labels: Mapping[str, str] = APP,
    annotations: Mapping[str, str] | None = None,
    owned_by: str = "",
    deleting_in_s: int | None = None,
    spec: PodSpec | None = None,
) -> Pod:
    conditions = (Condition("Ready", "True" if ready else "False", last_transition_time=ready_since),)
    return Pod(
        metadata=Meta(
            name=name,
            namespace="shop",
            uid=f"uid-{name}",
            resource_version="10",
            creation_timestamp=created,
            labels=dict(labels),
            annotations=dict(annotations) if annotations else None,
            owner_references=(owner("ReplicaSet", owned_by),) if owned_by else None,
            deletion_timestamp=NOW_TEXT if deleting_in_s is not None else None,
            deletion_grace_period_seconds=deleting_in_s,
        ),
        spec=spec or PodSpec(node_name=on, containers=(Container("nginx", "nginx:1"),)),
        status=PodStatus(phase=phase, pod_ips=tuple(Address(one) for one in ips), conditions=conditions),
    )


def template(image: str = "nginx:1", **labels: str) -> Template:
    return Template(TemplateMeta({**APP, **labels}), {"containers": [{"name": "nginx", "image": image}]})


def replica_set(
    name: str = "web-1",
    replicas: int = 3,
    *,
    has: int = 0,
    available: int | None = None,
    image: str = "nginx:1",
    revision: int = 1,
    owned: bool = True,
    created: str = EARLIER,
    min_ready_s: int = 0,
) -> ReplicaSet:
    counted = has if available is None else available
    return ReplicaSet(
        metadata=Meta(
            name=name,
            namespace="shop",
            uid=f"uid-{name}",
            resource_version="10",
            creation_timestamp=created,
            labels={**APP, "pod-template-hash": name},
            annotations={"deployment.kubernetes.io/revision": str(revision)},
            owner_references=(owner("Deployment", "web"),) if owned else None,
        ),
        spec=ReplicaSetSpec(
            replicas=replicas,
            min_ready_seconds=min_ready_s,
            selector=Selector(dict(APP)),
            template=template(image, **{"pod-template-hash": name}),
        ),
        status=ReplicaSetStatus(has, has, counted, counted, 0),
    )


def deployment(
    replicas: int = 3,
    *,
    image: str = "nginx:1",
    surge: int | str = "25%",
    unavailable: int | str = "25%",
    kind: str = "RollingUpdate",
    paused: bool = False,
    history: int | None = 10,
    deadline_s: int | None = 600,
    annotations: Mapping[str, str] | None = None,
    status: DeploymentStatus | None = None,
    deleting: bool = False,
) -> Deployment:
    return Deployment(
        metadata=Meta(
            name="web",
            namespace="shop",
            uid="uid-web",
            resource_version="10",
            generation=1,
            annotations=dict(annotations) if annotations else None,
            deletion_timestamp=NOW_TEXT if deleting else None,
        ),
        spec=DeploymentSpec(
            replicas=replicas,
            selector=Selector(dict(APP)),
            template=template(image),
            strategy=Strategy(kind, RollingUpdate(surge, unavailable) if kind == "RollingUpdate" else None),
            paused=paused,
            revision_history_limit=history,
            progress_deadline_seconds=deadline_s,
        ),
        status=status or DeploymentStatus(),
    )
