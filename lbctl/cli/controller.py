"""`lbctl controller`."""

from __future__ import annotations

from typing import Annotated

import typer

from lbctl.cli.config import load_settings
from lbctl.cli.failures import one_line
from lbctl.cli.options import ConfigFile, Context, Kubeconfig


def run(
    provider: Annotated[
        str | None, typer.Option(help="The cloud to provision in; several with commas. Default: mock.")
    ] = None,
    default_class: Annotated[
        str | None, typer.Option(help="Also take Services without a class, as if they had this one: lbctl.io/PROVIDER.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Marks what we own in the cloud; unique among the clusters of one account.")
    ] = None,
    kubeconfig: Kubeconfig = None,
    context: Context = None,
    config: ConfigFile = None,
    workers: Annotated[int | None, typer.Option(help="Services reconciled at a time. Default: 8.")] = None,
    audit_interval: Annotated[
        float | None, typer.Option(help="Seconds between looks at the whole cloud for drift and orphans. Default: 300.")
    ] = None,
    gc: Annotated[
        bool | None, typer.Option("--gc", help="Remove orphans that an audit found (reported otherwise).")
    ] = None,
    gc_limit_ratio: Annotated[
        float | None, typer.Option(help="Refuse to remove more than this share of all resources. Default: 0.5.")
    ] = None,
    leader_elect: Annotated[
        bool | None,
        typer.Option("--leader-elect/--no-leader-elect", help="Work only while holding the Lease. Default: yes."),
    ] = None,
    listen: Annotated[
        str | None, typer.Option(help="ADDRESS:PORT of /livez, /readyz and /metrics. Default: 127.0.0.1:10270.")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[str | None, typer.Option(help="text or json.")] = None,
) -> None:
    """Provision load balancers for the Services of a cluster, until stopped.

    Takes Services of type LoadBalancer whose loadBalancerClass is lbctl.io/PROVIDER.

    Example: lbctl controller --provider mock --default-class lbctl.io/mock --kubeconfig kubeconfig.yaml
    """
    with one_line():
        from lbctl.controller.app import run_controller
        from lbctl.controller.settings import ControllerSettings

        flags = {
            "provider": provider,
            "default_class": default_class,
            "cluster": cluster,
            "kubeconfig": kubeconfig,
            "context": context,
            "workers": workers,
            "audit_interval_s": audit_interval,
            "gc": gc,
            "gc_limit_ratio": gc_limit_ratio,
            "leader_election": None if leader_elect is None else {"enabled": leader_elect},
            "listen": listen,
            "log_level": log_level,
            "log_format": log_format,
        }
        run_controller(load_settings(ControllerSettings, flags, config))
