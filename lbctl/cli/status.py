"""`lbctl status`."""

from __future__ import annotations

from datetime import UTC, datetime

from lbctl.cli.failures import one_line
from lbctl.cli.options import Context, Kubeconfig, Namespace
from lbctl.model.service import Service, ServiceType
from lbctl.plan.claim import CLASS_PREFIX, holder_of
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
        if not balancers:
            where = f" in namespace {namespace}" if namespace else ""
            print(f"No Service of type LoadBalancer{where}.")
            return
        for line in _columns([_row(one) for one in sorted(balancers, key=lambda one: one.key)]):
            print(line)
        ours = [one for one in balancers if not _is_foreign(one)]
        ready = sum(1 for one in ours if _is_ready(one))
        print(f"{ready} of {len(ours)} load balancers are ready ({datetime.now(UTC):%H:%M:%S} UTC).")


HEADINGS = ("SERVICE", "PROVIDER", "ADDRESS", "PORTS", "READY")
MOST_PORTS = 5


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """One line a row, as kubectl prints them: never wrapped, so that grep finds what it looks for."""
    widths = [max(map(len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    lines = []
    for row in (HEADINGS, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("   ".join(cells).rstrip())
    return lines


def _row(service: Service) -> tuple[str, ...]:
    ports = [f"{port.port}/{port.protocol.value}" for port in service.ports]
    shown = ",".join(ports[:MOST_PORTS]) + (f",… {len(ports)} ports" if len(ports) > MOST_PORTS else "")
    provider = holder_of(service) or service.load_balancer_class or "-"
    return str(service.key), provider, _addresses(service), shown, _state(service)


def _addresses(service: Service) -> str:
    return ",".join(one.hostname or str(one.ip) for one in service.ingress) or "<pending>"


def _is_foreign(service: Service) -> bool:
    return service.load_balancer_class is not None and not service.load_balancer_class.startswith(CLASS_PREFIX)


def _is_ready(service: Service) -> bool:
    condition = service.condition(READY)
    return bool(service.ingress) and (condition is None or condition.status == "True")


def _state(service: Service) -> str:
    condition = service.condition(READY)
    if _is_ready(service):
        return "yes"
    if condition is not None:
        return f"no: {condition.reason}: {condition.message.removeprefix(f'Service {service.key}: ')}"
    if _is_foreign(service):
        return "-: the class belongs to another controller"
    if service.load_balancer_class is None:
        return "no: no loadBalancerClass; set one, or start a controller with --default-class"
    return "no: no controller has taken it up yet; does one run with this provider?"
