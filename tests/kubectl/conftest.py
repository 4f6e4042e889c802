"""A real kubectl against an embedded API server.

LBCTL_TEST_KUBECTLS names the kubectls to drive (paths joined with `:`); without it the one on PATH is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lbctl.sandbox.api import ApiServer, ApiSettings


@dataclass(frozen=True)
class Outcome:
    """What a kubectl printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> Outcome:
        """Itself, when kubectl succeeded."""
        assert self.code == 0, f"exit {self.code}\n{self.out}\n{self.err}"
        return self

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def words(self) -> list[list[str]]:
        """The words of every line."""
        return [line.split() for line in self.lines]

    def json(self) -> Any:
        return json.loads(self.ok.out)


@dataclass(frozen=True)
class Kubectl:
    """One kubectl binary with a kubeconfig, a home of its own, and a default namespace."""

    binary: str
    minor: int
    kubeconfig: Path
    home: Path
    namespace: str = "default"

    def __call__(self, *arguments: str, stdin: str = "") -> Outcome:
        done = subprocess.run(
            [self.binary, "--namespace", self.namespace, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    @property
    def environment(self) -> dict[str, str]:
        return {"KUBECONFIG": str(self.kubeconfig), "HOME": str(self.home), "PATH": os.environ.get("PATH", "")}

    def follow(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a kubectl that goes on."""
        command = [self.binary, "--namespace", self.namespace, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=self.environment)

    def needs(self, minor: int) -> None:
        """Skip the test for a kubectl older than 1.`minor`."""
        if self.minor < minor:
            pytest.skip(f"kubectl 1.{self.minor} does not have this yet")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is marked `kubectl`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.kubectl)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test with every kubectl."""
    if "kubectl_binary" in metafunc.fixturenames:
        named = [path for path in os.environ.get("LBCTL_TEST_KUBECTLS", "").split(":") if path]
        metafunc.parametrize("kubectl_binary", named or [shutil.which("kubectl") or ""], scope="session")


@pytest.fixture(scope="session")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a running embedded server."""
    path = tmp_path_factory.mktemp("kubectl") / "kubeconfig"
    with ApiServer(ApiSettings()) as server:
        server.write_kubeconfig(path)
        yield path


@pytest.fixture
def kubectl(kubectl_binary: str, kubeconfig: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A kubectl with a namespace of its own; the home is kept per binary for its discovery cache."""
    if not kubectl_binary:
        pytest.skip("there is no kubectl on PATH")
    version = subprocess.run([kubectl_binary, "version", "--client", "-o", "json"], capture_output=True, check=True)
    minor = int(json.loads(version.stdout)["clientVersion"]["minor"].rstrip("+"))
    home = tmp_path_factory.getbasetemp() / f"home-{minor}"
    home.mkdir(exist_ok=True)
    plain = Kubectl(kubectl_binary, minor, kubeconfig, home)
    made = plain("create", "-o", "name", "-f", "-", stdin=_NAMESPACE).ok
    name = made.out.strip().removeprefix("namespace/")
    yield Kubectl(kubectl_binary, minor, kubeconfig, home, name)
    plain("delete", "namespace", name, "--wait=false")


_NAMESPACE = '{"apiVersion":"v1","kind":"Namespace","metadata":{"generateName":"kubectl-"}}'
