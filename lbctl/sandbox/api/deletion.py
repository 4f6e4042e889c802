"""Deleting objects: preconditions, grace periods, finalizers and what an answer looks like.

Source: k8s.io/apiserver/pkg/registry/rest/delete.go (BeforeDelete), pkg/registry/generic/registry/store.go (Delete),
k8s.io/kubernetes/pkg/registry/core/{pod/strategy.go,namespace/storage/storage.go}.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from lbctl.sandbox.api.errors import Json, conflict, forbidden_request
from lbctl.sandbox.api.metadata import parse_timestamp, timestamp
from lbctl.sandbox.api.objects import Objects
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.resources import CRD
from lbctl.sandbox.api.store import Key

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
CRD_FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
"""Keeps a definition until its custom resources are gone.

Source: k8s.io/apiextensions-apiserver/pkg/registry/customresourcedefinition/etcd.go.
"""
_DEFAULT_POD_GRACE_S = 30
_IMMORTAL_NAMESPACES = ("default", "kube-system", "kube-public")


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """What a client may ask of a deletion; None is: not said."""

    grace_period_s: int | None = None
    propagation: str | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False


NOW = DeleteOptions(grace_period_s=0)
"""Without a grace period."""


def delete(objects: Objects, served: Served, key: Key, options: DeleteOptions) -> Json:
    """Delete an object, or mark it as being deleted while finalizers or a grace period hold it.

    Returns the object, or the Status of success, as the real server answers for that kind.
    Raises ApiError: 404, 409 when a precondition does not hold, 403 for the namespaces a cluster cannot do without.
    """
    obj = objects.get(served, key)
    _check_preconditions(served, obj["metadata"], options)
    if served.rt.kind == "Namespace" and not served.rt.group:
        pending = _terminate_namespace(objects, served, key, obj, options)
        if pending is not None:
            return pending
    metadata = obj["metadata"]
    grace = _grace_period(served, obj, options)
    if grace is None:
        return _answer(served, obj)
    finalizers = _finalizers(metadata, options)
    if served.rt.bucket == CRD.bucket and not metadata.get("deletionTimestamp") and CRD_FINALIZER not in finalizers:
        finalizers.append(CRD_FINALIZER)
    if finalizers or grace:
        if metadata.get("deletionTimestamp") and not grace and finalizers == metadata.get("finalizers"):
            return obj
        _mark(metadata, grace)
        _set(metadata, "finalizers", finalizers)
        return obj if options.dry_run else objects.rewrite(served, key, obj)
    if options.dry_run:
        return _answer(served, obj)
    if _is_pod(served):
        _mark(metadata, 0)
    _set(metadata, "finalizers", [])
    return _answer(served, objects.remove(served, key, obj))


def _check_preconditions(served: Served, metadata: Json, options: DeleteOptions) -> None:
    rt, name = served.rt, metadata["name"]
    if options.uid is not None and options.uid != metadata["uid"]:
        why = (
            f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata['uid']})."
            " The object might have been deleted and then recreated"
        )
        raise conflict(rt.kind, rt.group, name, why)
    version = metadata["resourceVersion"]
    if options.resource_version is not None and options.resource_version != version:
        why = (
            f"the ResourceVersion in the precondition ({options.resource_version}) does not match the ResourceVersion"
            f" in record ({version}). The object might have been modified"
        )
        raise conflict(rt.kind, rt.group, name, why)


def _terminate_namespace(objects: Objects, served: Served, key: Key, obj: Json, options: DeleteOptions) -> Json | None:
    """Begin the end of a namespace; None when nothing holds it any more."""
    if key[1] in _IMMORTAL_NAMESPACES:
        raise forbidden_request("namespaces", "", key[1], "this namespace may not be deleted")
    if not (obj.get("spec") or {}).get("finalizers"):
        return None
    metadata = obj["metadata"]
    if metadata.get("deletionTimestamp"):
        return obj
    metadata["deletionTimestamp"] = timestamp()
    _set(metadata, "finalizers", _finalizers(metadata, options))
    obj["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
    return obj if options.dry_run else objects.rewrite(served, key, obj)


def _grace_period(served: Served, obj: Json, options: DeleteOptions) -> int | None:
    """Seconds the object has left; 0 is at once, None is: a deletion with no more time than this is under way."""
    if not _is_pod(served):
        return 0
    metadata, spec = obj["metadata"], obj.get("spec") or {}
    asked = options.grace_period_s
    if asked is not None and asked < 0:
        asked = 1
    if metadata.get("deletionTimestamp"):
        left = metadata.get("deletionGracePeriodSeconds") or 0
        if not left:
            return 0
        return None if asked is None or asked >= left else asked
    if asked is None:
        asked = spec.get("terminationGracePeriodSeconds", _DEFAULT_POD_GRACE_S)
    finished = (obj.get("status") or {}).get("phase") in ("Failed", "Succeeded")
    return 0 if finished or not spec.get("nodeName") else max(0, int(asked))


def _is_pod(served: Served) -> bool:
    return served.rt.bucket == "pods"


def _finalizers(metadata: Json, options: DeleteOptions) -> list[str]:
    """The finalizers that hold the object now, with that of the garbage collection the client asked for."""
    present = list(metadata.get("finalizers") or [])
    others = [one for one in present if one not in (ORPHAN, FOREGROUND)]
    match options.propagation:
        case "Orphan":
            return [*others, ORPHAN]
        case "Foreground":
            return [*others, FOREGROUND]
        case "Background":
            return others
        case _:
            return present


def _mark(metadata: Json, grace: int) -> None:
    if not metadata.get("deletionTimestamp") and metadata.get("generation"):
        metadata["generation"] += 1
    now = datetime.now(UTC)
    due = now + timedelta(seconds=grace)
    earlier = metadata.get("deletionTimestamp")
    if not earlier or parse_timestamp(earlier) > due:
        metadata["deletionTimestamp"] = timestamp(due)
    metadata["deletionGracePeriodSeconds"] = grace


def _set(metadata: Json, name: str, value: list[str]) -> None:
    if value:
        metadata[name] = value
    else:
        metadata.pop(name, None)


def _answer(served: Served, obj: Json) -> Json:
    rt = served.rt
    if rt.returns_deleted:
        return obj
    details = {"name": obj["metadata"]["name"], "group": rt.group, "kind": rt.plural, "uid": obj["metadata"]["uid"]}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": {name: value for name, value in details.items() if value},
    }
