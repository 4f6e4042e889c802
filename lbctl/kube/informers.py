"""The informers of one process, started and awaited together."""

from __future__ import annotations

import threading
from functools import partial

from lbctl.kube.client import KubeClient
from lbctl.kube.informer import Informer, InformerStats, WatchTiming
from lbctl.kube.resources import Resource, T, Versioned
from lbctl.kube.transport import Hangup
from lbctl.runtime.clock import Clock, SystemClock
from lbctl.runtime.threads import ThreadGroup


class Informers:
    """A set of informers that share a client and a stop. `add` all of them, `start`, then `wait_synced`."""

    def __init__(self, client: KubeClient, timing: WatchTiming | None = None, clock: Clock | None = None) -> None:
        self._client = client
        self._timing = timing
        self._clock = clock or SystemClock()
        self._hangup = Hangup()
        self._informers: list[Informer[Versioned]] = []

    def add(
        self,
        resource: Resource[T],
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        page_limit: int | None = None,
    ) -> Informer[T]:
        """An informer of one kind, to be given handlers and indexes before `start`."""
        informer = Informer(
            self._client,
            resource,
            namespace=namespace,
            label_selector=label_selector,
            field_selector=field_selector,
            page_limit=page_limit,
            timing=self._timing,
            clock=self._clock,
        )
        self._informers.append(informer)  # type: ignore[arg-type]  # read-only uses below are covariant
        return informer

    def start(self, group: ThreadGroup) -> None:
        """One thread each, and one that hangs up their connections when the group stops."""
        group.spawn("hangup", partial(self._hangup.ring_after, group.stop))
        for informer in self._informers:
            group.spawn(f"informer-{informer.resource.plural}", partial(informer.run, group.stop, self._hangup))

    def wait_synced(self, stop: threading.Event, timeout_s: float) -> bool:
        """Whether all are synced; False after `timeout_s` seconds or on `stop`."""
        deadline_s = self._clock.monotonic_s() + timeout_s
        for informer in self._informers:
            while not informer.synced.wait(0.05):
                if stop.is_set() or self._clock.monotonic_s() > deadline_s:
                    return False
        return True

    def unsynced(self) -> tuple[str, ...]:
        """One sentence for each informer that still waits for its first LIST."""
        return tuple(
            f"{one.resource.qualified}: {one.failure or 'waiting for the first list'}"
            for one in self._informers
            if not one.synced.is_set()
        )

    def stats(self) -> dict[str, InformerStats]:
        """Counts by resource name."""
        return {one.resource.qualified: one.stats() for one in self._informers}
