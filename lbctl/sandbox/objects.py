"""What the sandbox's controllers know of any object: its metadata, decoded straight from the API's JSON.

A list the server sends as `null` arrives as None; read it with `or ()`.
Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go.
"""

from __future__ import annotations

import msgspec

from lbctl.model.service import ObjectKey


class Wire(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, rename="camel"):
    """A value on the wire: camelCase names, unset fields left out."""


class OwnerReference(Wire, frozen=True):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class Meta(Wire, frozen=True):
    """`metadata` without managedFields: the server keeps those of the stored object when a write names none."""

    name: str = ""
    generate_name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    creation_timestamp: str | None = None
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: tuple[OwnerReference, ...] | None = None
    finalizers: tuple[str, ...] | None = None


class Object(Wire, frozen=True):
    """An object with a name in the API."""

    metadata: Meta

    @property
    def key(self) -> ObjectKey:
        return ObjectKey(self.metadata.namespace, self.metadata.name)

    @property
    def uid(self) -> str:
        return self.metadata.uid

    @property
    def resource_version(self) -> str:
        return self.metadata.resource_version

    @property
    def version(self) -> int:
        """`resourceVersion` as the number it is; 0 when unset. Source: KEP-5504, comparable resource versions."""
        return int(self.resource_version) if self.resource_version.isdecimal() else 0

    @property
    def deleting(self) -> bool:
        return self.metadata.deletion_timestamp is not None

    @property
    def labels(self) -> dict[str, str]:
        return self.metadata.labels or {}

    @property
    def annotations(self) -> dict[str, str]:
        return self.metadata.annotations or {}

    @property
    def controller(self) -> OwnerReference | None:
        """The owner that controls it. Source: metav1.GetControllerOf."""
        return next((one for one in self.metadata.owner_references or () if one.controller), None)
