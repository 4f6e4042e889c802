"""What a Service's status says of its load balancer. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lbctl.model.service import Condition, Ingress, IngressPort, Service

READY = "LoadBalancerReady"
"""The condition's type; `kubectl wait --for=condition=LoadBalancerReady service/NAME` waits on it."""


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """What `status` shall show. `ingress` None leaves the published addresses as they are."""

    condition: Condition | None
    ingress: tuple[Ingress, ...] | None = None


def provisioned(service: Service, ingress: tuple[Ingress, ...], provider: str, *, has_nodes: bool) -> ServiceStatus:
    """The load balancer stands. Without nodes it stands, and says that nothing answers behind it.

    The message counts nothing, so that a node that joins costs no write per Service.
    """
    ports = tuple(IngressPort(one.port, one.protocol) for one in service.ports)
    filled = tuple(Ingress(one.ip, one.hostname, one.ip_mode, one.ports or ports) for one in ingress)
    if not has_nodes:
        text = f"the {provider} load balancer is provisioned, but no node is eligible to receive its traffic"
        return ServiceStatus(_condition(service, "False", "NoNodes", text), filled)
    return ServiceStatus(
        _condition(service, "True", "Provisioned", f"the {provider} load balancer is provisioned"), filled
    )


def waiting(service: Service, reason: str, message: str) -> ServiceStatus:
    """The cloud is at work; what is published stays."""
    return ServiceStatus(_condition(service, "False", reason, message))


def failed(service: Service, reason: str, message: str) -> ServiceStatus:
    """Something stands in the way; what is published stays, since it may still work."""
    return ServiceStatus(_condition(service, "False", reason, message))


RELEASED = ServiceStatus(condition=None, ingress=())
"""No load balancer any more: no address, no condition of ours."""


def _condition(service: Service, status: str, reason: str, message: str) -> Condition:
    return Condition(READY, status, reason, message, service.generation)
