"""Faults on purpose: which call of the cloud goes wrong, and how."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """How a call goes wrong. Before: nothing has happened. After: it has, but the caller does not learn it."""

    CRASH_BEFORE = "the caller dies before the call"
    CRASH_AFTER = "the caller dies after the call, before it reads the answer"
    THROTTLED = "the call is refused for being one too many"
    SERVER_ERROR = "the cloud fails and does nothing"
    LOST_RESPONSE = "the cloud acts, and the answer is lost on the way"


@dataclass(frozen=True, slots=True)
class Call:
    """One entry of the request log. `number` counts from 1; `outcome` is `ok`, an error's code or a fault's name."""

    number: int
    verb: str
    kind: str
    name: str
    outcome: str = ""


FaultPlan = Callable[[Call], Fault | None]
"""Asked before every call, with an empty outcome; None lets the call pass."""


def no_faults(_: Call) -> Fault | None:
    """The plan in which nothing goes wrong."""
    return None


class FaultAt:
    """One fault, at the `at`-th call from now (1 = the next one) and at the `times - 1` calls after it."""

    def __init__(self, fault: Fault, at: int, times: int = 1) -> None:
        self._fault = fault
        self._at = at
        self._end = at + times
        self._calls = 0

    def __call__(self, _: Call) -> Fault | None:
        self._calls += 1
        return self._fault if self._at <= self._calls < self._end else None

    @property
    def fired(self) -> bool:
        """Whether the fault has happened at least once."""
        return self._calls >= self._at


class RandomFaults:
    """Each fault with its own probability per call; the same seed gives the same run."""

    def __init__(self, rates: Mapping[Fault, float], seed: int) -> None:
        self._rates = tuple(rates.items())
        self._random = random.Random(seed)

    def __call__(self, _: Call) -> Fault | None:
        drawn = self._random.random()
        for fault, rate in self._rates:
            if drawn < rate:
                return fault
            drawn -= rate
        return None
