"""What a decider wants done: writes as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lbctl.kube.client import PatchKind
from lbctl.model.service import ObjectKey
from lbctl.sandbox.objects import Object
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.objects import Document


@dataclass(frozen=True, slots=True)
class Create:
    """POST of `document` (without `apiVersion` and `kind`) into a namespace, empty for Nodes."""

    kind: Kind
    namespace: str
    document: Document


@dataclass(frozen=True, slots=True)
class Patch:
    """PATCH of the object with this uid, or of its subresource; `document` needs to hold the changes only."""

    kind: Kind
    key: ObjectKey
    uid: str
    document: Document
    subresource: str = ""
    how: PatchKind = PatchKind.MERGE


@dataclass(frozen=True, slots=True)
class Bind:
    """Assign a Pod to a node: POST to its `binding` subresource."""

    key: ObjectKey
    uid: str
    node: str


@dataclass(frozen=True, slots=True)
class Remove:
    """DELETE of the object with this uid; already gone is success. `grace_s` None leaves the grace to the object."""

    kind: Kind
    key: ObjectKey
    uid: str
    grace_s: int | None = None


Write: TypeAlias = Create | Patch | Bind | Remove


@dataclass(frozen=True, slots=True)
class Plan:
    """Writes in the order to make them, and in how many seconds to look again even if nothing changes."""

    writes: tuple[Write, ...] = ()
    again_s: float | None = None


NOTHING = Plan()


def patch(kind: Kind, obj: Object, document: Document, subresource: str = "") -> Patch:
    """A merge patch (RFC 7396) of an object."""
    return Patch(kind, obj.key, obj.uid, document, subresource)


def remove(kind: Kind, obj: Object, grace_s: int | None = None) -> Remove:
    """The deletion of an object."""
    return Remove(kind, obj.key, obj.uid, grace_s)
