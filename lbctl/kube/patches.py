"""What to send so that a Service's finalizers and status become as wanted: pure, and None when they already are.

Rules
- Status is a strategic merge: `conditions` merges by type, so conditions of others are neither read nor touched;
  `ingress` is atomic and ours alone. Load balancer and conditions go in one patch.
- `lastTransitionTime` is sent only with a new condition or a changed status; otherwise the server's stays. A patch
  that relies on what the server has is guarded by resourceVersion, every patch by uid (a Service of the same name
  may have been created anew meanwhile).
- Finalizers are one list for everybody: a merge patch replaces it, so it is always guarded by resourceVersion.

Source: k8s.io/api core/v1 ServiceStatus (patchMergeKey=type), LoadBalancerStatus (listType=atomic); RFC 7396.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from lbctl.kube.objects import JsonValue
from lbctl.kube.wire import second_time
from lbctl.model.service import Condition, Ingress, IngressPort, IpMode, Service

Patch = dict[str, JsonValue]

NO_ANNOTATIONS: Mapping[str, str | None] = MappingProxyType({})


def finalizer_patch(
    service: Service, finalizer: str, *, present: bool, annotations: Mapping[str, str | None] = NO_ANNOTATIONS
) -> Patch | None:
    """A JSON merge patch for the object itself that makes `finalizer` present or absent.

    `annotations` are set along with it; None removes one.
    """
    meta: Patch = {}
    if (finalizer in service.finalizers) is not present:
        kept = [one for one in service.finalizers if one != finalizer]
        meta = {
            "resourceVersion": service.resource_version,
            "finalizers": ([*kept, finalizer] if present else kept) or None,
        }
    changed = {name: text for name, text in annotations.items() if service.annotations.get(name) != text}
    if changed:
        meta |= {"uid": service.uid, "annotations": changed}
    return {"metadata": meta} if meta else None


def status_patch(
    service: Service,
    ingress: tuple[Ingress, ...],
    conditions: tuple[Condition, ...],
    withdrawn: tuple[str, ...],
    now: datetime,
) -> Patch | None:
    """A strategic merge patch for the status subresource; `withdrawn` are the types of conditions to remove."""
    status: Patch = {}
    if _normal(ingress) != _normal(service.ingress):
        status["loadBalancer"] = {"ingress": [_ingress(one) for one in ingress] or None}
    changed = [one for one in conditions if service.condition(one.type) != one]
    gone = [one for one in withdrawn if service.condition(one) is not None]
    entries = [_condition(one, service.condition(one.type), now) for one in changed]
    if entries or gone:
        status["conditions"] = [*entries, *({"$patch": "delete", "type": one} for one in gone)]
    if not status:
        return None
    meta: Patch = {"uid": service.uid}
    if any("lastTransitionTime" not in entry for entry in entries):
        meta["resourceVersion"] = service.resource_version
    return {"metadata": meta, "status": status}


def _normal(ingress: tuple[Ingress, ...]) -> tuple[tuple[object, ...], ...]:
    """With the server's default applied: an IP without a mode is a VIP. Source: KEP-1860."""
    return tuple(
        (one.ip, one.hostname, one.ip_mode or (IpMode.VIP if one.ip is not None else None), one.ports)
        for one in ingress
    )


def _ingress(one: Ingress) -> Patch:
    entry: Patch = {}
    if one.ip is not None:
        entry["ip"] = str(one.ip)
    if one.hostname:
        entry["hostname"] = one.hostname
    if one.ip_mode is not None:
        entry["ipMode"] = one.ip_mode.value
    if one.ports:
        entry["ports"] = [_port(port) for port in one.ports]
    return entry


def _port(one: IngressPort) -> Patch:
    entry: Patch = {"port": one.port, "protocol": one.protocol.value}
    if one.error:
        entry["error"] = one.error
    return entry


def _condition(wanted: Condition, known: Condition | None, now: datetime) -> Patch:
    entry: Patch = {
        "type": wanted.type,
        "status": wanted.status,
        "reason": wanted.reason,
        "message": wanted.message,
        "observedGeneration": wanted.observed_generation,
    }
    if known is None or known.status != wanted.status:
        entry["lastTransitionTime"] = second_time(now)
    return entry
