"""How often a Service with many pods may be written.

A thousand pods that come up one by one would be a thousand writes of the whole Endpoints object. So a Service whose
sync took long rests for a multiple of that time; a change after the rest is answered at once, as for every other one.
kube-controller-manager has --endpoint-updates-batch-period for this, a fixed delay and 0 by default.
"""

from __future__ import annotations

from lbctl.model.service import ObjectKey

LONG_SYNC_S = 0.01
REST_FACTOR = 4.0
LONGEST_REST_S = 1.0


class Pace:
    """When each Service's rest is over, in the clock's seconds."""

    def __init__(self) -> None:
        self._rested_at_s: dict[ObjectKey, float] = {}

    def took(self, key: ObjectKey, duration_s: float, now_s: float) -> None:
        """A sync of `key` has just ended."""
        if duration_s < LONG_SYNC_S:
            self._rested_at_s.pop(key, None)
        else:
            self._rested_at_s[key] = now_s + min(REST_FACTOR * duration_s, LONGEST_REST_S)

    def rest_s(self, key: ObjectKey, now_s: float) -> float:
        """How long a change of `key` must wait from now on; 0 when it need not."""
        return max(0.0, self._rested_at_s.get(key, 0.0) - now_s)
