"""Where these controllers' objects live in the API."""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeVar

from lbctl.kube.resources import Resource, resource
from lbctl.sandbox.objects import Object
from lbctl.sandbox.workloads.objects import Deployment, Node, Pod, ReplicaSet

O = TypeVar("O", bound=Object)  # noqa: E741


class Kind(Enum):
    """The kinds these controllers read and write."""

    NODE = "Node"
    POD = "Pod"
    REPLICA_SET = "ReplicaSet"
    DEPLOYMENT = "Deployment"


def _resource(group: str, wire: type[O], plural: str, kind: Kind, *, namespaced: bool = True) -> Resource[O]:
    return resource(
        group, "v1", plural, kind.value, wire=wire, convert=_itself, key_of=lambda one: one.key, namespaced=namespaced
    )


def _itself(one: O) -> O:
    return one


NODES: Final = _resource("", Node, "nodes", Kind.NODE, namespaced=False)
PODS: Final = _resource("", Pod, "pods", Kind.POD)
REPLICA_SETS: Final = _resource("apps", ReplicaSet, "replicasets", Kind.REPLICA_SET)
DEPLOYMENTS: Final = _resource("apps", Deployment, "deployments", Kind.DEPLOYMENT)
