"""Where this controller's objects live in the API, and their bytes on the way there."""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from lbctl.kube.resources import Resource, resource
from lbctl.sandbox.endpoints.names import LABEL_SLICE_MANAGED_BY, MIRRORING_CONTROLLER, SLICE_CONTROLLER
from lbctl.sandbox.endpoints.objects import Endpoints, EndpointSlice, Node, Pod, Service
from lbctl.sandbox.objects import Object

O = TypeVar("O", bound=Object)  # noqa: E741


def _core(wire: type[O], plural: str, kind: str, *, namespaced: bool = True) -> Resource[O]:
    return _kind("", wire, plural, kind, namespaced=namespaced)


def _kind(group: str, wire: type[O], plural: str, kind: str, *, namespaced: bool = True) -> Resource[O]:
    return resource(
        group, "v1", plural, kind, wire=wire, convert=_itself, key_of=lambda one: one.key, namespaced=namespaced
    )


def _itself(one: O) -> O:
    return one


SERVICES: Final = _core(Service, "services", "Service")
PODS: Final = _core(Pod, "pods", "Pod")
NODES: Final = _core(Node, "nodes", "Node", namespaced=False)
ENDPOINTS: Final = _core(Endpoints, "endpoints", "Endpoints")
SLICES: Final = _kind("discovery.k8s.io", EndpointSlice, "endpointslices", "EndpointSlice")

OUR_SLICES: Final = f"{LABEL_SLICE_MANAGED_BY} in ({SLICE_CONTROLLER},{MIRRORING_CONTROLLER})"
"""The label selector of the slices either controller writes; those people make cost us nothing."""


def encode(obj: EndpointSlice | Endpoints) -> bytes:
    """The body of a POST or PUT."""
    kind = SLICES if isinstance(obj, EndpointSlice) else ENDPOINTS
    head = f'{{"apiVersion":"{kind.api_version}","kind":"{kind.kind}",'
    return head.encode() + msgspec.json.encode(obj)[1:]
