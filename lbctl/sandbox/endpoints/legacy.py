"""The Endpoints object of one Service: what is, what should be, and the write between.

Rules
- One family only: the Service's first. No terminating pods, unless the Service publishes addresses that are not ready.
- The Service's labels, plus the controller's own; no other label stays.
- A Service without a selector, and an ExternalName one, is left alone.
- When a Service is deleted, the Endpoints object of its name goes too, whoever made it.

Source: syncService, pkg/controller/endpoint/endpoints_controller.go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from lbctl.sandbox.endpoints import pods as podrules
from lbctl.sandbox.endpoints.names import (
    ANNOTATION_LEADER,
    ANNOTATION_OVER_CAPACITY,
    ANNOTATION_TRIGGER_TIME,
    ENDPOINTS_CONTROLLER,
    LABEL_ENDPOINTS_MANAGED_BY,
    LABEL_HEADLESS,
)
from lbctl.sandbox.endpoints.objects import (
    IPV4,
    IPV6,
    EndpointAddress,
    Endpoints,
    EndpointSubset,
    Family,
    Pod,
    Service,
    SubsetPort,
)
from lbctl.sandbox.endpoints.subsets import repack, same_subsets, truncate
from lbctl.sandbox.endpoints.writes import Create, Delete, Plan, Update
from lbctl.sandbox.objects import Meta

TRUNCATED = "truncated"


def plan_endpoints(service: Service, pods: Iterable[Pod], existing: Endpoints | None, trigger_time: str | None) -> Plan:
    """The write that brings a Service's Endpoints object up to date; none when it is.

    `pods` are those its selector matches, `existing` is the Endpoints object of the Service's name.
    """
    if not service.selects_pods:
        return Plan()
    subsets, cut = truncate(repack(_expanded(service, pods)))
    if existing is None:
        meta = Meta(name=service.metadata.name, namespace=service.metadata.namespace)
    elif _up_to_date(existing, service, subsets, cut=cut):
        return Plan()
    else:
        meta = existing.metadata
    annotations = dict(meta.annotations or {})
    annotations.pop(ANNOTATION_TRIGGER_TIME, None)
    annotations.pop(ANNOTATION_OVER_CAPACITY, None)
    if trigger_time is not None:
        annotations[ANNOTATION_TRIGGER_TIME] = trigger_time
    if cut:
        annotations[ANNOTATION_OVER_CAPACITY] = TRUNCATED
    new = Endpoints(replace(meta, labels=_labels(service), annotations=annotations or None), subsets)
    return Plan((Create(new) if existing is None else Update(new),))


def plan_departure(existing: Endpoints | None) -> Plan:
    """What the deletion of a Service asks of the Endpoints object of its name; leader election records stay."""
    if existing is None or is_leader_record(existing):
        return Plan()
    return Plan((Delete(existing),))


def is_leader_record(endpoints: Endpoints) -> bool:
    """Whether the object is an old-style leader election lock, which has no Service."""
    return ANNOTATION_LEADER in (endpoints.metadata.annotations or {})


def _up_to_date(existing: Endpoints, service: Service, subsets: tuple[EndpointSubset, ...], *, cut: bool) -> bool:
    return (
        _labels_follow(existing, service)
        and (ANNOTATION_OVER_CAPACITY in (existing.metadata.annotations or {})) == cut
        and (same_subsets(existing.subsets, subsets) or same_subsets(repack(existing.subsets or ()), subsets))
    )


def _labels(service: Service) -> dict[str, str]:
    labels = dict(service.metadata.labels or {})
    labels.pop(LABEL_HEADLESS, None)
    if service.headless:
        labels[LABEL_HEADLESS] = ""
    labels[LABEL_ENDPOINTS_MANAGED_BY] = ENDPOINTS_CONTROLLER
    return labels


def _labels_follow(existing: Endpoints, service: Service) -> bool:
    """Equality but for the headless label, which alone is no reason to write. Source: labelsCorrectForEndpoints."""
    have, want = dict(existing.metadata.labels or {}), _labels(service)
    have.pop(LABEL_HEADLESS, None)
    want.pop(LABEL_HEADLESS, None)
    return have == want


def _expanded(service: Service, pods: Iterable[Pod]) -> Iterator[EndpointSubset]:
    """One subset per pod and port, as `repack` likes them."""
    publish = service.spec.publish_not_ready_addresses
    for pod in pods:
        if not podrules.belongs_in_endpoints(pod, include_terminating=publish):
            continue
        address = _address(service, pod)
        if address is None:
            continue
        ready = publish or podrules.is_ready(pod)
        for ports in _ports(service, pod):
            yield EndpointSubset(
                addresses=(address,) if ready else None,
                not_ready_addresses=None if ready else (address,),
                ports=ports,
            )


def _ports(service: Service, pod: Pod) -> Iterator[tuple[SubsetPort, ...]]:
    if not service.spec.ports and service.spec.cluster_ip == "None":
        yield ()
    for port in service.spec.ports or ():
        number = podrules.find_port(pod, port)
        if number is not None:
            yield (SubsetPort(port.name, number, port.protocol, port.app_protocol),)


def _address(service: Service, pod: Pod) -> EndpointAddress | None:
    """The pod's first address in the Service's first family. Source: podToEndpointAddressForService."""
    family = _first_family(service, pod)
    ip = next((address for kind, address in podrules.addresses(pod) if kind == family), None)
    if ip is None:
        return None
    return EndpointAddress(
        ip=ip,
        hostname=podrules.hostname_for(pod, service) or "",
        node_name=pod.spec.node_name or None,
        target_ref=podrules.reference_to(pod),
    )


def _first_family(service: Service, pod: Pod) -> Family:
    if service.spec.ip_families:
        return service.spec.ip_families[0]
    told_by = pod.status.pod_ip if service.headless else service.spec.cluster_ip
    return IPV6 if ":" in told_by else IPV4
