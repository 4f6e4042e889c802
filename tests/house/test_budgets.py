"""Escapes from the type checker and the linter are counted, and may only fall: lower a budget when you can."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("lbctl/**/*.py"), *ROOT.glob("providers/**/*.py")]

BUDGETS = {
    r"\bAny\b": 165,
    r"\bcast\(": 1,
    r"type: ignore": 4,
    r"pragma: no cover": 0,
    r"# noqa": 18,
}


def count(pattern: str) -> int:
    return sum(len(re.findall(pattern, file.read_text())) for file in SOURCES)


@pytest.mark.parametrize("pattern", BUDGETS)
def test_escapes_stay_within_their_budget(pattern: str) -> None:
    assert count(pattern) <= BUDGETS[pattern]


def test_no_file_has_outgrown_its_room() -> None:
    large = {str(file.relative_to(ROOT)): n for file in SOURCES if (n := len(file.read_text().splitlines())) > 400}
    assert not large, "a file over 400 lines: ask whether two rooms share one door"


def test_the_pinned_versions_carry_no_address() -> None:
    pins = (ROOT / "constraints.txt").read_text()
    assert "--hash=sha256:" in pins
    assert "://" not in pins
    assert "find-links" not in pins
