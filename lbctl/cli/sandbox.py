"""`lbctl sandbox …`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbctl.cli.failures import one_line
from lbctl.cli.options import DEFAULT_CIDRS, DEFAULT_NODE_PORTS

app = typer.Typer(
    help="A Kubernetes-compatible cluster on this machine: no cluster, no cloud account, real kubectl.",
    no_args_is_help=True,
)

WriteKubeconfig = Annotated[
    Path, typer.Option("--kubeconfig", help="Where to write the kubeconfig that reaches the sandbox.")
]
Data = Annotated[
    Path | None, typer.Option(help="Keep the cluster's objects in this SQLite file; default: in memory only.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")]
Cidrs = Annotated[
    str, typer.Option("--service-cidr", help="Where ClusterIPs come from: one range, or one of each IP family.")
]
NodePorts = Annotated[str, typer.Option("--node-ports", help="Where nodePorts come from.")]

DEFAULT_KUBECONFIG = Path("lbctl-sandbox.kubeconfig")


@app.command()
def api(
    kubeconfig: WriteKubeconfig = DEFAULT_KUBECONFIG,
    data: Data = None,
    port: Port = 0,
    service_cidr: Cidrs = DEFAULT_CIDRS,
    node_ports: NodePorts = DEFAULT_NODE_PORTS,
    token: Annotated[str | None, typer.Option(help="The bearer token to ask for; default: a new one.")] = None,
) -> None:
    """Run the API server and its endpoints controller alone, in the foreground, for use by other tools.

    Example: lbctl sandbox api --kubeconfig kc.yaml --port 8001; then: kubectl --kubeconfig kc.yaml get svc -A
    """
    with one_line():
        from lbctl.sandbox.app import run_api
        from lbctl.sandbox.options import api_settings

        run_api(api_settings(port, data, service_cidr, node_ports, token), kubeconfig)


@app.command()
def up(
    kubeconfig: WriteKubeconfig = DEFAULT_KUBECONFIG,
    data: Data = None,
    port: Port = 0,
    service_cidr: Cidrs = DEFAULT_CIDRS,
    node_ports: NodePorts = DEFAULT_NODE_PORTS,
    nodes: Annotated[int, typer.Option(min=0, max=200, help="How many nodes the cluster has.")] = 3,
    config: Annotated[Path | None, typer.Option("--config", "-c", help="The controller's configuration file.")] = None,
) -> None:
    """Run a whole cluster in the foreground: API, nodes that run every Pod, and lbctl with the mock cloud."""
    with one_line():
        from lbctl.cli.config import load_settings
        from lbctl.controller.settings import ControllerSettings
        from lbctl.sandbox.app import SandboxSettings, run_sandbox
        from lbctl.sandbox.options import api_settings

        load_settings(ControllerSettings, {}, config)  # a mistake in it is told before anything starts
        api = api_settings(port, data, service_cidr, node_ports, None)
        run_sandbox(SandboxSettings(api, kubeconfig, nodes, config))


@app.command()
def demo() -> None:
    """Tell the main job as a story, with real kubectl; exits non-zero when a step fails."""
    with one_line():
        from lbctl.sandbox.demo.story import run_demo

        run_demo()


@app.command("run")
def run_scenarios(
    files: Annotated[list[Path], typer.Argument(help="Scenario files: manifests, actions and expectations in YAML.")],
) -> None:
    """Run scenario files on a fresh sandbox; exits non-zero at the first that fails.

    Example: lbctl sandbox run tests/scenario/*.yaml
    """
    with one_line():
        from lbctl.sandbox.scenario import read_scenario, run_on_fresh_sandbox

        run_on_fresh_sandbox([read_scenario(file) for file in files], print)
