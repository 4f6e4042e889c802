"""The controller's ports, put on the window: informers to read, the Service writer and the Event recorder to write."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from lbctl.kube.event_ledger import EventType, service_ref
from lbctl.kube.events import EventRecorder
from lbctl.kube.informer import Informer
from lbctl.kube.writer import ServiceWriter
from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service
from lbctl.plan.claim import FINALIZER, PROVIDER_ANNOTATION
from lbctl.plan.status import READY, ServiceStatus


class InformerView:
    """The cluster as two informers know it."""

    def __init__(self, services: Informer[Service], nodes: Informer[Node]) -> None:
        self._services = services
        self._nodes = nodes

    def synced(self) -> bool:
        return self._services.synced.is_set() and self._nodes.synced.is_set()

    def service(self, key: ObjectKey) -> Service | None:
        return self._services.store.get(key)

    def services(self) -> Iterable[Service]:
        return self._services.store.values()

    def nodes(self) -> Iterable[Node]:
        return self._nodes.store.values()


class ClusterWriter:
    """Writes Services, and remembers each answer until the informer has caught up with it.

    Without that, a second look at a Service before its own echo arrives would write everything twice.
    """

    def __init__(self, writer: ServiceWriter) -> None:
        self._writer = writer
        self._written: dict[ObjectKey, Service] = {}
        self._lock = threading.Lock()

    def latest(self, service: Service) -> Service:
        with self._lock:
            written = self._written.get(service.key)
            if written is None or written.uid != service.uid or not _newer(written, service):
                return service
            return written

    def hold(self, service: Service, provider: str) -> Service:
        return self._keep(service, self._writer.hold(service, FINALIZER, {PROVIDER_ANNOTATION: provider}))

    def release(self, service: Service) -> Service:
        return self._keep(service, self._writer.release(service, FINALIZER, (PROVIDER_ANNOTATION,)))

    def publish(self, service: Service, status: ServiceStatus) -> Service:
        after = self._writer.publish(
            service,
            ingress=service.ingress if status.ingress is None else status.ingress,
            conditions=(status.condition,) if status.condition else (),
            withdrawn=() if status.condition else (READY,),
        )
        return self._keep(service, after)

    def is_echo(self, key: ObjectKey, seen: Service | None) -> bool:
        """Whether the informer shows our own last write; what it has caught up with is forgotten."""
        with self._lock:
            written = self._written.get(key)
            if written is None:
                return False
            if seen is None or not _newer(written, seen):
                del self._written[key]
            return seen is not None and seen.resource_version == written.resource_version

    def _keep(self, before: Service, after: Service | None) -> Service:
        if after is None:
            return before
        if after.resource_version != before.resource_version:
            with self._lock:
                self._written[after.key] = after
        return after


class ServiceEvents:
    """Events on Services."""

    def __init__(self, recorder: EventRecorder) -> None:
        self._recorder = recorder

    def normal(self, service: Service, reason: str, message: str) -> None:
        self._recorder.record(service_ref(service), EventType.NORMAL, reason, "SyncLoadBalancer", message)

    def warning(self, service: Service, reason: str, message: str) -> None:
        self._recorder.record(service_ref(service), EventType.WARNING, reason, "SyncLoadBalancer", message)


def _newer(one: Service, other: Service) -> bool:
    """Resource versions of one resource type compare as numbers. Source: KEP-5504."""
    try:
        return int(one.resource_version) > int(other.resource_version)
    except ValueError:
        return False
