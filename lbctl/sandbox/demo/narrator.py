"""Telling a story in a terminal: what happens, the command a reader would type, what it printed, and a check."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from lbctl.model.errors import PermanentError, TemporaryError
from lbctl.sandbox.kubectl import Kubectl

_POLL_S = 0.1


class Narrator:
    """Prints the story; a check that fails ends it with StepFailed."""

    def __init__(self, kubectl: Kubectl) -> None:
        self._kubectl = kubectl
        self._bold, self._dim, self._green, self._plain = (
            ("\033[1m", "\033[2m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("", "", "", "")
        )
        self._chapter = 0

    def chapter(self, title: str, text: str = "") -> None:
        """Begin a part of the story."""
        self._chapter += 1
        print(f"\n{self._bold}{self._chapter}. {title}{self._plain}")
        if text:
            print(f"   {text}")

    def say(self, text: str) -> None:
        print(f"   {text}", flush=True)

    def command(self, text: str) -> None:
        """Show a command that the reader would type."""
        print(f"\n   {self._dim}$ {self._plain}{text}", flush=True)

    def check(self, holds: bool, claim: str) -> None:
        """State what the reader just saw. Raises PermanentError, naming the claim, when it does not hold."""
        if not holds:
            raise PermanentError("StepFailed", f"the demo expected that {claim}, and it does not hold")
        print(f"   {self._green}✓{self._plain} {claim}", flush=True)

    def kubectl(self, command: str, *, fails: bool = False) -> str:
        """Run `kubectl COMMAND` before the reader's eyes; `fails` says that it must. Returns what it printed."""
        self.command(f"kubectl {command}")
        done = self._kubectl.run(command)
        for line in done.output.rstrip().splitlines():
            print(f"     {line}")
        if (done.code != 0) is not fails:
            wanted = "fail" if fails else "succeed"
            raise PermanentError("StepFailed", f"the demo expected this to {wanted}: kubectl {command}")
        return done.output

    def quietly(self, command: str) -> str:
        """Run `kubectl COMMAND` without a word. Raises PermanentError when it fails."""
        return self._kubectl.must(command)

    def read(self, what: str) -> dict[str, Any]:
        """The object or list that `kubectl get WHAT` names."""
        return self._kubectl.read(what)

    def wait(self, claim: str, holds: Callable[[], bool], timeout_s: float = 30.0) -> None:
        """Wait until something is so, and say how long it took. Raises TemporaryError after `timeout_s`."""
        started_s = time.monotonic()
        while not holds():
            if time.monotonic() - started_s > timeout_s:
                raise TemporaryError("StepFailed", f"the demo waited {timeout_s:.0f} s in vain until {claim}")
            time.sleep(_POLL_S)
        took_ms = (time.monotonic() - started_s) * 1000
        print(f"   {self._green}✓{self._plain} {claim} {self._dim}({took_ms:.0f} ms){self._plain}", flush=True)
