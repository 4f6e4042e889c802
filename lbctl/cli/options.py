"""The flags that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Kubeconfig = Annotated[
    Path | None,
    typer.Option(
        "--kubeconfig",
        envvar="LBCTL_KUBECONFIG",
        help="The cluster to use; default: $KUBECONFIG, the Pod's account, ~/.kube/config.",
    ),
]
Context = Annotated[str | None, typer.Option("--context", help="The kubeconfig's context; default: its current one.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="LBCTL_CONFIG", help="A YAML file with settings; flags and LBCTL_… win."),
]
Namespace = Annotated[str, typer.Option("--namespace", "-n", help="Only this namespace; default: all.")]

DEFAULT_CIDRS = "10.96.0.0/16,fd00:10:96::/112"
DEFAULT_NODE_PORTS = "30000-32767"
