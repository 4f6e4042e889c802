"""What a Pod contributes to the endpoints of a Service.

Source: k8s.io/endpointslice/util/controller_utils.go and k8s.io/endpointslice/utils.go.
"""

from __future__ import annotations

from collections.abc import Iterator

from lbctl.sandbox.endpoints.addresses import canonical
from lbctl.sandbox.endpoints.objects import (
    IPV4,
    IPV6,
    Condition,
    Container,
    Endpoint,
    EndpointConditions,
    Family,
    Node,
    ObjectReference,
    Pod,
    Service,
    ServicePort,
)

TERMINAL_PHASES = frozenset({"Succeeded", "Failed"})


def ready_condition(pod: Pod) -> Condition | None:
    """The pod's `Ready` condition, if the kubelet has reported one."""
    for condition in pod.status.conditions or ():
        if condition.type == "Ready":
            return condition
    return None


def is_ready(pod: Pod) -> bool:
    """Whether the pod passes its readiness probes."""
    condition = ready_condition(pod)
    return condition is not None and condition.status == "True"


def is_terminating(pod: Pod) -> bool:
    """Whether its deletion has been asked for."""
    return pod.metadata.deletion_timestamp is not None


def belongs_in_endpoints(pod: Pod, *, include_terminating: bool) -> bool:
    """Whether the pod has something to offer: an address, and containers that may still run.

    Source: ShouldPodBeInEndpoints.
    """
    if pod.status.phase in TERMINAL_PHASES or not (pod.status.pod_ip or pod.status.pod_ips):
        return False
    return include_terminating or not is_terminating(pod)


def addresses(pod: Pod) -> list[tuple[Family, str]]:
    """The pod's addresses in usual spelling, in the order of `status.podIPs`; what is no address is left out."""
    listed = [one.ip for one in pod.status.pod_ips or ()] or [pod.status.pod_ip]
    return [found for text in listed if (found := canonical(text)) is not None]


def hostname_for(pod: Pod, service: Service) -> str | None:
    """The name the pod has under the Service, where its subdomain is the Service. Source: ShouldSetHostname."""
    under = pod.spec.subdomain == service.metadata.name and pod.metadata.namespace == service.metadata.namespace
    return pod.spec.hostname if pod.spec.hostname and under else None


def find_port(pod: Pod, port: ServicePort) -> int | None:
    """The pod's port number for a Service port: the number itself, or that of the container port with the name.

    Init containers count when they are sidecars (`restartPolicy: Always`). Source: FindPort.
    """
    if port.target_port is None:
        return port.port
    if isinstance(port.target_port, int):
        return port.target_port
    for container in _running_containers(pod):
        for declared in container.ports or ():
            if declared.name == port.target_port and declared.protocol == port.protocol:
                return declared.container_port
    return None


def _running_containers(pod: Pod) -> Iterator[Container]:
    yield from pod.spec.containers or ()
    for container in pod.spec.init_containers or ():
        if container.restart_policy == "Always":
            yield container


def reference_to(pod: Pod) -> ObjectReference:
    """The `targetRef` of an endpoint. It has no resourceVersion, so that a pod's other changes are no change of it."""
    meta = pod.metadata
    return ObjectReference(kind="Pod", namespace=meta.namespace, name=meta.name, uid=meta.uid)


def to_endpoint(pod: Pod, node: Node | None, service: Service, family: Family) -> Endpoint | None:
    """The slice endpoint of a pod in one family; None when it has no address there. Source: podToEndpoint."""
    in_family = tuple(address for kind, address in addresses(pod) if kind == family)
    if not in_family:
        return None
    serving, terminating = is_ready(pod), is_terminating(pod)
    ready = service.spec.publish_not_ready_addresses or (serving and not terminating)
    return Endpoint(
        addresses=in_family,
        conditions=EndpointConditions(ready=ready, serving=serving, terminating=terminating),
        hostname=hostname_for(pod, service),
        target_ref=reference_to(pod),
        node_name=pod.spec.node_name or None,
        zone=(node.zone or None) if node is not None else None,
    )


def families_of(service: Service) -> tuple[Family, ...]:
    """The families a Service has slices in; those of its cluster IP, or both, where nobody has said.

    Source: getAddressTypesForService.
    """
    named = tuple(family for family in service.spec.ip_families or () if family in (IPV4, IPV6))
    if named:
        return named
    if service.headless:
        return IPV4, IPV6
    return (IPV6,) if ":" in service.spec.cluster_ip else (IPV4,)
