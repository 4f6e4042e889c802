"""Objects for the tests of the endpoints controller, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lbctl.sandbox.endpoints.objects import (
    Condition,
    Container,
    ContainerPort,
    Endpoint,
    Endpoints,
    EndpointSlice,
    EndpointSubset,
    Node,
    NodeStatus,
    Pod,
    PodIP,
    PodSpec,
    PodStatus,
    Service,
    ServicePort,
    ServiceSpec,
)
from lbctl.sandbox.endpoints.writes import Create, Delete, Plan, Update
from lbctl.sandbox.objects import Meta

NAMESPACE = "default"
CREATED = "2026-01-01T00:00:00Z"
DELETED = "2026-01-02T00:00:00Z"
HTTP = ServicePort(name="http", port=80, target_port=8080)
WEB = {"app": "web"}


def service(
    name: str = "web",
    *,
    uid: str = "",
    selector: Mapping[str, str] | None = WEB,
    ports: Sequence[ServicePort] = (HTTP,),
    families: Sequence[str] = ("IPv4",),
    cluster_ip: str = "10.96.0.1",
    type: str = "ClusterIP",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    deleted: bool = False,
    publish_not_ready: bool = False,
    distribution: str | None = None,
) -> Service:
    return Service(
        metadata=Meta(
            name=name,
            namespace=NAMESPACE,
            uid=uid or f"uid-{name}",
            creation_timestamp=CREATED,
            deletion_timestamp=DELETED if deleted else None,
            labels=dict(labels) if labels else None,
            annotations=dict(annotations) if annotations else None,
        ),
        spec=ServiceSpec(
            type=type,
            selector=dict(selector) if selector is not None else None,
            ports=tuple(ports),
            cluster_ip=cluster_ip,
            ip_families=tuple(families),
            publish_not_ready_addresses=publish_not_ready,
            traffic_distribution=distribution,
        ),
    )


def pod(
    number: int = 1,
    *,
    ips: Sequence[str] | None = None,
    ready: bool = True,
    deleted: bool = False,
    phase: str = "Running",
    node: str = "node-a",
    labels: Mapping[str, str] | None = WEB,
    hostname: str = "",
    subdomain: str = "",
    ports: Sequence[ContainerPort] = (),
    sidecar_ports: Sequence[ContainerPort] = (),
    init_ports: Sequence[ContainerPort] = (),
    ready_since: str = CREATED,
    uid: str = "",
) -> Pod:
    """The pod `pod-NNNN` with the address 10.1.x.y."""
    addresses = [f"10.1.{number // 250}.{number % 250 + 1}"] if ips is None else ips
    return Pod(
        metadata=Meta(
            name=f"pod-{number:04d}",
            namespace=NAMESPACE,
            uid=uid or f"uid-pod-{number}",
            labels=dict(labels) if labels is not None else None,
            deletion_timestamp=DELETED if deleted else None,
        ),
        spec=PodSpec(
            node_name=node,
            hostname=hostname,
            subdomain=subdomain,
            containers=(Container(ports=tuple(ports)),),
            init_containers=(
                Container(ports=tuple(init_ports)),
                Container(ports=tuple(sidecar_ports), restart_policy="Always"),
            ),
        ),
        status=PodStatus(
            phase=phase,
            pod_ip=addresses[0] if addresses else "",
            pod_ips=tuple(PodIP(ip) for ip in addresses),
            conditions=(Condition("Ready", "True" if ready else "False", ready_since),),
        ),
    )


def node(name: str = "node-a", *, zone: str = "", cpu: str = "4", ready: bool = True, role: str = "") -> Node:
    labels = {"kubernetes.io/hostname": name}
    if zone:
        labels["topology.kubernetes.io/zone"] = zone
    if role:
        labels[f"node-role.kubernetes.io/{role}"] = ""
    return Node(
        metadata=Meta(name=name, labels=labels),
        status=NodeStatus((Condition("Ready", "True" if ready else "False"),), {"cpu": cpu}),
    )


def endpoints(
    subsets: Sequence[EndpointSubset],
    name: str = "web",
    *,
    uid: str = "uid-endpoints",
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Endpoints:
    meta = Meta(
        name=name,
        namespace=NAMESPACE,
        uid=uid,
        resource_version="7",
        labels=dict(labels) if labels else None,
        annotations=dict(annotations) if annotations else None,
    )
    return Endpoints(meta, tuple(subsets))


def stored(one: EndpointSlice, number: int = 1) -> EndpointSlice:
    """A slice as the API answers it: with a name, a UID and a version."""
    from msgspec.structs import replace

    if one.metadata.name:
        return replace(one, metadata=replace(one.metadata, resource_version=f"{100 + number}"))
    meta = replace(
        one.metadata,
        name=f"{one.metadata.generate_name}{number:05d}",
        uid=f"uid-slice-{number}",
        resource_version=str(number),
    )
    return replace(one, metadata=meta)


def applied(plan: Plan, existing: Sequence[EndpointSlice] = ()) -> list[EndpointSlice]:
    """The slices there are after a plan's writes."""
    slices = {one.metadata.name: one for one in existing}
    for write in plan.writes:
        match write:
            case Create(EndpointSlice() as new):
                number = len(slices) + 1
                while (made := stored(new, number)).metadata.name in slices:
                    number += 1
                slices[made.metadata.name] = made
            case Update(EndpointSlice() as new):
                assert new.metadata.name in slices, "an update of a slice that does not exist"
                slices[new.metadata.name] = stored(new)
            case Delete(EndpointSlice() as old):
                del slices[old.metadata.name]
            case other:
                raise AssertionError(f"no write of a slice: {other}")
    return list(slices.values())


def kinds(plan: Plan) -> list[str]:
    """The writes of a plan by name, e.g. `["Create", "Delete"]`."""
    return [type(write).__name__ for write in plan.writes]


def addresses_in(slices: Sequence[EndpointSlice]) -> list[str]:
    return sorted(address for one in slices for endpoint in one.endpoints or () for address in endpoint.addresses)


def endpoints_in(slices: Sequence[EndpointSlice]) -> dict[str, Endpoint]:
    """Every endpoint by the name of its pod."""
    found = [endpoint for one in slices for endpoint in one.endpoints or ()]
    named = {endpoint.target_ref.name: endpoint for endpoint in found if endpoint.target_ref is not None}
    assert len(named) == len(found), "an endpoint stands in two slices"
    return named
