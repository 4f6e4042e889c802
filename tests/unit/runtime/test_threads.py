"""Threads end together, and their failures reach whoever joins them."""

from __future__ import annotations

import threading

import pytest

from lbctl.runtime.threads import ThreadGroup


def test_the_first_failure_stops_the_group_and_is_raised_by_join() -> None:
    group = ThreadGroup("test")
    group.spawn("waits", lambda: group.stop.wait(30) and None)

    def fails() -> None:
        raise ValueError("broken")

    group.spawn("fails", fails)
    with pytest.raises(ValueError, match="broken"):
        group.join(timeout_s=10)
    assert group.stop.is_set()


def test_a_thread_that_does_not_stop_is_named() -> None:
    release = threading.Event()
    group = ThreadGroup("test")
    group.spawn("stubborn", lambda: release.wait(30) and None)
    group.stop.set()
    with pytest.raises(TimeoutError, match="test/stubborn"):
        group.join(timeout_s=0.05)
    release.set()
    group.join(timeout_s=10)


def test_leaving_the_group_stops_and_joins() -> None:
    ended: list[str] = []

    def waits() -> None:
        group.stop.wait(30)
        ended.append("one")

    with ThreadGroup("test") as group:
        group.spawn("one", waits)
    assert ended == ["one"]
