"""A watch of all Services that notes when each one's status said what was waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

import msgspec

from benchmarks.processes import Api
from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.kube.errors import KubeApiError
from lbctl.kube.transport import Hangup


class _Meta(msgspec.Struct):
    name: str


class _Port(msgspec.Struct):
    port: int


class _Ingress(msgspec.Struct):
    ports: list[_Port] | None = None


class _LoadBalancer(msgspec.Struct):
    ingress: list[_Ingress] | None = None


class _Status(msgspec.Struct, rename="camel"):
    load_balancer: _LoadBalancer | None = None


class _Service(msgspec.Struct):
    metadata: _Meta
    status: _Status = msgspec.field(default_factory=_Status)


class _Event(msgspec.Struct):
    type: str
    object: _Service


_EVENT = msgspec.json.Decoder(_Event)


class ServiceWatcher:
    """Watches from now on, on a thread of its own, while it is entered. Times are `time.perf_counter` seconds."""

    def __init__(self, api: Api) -> None:
        self._client = KubeClient.open(KubeSettings(api.kubeconfig))
        self._hangup = Hangup()
        self._changed = threading.Condition()
        self._published: dict[tuple[str, int], float] = {}
        self._failure = ""
        self._thread = threading.Thread(target=self._run, name="service-watcher", daemon=True)
        self._opened = threading.Event()

    def wait_published(self, name: str, port: int, timeout_s: float) -> float:
        """When the status of a Service first showed an ingress with that port. Raises TimeoutError."""
        self._wait(lambda: (name, port) in self._published, timeout_s, f"port {port} of {name} is not published")
        return self._published[name, port]

    def wait_count(self, count: int, timeout_s: float) -> float:
        """When that many Services (of one port each, never changed) had an ingress. Raises TimeoutError."""
        self._wait(lambda: len(self._published) >= count, timeout_s, f"fewer than {count} Services have an ingress")
        return max(self._published.values())

    def _wait(self, done: Callable[[], bool], timeout_s: float, trouble: str) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: done() or bool(self._failure), timeout_s) or self._failure:
                raise TimeoutError(self._failure or f"{trouble} after {timeout_s} s")

    def _run(self) -> None:
        try:
            query = {"timeoutSeconds": "3600"}
            with self._client.stream("/api/v1/services", query=query, silence_s=3600, hangup=self._hangup) as stream:
                self._opened.set()
                for lines in stream.batches():
                    self._take(lines)
        except KubeApiError as failure:
            self._fail(failure.message)
        self._fail("the watch ended")

    def _take(self, lines: list[bytes]) -> None:
        now_s = time.perf_counter()
        with self._changed:
            for line in lines:
                service = _EVENT.decode(line).object
                balancer = service.status.load_balancer
                for ingress in (balancer.ingress if balancer else None) or ():
                    for one in ingress.ports or ():
                        self._published.setdefault((service.metadata.name, one.port), now_s)
            self._changed.notify_all()

    def _fail(self, cause: str) -> None:
        with self._changed:
            self._failure = self._failure or cause
            self._changed.notify_all()

    def __enter__(self) -> ServiceWatcher:
        self._thread.start()
        self._opened.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hangup.ring()
        self._thread.join(10)
        self._client.close()
