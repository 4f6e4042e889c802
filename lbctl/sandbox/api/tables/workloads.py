"""Printers of the kinds of the `apps` group, and of their scale.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from datetime import datetime

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables.ages import age
from lbctl.sandbox.api.tables.column import (
    AGE,
    NAME,
    OBJECT_META,
    Cells,
    Column,
    Layout,
    created,
    field,
    items,
    name_of,
    part,
    wide,
)
from lbctl.sandbox.api.tables.labels import format_labels, format_selector, selector_text

_READY = Column("Ready", description="Number of the pod with ready state")
_CONTAINERS = wide("Containers", "Names of each container in the template.")
_IMAGES = wide("Images", "Images referenced by each container in the template.")

_MORE_INFO = "More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors"
_DEPLOYMENT_SELECTOR = (
    "Label selector for pods. Existing ReplicaSets whose pods are selected by this will be the ones affected by this "
    "deployment. It must match the pod template's labels."
)
_REPLICA_SET_SELECTOR = (
    "Selector is a label query over pods that should match the replica count. Label keys and values that must match in "
    f"order to be controlled by this replica set. It must match the pod template's labels. {_MORE_INFO}"
)
_DAEMON_SET_SELECTOR = (
    "A label query over pods that are managed by the daemon set. Must match in order to be controlled. It must match "
    f"the pod template's labels. {_MORE_INFO}"
)


def _containers(obj: Json) -> Cells:
    containers = items(obj, "spec", "template", "spec", "containers")
    return [",".join(str(one.get(key, "")) for one in containers) for key in ("name", "image")]


def _deployment(obj: Json, now: datetime) -> Cells:
    status, selector = part(obj, "status"), part(obj, "spec", "selector")
    try:
        selected = selector_text(selector)
    except ValueError:
        selected = "<invalid>"
    ready = f"{status.get('readyReplicas', 0)}/{part(obj, 'spec').get('replicas', 0)}"
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    return [name_of(obj), ready, updated, available, age(created(obj), now), *_containers(obj), selected]


def _replica_set(obj: Json, now: datetime) -> Cells:
    spec, status = part(obj, "spec"), part(obj, "status")
    counts = [spec.get("replicas", 0), status.get("replicas", 0), status.get("readyReplicas", 0)]
    selected = format_selector(spec.get("selector"))
    return [name_of(obj), *counts, age(created(obj), now), *_containers(obj), selected]


_DAEMON_COUNTS = (
    ("Desired", "desiredNumberScheduled"),
    ("Current", "currentNumberScheduled"),
    ("Ready", "numberReady"),
    ("Up-to-date", "updatedNumberScheduled"),
    ("Available", "numberAvailable"),
)


def _daemon_set(obj: Json, now: datetime) -> Cells:
    status, spec = part(obj, "status"), part(obj, "spec")
    counts = [status.get(path, 0) for _, path in _DAEMON_COUNTS]
    node_selector = format_labels(part(spec, "template", "spec", "nodeSelector"))
    selected = format_selector(spec.get("selector"))
    return [name_of(obj), *counts, node_selector, age(created(obj), now), *_containers(obj), selected]


def _stateful_set(obj: Json, now: datetime) -> Cells:
    ready = f"{part(obj, 'status').get('readyReplicas', 0)}/{part(obj, 'spec').get('replicas', 0)}"
    return [name_of(obj), ready, age(created(obj), now), *_containers(obj)]


def _scale(obj: Json, now: datetime) -> Cells:
    desired, available = part(obj, "spec").get("replicas", 0), part(obj, "status").get("replicas", 0)
    return [name_of(obj), desired, available, age(created(obj), now)]


SCALE = Layout(
    (
        Column("Name", documented=(OBJECT_META, "name")),
        field("Desired", "autoscaling.v1.ScaleSpec", "replicas", type_name="integer"),
        field("Available", "autoscaling.v1.ScaleStatus", "replicas", type_name="integer"),
        AGE,
    ),
    _scale,
)
"""Of the `scale` subresource, whatever resource it belongs to."""

LAYOUTS: dict[tuple[str, str], Layout] = {
    ("apps", "deployments"): Layout(
        (
            NAME,
            _READY,
            field("Up-to-date", "apps.v1.DeploymentStatus", "updatedReplicas"),
            field("Available", "apps.v1.DeploymentStatus", "availableReplicas"),
            AGE,
            _CONTAINERS,
            _IMAGES,
            wide("Selector", _DEPLOYMENT_SELECTOR),
        ),
        _deployment,
    ),
    ("apps", "replicasets"): Layout(
        (
            NAME,
            field("Desired", "apps.v1.ReplicaSetSpec", "replicas", type_name="integer"),
            field("Current", "apps.v1.ReplicaSetStatus", "replicas", type_name="integer"),
            field("Ready", "apps.v1.ReplicaSetStatus", "readyReplicas", type_name="integer"),
            AGE,
            _CONTAINERS,
            _IMAGES,
            wide("Selector", _REPLICA_SET_SELECTOR),
        ),
        _replica_set,
    ),
    ("apps", "daemonsets"): Layout(
        (
            NAME,
            *(field(name, "apps.v1.DaemonSetStatus", path, type_name="integer") for name, path in _DAEMON_COUNTS),
            field("Node Selector", "core.v1.PodSpec", "nodeSelector"),
            AGE,
            _CONTAINERS,
            _IMAGES,
            wide("Selector", _DAEMON_SET_SELECTOR),
        ),
        _daemon_set,
    ),
    ("apps", "statefulsets"): Layout((NAME, _READY, AGE, _CONTAINERS, _IMAGES), _stateful_set),
}
"""By API group and plural."""
