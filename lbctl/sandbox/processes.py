"""Child processes of the sandbox: one per role, as in a real cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

STOP_TIMEOUT_S = 10.0


class Role:
    """One `lbctl …` process. It dies with its parent, however that ends."""

    def __init__(self, name: str, arguments: Sequence[str], log_file: Path | None = None) -> None:
        self.name = name
        self._arguments = [sys.executable, "-m", "lbctl", *arguments]
        self._log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        output = self._log_file.open("ab") if self._log_file else None
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._arguments,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                preexec_fn=_die_with_parent,
            )
        finally:
            if output:
                output.close()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process else None

    def kill(self) -> None:
        """SIGKILL: no goodbye."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for one that does not listen."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_lines(self, count: int = 5) -> str:
        """The end of its log, for an error message."""
        if self._log_file is None or not self._log_file.exists():
            return ""
        return "\n".join(self._log_file.read_text(errors="replace").splitlines()[-count:])

    def __enter__(self) -> Role:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends (prctl PR_SET_PDEATHSIG, Linux 2.1.57), and leave its terminal's
    signals to the parent, which stops its children in order.
    """
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    os.setpgrp()
