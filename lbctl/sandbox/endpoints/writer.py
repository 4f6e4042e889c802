"""Plans carried out: one request per write, and the view told of every answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, assert_never

import msgspec

from lbctl.kube.errors import Conflict, Forbidden, KubeApiError, NotFound
from lbctl.sandbox.endpoints.kinds import ENDPOINTS, SLICES, encode
from lbctl.sandbox.endpoints.objects import Endpoints, EndpointSlice
from lbctl.sandbox.endpoints.view import ClusterView
from lbctl.sandbox.endpoints.writes import Create, Delete, Owned, Plan, Update, Write


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far a plan came: writes done, and the error that ended it, if one did."""

    done: int
    write: Write | None = None
    failure: KubeApiError | None = None


class Api(Protocol):
    """The part of `KubeClient` that writes; each method takes a path, and raises KubeApiError."""

    def create(self, path: str, body: bytes) -> bytes: ...

    def replace(self, path: str, body: bytes) -> bytes: ...

    def delete(self, path: str, body: bytes | None = None) -> bytes: ...


class Writer:
    """Sends writes to the API and their answers to the view."""

    def __init__(self, api: Api, view: ClusterView) -> None:
        self._api = api
        self._view = view

    def carry_out(self, plan: Plan) -> Outcome:
        """Make the plan's writes in order, up to the first that fails.

        A create that is refused because its namespace is going away is no failure: the rest of the plan is dropped.
        """
        for done, write in enumerate(plan.writes):
            try:
                self._send(write)
            except KubeApiError as failure:
                if isinstance(write, Create) and _namespace_goes(failure):
                    return Outcome(done)
                return Outcome(done, write, failure)
        return Outcome(len(plan.writes))

    def _send(self, write: Write) -> None:
        match write:
            case Create(new):
                self._view.wrote(_decoded(new, self._api.create(_collection(new), encode(new))))
            case Update(new):
                self._update(new)
            case Delete(old):
                self._delete(old)
            case _:
                assert_never(write)

    def _update(self, new: Owned) -> None:
        try:
            answer = self._api.replace(_path(new), encode(new))
        except NotFound:
            # Somebody deleted it; the watch may be about to say so, or may have missed it.
            self._view.removed(new)
            raise
        self._view.wrote(_decoded(new, answer))

    def _delete(self, old: Owned) -> None:
        only_this = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": old.metadata.uid}}
        try:
            self._api.delete(_path(old), msgspec.json.encode(only_this))
        except (NotFound, Conflict):
            # Conflict: another object has taken the name, so this one is gone.
            pass
        self._view.removed(old)


def _decoded(sent: Owned, answer: bytes) -> Owned:
    return SLICES.decode(answer) if isinstance(sent, EndpointSlice) else ENDPOINTS.decode(answer)


def _collection(new: Owned) -> str:
    if isinstance(new, Endpoints):
        return ENDPOINTS.path(new.metadata.namespace)
    return SLICES.path(new.metadata.namespace)


def _path(one: Owned) -> str:
    return ENDPOINTS.path_of(one.key) if isinstance(one, Endpoints) else SLICES.path_of(one.key)


def _namespace_goes(failure: KubeApiError) -> bool:
    """Source: the namespace lifecycle admission's 403, k8s.io/apiserver plugin/namespace/lifecycle; or it is gone."""
    return isinstance(failure, NotFound) or (isinstance(failure, Forbidden) and "being terminated" in failure.message)
