"""Who controls whom: taking in what matches and has no owner, letting go of what no longer matches.

Source: pkg/controller/controller_ref_manager.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from lbctl.kube.resources import Resource
from lbctl.sandbox.objects import Object, OwnerReference
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.objects import Document, Selector
from lbctl.sandbox.workloads.writes import Patch, patch

O = TypeVar("O", bound=Object)  # noqa: E741


@dataclass(frozen=True, slots=True)
class Claim(Generic[O]):
    """The children that count from now on, and the patches that make it so."""

    children: tuple[O, ...]
    writes: tuple[Patch, ...] = ()


def reference_to(owner: Object, resource: Resource[O]) -> OwnerReference:
    """The ownerReference of a controlled child. Source: metav1.NewControllerRef."""
    return OwnerReference(resource.api_version, resource.kind, owner.metadata.name, owner.uid, True, True)


def claim(
    kind: Kind, owner: Object, reference: OwnerReference, selector: Selector, candidates: Iterable[O]
) -> Claim[O]:
    """Which of the candidates (of `kind`) the owner controls; foreign ones are skipped, orphans that match adopted."""
    children: list[O] = []
    writes: list[Patch] = []
    for one in candidates:
        matches = selector.matches(one.labels)
        if one.controller is None:
            if matches and not one.deleting and not owner.deleting:
                children.append(one)
                writes.append(_with_owners(kind, one, (*(one.metadata.owner_references or ()), reference)))
        elif one.controller.uid == owner.uid:
            if matches:
                children.append(one)
            elif not owner.deleting:
                others = tuple(ref for ref in one.metadata.owner_references or () if ref.uid != owner.uid)
                writes.append(_with_owners(kind, one, others))
    return Claim(tuple(children), tuple(writes))


def _with_owners(kind: Kind, child: Object, owners: tuple[OwnerReference, ...]) -> Patch:
    """The resourceVersion makes sure that the list replaced is the one that was seen."""
    metadata: Document = {
        "ownerReferences": msgspec.to_builtins(owners) or None,
        "resourceVersion": child.resource_version,
    }
    return patch(kind, child, {"metadata": metadata})
