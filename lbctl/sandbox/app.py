"""`lbctl sandbox api` and `lbctl sandbox up`: the embedded cluster, alone or with everything around it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.model.errors import ConfigError, TemporaryError
from lbctl.runtime import log
from lbctl.runtime.threads import ThreadGroup
from lbctl.sandbox.api.kubeconfig import check_replaceable
from lbctl.sandbox.api.server import ApiServer
from lbctl.sandbox.api.settings import ApiSettings, StartError
from lbctl.sandbox.endpoints.app import EndpointsController
from lbctl.sandbox.processes import Role
from lbctl.sandbox.workloads.app import Workloads
from lbctl.sandbox.workloads.settings import WorkloadSettings

START_TIMEOUT_S = 30.0
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """A whole sandbox. `controller_config` is the controller's YAML file, `logs` a folder (None: this terminal)."""

    api: ApiSettings
    kubeconfig: Path
    nodes: int = 3
    controller_config: Path | None = None
    logs: Path | None = None


def run_api(settings: ApiSettings, kubeconfig: Path) -> None:
    """The API server and its endpoints controller, until SIGINT or SIGTERM. Raises ConfigError."""
    log.configure(level="warning")
    with running_api(settings, kubeconfig) as server, _until_stopped() as stop:
        print(f"API server   {server.url}")
        print(f"kubeconfig   {kubeconfig}")
        print(f"try          kubectl --kubeconfig {kubeconfig} get services -A", flush=True)
        stop.wait()


@contextmanager
def running_api(settings: ApiSettings, kubeconfig: Path) -> Iterator[ApiServer]:
    """A running API server whose kubeconfig is written. Raises ConfigError in one line."""
    try:
        check_replaceable(kubeconfig)
        server = ApiServer(settings)
        server.start()
    except StartError as failure:
        raise ConfigError(str(failure)) from failure
    try:
        try:
            server.write_kubeconfig(kubeconfig)
        except OSError as failure:
            raise ConfigError(f"cannot write the kubeconfig {kubeconfig}: {failure.strerror}") from failure
        client = KubeClient.open(KubeSettings(kubeconfig, user_agent="kube-controller-manager"))
        with ThreadGroup("endpoints") as group:
            EndpointsController(client).start(group)
            yield server
    finally:
        server.stop()


class Sandbox:
    """A running sandbox: the API server and the controller in processes of their own, the nodes in this one."""

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.api = Role("api", self._api_arguments(), self._log("api"))
        self.controller = Role("controller", self._controller_arguments(), self._log("controller"))
        self._stack = ExitStack()
        self._workloads = ThreadGroup("workloads")

    def start(self) -> None:
        """Bring everything up; returns when the API answers and the nodes are there. Raises LbctlError."""
        try:
            check_replaceable(self.settings.kubeconfig)
        except StartError as failure:
            raise ConfigError(str(failure)) from failure
        before = _identity(self.settings.kubeconfig)
        self._stack.enter_context(self.api)
        client = self._connect(before)
        self._stack.callback(client.close)
        self._stack.enter_context(self._workloads)
        workloads = Workloads(client, WorkloadSettings(hollow_nodes=self.settings.nodes))
        workloads.start(self._workloads)
        workloads.started.wait(START_TIMEOUT_S)
        self._stack.enter_context(self.controller)

    def watch(self, stop: threading.Event) -> None:
        """Wait for `stop`. Raises TemporaryError when a part of the sandbox ends by itself."""
        while not stop.wait(0.2):
            for role in (self.api, self.controller):
                if role.exit_code is not None:
                    text = f"the sandbox's {role.name} ended with code {role.exit_code}; start the sandbox again"
                    raise TemporaryError("ProcessEnded", text)
            if self._workloads.stop.is_set():
                return

    def stop(self) -> None:
        self._stack.close()

    def _connect(self, before: tuple[int, int] | None) -> KubeClient:
        """Wait for the API server's kubeconfig, which replaces the one from `before` once it listens."""
        waiting = threading.Event()
        for _ in range(round(START_TIMEOUT_S / _POLL_S)):
            if _identity(self.settings.kubeconfig) not in (None, before):
                return KubeClient.connect(KubeSettings(self.settings.kubeconfig))
            if self.api.exit_code is not None:
                said = self.api.last_lines(1).removeprefix("lbctl: ")
                raise ConfigError(said or "the API server did not start, see above")
            waiting.wait(_POLL_S)
        raise TemporaryError("StartTimeout", f"the API server did not start within {START_TIMEOUT_S:.0f} s")

    def _api_arguments(self) -> list[str]:
        api = self.settings.api
        arguments = ["sandbox", "api", "--kubeconfig", str(self.settings.kubeconfig), "--port", str(api.port)]
        arguments += ["--service-cidr", ",".join(map(str, api.service_cidrs))]
        arguments += ["--node-ports", f"{api.node_ports.start}-{api.node_ports.stop - 1}"]
        return arguments + (["--data", str(api.storage)] if api.storage else [])

    def _controller_arguments(self) -> list[str]:
        arguments = ["controller", "--kubeconfig", str(self.settings.kubeconfig), "--default-class", "lbctl.io/mock"]
        arguments += ["--no-leader-elect", "--listen", "127.0.0.1:0"]
        config = self.settings.controller_config
        return arguments + (["--config", str(config)] if config else [])

    def _log(self, name: str) -> Path | None:
        return self.settings.logs / f"{name}.log" if self.settings.logs else None


def _identity(file: Path) -> tuple[int, int] | None:
    """Which file this is, None for none: every kubeconfig that is written is a new file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def run_sandbox(settings: SandboxSettings) -> None:
    """A whole cluster in the foreground, until SIGINT or SIGTERM. Raises LbctlError."""
    log.configure(level="warning")
    sandbox = Sandbox(settings)
    with _until_stopped() as stop:
        try:
            sandbox.start()
            print(f"\nThe sandbox runs with {settings.nodes} nodes. In another terminal:\n")
            print(f"  export KUBECONFIG={settings.kubeconfig.resolve()}")
            print("  kubectl get nodes")
            print("  kubectl create deployment web --image=example.com/web --port=8080 --replicas=2")
            print("  kubectl expose deployment web --type=LoadBalancer --port=80 --target-port=8080")
            print("  kubectl get service web\n\nCtrl-C stops it.\n", flush=True)
            sandbox.watch(stop)
        finally:
            sandbox.stop()


@contextmanager
def _until_stopped() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set."""
    stop = threading.Event()
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
