"""Our own reflector: LIST once, then WATCH for ever, into a store that the rest of the process reads.

Rules
- LIST with resourceVersion=0 (any state the server has in memory), paged only where the server answers with a
  continue token; after a 410 the next LIST asks for the latest state, as what is in memory was too old.
- WATCH from the last version seen; every event and every BOOKMARK moves it. A watch that ends is resumed there.
- 410 Gone, as HTTP answer or as ERROR event, means LIST again; the difference to the store is what handlers see.
- A watch that lived over a second is resumed at once. Anything shorter, and every error, waits: 0.8 s doubling up to
  30 s with jitter, or longer when the server says Retry-After. A short watch that made progress does not double.
- The server ends a watch after a random 300 to 600 s; 30 s of silence beyond that mean a half-open connection.
- Handlers run on the reflector's thread, after the store has the change. They must return soon; what they raise ends
  the thread, hence the process.

Source: client-go tools/cache/reflector.go; KEP-956 (bookmarks).
"""

from __future__ import annotations

import gc
import logging
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic

import msgspec

from lbctl.kube.client import KubeClient
from lbctl.kube.errors import Expired, KubeApiError, error_from
from lbctl.kube.resources import Page, Resource, T, name_in
from lbctl.kube.store import Change, Store
from lbctl.kube.transport import Hangup
from lbctl.kube.wire import Wire
from lbctl.runtime.backoff import Backoff
from lbctl.runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

Handler = Callable[[T | None, T | None], None]


_BACKOFF = Backoff(first_s=0.8, max_s=30.0, jitter=0.5)


@dataclass(frozen=True, slots=True)
class WatchTiming:
    """Times of one informer, in seconds (see this file's rules)."""

    shortest_s: float = 300.0
    longest_s: float = 600.0
    slack_s: float = 30.0
    short_lived_s: float = 1.0
    backoff: Backoff = _BACKOFF


@dataclass(frozen=True, slots=True)
class InformerStats:
    """Counts since the start; `restarts` are watches after the first, `unreadable` objects that did not decode."""

    lists: int = 0
    watches: int = 0
    events: int = 0
    bookmarks: int = 0
    restarts: int = 0
    failures: int = 0
    unreadable: int = 0


class _Event(msgspec.Struct, gc=False):
    type: str
    object: msgspec.Raw


class _VersionMeta(Wire, gc=False):
    resource_version: str = ""
    name: str = ""
    namespace: str = ""


class _Version(Wire, gc=False):
    metadata: _VersionMeta


_EVENT = msgspec.json.Decoder(_Event)
_VERSION = msgspec.json.Decoder(_Version)


class Informer(Generic[T]):
    """One kind, kept up to date. Register handlers and indexes first, then let a thread call `run`.

    `synced` is set once the first LIST is in the store and its handlers have returned. `failure` is the last error's
    sentence while there is one, else empty.
    """

    def __init__(
        self,
        client: KubeClient,
        resource: Resource[T],
        *,
        namespace: str = "",
        label_selector: str = "",
        field_selector: str = "",
        page_limit: int | None = None,
        timing: WatchTiming | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.resource = resource
        self.store: Store[T] = Store(resource.key_of)
        self.synced = threading.Event()
        self.failure = ""
        self._client = client
        self._namespace = namespace
        self._selectors: dict[str, str] = {}
        if label_selector:
            self._selectors["labelSelector"] = label_selector
        if field_selector:
            self._selectors["fieldSelector"] = field_selector
        self._page_limit = page_limit
        self._timing = timing or WatchTiming()
        self._clock = clock or SystemClock()
        self._handlers: list[Handler[T]] = []
        self._version: str | None = None
        self._list_from = "0"
        self._failures = 0
        self._counts = dict.fromkeys(InformerStats.__slots__, 0)

    def on_change(self, handler: Handler[T]) -> None:
        """Call `handler(old, new)` for every change: old is None for an addition, new is None for a deletion."""
        self._handlers.append(handler)

    @property
    def resource_version(self) -> str:
        """The version the store has reached; empty before the first LIST."""
        return self._version or ""

    def stats(self) -> InformerStats:
        return InformerStats(**self._counts)

    def run(self, stop: threading.Event, hangup: Hangup | None = None) -> None:
        """List and watch until `stop`; with a `hangup` that rings then, a blocked read ends at once too."""
        hangup = hangup or Hangup()
        while not stop.is_set():
            pause_s = self._step(stop, hangup)
            if pause_s > 0.0:
                stop.wait(pause_s)

    def _step(self, stop: threading.Event, hangup: Hangup) -> float:
        """One LIST if due, one WATCH; returns how long to wait before the next step, in seconds."""
        began_s: float | None = None
        seen = self._counts["events"] + self._counts["bookmarks"]
        try:
            if self._version is None:
                self._list(hangup)
            began_s = self._clock.monotonic_s()
            self._watch(stop, hangup)
        except KubeApiError as failure:
            if stop.is_set() or hangup.rung:
                return 0.0
            return self._failed(failure, began_s, seen)
        return self._ended(began_s, seen)

    def _failed(self, failure: KubeApiError, began_s: float | None, seen: int) -> float:
        self._counts["failures"] += 1
        if isinstance(failure, Expired):
            self._version = None
            self._list_from = ""
        else:
            self.failure = failure.message
        pause_s = self._ended(began_s, seen) if began_s is not None else self._back_off()
        pause_s = max(pause_s, failure.retry_after_s or 0.0)
        log.warning(
            "watch interrupted",
            extra={
                "resource": self.resource.plural,
                "reason": failure.reason,
                "cause": failure.message,
                "wait_s": pause_s,
            },
        )
        return pause_s

    def _ended(self, began_s: float, seen: int) -> float:
        """The pause after a watch that ended, by how long it lived and whether it brought anything."""
        if self._clock.monotonic_s() - began_s > self._timing.short_lived_s:
            self._failures = 0
            return 0.0
        if self._counts["events"] + self._counts["bookmarks"] > seen:
            self._failures = 0
        return self._back_off()

    def _back_off(self) -> float:
        self._failures += 1
        return self._timing.backoff.delay_s(self._failures)

    def _list(self, hangup: Hangup) -> None:
        self._counts["lists"] += 1
        with _collector_off():
            try:
                pages = self._pages(self._page_limit, self._list_from, hangup)
            except Expired:
                # The continue token outlived the server's history: one whole answer instead of pages.
                pages = self._pages(None, "", hangup)
            changes = self.store.replace(item for page in pages for item in page.items)
        for sentence in (sentence for page in pages for sentence in page.unreadable):
            self._unreadable(sentence)
        self._version = pages[-1].resource_version
        self._tell(changes)
        self.failure = ""
        self.synced.set()

    def _pages(self, limit: int | None, version: str, hangup: Hangup) -> list[Page[T]]:
        query = {**self._selectors, "resourceVersion": version} if version else self._selectors
        return list(
            self._client.list_pages(
                self.resource, namespace=self._namespace, query=query, page_limit=limit, hangup=hangup
            )
        )

    def _watch(self, stop: threading.Event, hangup: Hangup) -> None:
        """Follow the events until the server ends the answer. Raises: KubeApiError."""
        if self._counts["watches"]:
            self._counts["restarts"] += 1
        self._counts["watches"] += 1
        timing = self._timing
        lasts_s = random.uniform(timing.shortest_s, timing.longest_s)
        path = self.resource.path(self._namespace)
        silence_s = lasts_s + timing.slack_s
        with self._client.stream(path, query=self._query(lasts_s), silence_s=silence_s, hangup=hangup) as stream:
            self.failure = ""
            for lines in stream.batches():
                self._take(lines)
                if stop.is_set():
                    return

    def _query(self, lasts_s: float) -> Mapping[str, str]:
        return {
            **self._selectors,
            "resourceVersion": self._version or "",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, round(lasts_s))),
        }

    def _take(self, lines: list[bytes]) -> None:
        """Apply one batch of events, then tell the handlers. Raises: KubeApiError for an ERROR event."""
        changes: list[Change[T]] = []
        try:
            for line in lines:
                self._apply(line, changes)
        finally:
            self._tell(changes)

    def _apply(self, line: bytes, changes: list[Change[T]]) -> None:
        try:
            event = _EVENT.decode(line)
        except ValueError as broken:
            raise error_from(0, line[:200], doing=f"WATCH {self.resource.plural} sent no event") from broken
        if event.type == "ERROR":
            raise error_from(0, event.object, doing=f"WATCH {self.resource.plural}")
        try:
            change, version = self._change_of(event)
        except ValueError as broken:
            self._unreadable(f"{self.resource.plural} {name_in(event.object)} cannot be read: {broken}")
            return
        self._version = version or self._version
        if change is not None:
            changes.append(change)

    def _change_of(self, event: _Event) -> tuple[Change[T] | None, str]:
        """What the event does to the store, and the version it brings. Raises: ValueError."""
        match event.type:
            case "ADDED" | "MODIFIED":
                self._counts["events"] += 1
                value = self.resource.decode(event.object)
                return self.store.put(value), value.resource_version
            case "DELETED":
                self._counts["events"] += 1
                value = self.resource.decode(event.object)
                return self.store.remove(self.resource.key_of(value)), value.resource_version
            case "BOOKMARK":
                self._counts["bookmarks"] += 1
                return None, _VERSION.decode(event.object).metadata.resource_version
            case unknown:
                raise ValueError(f"unknown event type {unknown!r}")

    def _tell(self, changes: list[Change[T]]) -> None:
        for change in changes:
            for handler in self._handlers:
                handler(change.old, change.new)

    def _unreadable(self, sentence: str) -> None:
        self._counts["unreadable"] += 1
        log.warning("object skipped", extra={"resource": self.resource.plural, "cause": sentence})


@contextmanager
def _collector_off() -> Iterator[None]:
    """Decoding builds many objects and no cycles; the collector would double its time searching for them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
