"""The Event recorder: tells users on their objects what happened, without ever holding up or failing the caller."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

import msgspec

from lbctl.kube.client import KubeClient, PatchKind
from lbctl.kube.errors import AlreadyExists, KubeApiError, NotFound
from lbctl.kube.event_ledger import EventLedger, EventLimits, EventType, ObjectRef, Occurrence, Series
from lbctl.kube.objects import JsonValue
from lbctl.kube.wire import micro_time
from lbctl.model.errors import TemporaryError
from lbctl.runtime.backoff import Backoff
from lbctl.runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

# Limits of events.k8s.io/v1, in bytes. Source: kubernetes/kubernetes pkg/apis/core/validation/events.go.
MAX_NOTE_BYTES = 1024
MAX_WORD_BYTES = 128
TRIES = 12
# How long the last Events may hold up the end of the process.
FAREWELL_S = 2.0
TICK_S = 0.2
TIDY_S = 30.0
_API = "/apis/events.k8s.io/v1/namespaces"
_LIMITS = EventLimits()
_BACKOFF = Backoff(first_s=1.0, max_s=30.0, jitter=0.25)


@dataclass(frozen=True, slots=True)
class EventStats:
    """Counts since the start. `repeats` raised a count instead of making an Event; drops are by their cause."""

    created: int
    refreshed: int
    repeats: int
    dropped_full: int
    dropped_rate: int
    dropped_refused: int
    waiting: int


class EventRecorder:
    """Records Events for one component. `record` from any thread; one thread of its own calls `run`.

    `controller` is a qualified name (`lbctl.io/controller`), `instance` the Pod or host.
    """

    def __init__(
        self,
        client: KubeClient,
        *,
        controller: str,
        instance: str,
        limits: EventLimits = _LIMITS,
        backoff: Backoff = _BACKOFF,
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._controller = controller
        self._instance = _cut(instance, MAX_WORD_BYTES) or controller
        self._backoff = backoff
        self._clock = clock or SystemClock()
        self._changed = threading.Condition()
        self._ledger = EventLedger(limits)
        self._flushing = 0
        self._paused_until_s = 0.0
        self._created = 0
        self._refreshed = 0
        self._refused = 0

    def record(self, regarding: ObjectRef, type_: EventType, reason: str, action: str, note: str) -> None:
        """Tell that `action` on `regarding` ended in `reason` (both CamelCase); `note` is the sentence users read."""
        what = Occurrence(
            regarding, type_, _cut(reason, MAX_WORD_BYTES), _cut(action, MAX_WORD_BYTES), _cut(note, MAX_NOTE_BYTES)
        )
        with self._changed:
            self._ledger.add(what, self._clock.now(), self._clock.monotonic_s())
            self._changed.notify_all()

    def run(self, stop: threading.Event) -> None:
        """Write what is due until `stop`, then what is left, for at most `FAREWELL_S`."""
        tidied_s = self._clock.monotonic_s()
        while not stop.is_set():
            series = self._await_due()
            if series is not None:
                self._write(series)
            if self._clock.monotonic_s() - tidied_s > TIDY_S:
                tidied_s = self._clock.monotonic_s()
                with self._changed:
                    self._ledger.tidy(tidied_s)
        self._say_farewell()

    def flush(self, timeout_s: float) -> bool:
        """Wait until the server knows everything recorded so far; False when that takes longer than `timeout_s`."""
        with self._changed:
            self._flushing += 1
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self._ledger.waiting() == 0, timeout_s)
            self._flushing -= 1
            return done

    def stats(self) -> EventStats:
        with self._changed:
            ledger = self._ledger
            return EventStats(
                created=self._created,
                refreshed=self._refreshed,
                repeats=ledger.repeats,
                dropped_full=ledger.dropped_full,
                dropped_rate=ledger.dropped_rate,
                dropped_refused=self._refused,
                waiting=ledger.waiting(),
            )

    def _await_due(self) -> Series | None:
        with self._changed:
            series = self._due()
            if series is None:
                # A tick, as a stop wakes no condition.
                self._changed.wait(TICK_S)
                series = self._due()
            return series

    def _due(self) -> Series | None:
        now_s = self._clock.monotonic_s()
        if now_s < self._paused_until_s:
            return None
        return self._ledger.due(now_s, all_repeats=self._flushing > 0)

    def _say_farewell(self) -> None:
        deadline_s = self._clock.monotonic_s() + FAREWELL_S
        while (left_s := deadline_s - self._clock.monotonic_s()) > 0:
            with self._changed:
                series = self._ledger.due(self._clock.monotonic_s(), all_repeats=True)
            if series is None or not self._write(series, timeout_s=left_s):
                return

    def _write(self, series: Series, timeout_s: float = 10.0) -> bool:
        """Bring the server up to date about one series; False when it could not be reached."""
        with self._changed:
            count, fresh = series.count, series.written == 0
            body = self._document(series, count) if fresh else _refresh(series, count)
        try:
            self._send(series, body, fresh=fresh, timeout_s=timeout_s)
        except NotFound as gone:
            if fresh:
                return self._give_up(series, gone)
            # It outlived its TTL on the server: begin it anew, with its count.
            with self._changed:
                series.written = 0
            return self._write(series, timeout_s)
        except AlreadyExists:
            log.debug("event exists: an earlier answer was lost", extra={"event": series.name})
        except KubeApiError as failure:
            return self._failed(series, failure)
        self._settled(series, count, fresh)
        return True

    def _send(self, series: Series, body: dict[str, JsonValue], *, fresh: bool, timeout_s: float) -> None:
        path = f"{_API}/{_namespace(series)}/events"
        content = msgspec.json.encode(body)
        if fresh:
            self._client.request("POST", path, body=content, timeout_s=timeout_s)
            return
        self._client.request(
            "PATCH", f"{path}/{series.name}", body=content, content_type=PatchKind.MERGE.value, timeout_s=timeout_s
        )

    def _settled(self, series: Series, count: int, fresh: bool) -> None:
        with self._changed:
            self._ledger.wrote(series, count, self._clock.monotonic_s())
            if fresh:
                self._created += 1
            else:
                self._refreshed += 1
            self._changed.notify_all()

    def _failed(self, series: Series, failure: KubeApiError) -> bool:
        if not isinstance(failure, TemporaryError) or series.tries + 1 >= TRIES:
            return self._give_up(series, failure)
        with self._changed:
            series.tries += 1
            delay_s = max(self._backoff.delay_s(series.tries), failure.retry_after_s or 0.0)
            self._paused_until_s = self._clock.monotonic_s() + delay_s
        log.debug("event not written yet", extra={"event": series.name, "cause": failure.message, "wait_s": delay_s})
        return False

    def _give_up(self, series: Series, failure: KubeApiError) -> bool:
        log.warning(
            "event dropped",
            extra={"object": str(series.what.regarding.key), "event": series.what.reason, "cause": failure.message},
        )
        with self._changed:
            self._ledger.forget(series)
            self._refused += 1
            self._changed.notify_all()
        return True

    def _document(self, series: Series, count: int) -> dict[str, JsonValue]:
        what = series.what
        ref = what.regarding
        document: dict[str, JsonValue] = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": series.name, "namespace": _namespace(series)},
            "eventTime": micro_time(series.first),
            "type": what.type.value,
            "reason": what.reason,
            "action": what.action,
            "note": what.note,
            "regarding": _regarding(ref),
            "reportingController": self._controller,
            "reportingInstance": self._instance,
        }
        return {**document, **_refresh(series, count)} if count > 1 else document


def _regarding(ref: ObjectRef) -> dict[str, JsonValue]:
    fields = {
        "apiVersion": ref.api_version,
        "kind": ref.kind,
        "namespace": ref.key.namespace,
        "name": ref.key.name,
        "uid": ref.uid,
    }
    return {name: text for name, text in fields.items() if text}


def _namespace(series: Series) -> str:
    """Events about cluster-wide objects live in `default`."""
    return series.what.regarding.key.namespace or "default"


def _refresh(series: Series, count: int) -> dict[str, JsonValue]:
    return {"series": {"count": count, "lastObservedTime": micro_time(series.last)}}


def _cut(text: str, limit_bytes: int) -> str:
    """At most so many bytes of UTF-8, ending in "…" where something is missing."""
    if len(encoded := text.encode()) <= limit_bytes:
        return text
    return encoded[: limit_bytes - len("…".encode())].decode(errors="ignore") + "…"
