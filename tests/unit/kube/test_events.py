"""Events: aggregated, bounded, and never in the caller's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lbctl.kube.event_ledger import EventLedger, EventLimits, EventType, ObjectRef, Occurrence, service_ref
from lbctl.kube.events import EventRecorder
from lbctl.model.service import ObjectKey, Service, Uid
from lbctl.runtime.backoff import Backoff
from tests.unit.kube.scripted import Answer, Asked, Responder, ScriptedServer, document, in_turn, status

WEB = service_ref(Service(ObjectKey("shop", "web"), uid=Uid("u1")))
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIMITS = EventLimits(refresh_s=60, finish_s=360, burst=3, refill_s=300, queue=4, series=5)


def happened(note: str = "n", name: str = "web") -> Occurrence:
    ref = ObjectRef("v1", "Service", ObjectKey("shop", name), Uid(name))
    return Occurrence(ref, EventType.WARNING, "SyncLoadBalancerFailed", "Sync", note)


def test_a_new_occurrence_is_due_at_once_and_only_once() -> None:
    ledger = EventLedger(LIMITS)
    ledger.add(happened(), NOW, 0)
    series = ledger.due(0)
    assert series is not None
    ledger.wrote(series, series.count, 0)
    assert ledger.due(1e9) is None
    assert ledger.waiting() == 0


def test_repeats_are_due_only_after_the_refresh_time_and_together() -> None:
    ledger = EventLedger(LIMITS)
    ledger.add(happened(), NOW, 0)
    series = ledger.due(0)
    assert series is not None
    ledger.wrote(series, 1, 0)
    for second in (1, 2, 3):
        ledger.add(happened(), NOW, second)
    assert ledger.due(59.9) is None
    assert ledger.due(60) is series
    assert series.count == 4
    assert ledger.due(5, all_repeats=True) is series
    assert ledger.repeats == 3


def test_a_repeat_during_the_write_is_not_lost() -> None:
    ledger = EventLedger(LIMITS)
    ledger.add(happened(), NOW, 0)
    series = ledger.due(0)
    assert series is not None
    ledger.add(happened(), NOW, 1)
    ledger.wrote(series, 1, 2)
    assert ledger.due(62) is series


def test_another_note_is_another_event() -> None:
    ledger = EventLedger(LIMITS)
    ledger.add(happened("throttled"), NOW, 0)
    ledger.add(happened("quota exceeded"), NOW, 0)
    assert ledger.waiting() == 2


def test_an_object_with_ever_new_notes_is_limited_and_recovers_but_others_are_not() -> None:
    ledger = EventLedger(LIMITS)
    for number in range(10):
        ledger.add(happened(str(number)), NOW, 0)
    assert (ledger.waiting(), ledger.dropped_rate) == (3, 7)
    ledger.add(happened("x", "other"), NOW, 0)
    ledger.add(happened("later"), NOW, 299)
    assert ledger.dropped_rate == 8
    ledger.add(happened("later"), NOW, 301)
    assert ledger.dropped_rate == 8


def test_a_full_queue_drops_the_oldest_and_counts() -> None:
    ledger = EventLedger(LIMITS)
    for number in range(6):
        ledger.add(happened("n", f"s{number}"), NOW, 0)
    assert (ledger.waiting(), ledger.dropped_full) == (4, 2)
    series = ledger.due(0)
    assert series is not None
    assert series.what.regarding.key.name == "s2"


def test_a_finished_series_is_forgotten_but_not_before_its_last_count_is_written() -> None:
    ledger = EventLedger(LIMITS)
    ledger.add(happened(), NOW, 0)
    series = ledger.due(0)
    assert series is not None
    ledger.wrote(series, 1, 0)
    ledger.add(happened(), NOW, 1)
    ledger.tidy(1000)
    assert ledger.due(1000) is series
    ledger.wrote(series, 2, 1000)
    ledger.tidy(1001)
    ledger.add(happened(), NOW, 1002)
    again = ledger.due(1002)
    assert again is not None
    assert again is not series
    assert again.name != series.name


class Recording:
    def __init__(self, server: ScriptedServer, folder: Path, wait_s: float = 0.01) -> None:
        self.server = server
        self.stop = threading.Event()
        self.recorder = EventRecorder(
            server.client(folder), controller="lbctl.io/controller", instance="pod-1", backoff=Backoff(wait_s, wait_s)
        )
        self.thread = threading.Thread(target=self.recorder.run, args=(self.stop,), daemon=True)
        self.thread.start()

    def record(self, note: str = "all is well", ref: ObjectRef = WEB) -> None:
        self.recorder.record(ref, EventType.NORMAL, "EnsuredLoadBalancer", "Ensure", note)

    def halt(self) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


@contextmanager
def recording(folder: Path, responder: Responder) -> Iterator[Recording]:
    with ScriptedServer(responder) as server:
        one = Recording(server, folder)
        try:
            yield one
        finally:
            one.halt()


OK = document({"kind": "Event"})
EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events"


def methods(server: ScriptedServer) -> list[str]:
    return [asked.method for asked in server.asked()]


def test_the_first_occurrence_is_one_post_of_a_valid_event(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(OK)) as one:
        one.record()
        assert one.recorder.flush(10)
        [asked] = one.server.asked()
        assert (asked.method, asked.path) == ("POST", EVENTS)
        body = asked.json()
        assert body["metadata"].pop("name").startswith("web.")
        assert body.pop("eventTime").endswith("Z")
        assert body == {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"namespace": "shop"},
            "type": "Normal",
            "reason": "EnsuredLoadBalancer",
            "action": "Ensure",
            "note": "all is well",
            "regarding": {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "web", "uid": "u1"},
            "reportingController": "lbctl.io/controller",
            "reportingInstance": "pod-1",
        }


def test_a_thousand_repeats_are_one_post_and_one_patch(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(OK)) as one:
        one.record()
        assert one.recorder.flush(10)
        for _ in range(999):
            one.record()
        assert one.recorder.flush(10)
        post, patch = one.server.asked()
        assert patch.method == "PATCH"
        assert patch.path == f"{EVENTS}/{post.json()['metadata']['name']}"
        assert patch.headers["content-type"] == "application/merge-patch+json"
        series = patch.json()["series"]
        assert series["count"] == 1000
        assert series["lastObservedTime"].endswith("Z")
        stats = one.recorder.stats()
        assert (stats.created, stats.refreshed, stats.repeats, stats.waiting) == (1, 1, 999, 0)


def test_an_event_about_a_cluster_wide_object_goes_to_default(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(OK)) as one:
        one.record(ref=ObjectRef("v1", "Node", ObjectKey("", "n1"), Uid("")))
        assert one.recorder.flush(10)
        [asked] = one.server.asked()
        assert asked.path == "/apis/events.k8s.io/v1/namespaces/default/events"
        assert asked.json()["regarding"] == {"apiVersion": "v1", "kind": "Node", "name": "n1"}


def test_a_long_note_is_cut_to_what_the_server_takes(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(OK)) as one:
        one.record("ü" * 1000)
        assert one.recorder.flush(10)
        note = one.server.asked()[0].json()["note"]
        assert len(note.encode()) <= 1024
        assert note.endswith("ü…")


def test_a_failing_server_is_asked_again_until_it_works(tmp_path: Path) -> None:
    script = in_turn(status(500, "InternalError"), status(429, "TooManyRequests"), OK)
    with recording(tmp_path, script) as one:
        one.record()
        assert one.recorder.flush(10)
        assert methods(one.server) == ["POST", "POST", "POST"]


def test_between_two_attempts_the_server_is_left_alone_even_by_other_events(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(status(500, "InternalError"), OK)) as server:
        one = Recording(server, tmp_path, wait_s=0.4)
        one.record("first")
        server.await_asked(1)
        one.record("second")
        assert one.recorder.flush(10)
        one.halt()
        times = [asked.at_s for asked in server.asked()]
        assert len(times) == 3
        assert times[1] - times[0] >= 0.4


def test_a_refused_event_is_dropped_counted_and_does_not_hold_up_the_next(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(status(403, "Forbidden"), OK)) as one:
        one.record("first")
        one.record("second")
        assert one.recorder.flush(10)
        assert one.recorder.stats().dropped_refused == 1
        assert one.recorder.stats().created == 1


def test_an_event_that_the_server_forgot_is_created_anew_with_its_count(tmp_path: Path) -> None:
    def respond(asked: Asked) -> Answer:
        return status(404, "NotFound") if asked.method == "PATCH" else OK

    with recording(tmp_path, respond) as one:
        one.record()
        assert one.recorder.flush(10)
        one.record()
        assert one.recorder.flush(10)
        assert methods(one.server) == ["POST", "PATCH", "POST"]
        assert one.server.asked()[2].json()["series"]["count"] == 2


def test_a_post_whose_answer_was_lost_counts_as_written(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(status(504, "Timeout"), status(409, "AlreadyExists"))) as one:
        one.record()
        assert one.recorder.flush(10)
        assert one.recorder.stats().created == 1


def test_recording_never_blocks_or_fails_while_the_server_hangs(tmp_path: Path) -> None:
    with ScriptedServer(in_turn(Answer(silent=True))) as server:
        one = Recording(server, tmp_path)
        for number in range(2000):
            ref = ObjectRef("v1", "Service", ObjectKey("shop", f"s{number}"), Uid(""))
            one.record(ref=ref)
        assert one.recorder.stats().dropped_full >= 999
        assert not one.recorder.flush(0.01)
    # The server's end answers the hung request, so the thread can leave.
    one.halt()


def test_what_is_left_is_written_on_stop(tmp_path: Path) -> None:
    with recording(tmp_path, in_turn(OK)) as one:
        one.record()
        assert one.recorder.flush(10)
        one.record()
        one.record("last words")
        one.halt()
        assert sorted(methods(one.server)) == ["PATCH", "POST", "POST"]
