"""Exponential back-off with jitter."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """`first_s`, 2·`first_s`, 4·`first_s` … up to `max_s`, each stretched by up to `jitter` of itself."""

    first_s: float
    max_s: float
    jitter: float = 0.0

    def delay_s(self, failures: int) -> float:
        """The wait after the `failures`-th failure in a row (1 = the first)."""
        plain = min(self.max_s, self.first_s * 2.0 ** min(failures - 1, 62))
        return plain * (1.0 + self.jitter * random.random())
