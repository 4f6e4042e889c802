"""How often a big Service may be written."""

from __future__ import annotations

import pytest

from lbctl.model.service import ObjectKey
from lbctl.sandbox.endpoints.pace import Pace

WEB, API = ObjectKey("default", "web"), ObjectKey("default", "api")


@pytest.mark.parametrize(
    ("duration_s", "rest_s"),
    [
        pytest.param(0.005, 0.0, id="a short sync needs no rest"),
        pytest.param(0.05, 0.2, id="a long one needs a multiple of itself"),
        pytest.param(30.0, 1.0, id="but never more than a second"),
    ],
)
def test_rest_after_a_sync(duration_s: float, rest_s: float) -> None:
    pace = Pace()
    pace.took(WEB, duration_s, now_s=100.0)
    assert pace.rest_s(WEB, 100.0) == pytest.approx(rest_s)
    assert pace.rest_s(API, 100.0) == 0.0


def test_after_the_rest_a_change_is_answered_at_once() -> None:
    pace = Pace()
    pace.took(WEB, 0.05, now_s=100.0)
    assert pace.rest_s(WEB, 100.15) == pytest.approx(0.05)
    assert pace.rest_s(WEB, 101.0) == 0.0


def test_a_short_sync_ends_the_rest() -> None:
    pace = Pace()
    pace.took(WEB, 0.05, now_s=100.0)
    pace.took(WEB, 0.001, now_s=100.1)
    assert pace.rest_s(WEB, 100.1) == 0.0
