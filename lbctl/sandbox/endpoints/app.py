"""The controller's threads: informers that deliver, and one worker that owns the view and does everything else.

Rules
- Informers put what they hear into an inbox; the worker empties it before each sync, so the view is its alone.
- One key per Service. A key that fails comes again after its own back-off; others do not wait for it.
- A change of a slice is answered a second later, so that several are answered at once; everything else at once, unless
  the Service's last sync was a long one (`pace`).

Source: pkg/controller/{endpoint,endpointslice,endpointslicemirroring} (endpointSliceChangeMinSyncDelay, onPodUpdate).
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable

from lbctl.kube.client import KubeClient
from lbctl.kube.errors import Conflict, KubeApiError
from lbctl.kube.events import EventRecorder
from lbctl.kube.informer import WatchTiming
from lbctl.kube.informers import Informers
from lbctl.model.service import ObjectKey
from lbctl.runtime.backoff import Backoff
from lbctl.runtime.clock import Clock, SystemClock
from lbctl.runtime.threads import ThreadGroup
from lbctl.runtime.workqueue import Lane, WorkQueue
from lbctl.sandbox.endpoints.kinds import ENDPOINTS, NODES, OUR_SLICES, PODS, SERVICES, SLICES
from lbctl.sandbox.endpoints.objects import Endpoints, EndpointSlice, Node, Pod, Service
from lbctl.sandbox.endpoints.pace import Pace
from lbctl.sandbox.endpoints.reports import Reports
from lbctl.sandbox.endpoints.sync import plan_service
from lbctl.sandbox.endpoints.trigger import Seen
from lbctl.sandbox.endpoints.view import ClusterView
from lbctl.sandbox.endpoints.writer import Writer
from lbctl.sandbox.objects import Object

log = logging.getLogger(__name__)

SLICE_CHANGE_DELAY_S = 1.0
"""Source: endpointSliceChangeMinSyncDelay, pkg/controller/endpointslice/endpointslice_controller.go."""

COMPONENT = "endpoint-slice-controller"
"""The source of its Events. Source: NewController, pkg/controller/endpointslice/endpointslice_controller.go."""

BACKOFF = Backoff(first_s=0.25, max_s=100.0, jitter=0.2)
STOP_POLL_S = 0.5

_INBOX = ObjectKey("", "")
_Arrival = Callable[[], set[ObjectKey]]


class EndpointsController:
    """Keeps EndpointSlices and Endpoints of every Service in a cluster up to date.

    `start` it in a thread group; `started` is set when everything there was has been looked at once.
    """

    def __init__(
        self,
        client: KubeClient,
        *,
        clock: Clock | None = None,
        timing: WatchTiming | None = None,
    ) -> None:
        self.started = threading.Event()
        self._clock = clock or SystemClock()
        self._queue: WorkQueue[ObjectKey] = WorkQueue(self._clock, BACKOFF)
        self._inbox: deque[tuple[_Arrival, float]] = deque()
        self._view = ClusterView()
        self._writer = Writer(client, self._view)
        self._events = EventRecorder(client, controller=COMPONENT, instance=COMPONENT, clock=self._clock)
        self._reports = Reports(self._view, self._events)
        self._pace = Pace()
        self._seen: dict[ObjectKey, Seen] = {}
        self._informers = Informers(client, timing, self._clock)
        self._subscribe()

    def start(self, group: ThreadGroup) -> None:
        """Start the informers and the worker in `group`; they end when it stops."""
        self._informers.start(group)
        group.spawn("endpoints", lambda: self._work(group.stop))
        group.spawn("endpoints-events", lambda: self._events.run(group.stop))

    def idle(self) -> bool:
        """Whether everything heard so far has been answered, and nothing waits for its time."""
        stats = self._queue.stats()
        return self.started.is_set() and not (self._inbox or stats.depth or stats.delayed or stats.processing)

    def _subscribe(self) -> None:
        view = self._view
        informers = self._informers

        def service(old: Service | None, new: Service | None) -> None:
            self._receive(lambda: view.service_changed(_key(old, new), new))

        def pod(old: Pod | None, new: Pod | None) -> None:
            self._receive(lambda: view.pod_changed(_key(old, new), new))

        def node(old: Node | None, new: Node | None) -> None:
            self._receive(lambda: view.node_changed(_key(old, new).name, new))

        def endpoints(old: Endpoints | None, new: Endpoints | None) -> None:
            if new is not None:
                self._receive(lambda: view.endpoints_changed(new))
            elif old is not None:
                self._receive(lambda: view.endpoints_deleted(old))

        def piece(old: EndpointSlice | None, new: EndpointSlice | None) -> None:
            if new is not None:
                self._receive(lambda: view.slice_changed(new), SLICE_CHANGE_DELAY_S)
            elif old is not None:
                self._receive(lambda: view.slice_deleted(old), SLICE_CHANGE_DELAY_S)

        informers.add(SERVICES).on_change(service)
        informers.add(PODS).on_change(pod)
        informers.add(NODES).on_change(node)
        informers.add(ENDPOINTS).on_change(endpoints)
        informers.add(SLICES, label_selector=OUR_SLICES).on_change(piece)

    def _receive(self, arrival: _Arrival, delay_s: float = 0.0) -> None:
        self._inbox.append((arrival, delay_s))
        self._queue.add(_INBOX)

    def _work(self, stop: threading.Event) -> None:
        while not self._informers.wait_synced(stop, STOP_POLL_S):
            if stop.is_set():
                return
        self._first_look()
        while not stop.is_set():
            taken = self._queue.get(STOP_POLL_S)
            if taken is None:
                continue
            key, _ = taken
            try:
                self._empty_inbox()
                if key != _INBOX:
                    self._sync(key)
            finally:
                self._queue.done(key)

    def _first_look(self) -> None:
        """Take in all there is, and look at every Service once."""
        keys: set[ObjectKey] = set()
        while self._inbox:
            arrival, _ = self._inbox.popleft()
            keys |= arrival()
        for key in sorted(keys | self._view.orphaned_endpoints()):
            self._queue.add(key, Lane.BULK)
        self.started.set()

    def _empty_inbox(self) -> None:
        now_s = self._clock.monotonic_s()
        while self._inbox:
            arrival, delay_s = self._inbox.popleft()
            for key in arrival():
                wait_s = max(delay_s, self._pace.rest_s(key, now_s))
                if wait_s > 0.0:
                    self._queue.add_after(key, wait_s)
                else:
                    self._queue.add(key)

    def _sync(self, key: ObjectKey) -> None:
        began_s = self._clock.monotonic_s()
        plan = plan_service(self._view, key, self._seen.get(key))
        outcomes = [self._writer.carry_out(part) for part in (plan.slices, plan.mirror, plan.endpoints)]
        self._reports.report(key, plan, outcomes)
        now_s = self._clock.monotonic_s()
        self._pace.took(key, now_s - began_s, now_s)
        failures = [one.failure for one in outcomes if one.failure is not None]
        if failures:
            self._come_again(key, failures[0])
            return
        self._queue.forget(key)
        self._remember(key, plan.seen)
        if written := sum(one.done for one in outcomes):
            done = {"service": str(key), "writes": written, "duration_s": round(now_s - began_s, 4)}
            log.info("endpoints written", extra=done)

    def _come_again(self, key: ObjectKey, failure: KubeApiError) -> None:
        delay_s = self._queue.retry(key)
        level = logging.DEBUG if isinstance(failure, Conflict) else logging.WARNING
        why = {"service": str(key), "reason": failure.reason, "cause": str(failure), "wait_s": delay_s}
        log.log(level, "endpoints not written", extra=why)

    def _remember(self, key: ObjectKey, seen: Seen | None) -> None:
        if seen is None:
            self._seen.pop(key, None)
        else:
            self._seen[key] = seen
        if key not in self._view.services:
            self._view.departed.discard(key)
            self._reports.forget(key)


def _key(old: Object | None, new: Object | None) -> ObjectKey:
    one = new if new is not None else old
    return one.key if one is not None else _INBOX
