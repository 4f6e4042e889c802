"""Events about Services and Endpoints: what a plan noticed, and writes that failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from lbctl.kube.errors import AlreadyExists, Conflict
from lbctl.kube.event_ledger import EventType, ObjectRef
from lbctl.model.service import ObjectKey, Uid
from lbctl.sandbox.endpoints.objects import Endpoints
from lbctl.sandbox.endpoints.sync import ServicePlan
from lbctl.sandbox.endpoints.view import ClusterView
from lbctl.sandbox.endpoints.writer import Outcome
from lbctl.sandbox.endpoints.writes import Create, Notice
from lbctl.sandbox.objects import Object

ACTION = "SyncEndpoints"


class Recorder(Protocol):
    """Where Events go: the part of `kube.events.EventRecorder` that takes them."""

    def record(self, regarding: ObjectRef, type_: EventType, reason: str, action: str, note: str) -> None: ...


class Reports:
    """Records what each sync has to say, but not again what the sync before said already."""

    def __init__(self, view: ClusterView, recorder: Recorder) -> None:
        self._view = view
        self._recorder = recorder
        self._told: dict[ObjectKey, frozenset[Notice]] = {}

    def report(self, key: ObjectKey, plan: ServicePlan, outcomes: Iterable[Outcome]) -> None:
        """Record the Events of one sync of the Service `key`."""
        about_service = [*plan.slices.notices, *(told for one in outcomes for told in _complaints(key, one))]
        about_endpoints = plan.mirror.notices
        before = self._told.get(key, frozenset())
        self._told[key] = frozenset((*about_service, *about_endpoints))
        if not self._told[key]:
            self.forget(key)
        for notice in (one for one in about_service if one not in before):
            self._record("Service", self._view.services.get(key), notice)
        for notice in (one for one in about_endpoints if one not in before):
            self._record("Endpoints", self._view.endpoints.get(key), notice)

    def forget(self, key: ObjectKey) -> None:
        """The Service is gone: what is said of the next one of its name is new."""
        self._told.pop(key, None)

    def _record(self, kind: str, about: Object | None, notice: Notice) -> None:
        if about is not None:
            regarding = ObjectRef("v1", kind, about.key, Uid(about.metadata.uid))
            self._recorder.record(regarding, EventType(notice.type), notice.reason, ACTION, notice.message)


def _complaints(key: ObjectKey, outcome: Outcome) -> Iterator[Notice]:
    """The Event about a failed write, as the three controllers word it; what was out of date just comes again."""
    failure, write = outcome.failure, outcome.write
    if failure is None or write is None or isinstance(failure, (AlreadyExists, Conflict)):
        return
    if not isinstance(write.obj, Endpoints):
        words = f"Error updating Endpoint Slices for Service {key}: {failure}"
        yield Notice("Warning", "FailedToUpdateEndpointSlices", words)
    elif isinstance(write, Create):
        yield Notice("Warning", "FailedToCreateEndpoint", f"Failed to create endpoint for service {key}: {failure}")
    else:
        yield Notice("Warning", "FailedToUpdateEndpoint", f"Failed to update endpoint {key}: {failure}")
