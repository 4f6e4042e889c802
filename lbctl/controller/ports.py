"""What the controller needs from the window, so that scenarios can stand in for a cluster."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service
from lbctl.plan.status import ServiceStatus


class View(Protocol):
    """The cluster as the informers know it."""

    def synced(self) -> bool:
        """Whether Services and Nodes have both been listed in full."""
        ...

    def service(self, key: ObjectKey) -> Service | None: ...

    def services(self) -> Iterable[Service]: ...

    def nodes(self) -> Iterable[Node]: ...


class Writer(Protocol):
    """Writes to a Service: each is at most one request, and none when nothing would change.

    Each returns the Service as it is afterwards. All raise LbctlError; a Service that is gone is no error.
    """

    def latest(self, service: Service) -> Service:
        """The Service as we last wrote it, where the informer has not seen that write yet."""
        ...

    def hold(self, service: Service, provider: str) -> Service:
        """Put our finalizer and the annotation that names the provider on the Service."""
        ...

    def release(self, service: Service) -> Service:
        """Take both off again."""
        ...

    def publish(self, service: Service, status: ServiceStatus) -> Service:
        """Write ingress and condition."""
        ...


class Recorder(Protocol):
    """Events on a Service; never blocks, never fails."""

    def normal(self, service: Service, reason: str, message: str) -> None: ...

    def warning(self, service: Service, reason: str, message: str) -> None: ...
