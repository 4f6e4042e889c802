"""What asks for a reconcile: pure decisions on informer events."""

from __future__ import annotations

from dataclasses import replace

from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service
from lbctl.plan.claim import Claim
from lbctl.plan.translate import backends_of

NODES = ObjectKey("", "nodes")
"""The queue's key for a change of membership that waits to be published."""

_NEVER_OURS = frozenset({Claim.IGNORE_TYPE, Claim.IGNORE_CLASS, Claim.IGNORE_DELETING})


def shared_key(provider: str) -> ObjectKey:
    """The queue's key for what all Services of one provider share."""
    return ObjectKey("", f"shared/{provider}")


def concerns_us(claim: Claim) -> bool:
    """Whether a Service so claimed is worth a reconcile."""
    return claim not in _NEVER_OURS


def changed(old: Service | None, new: Service) -> bool:
    """Whether anything differs but the bookkeeping of the API server."""
    return old is None or replace(old, resource_version=new.resource_version) != new


def moves_backends(old: Node | None, new: Node | None) -> bool:
    """Whether a Node event can change the set of backends; status heartbeats do not."""
    return backends_of([old] if old else []) != backends_of([new] if new else [])
