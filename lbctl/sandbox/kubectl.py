"""Running the user's own kubectl against a sandbox."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lbctl.model.errors import ConfigError, PermanentError

COMMAND_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished command; `output` is what a terminal would have shown."""

    code: int
    output: str


class Kubectl:
    """kubectl with one kubeconfig, run in one folder. Raises ConfigError when there is no kubectl."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        if shutil.which("kubectl") is None:
            raise ConfigError("kubectl is not on PATH; `make demo` fetches it, or install Debian's kubernetes-client")
        self._environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}
        self._folder = folder

    def run(self, command: str, stdin: str = "") -> Ran:
        """Run `kubectl COMMAND`, quoted as in a shell."""
        done = subprocess.run(  # noqa: S602 - the caller's own text, as a reader would type it
            f"kubectl {command}",
            shell=True,
            cwd=self._folder,
            env=self._environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def must(self, command: str, stdin: str = "") -> str:
        """Run it and return what it printed. Raises PermanentError when it fails."""
        done = self.run(command, stdin)
        if done.code != 0:
            raise PermanentError("CommandFailed", f"kubectl {command}: {done.output.strip()}")
        return done.output

    def read(self, what: str) -> dict[str, Any]:
        """The object or list that `kubectl get WHAT` names. Raises PermanentError."""
        found: dict[str, Any] = json.loads(self.must(f"get {what} -o json"))
        return found
