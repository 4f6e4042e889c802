"""How long ago something was, as `kubectl get` prints it: `5s`, `2m3s`, `4d2h`, `3y`.

Source: k8s.io/apimachinery/pkg/util/duration/duration.go (HumanDuration).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

UNKNOWN = "<unknown>"
_MINUTE_S, _HOUR_S = 60, 3600
_YEAR_H = 24 * 365


def human_duration(elapsed: timedelta) -> str:
    """A duration in two or three significant figures; a second into the future still counts as now."""
    seconds = int(elapsed.total_seconds())
    if seconds < -1:
        return "<invalid>"
    if seconds < 2 * _MINUTE_S:
        return f"{max(seconds, 0)}s"
    minutes = seconds // _MINUTE_S
    if minutes < 10:
        return _pair(minutes, "m", seconds % 60, "s")
    if minutes < 3 * 60:
        return f"{minutes}m"
    return _human_hours(seconds // _HOUR_S, minutes % 60)


def _human_hours(hours: int, minutes: int) -> str:
    if hours < 8:
        return _pair(hours, "h", minutes, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 8 * 24:
        return _pair(hours // 24, "d", hours % 24, "h")
    if hours < 2 * _YEAR_H:
        return f"{hours // 24}d"
    if hours < 8 * _YEAR_H:
        return _pair(hours // _YEAR_H, "y", hours // 24 % 365, "d")
    return f"{hours // _YEAR_H}y"


def _pair(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def parse_time(text: object) -> datetime | None:
    """An RFC 3339 time of an object; None for one that is missing or broken."""
    if not isinstance(text, str) or not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def age(text: object, now: datetime) -> str:
    """The time since `text`, or `<unknown>`."""
    since = parse_time(text)
    return UNKNOWN if since is None else human_duration(now - since)
