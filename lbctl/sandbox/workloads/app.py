"""The workloads' threads: informers that deliver, and one worker that owns the view and does everything else.

Rules
- Informers put what they hear into an inbox; the worker empties it before each step, so the view is its alone.
- One key per object. A key that fails comes again after its own back-off; others do not wait for it.
- The worker's own writes are in the view from their answers on, so that it never acts twice on what it did itself.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import assert_never

from lbctl.kube.client import KubeClient
from lbctl.kube.informer import WatchTiming
from lbctl.kube.informers import Informers
from lbctl.kube.resources import Resource
from lbctl.model.service import ObjectKey
from lbctl.runtime.backoff import Backoff
from lbctl.runtime.clock import Clock, SystemClock
from lbctl.runtime.threads import ThreadGroup
from lbctl.runtime.workqueue import Lane, WorkQueue
from lbctl.sandbox.workloads.deployments import plan_deployment
from lbctl.sandbox.workloads.hollow import HollowPods
from lbctl.sandbox.workloads.kinds import DEPLOYMENTS, NODES, PODS, REPLICA_SETS, Kind, O
from lbctl.sandbox.workloads.nodes import plan_node, register
from lbctl.sandbox.workloads.replica_sets import plan_replica_set
from lbctl.sandbox.workloads.settings import WorkloadSettings
from lbctl.sandbox.workloads.view import ClusterView, WorkKey
from lbctl.sandbox.workloads.writer import Writer
from lbctl.sandbox.workloads.writes import NOTHING, Plan

log = logging.getLogger(__name__)

BACKOFF = Backoff(first_s=0.1, max_s=30.0, jitter=0.2)
STOP_POLL_S = 0.5

_INBOX = WorkKey(Kind.NODE, ObjectKey("", ""))
_REGISTER = WorkKey(Kind.NODE, ObjectKey("", "*"))
_Arrival = Callable[[], set[WorkKey]]


class Workloads:
    """Hollow nodes, Deployments and ReplicaSets for a cluster without kubelets.

    `start` it in a thread group; `started` is set when the nodes are registered and everything there was has been put
    in the queue.
    """

    def __init__(
        self,
        client: KubeClient,
        settings: WorkloadSettings | None = None,
        clock: Clock | None = None,
        *,
        timing: WatchTiming | None = None,
    ) -> None:
        self.started = threading.Event()
        self._settings = settings or WorkloadSettings()
        self._clock = clock or SystemClock()
        self._queue: WorkQueue[WorkKey] = WorkQueue(self._clock, BACKOFF)
        self._inbox: deque[_Arrival] = deque()
        self._view = ClusterView()
        self._hollow = HollowPods(self._settings)
        self._writer = Writer(client, self._view)
        self._informers = Informers(client, timing, self._clock)
        self._listen(NODES, Kind.NODE)
        self._listen(PODS, Kind.POD)
        self._listen(REPLICA_SETS, Kind.REPLICA_SET)
        self._listen(DEPLOYMENTS, Kind.DEPLOYMENT)

    def start(self, group: ThreadGroup) -> None:
        """Start the informers and the worker in `group`; they end when it stops."""
        self._informers.start(group)
        group.spawn("workloads", lambda: self._work(group.stop))

    def idle(self) -> bool:
        """Whether everything heard so far has been answered (but for what waits for its time)."""
        return self.started.is_set() and not self._inbox and self._queue.idle()

    def _listen(self, resource: Resource[O], kind: Kind) -> None:
        def changed(old: O | None, new: O | None) -> None:
            if new is not None:
                self._inbox.append(lambda: self._view.put(new))
            elif old is not None:
                self._inbox.append(lambda: self._view.drop(kind, old.key, old.uid, heard=True))
            self._queue.add(_INBOX)

        self._informers.add(resource).on_change(changed)

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
                self._empty_inbox(Lane.EVENT)
                if key != _INBOX:
                    self._sync(key)
            finally:
                self._queue.done(key)

    def _first_look(self) -> None:
        """Take in all there is: addresses held first, so that nobody gets them twice."""
        self._empty_inbox(Lane.BULK)
        nodes = self._view.nodes_by_name()
        for pod in self._view.pods.values():
            if self._hollow.ours(pod.spec.node_name):
                self._hollow.adopt(pod, nodes)
        self._queue.add(_REGISTER)

    def _empty_inbox(self, lane: Lane) -> None:
        while self._inbox:
            for key in sorted(self._inbox.popleft()(), key=str):
                self._queue.add(key, lane)

    def _sync(self, key: WorkKey) -> None:
        began_s = self._clock.monotonic_s()
        plan = self._plan(key)
        outcome = self._writer.carry_out(plan)
        for one in sorted(outcome.affected, key=str):
            self._queue.add(one)
        if outcome.failure is not None:
            delay_s = self._queue.retry(key)
            log.warning(
                "workload not written",
                extra={
                    "object": str(key),
                    "reason": outcome.failure.reason,
                    "cause": outcome.failure.message,
                    "wait_s": delay_s,
                },
            )
            return
        self._queue.forget(key)
        if plan.again_s is not None:
            self._queue.add_after(key, plan.again_s)
        if key == _REGISTER:
            self.started.set()
        if outcome.done:
            duration_s = round(self._clock.monotonic_s() - began_s, 4)
            log.info("workload written", extra={"object": str(key), "writes": outcome.done, "duration_s": duration_s})

    def _plan(self, work: WorkKey) -> Plan:
        now, view = self._clock.now(), self._view
        match work.kind:
            case Kind.NODE if work == _REGISTER:
                return Plan(tuple(register(self._settings, view.nodes.values(), now)))
            case Kind.NODE:
                node = view.nodes.get(work.key)
                ours = node is not None and self._hollow.ours(work.key.name)
                return Plan(tuple(plan_node(node, now))) if node is not None and ours else NOTHING
            case Kind.POD:
                return self._plan_pod(work.key)
            case Kind.REPLICA_SET:
                replica_set = view.replica_sets.get(work.key)
                return plan_replica_set(replica_set, view.pods_for(replica_set), now) if replica_set else NOTHING
            case Kind.DEPLOYMENT:
                deployment = view.deployments.get(work.key)
                if deployment is None:
                    return NOTHING
                return plan_deployment(deployment, view.replica_sets_for(deployment), view.pods_below(deployment), now)
            case _:
                assert_never(work.kind)

    def _plan_pod(self, key: ObjectKey) -> Plan:
        if not self._settings.hollow_nodes:
            return NOTHING
        pod = self._view.pods.get(key)
        if pod is None:
            self._hollow.gone(key)
            return NOTHING
        nodes = self._view.nodes_by_name()
        return self._hollow.plan(pod, nodes, self._clock.now(), self._clock.monotonic_s())
