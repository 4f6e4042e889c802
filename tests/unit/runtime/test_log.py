"""Log lines that machines and people can read."""

from __future__ import annotations

import io
import json

from lbctl.runtime import log


def written(**options: object) -> str:
    stream = io.StringIO()
    log.configure(stream=stream, **options)  # type: ignore[arg-type]
    log.logger("lbctl.test").info("step applied", extra={"service": "default/web", "duration_s": 0.5})
    log.logger("lbctl.test").debug("not shown")
    return stream.getvalue()


def test_json_lines_carry_the_fields_beside_a_constant_message() -> None:
    line = json.loads(written(json_lines=True))
    assert {name: line[name] for name in ("level", "logger", "msg", "service", "duration_s")} == {
        "level": "info",
        "logger": "lbctl.test",
        "msg": "step applied",
        "service": "default/web",
        "duration_s": 0.5,
    }


def test_text_lines_carry_the_fields_after_the_message() -> None:
    assert written().rstrip().endswith("INFO    step applied  service=default/web  duration_s=0.5")
