"""Plans carried out: one request per write, and the view told of every answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, assert_never

import msgspec

from lbctl.kube.client import PatchKind
from lbctl.kube.errors import Conflict, Forbidden, KubeApiError, NotFound
from lbctl.kube.resources import Resource
from lbctl.sandbox.workloads.kinds import DEPLOYMENTS, NODES, PODS, REPLICA_SETS, Kind
from lbctl.sandbox.workloads.objects import Deployment, Document, Node, Pod, ReplicaSet
from lbctl.sandbox.workloads.view import ClusterView, WorkKey
from lbctl.sandbox.workloads.writes import Bind, Create, Patch, Plan, Remove, Write


class Api(Protocol):
    """The part of `KubeClient` that writes; each method takes a path, and raises KubeApiError."""

    def create(self, path: str, body: bytes) -> bytes: ...

    def patch(self, path: str, body: bytes, kind: PatchKind) -> bytes: ...

    def delete(self, path: str, body: bytes | None = None) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a plan came: writes done, what must be looked at again because of them, and the error that ended it."""

    done: int
    affected: frozenset[WorkKey]
    failure: KubeApiError | None = None


class Writer:
    """Sends writes to the API and their answers to the view."""

    def __init__(self, api: Api, view: ClusterView) -> None:
        self._api = api
        self._view = view

    def carry_out(self, plan: Plan) -> Outcome:
        """Make the plan's writes in order, up to the first that fails.

        A create that is refused because its namespace is going away is no failure, nor is the end of an object that
        was to be changed: the rest of the plan is dropped.
        """
        affected: set[WorkKey] = set()
        for done, write in enumerate(plan.writes):
            try:
                affected |= self._send(write)
            except KubeApiError as failure:
                return Outcome(done, frozenset(affected), None if _pointless(write, failure) else failure)
        return Outcome(len(plan.writes), frozenset(affected))

    def _send(self, write: Write) -> set[WorkKey]:
        match write:
            case Create(kind, namespace, document):
                resource = _resource(kind)
                body = {"apiVersion": resource.api_version, "kind": resource.kind, **document}
                return self._view.learn(kind, self._api.create(resource.path(namespace), msgspec.json.encode(body)))
            case Patch():
                return self._patch(write)
            case Bind():
                return self._bind(write)
            case Remove():
                return self._remove(write)
            case _:
                assert_never(write)

    def _patch(self, write: Patch) -> set[WorkKey]:
        metadata = write.document.get("metadata")
        document = {
            **write.document,
            "metadata": {**(metadata if isinstance(metadata, dict) else {}), "uid": write.uid},
        }
        path = _resource(write.kind).path_of(write.key, write.subresource)
        try:
            return self._view.learn(write.kind, self._api.patch(path, msgspec.json.encode(document), write.how))
        except NotFound:
            self._view.drop(write.kind, write.key, write.uid, heard=False)
            raise

    def _bind(self, write: Bind) -> set[WorkKey]:
        document: Document = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": write.key.name, "namespace": write.key.namespace, "uid": write.uid},
            "target": {"apiVersion": "v1", "kind": "Node", "name": write.node},
        }
        self._api.create(PODS.path_of(write.key, "binding"), msgspec.json.encode(document))
        return set()

    def _remove(self, write: Remove) -> set[WorkKey]:
        options: Document = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": write.uid},
            "propagationPolicy": "Background",
        }
        if write.grace_s is not None:
            options["gracePeriodSeconds"] = write.grace_s
        path = _resource(write.kind).path_of(write.key)
        try:
            answer = self._api.delete(path, msgspec.json.encode(options))
        except (NotFound, Conflict):
            # Conflict: another object has taken the name, so this one is gone.
            return self._view.drop(write.kind, write.key, write.uid, heard=False)
        if _lives_on(answer):
            return self._view.learn(write.kind, answer)
        return self._view.drop(write.kind, write.key, write.uid, heard=False)


class _Left(msgspec.Struct, rename="camel"):
    deletion_timestamp: str | None = None
    deletion_grace_period_seconds: int = 0
    finalizers: tuple[str, ...] | None = None


class _Answer(msgspec.Struct):
    kind: str = ""
    metadata: _Left = msgspec.field(default_factory=_Left)


def _lives_on(answer: bytes) -> bool:
    """Whether a DELETE was answered with an object that is still there, waiting for its grace or its finalizers."""
    told = msgspec.json.decode(answer, type=_Answer)
    if told.kind == "Status" or told.metadata.deletion_timestamp is None:
        return False
    return told.metadata.deletion_grace_period_seconds > 0 or bool(told.metadata.finalizers)


def _resource(kind: Kind) -> Resource[Node] | Resource[Pod] | Resource[ReplicaSet] | Resource[Deployment]:
    match kind:
        case Kind.NODE:
            return NODES
        case Kind.POD:
            return PODS
        case Kind.REPLICA_SET:
            return REPLICA_SETS
        case Kind.DEPLOYMENT:
            return DEPLOYMENTS
        case _:
            assert_never(kind)


def _pointless(write: Write, failure: KubeApiError) -> bool:
    """Whether there is nothing left to try: the object, or the namespace it was meant for, is gone or going.

    Source: the namespace lifecycle admission's 403, k8s.io/apiserver plugin/namespace/lifecycle.
    """
    if isinstance(failure, NotFound):
        # A server without `pods/binding` answers the same: try again and say so, until the Pod itself is gone.
        return not isinstance(write, Bind)
    return isinstance(write, Create) and isinstance(failure, Forbidden) and "being terminated" in failure.message
