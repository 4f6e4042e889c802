"""`lbctl status`."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from lbctl.cli.failures import one_line
from lbctl.cli.options import Context, Kubeconfig, Namespace
from lbctl.model.service import Service, ServiceType
from lbctl.plan.claim import holder_of
from lbctl.plan.status import READY


def run(kubeconfig: Kubeconfig = None, context: Context = None, namespace: Namespace = "") -> None:
    """Show every load balancer: its address, its provider, and what stands in its way."""
    with one_line():
        from lbctl.kube.client import KubeClient
        from lbctl.kube.connect import KubeSettings
        from lbctl.kube.kinds import SERVICES

        client = KubeClient.connect(KubeSettings(kubeconfig, context))
        services = client.list_all(SERVICES, namespace=namespace)
        balancers = [one for one in services if one.type is ServiceType.LOAD_BALANCER]
        console = Console(highlight=False)
        if not balancers:
            where = f" in namespace {namespace}" if namespace else ""
            console.print(f"No Service of type LoadBalancer{where}.")
            return
        console.print(_table(sorted(balancers, key=lambda one: one.key)))
        ready = sum(1 for one in balancers if _is_ready(one))
        moment = datetime.now(UTC).strftime("%H:%M:%S")
        console.print(f"{ready} of {len(balancers)} load balancers are ready ({moment} UTC).")


def _table(services: list[Service]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("SERVICE", "PROVIDER", "ADDRESS", "PORTS", "READY"):
        table.add_column(heading, overflow="fold")
    for one in services:
        ports = ",".join(f"{port.port}/{port.protocol.value}" for port in one.ports)
        provider = holder_of(one) or one.load_balancer_class or "-"
        table.add_row(str(one.key), provider, _addresses(one), ports, _state(one))
    return table


def _addresses(service: Service) -> str:
    return ", ".join(one.hostname or str(one.ip) for one in service.ingress) or "<pending>"


def _is_ready(service: Service) -> bool:
    condition = service.condition(READY)
    return bool(service.ingress) and (condition is None or condition.status == "True")


def _state(service: Service) -> str:
    condition = service.condition(READY)
    if _is_ready(service):
        return "yes"
    if condition is not None:
        return f"no: {condition.reason}: {condition.message}"
    if service.load_balancer_class is None:
        return "no: no loadBalancerClass; set one, or start a controller with --default-class"
    return "no: no controller has taken it up yet"
