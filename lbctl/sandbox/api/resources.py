"""What the server serves: one `ResourceType` per resource and version, and the table of the built-in ones.

Source of names, short names, categories: the API discovery of Kubernetes 1.34.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lbctl.sandbox.api import events
from lbctl.sandbox.api.errors import Json, qualified

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


@dataclass(frozen=True, slots=True)
class View:
    """How a resource reads and writes a storage form that is another API's; `apiVersion` and `kind` are left alone."""

    to_stored: Callable[[Json], Json]
    from_stored: Callable[[Json], Json]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """One resource in one API version.

    `bucket` is where objects are stored (several versions or views may share one). `model` is the Kubernetes model that
    tells its fields, empty for custom resources. `returns_deleted`: DELETE answers with the object, not a
    Status.
    """

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    subresources: tuple[str, ...] = ()
    model: str = ""
    returns_deleted: bool = False
    view: View | None = None
    singular: str = ""
    list_kind: str = ""
    bucket: str = ""
    custom: bool = False
    prefix: bytes = field(default=b"", init=False)
    """The opening of an object's JSON, up to where the stored bytes go on after their brace."""

    def __post_init__(self) -> None:
        filled = {
            "singular": self.singular or self.kind.lower(),
            "list_kind": self.list_kind or self.kind + "List",
            "bucket": self.bucket or qualified(self.plural, self.group),
            "prefix": f'{{"kind":"{self.kind}","apiVersion":"{self.api_version}",'.encode(),
        }
        for name, value in filled.items():
            object.__setattr__(self, name, value)

    @property
    def api_version(self) -> str:
        """`v1`, or `group/version`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`services`, or `deployments.apps`."""
        return qualified(self.plural, self.group)


_CORE = (
    ResourceType("", "v1", "ConfigMap", "configmaps", True, ("cm",), model="V1ConfigMap"),
    ResourceType("", "v1", "Endpoints", "endpoints", True, ("ep",), model="V1Endpoints", singular="endpoints"),
    ResourceType(
        "",
        "v1",
        "Event",
        "events",
        True,
        ("ev",),
        model="CoreV1Event",
    ),
    ResourceType(
        "",
        "v1",
        "Namespace",
        "namespaces",
        False,
        ("ns",),
        subresources=("finalize", "status"),
        model="V1Namespace",
        returns_deleted=True,
    ),
    ResourceType(
        "",
        "v1",
        "Node",
        "nodes",
        False,
        ("no",),
        subresources=("status",),
        model="V1Node",
    ),
    ResourceType(
        "",
        "v1",
        "Pod",
        "pods",
        True,
        ("po",),
        ("all",),
        subresources=("binding", "status"),
        model="V1Pod",
        returns_deleted=True,
    ),
    ResourceType("", "v1", "Secret", "secrets", True, model="V1Secret"),
    ResourceType(
        "",
        "v1",
        "Service",
        "services",
        True,
        ("svc",),
        ("all",),
        subresources=("status",),
        model="V1Service",
        returns_deleted=True,
    ),
    ResourceType(
        "", "v1", "ServiceAccount", "serviceaccounts", True, ("sa",), model="V1ServiceAccount", returns_deleted=True
    ),
)

_APPS = tuple(
    ResourceType("apps", "v1", kind, plural, True, (short,), ("all",), subresources, model=f"V1{kind}")
    for kind, plural, short, subresources in (
        ("DaemonSet", "daemonsets", "ds", ("status",)),
        ("Deployment", "deployments", "deploy", ("scale", "status")),
        ("ReplicaSet", "replicasets", "rs", ("scale", "status")),
        ("StatefulSet", "statefulsets", "sts", ("scale", "status")),
    )
)

_RBAC = tuple(
    ResourceType("rbac.authorization.k8s.io", "v1", kind, plural, namespaced, model=f"V1{kind}")
    for kind, plural, namespaced in (
        ("ClusterRole", "clusterroles", False),
        ("ClusterRoleBinding", "clusterrolebindings", False),
        ("Role", "roles", True),
        ("RoleBinding", "rolebindings", True),
    )
)

CRD = ResourceType(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    False,
    ("crd", "crds"),
    ("api-extensions",),
    subresources=("status",),
    model="V1CustomResourceDefinition",
)

BUILT_IN: tuple[ResourceType, ...] = (
    *_CORE,
    *_APPS,
    *_RBAC,
    ResourceType("coordination.k8s.io", "v1", "Lease", "leases", True, model="V1Lease"),
    ResourceType("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True, model="V1EndpointSlice"),
    ResourceType(
        "events.k8s.io",
        "v1",
        "Event",
        "events",
        True,
        ("ev",),
        model="EventsV1Event",
        view=View(events.to_core, events.to_events),
        bucket="events",
    ),
    CRD,
)
"""Every resource the server serves without a custom resource definition."""
