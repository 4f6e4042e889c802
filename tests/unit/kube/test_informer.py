"""The informer against a scripted server. Letters in brackets are the defects of other clients it must not have."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from lbctl.kube.informer import Informer, WatchTiming
from lbctl.kube.kinds import SERVICES
from lbctl.kube.transport import Hangup
from lbctl.model.service import ObjectKey, Service
from lbctl.runtime.backoff import Backoff
from tests.unit.kube.scripted import (
    Answer,
    Asked,
    Responder,
    ScriptedServer,
    bookmark,
    event,
    gone_event,
    in_turn,
    listing,
    lists_and_watches,
    service,
    status,
    watch,
)

# Short enough for a test, long enough that a watch of a test is always short-lived.
QUICK = WatchTiming(short_lived_s=30.0, backoff=Backoff(0.01, 0.05))


class Running:
    """An informer in a thread, with what its handlers saw."""

    def __init__(self, server: ScriptedServer, folder: Path, timing: WatchTiming, **options: str | int) -> None:
        self.server = server
        self.informer: Informer[Service] = Informer(server.client(folder), SERVICES, timing=timing, **options)  # type: ignore[arg-type]
        self.seen: list[tuple[str | None, str | None]] = []
        self._changed = threading.Condition()
        self.stop = threading.Event()
        self.hangup = Hangup()
        self.informer.on_change(self._saw)
        self.thread = threading.Thread(target=self.informer.run, args=(self.stop, self.hangup), daemon=True)

    def _saw(self, old: Service | None, new: Service | None) -> None:
        with self._changed:
            self.seen.append((_short(old), _short(new)))
            self._changed.notify_all()

    def await_seen(self, *wanted: tuple[str | None, str | None]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.seen) >= len(wanted), 10.0), self.seen
            assert self.seen == list(wanted)

    def halt(self) -> None:
        self.stop.set()
        self.hangup.ring()
        self.thread.join(10.0)
        assert not self.thread.is_alive()


def _short(one: Service | None) -> str | None:
    return None if one is None else f"{one.key.name}@{one.resource_version}"


@contextmanager
def running(folder: Path, responder: Responder, timing: WatchTiming = QUICK, **options: str | int) -> Iterator[Running]:
    with ScriptedServer(responder) as server:
        one = Running(server, folder, timing, **options)
        one.thread.start()
        try:
            yield one
        finally:
            one.halt()


def is_list(asked: Asked) -> bool:
    return not asked.is_watch


def is_watch(asked: Asked) -> bool:
    return asked.is_watch


A1 = service("a", 1)
EMPTY = listing([], 10)


def test_the_first_list_fills_the_store_tells_the_handlers_and_then_says_synced(tmp_path: Path) -> None:
    script = lists_and_watches(in_turn(listing([A1, service("b", 2)], 10)), in_turn(watch()))
    with running(tmp_path, script) as one:
        assert one.informer.synced.wait(10)
        assert one.seen == [(None, "a@1"), (None, "b@2")]
        assert one.informer.store.get(ObjectKey("default", "a")) is not None
        [listed] = one.server.asked(is_list)
        assert listed.query == {"resourceVersion": "0"}
        assert listed.headers["user-agent"] == "lbctl-test"
        assert listed.headers["authorization"] == "Bearer secret"


def test_the_watch_asks_for_bookmarks_and_a_random_lifetime_and_keeps_the_selectors(tmp_path: Path) -> None:
    """[E] clients without bookmarks age out to 410 on quiet kinds."""
    script = lists_and_watches(in_turn(EMPTY), in_turn(watch()))
    with running(
        tmp_path, script, namespace="default", label_selector="!x", field_selector="spec.type=LoadBalancer"
    ) as one:
        one.server.await_asked(1, is_watch)
        [asked] = one.server.asked(is_watch)
        assert asked.path == "/api/v1/namespaces/default/services"
        assert 300 <= int(asked.query["timeoutSeconds"]) <= 600
        assert asked.query["allowWatchBookmarks"] == "true"
        assert asked.query["resourceVersion"] == "10"
        assert asked.query["labelSelector"] == "!x"
        assert asked.query["fieldSelector"] == "spec.type=LoadBalancer"
        assert one.server.asked(is_list)[0].query["labelSelector"] == "!x"


def test_events_reach_the_store_and_handlers_see_the_old_object(tmp_path: Path) -> None:
    """[J] an update carries what was there before."""
    stream = watch(
        event("ADDED", service("b", 11)), event("MODIFIED", service("b", 12)), event("DELETED", service("b", 13))
    )
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), in_turn(stream))) as one:
        one.await_seen((None, "b@11"), ("b@11", "b@12"), ("b@12", None))
        assert one.informer.store.values() == ()
        assert one.informer.resource_version == "13"


def test_a_watch_is_resumed_at_the_last_event_or_bookmark(tmp_path: Path) -> None:
    """[A] a client that does not advance replays every event on every reconnect."""
    first = watch(event("ADDED", service("b", 11)), then="end")
    second = watch(bookmark(20), then="cut")
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), in_turn(first, second, watch()))) as one:
        one.server.await_asked(3, is_watch)
        assert [asked.query["resourceVersion"] for asked in one.server.asked(is_watch)] == ["10", "11", "20"]
        assert len(one.server.asked(is_list)) == 1


@pytest.mark.parametrize(
    "refusal", [status(410, "Expired"), watch(gone_event(), then="end")], ids=["HTTP status", "ERROR event"]
)
def test_a_410_lists_again_and_reports_the_difference(tmp_path: Path, refusal: Answer) -> None:
    """[B] others crash on the ERROR event."""
    before = listing([A1, service("b", 2), service("c", 3)], 10)
    after = listing([A1, service("b", 12), service("d", 13)], 20)
    with running(tmp_path, lists_and_watches(in_turn(before, after), in_turn(refusal, watch()))) as one:
        one.await_seen((None, "a@1"), (None, "b@2"), (None, "c@3"), ("c@3", None), ("b@2", "b@12"), (None, "d@13"))
        one.server.await_asked(2, is_watch)
        assert "resourceVersion" not in one.server.asked(is_list)[1].query
        assert one.server.asked(is_watch)[1].query["resourceVersion"] == "20"


@pytest.mark.parametrize(
    "answer",
    [status(500, "InternalError"), watch(then="end"), watch(then="cut"), watch(gone_event(), then="end")],
    ids=["C: 500", "D: closed at once", "D: cut at once", "D: 410 loop"],
)
def test_a_watch_that_fails_at_once_is_backed_off(tmp_path: Path, answer: Answer) -> None:
    """[C, D] others sent 600 to 3000 requests in two seconds; here the waits double, so few arrive."""
    timing = WatchTiming(backoff=Backoff(0.05, 30.0))
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), lambda _: answer), timing) as one:
        one.server.await_asked(5, is_watch)
        times = [asked.at_s for asked in one.server.asked(is_watch)]
        gaps = [late - early for early, late in pairwise(times[:4])]
        # Lower bounds only: a wait may be longer on a busy machine, never shorter.
        assert all(gap >= wait for gap, wait in zip(gaps, (0.05, 0.1, 0.2), strict=True)), gaps


def test_a_watch_that_lived_long_is_resumed_without_a_wait(tmp_path: Path) -> None:
    timing = WatchTiming(short_lived_s=-1.0, backoff=Backoff(3600.0, 3600.0))
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), in_turn(watch(then="end"), watch())), timing) as one:
        one.server.await_asked(2, is_watch)
        assert one.informer.stats().restarts == 1


def test_a_short_watch_that_brought_events_does_not_double_the_wait(tmp_path: Path) -> None:
    def watches(asked: Asked) -> Answer:
        version = int(asked.query["resourceVersion"]) + 1
        return watch(event("ADDED", service(f"s{version}", version)), then="end")

    timing = WatchTiming(short_lived_s=30.0, backoff=Backoff(0.001, 3600.0))
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), watches), timing) as one:
        # Doubling would reach a minute at the 17th.
        one.server.await_asked(30, is_watch)


def test_retry_after_is_honoured(tmp_path: Path) -> None:
    refusal = status(429, "TooManyRequests", Retry_After="1")
    with running(tmp_path, lists_and_watches(in_turn(refusal, EMPTY), in_turn(watch()))) as one:
        assert one.informer.synced.wait(10)
        first, second = one.server.asked(is_list)
        assert second.at_s - first.at_s >= 1.0


def test_a_list_that_fails_is_repeated_and_says_why(tmp_path: Path) -> None:
    forbidden = status(403, "Forbidden", 'services is forbidden: User "x" cannot list resource "services"')
    release = threading.Event()

    def lists(asked: Asked) -> Answer:
        return EMPTY if release.is_set() else forbidden

    with running(tmp_path, lists_and_watches(lists, in_turn(watch()))) as one:
        one.server.await_asked(3, is_list)
        assert not one.informer.synced.is_set()
        assert 'User "x" cannot list resource "services"' in one.informer.failure
        release.set()
        assert one.informer.synced.wait(10)
        one.server.await_asked(1, is_watch)
        assert one.informer.failure == ""


def test_pages_are_followed_and_applied_together(tmp_path: Path) -> None:
    """[J] paging."""
    pages = in_turn(
        listing([A1], 10, more="t1"), listing([service("b", 2)], 10, more="t2"), listing([service("c", 3)], 10)
    )
    with running(tmp_path, lists_and_watches(pages, in_turn(watch())), page_limit=1) as one:
        assert one.informer.synced.wait(10)
        assert len(one.informer.store) == 3
        asked = [dict(one.query) for one in one.server.asked(is_list)]
        assert asked == [
            {"resourceVersion": "0", "limit": "1"},
            {"limit": "1", "continue": "t1"},
            {"limit": "1", "continue": "t2"},
        ]


def test_an_expired_continue_token_falls_back_to_one_whole_list(tmp_path: Path) -> None:
    pages = in_turn(listing([A1], 10, more="t1"), status(410, "Expired"), listing([A1, service("b", 12)], 20))
    with running(tmp_path, lists_and_watches(pages, in_turn(watch())), page_limit=1) as one:
        one.await_seen((None, "a@1"), (None, "b@12"))
        assert one.server.asked(is_list)[2].query == {}


def test_a_silent_stream_is_given_up_after_its_lifetime_and_slack(tmp_path: Path) -> None:
    """[F] a half-open connection must not block for ever."""
    timing = WatchTiming(0.1, 0.1, slack_s=0.2, short_lived_s=0.0, backoff=Backoff(0.01, 0.01))
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), lambda _: watch()), timing) as one:
        one.server.await_asked(3, is_watch)


def test_an_object_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    bad = service("bad", 5)
    bad["spec"]["ports"] = [{"port": "eighty"}]
    also_bad = {**bad, "metadata": {**bad["metadata"], "resourceVersion": "11"}}
    stream = watch(event("ADDED", also_bad), event("ADDED", service("b", 12)))
    with running(tmp_path, lists_and_watches(in_turn(listing([bad, A1], 10)), in_turn(stream))) as one:
        one.await_seen((None, "a@1"), (None, "b@12"))
        assert one.informer.stats().unreadable == 2


def test_events_split_over_slow_chunks_are_joined(tmp_path: Path) -> None:
    line = event("ADDED", service("b", 11)) + event("ADDED", service("c", 12))
    step = threading.Event()
    stream = watch(line[:7], line[7:40], step, line[40:-9], line[-9:])
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), in_turn(stream))) as one:
        one.server.await_asked(1, is_watch)
        step.set()
        one.await_seen((None, "b@11"), (None, "c@12"))


def test_a_line_that_is_no_event_restarts_the_watch(tmp_path: Path) -> None:
    with running(tmp_path, lists_and_watches(in_turn(EMPTY), in_turn(watch(b"<html>\n"), watch()))) as one:
        one.server.await_asked(2, is_watch)


@pytest.mark.parametrize("where", ["in the stream", "before the head", "in the list"])
def test_stopping_does_not_wait_for_a_silent_server(tmp_path: Path, where: str) -> None:
    silent = Answer(silent=True)
    lists = in_turn(silent if where == "in the list" else EMPTY)
    watches = in_turn(silent if where == "before the head" else watch())
    with running(tmp_path, lists_and_watches(lists, watches)) as one:
        one.server.await_asked(1, is_list if where == "in the list" else is_watch)
        began_s = time.monotonic()
        one.halt()
        assert time.monotonic() - began_s < 5.0, "the timeouts are 120 and 330 s: it was not hung up"


def test_a_handler_that_raises_ends_the_run(tmp_path: Path) -> None:
    with ScriptedServer(lists_and_watches(in_turn(listing([A1], 10)), in_turn(watch()))) as server:
        informer = Informer(server.client(tmp_path), SERVICES, timing=QUICK)

        def broken(old: Service | None, new: Service | None) -> None:
            raise RuntimeError("a bug")

        informer.on_change(broken)
        with pytest.raises(RuntimeError, match="a bug"):
            informer.run(threading.Event())
        assert not informer.synced.is_set()
