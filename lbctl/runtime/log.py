"""One line per event: a constant message, then fields. JSON for machines, text for people.

Fields travel as the standard library's `extra`: `log.info("step applied", extra={"service": key, "step": step})`.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def logger(name: str) -> logging.Logger:
    """The logger of one module."""
    return logging.getLogger(name)


def configure(*, level: str = "info", json_lines: bool = False, stream: TextIO | None = None) -> None:
    """Send every record of lbctl to `stream` (stderr by default), one line each."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if json_lines else TextFormatter())
    root = logging.getLogger("lbctl")
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    root.propagate = False


class JsonFormatter(logging.Formatter):
    """`{"ts", "level", "logger", "msg", …fields}` on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "ts": _timestamp(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
            **_fields_of(record),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """`12:00:00 INFO message  field=value …`."""

    def format(self, record: logging.LogRecord) -> str:
        listed = "".join(f"  {name}={value}" for name, value in _fields_of(record).items())
        line = f"{_timestamp(record)[11:19]} {record.levelname:<7} {record.getMessage()}{listed}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _timestamp(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
