"""Exit codes, and the one line that goes with each.

0  done          1  failed while running          2  wrong flag, file, environment or manifest
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from lbctl.model.errors import ConfigError, LbctlError


@contextmanager
def one_line() -> Iterator[None]:
    """Turn the house's errors into one line on stderr and an exit code; a bug keeps its traceback."""
    try:
        yield
    except ConfigError as failure:
        fail(failure.message, code=2)
    except LbctlError as failure:
        fail(failure.message, code=1)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(message: str, *, code: int) -> None:
    """Print `lbctl: message` and exit with `code`."""
    print(f"lbctl: {message}", file=sys.stderr)
    raise typer.Exit(code)
