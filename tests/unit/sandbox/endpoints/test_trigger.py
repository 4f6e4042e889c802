"""The time of the change that endpoints answer."""

from __future__ import annotations

import pytest

from lbctl.sandbox.endpoints.trigger import observe, trigger_time
from tests.unit.sandbox.endpoints.builders import CREATED, pod, service

LATER, LAST = "2026-01-01T00:05:00Z", "2026-01-01T00:09:00Z"


def test_the_first_sync_answers_the_creation_of_the_service() -> None:
    assert trigger_time(None, observe(service(), [pod(1, ready_since=LATER)])) == CREATED


def test_no_change_has_no_time() -> None:
    seen = observe(service(), [pod(1)])
    assert trigger_time(seen, seen) is None


def test_of_several_changes_the_earliest_counts() -> None:
    before = observe(service(), [pod(1), pod(2), pod(3)])
    now = observe(service(), [pod(1, ready_since=LAST), pod(2, ready_since=LATER), pod(3)])
    assert trigger_time(before, now) == LATER


def test_a_new_pod_is_a_change() -> None:
    assert trigger_time(observe(service(), []), observe(service(), [pod(1, ready_since=LATER)])) == LATER


def test_a_pod_that_goes_has_no_time() -> None:
    assert trigger_time(observe(service(), [pod(1)]), observe(service(), [])) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2026-01-01T02:00:00+02:00", "2026-01-01T00:00:00Z", id="another zone"),
        pytest.param("2026-01-01T00:00:00.120Z", "2026-01-01T00:00:00.12Z", id="fractions, without trailing zeros"),
        pytest.param("yesterday", None, id="no time at all"),
    ],
)
def test_times_are_written_as_go_writes_them(written: str, expected: str | None) -> None:
    assert trigger_time(observe(service(), []), observe(service(), [pod(1, ready_since=written)])) == expected
