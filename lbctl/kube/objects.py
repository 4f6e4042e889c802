"""Kinds that only some rooms read: Pods, Namespaces, Leases, and anything as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from lbctl.kube.resources import Page, Resource
from lbctl.kube.wire import Meta, Wire, addresses_of, instant_of, labels_of, protocol_of, shared
from lbctl.model.address import IPAddress
from lbctl.model.service import NO_LABELS, ObjectKey, Protocol, Uid

JsonValue = object
_NO_UID = Uid("")


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """One `ports` entry of a container; `name` may be empty."""

    name: str
    protocol: Protocol
    port: int


@dataclass(frozen=True, slots=True)
class Pod:
    """What deciding about endpoints needs of a Pod.

    `ports` are those of all containers in order, restartable init containers (sidecars) first; `ready` is the
    condition Ready; `finished` means phase Succeeded or Failed.
    """

    key: ObjectKey
    uid: Uid = _NO_UID
    resource_version: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    node: str = ""
    hostname: str = ""
    subdomain: str = ""
    host_network: bool = False
    ips: tuple[IPAddress, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    phase: str = ""
    ready: bool = False
    deleting: bool = False

    @property
    def finished(self) -> bool:
        return self.phase in ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class Namespace:
    name: str
    uid: Uid = _NO_UID
    resource_version: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    phase: str = "Active"
    deleting: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """A coordination.k8s.io Lease; `holder` is empty when nobody holds it. Its times are its holder's clock."""

    key: ObjectKey
    uid: Uid = _NO_UID
    resource_version: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    holder: str = ""
    duration_s: int = 0
    acquired: datetime | None = None
    renewed: datetime | None = None
    transitions: int = 0


@dataclass(frozen=True, slots=True)
class JsonObject:
    """Any object whole; `document` is the decoded JSON and must not be changed."""

    key: ObjectKey
    uid: Uid
    resource_version: str
    document: Mapping[str, JsonValue] = field(repr=False)


class ContainerPortWire(Wire, gc=False):
    container_port: int
    name: str = ""
    protocol: str | None = None


class ContainerWire(Wire, gc=False):
    ports: list[ContainerPortWire] | None = None
    restart_policy: str | None = None


class PodSpecWire(Wire, gc=False):
    node_name: str = ""
    hostname: str = ""
    subdomain: str = ""
    host_network: bool = False
    containers: list[ContainerWire] | None = None
    init_containers: list[ContainerWire] | None = None


class PodIpWire(Wire, gc=False):
    ip: str = ""


class PodConditionWire(Wire, gc=False):
    type: str
    status: str = ""


class PodStatusWire(Wire, gc=False):
    phase: str = ""
    pod_ip: str = msgspec.field(default="", name="podIP")
    pod_ips: list[PodIpWire] | None = msgspec.field(default=None, name="podIPs")
    conditions: list[PodConditionWire] | None = None


class PodWire(Wire, gc=False):
    metadata: Meta
    spec: PodSpecWire = msgspec.field(default_factory=PodSpecWire)
    status: PodStatusWire = msgspec.field(default_factory=PodStatusWire)


def pod_of(wire: PodWire) -> Pod:
    """Raises: ValueError for a protocol that this version does not know."""
    meta, spec, status = wire.metadata, wire.spec, wire.status
    sidecars = [one for one in spec.init_containers or () if one.restart_policy == "Always"]
    ips = [one.ip for one in status.pod_ips or ()] or ([status.pod_ip] if status.pod_ip else [])
    return Pod(
        key=meta.key,
        uid=Uid(meta.uid),
        resource_version=meta.resource_version,
        labels=labels_of(meta.labels),
        node=shared(spec.node_name),
        hostname=spec.hostname,
        subdomain=spec.subdomain,
        host_network=spec.host_network,
        ips=addresses_of(ips),
        ports=tuple(
            ContainerPort(port.name, protocol_of(port.protocol), port.container_port)
            for container in (*sidecars, *(spec.containers or ()))
            for port in container.ports or ()
        ),
        phase=shared(status.phase),
        ready=any(one.type == "Ready" and one.status == "True" for one in status.conditions or ()),
        deleting=meta.deletion_timestamp is not None,
    )


class NamespaceStatusWire(Wire, gc=False):
    phase: str = "Active"


class NamespaceWire(Wire, gc=False):
    metadata: Meta
    status: NamespaceStatusWire = msgspec.field(default_factory=NamespaceStatusWire)


def namespace_of(wire: NamespaceWire) -> Namespace:
    meta = wire.metadata
    return Namespace(
        name=meta.name,
        uid=Uid(meta.uid),
        resource_version=meta.resource_version,
        labels=labels_of(meta.labels),
        phase=wire.status.phase,
        deleting=meta.deletion_timestamp is not None,
    )


class LeaseSpecWire(Wire, gc=False):
    holder_identity: str | None = None
    lease_duration_seconds: int | None = None
    acquire_time: str | None = None
    renew_time: str | None = None
    lease_transitions: int | None = None


class LeaseWire(Wire, gc=False):
    metadata: Meta
    spec: LeaseSpecWire = msgspec.field(default_factory=LeaseSpecWire)


def lease_of(wire: LeaseWire) -> Lease:
    meta, spec = wire.metadata, wire.spec
    return Lease(
        key=meta.key,
        uid=Uid(meta.uid),
        resource_version=meta.resource_version,
        labels=labels_of(meta.labels),
        holder=spec.holder_identity or "",
        duration_s=spec.lease_duration_seconds or 0,
        acquired=instant_of(spec.acquire_time),
        renewed=instant_of(spec.renew_time),
        transitions=spec.lease_transitions or 0,
    )


class _JsonList(msgspec.Struct, gc=False):
    metadata: dict[str, JsonValue]
    items: list[dict[str, JsonValue]] | None = None


def json_resource(group: str, version: str, plural: str, kind: str, *, namespaced: bool = True) -> Resource[JsonObject]:
    """A kind read whole, without a struct of its own: custom resources, and tests."""

    def decode(body: bytes | msgspec.Raw) -> JsonObject:
        return _json_object(msgspec.json.decode(body, type=dict[str, JsonValue]))

    def decode_list(body: bytes) -> Page[JsonObject]:
        page = msgspec.json.decode(body, type=_JsonList)
        items = tuple(_json_object(item) for item in page.items or ())
        return Page(items, str(page.metadata.get("resourceVersion", "")), str(page.metadata.get("continue", "")))

    return Resource(group, version, plural, kind, decode, decode_list, lambda item: item.key, namespaced)


def _json_object(document: Mapping[str, JsonValue]) -> JsonObject:
    meta = msgspec.convert(document.get("metadata"), Meta)
    return JsonObject(meta.key, Uid(meta.uid), meta.resource_version, document)
