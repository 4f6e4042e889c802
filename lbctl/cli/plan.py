"""`lbctl plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lbctl.cli.config import load_settings
from lbctl.cli.failures import fail, one_line
from lbctl.cli.options import DEFAULT_CIDRS, DEFAULT_NODE_PORTS, ConfigFile


def run(
    file: Annotated[str, typer.Option("--file", "-f", help="The manifest to plan; - reads standard input.")],
    provider: Annotated[str, typer.Option(help="The cloud to plan for.")] = "mock",
    nodes: Annotated[int, typer.Option(min=0, help="Nodes assumed behind the load balancer, where -f lists none.")] = 3,
    cluster: Annotated[str | None, typer.Option(help="The cluster's id, as given to lbctl controller.")] = None,
    service_cidr: Annotated[
        str, typer.Option("--service-cidr", help="Where the cluster's ClusterIPs come from, as for lbctl sandbox.")
    ] = DEFAULT_CIDRS,
    config: ConfigFile = None,
) -> None:
    """Print what would be made in the cloud for a manifest. Needs no cluster and no credentials.

    Addresses and node ports that the API server would allocate are allocated by an embedded one, as examples.

    Example: lbctl plan -f service.yaml --provider mock
    """
    with one_line():
        from lbctl.controller.settings import ControllerSettings
        from lbctl.provider import registry
        from lbctl.provider.contract import ProviderContext
        from lbctl.sandbox.offline import plan_manifest, read_manifest
        from lbctl.sandbox.options import api_settings

        settings = load_settings(ControllerSettings, {"cluster": cluster}, config)
        made = registry.build(provider, settings.providers.get(provider, {}), ProviderContext(settings.cluster))
        manifest = read_manifest(None if file == "-" else Path(file))
        refused = 0
        api = api_settings(0, None, service_cidr, DEFAULT_NODE_PORTS, None)
        for one in plan_manifest(manifest, made, nodes, api):
            print(one)
            refused += one.refused
        if refused:
            fail(f"{refused} Service{'s are' if refused > 1 else ' is'} refused, see above", code=1)
