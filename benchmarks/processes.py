"""The processes under test, and what the kernel knows about them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from benchmarks.http_load import Target

_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")
_POLL_S = 0.1
_START_TIMEOUT_S = 60.0
TOKEN = "benchmark"  # the server listens on loopback for the length of one run


class Process:
    """A Python process of ours with its output in a file; as a context manager it is stopped at the end."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        self._log = (folder / f"{len(list(folder.iterdir()))}.log").open("wb")
        self._child = subprocess.Popen(
            [sys.executable, *arguments], stdout=self._log, stderr=subprocess.STDOUT, cwd=Path(__file__).parent.parent
        )

    @property
    def output(self) -> str:
        return Path(self._log.name).read_text(errors="replace")

    def wait_for(self, what: str, ready: Callable[[], bool], timeout_s: float = _START_TIMEOUT_S) -> float:
        """Poll until `ready`; returns the `time.perf_counter` of that. Raises RuntimeError with its output."""
        deadline_s = time.perf_counter() + timeout_s
        while not ready():
            if self._child.poll() is not None or time.perf_counter() > deadline_s:
                raise RuntimeError(f"waiting for {what}: {self.output[-2000:]}")
            time.sleep(_POLL_S)
        return time.perf_counter()

    def peak_rss_mib(self) -> float:
        """The most memory it ever held (VmHWM)."""
        return self._status("VmHWM") / 1024

    def rss_mib(self) -> float:
        return self._status("VmRSS") / 1024

    def cpu_s(self) -> float:
        """CPU seconds so far, user and system."""
        fields = Path(f"/proc/{self._child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * _TICK_S

    def stop(self) -> None:
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(30)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._log.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _status(self, name: str) -> int:
        for line in Path(f"/proc/{self._child.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise RuntimeError(f"/proc has no {name}")


@dataclass(frozen=True, slots=True)
class Api:
    """A running embedded API server (with its endpoints controller, as `lbctl sandbox api` has it)."""

    process: Process
    target: Target
    kubeconfig: Path


def start_api(folder: Path) -> Api:
    """A new, empty API server in memory. 64,512 node ports: ten thousand Services need more than the default range."""
    kubeconfig = folder / f"{len(list(folder.iterdir()))}.kubeconfig"
    arguments = ["-m", "lbctl", "sandbox", "api", "--kubeconfig", str(kubeconfig), "--token", TOKEN]
    process = Process([*arguments, "--node-ports", "1024-65535"], folder)
    process.wait_for("the API server", lambda: "kubeconfig   " in process.output)
    url = next(line.split()[-1] for line in process.output.splitlines() if line.startswith("API server"))
    return Api(process, Target("127.0.0.1", int(url.rpartition(":")[2]), TOKEN), kubeconfig)


@dataclass(frozen=True, slots=True)
class RunningController:
    """A controller process and what it tells of itself."""

    process: Process
    base_url: str

    def ready(self) -> bool:
        """Whether `/readyz` says so: the informers are synced."""
        try:
            with urllib.request.urlopen(self.base_url + "/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def metrics(self) -> dict[str, float]:
        """Every sample of `/metrics`, by its name with labels."""
        with urllib.request.urlopen(self.base_url + "/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        samples = (line.rpartition(" ") for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    def metric(self, name: str) -> float:
        """The sum over all labels."""
        return sum(value for known, value in self.metrics().items() if known.partition("{")[0] == name)

    def writes(self) -> dict[str, int]:
        """Requests to Kubernetes so far that ask for a change, by verb and resource."""
        name = "rest_client_requests_total{"
        found: dict[str, int] = {}
        for sample, value in self.metrics().items():
            if sample.startswith(name):
                labels = dict(part.split("=", 1) for part in sample[len(name) : -1].replace('"', "").split(","))
                if labels["method"] in _WRITES:
                    verb = f"{labels['method']} {labels['resource']}"
                    found[verb] = found.get(verb, 0) + int(value)
        return found

    def idle(self) -> bool:
        """Whether the work queue is empty and nobody works."""
        return self.metric("workqueue_depth") == 0 and self.metric("workqueue_unfinished_work_seconds") == 0


class ForeignLoad:
    """How many cores everything but the given processes and this one keeps busy, since it was made."""

    def __init__(self, *processes: Process) -> None:
        self._processes = processes
        self._began_s, self._busy_s, self._ours_s = time.perf_counter(), _busy_s(), self._ours()

    def cores(self) -> float:
        foreign_s = _busy_s() - self._busy_s - (self._ours() - self._ours_s)
        return max(0.0, foreign_s / (time.perf_counter() - self._began_s))

    def _ours(self) -> float:
        return time.process_time() + sum(one.cpu_s() for one in self._processes)


def _busy_s() -> float:
    """CPU seconds of the whole machine that were not idle, those that its host took included. Source: proc_stat(5)."""
    user, nice, system, _idle, _iowait, *interrupts_and_stolen = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + sum(interrupts_and_stolen)) * _TICK_S


_WRITES = frozenset({"create", "update", "patch", "delete"})


def start_controller(api: Api, folder: Path, module: str = "lbctl", **settings: object) -> RunningController:
    """A controller with the mock cloud: no latency, addresses from 10.0.0.0/8, `settings`, everything else by default.

    `module` is what `python -m` runs with the arguments `controller --config FILE`.
    """
    port = _free_port()
    config = folder / f"controller-{port}.yaml"
    merged = {
        "provider": "mock",
        "providers": {"mock": {"ipv4_range": "10.0.0.0/8"}},
        "kubeconfig": str(api.kubeconfig),
        "listen": f"127.0.0.1:{port}",
        "leader_election": {"enabled": False},
        **settings,
    }
    config.write_text(json.dumps(merged))
    process = Process(["-m", module, "controller", "--config", str(config)], folder)
    return RunningController(process, f"http://127.0.0.1:{port}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
