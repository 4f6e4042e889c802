"""Ages read as kubectl prints them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.tables.ages import age, human_duration

MINUTE, HOUR, DAY, YEAR = 60, 3600, 86400, 365 * 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-2, "<invalid>"),
        (-1.9, "0s"),
        (0, "0s"),
        (5.9, "5s"),
        (119, "119s"),
        (2 * MINUTE, "2m"),
        (2 * MINUTE + 3, "2m3s"),
        (10 * MINUTE - 1, "9m59s"),
        (10 * MINUTE + 59, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (7 * HOUR + 59 * MINUTE, "7h59m"),
        (8 * HOUR + 59 * MINUTE, "8h"),
        (48 * HOUR - 1, "47h"),
        (2 * DAY, "2d"),
        (4 * DAY + 2 * HOUR, "4d2h"),
        (8 * DAY + 2 * HOUR, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (3 * YEAR + 5 * DAY, "3y5d"),
        (8 * YEAR + 5 * DAY, "8y"),
    ],
)
def test_human_duration(seconds: float, text: str) -> None:
    assert human_duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize("broken", [None, "", "yesterday", 5])
def test_age_of_no_time_is_unknown(broken: object) -> None:
    assert age(broken, datetime(2026, 1, 1, tzinfo=UTC)) == "<unknown>"


@given(st.integers(0, 2**32))
def test_printed_age_never_claims_more_time_than_passed(seconds: int) -> None:
    units = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "y": YEAR}
    total, digits = 0, ""
    for char in human_duration(timedelta(seconds=seconds)):
        if char in units:
            total, digits = total + int(digits) * units[char], ""
        else:
            digits += char
    assert total <= seconds < 2 * total + 1 or seconds < 1
