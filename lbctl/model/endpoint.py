"""EndpointSlices as values. Source: discovery.k8s.io/v1."""

from __future__ import annotations

from dataclasses import dataclass

from lbctl.model.address import Family, IPAddress
from lbctl.model.service import ObjectKey, Protocol


@dataclass(frozen=True, slots=True)
class EndpointPort:
    """`port` is None for "all ports" (no consumer programs it)."""

    name: str
    protocol: Protocol
    port: int | None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint. Null conditions have their meaning applied: ready and serving True, terminating False."""

    addresses: tuple[IPAddress, ...]
    ready: bool = True
    serving: bool = True
    terminating: bool = False
    node: str = ""
    zone: str = ""
    hostname: str = ""
    hint_zones: frozenset[str] = frozenset()
    hint_nodes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EndpointSlice:
    """One slice; `service` is None when the label `kubernetes.io/service-name` is missing."""

    key: ObjectKey
    service: ObjectKey | None
    family: Family | None
    ports: tuple[EndpointPort, ...]
    endpoints: tuple[Endpoint, ...]
    headless: bool = False
    managed_by: str = ""
    resource_version: str = ""
