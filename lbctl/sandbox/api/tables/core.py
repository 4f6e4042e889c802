"""Printers of the core kinds, Service, Node and Pod aside.

Source: k8s.io/kubernetes/pkg/printers/internalversion/printers.go.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables.ages import age
from lbctl.sandbox.api.tables.column import (
    AGE,
    NAME,
    NONE,
    OBJECT_META,
    Cells,
    Column,
    Layout,
    created,
    field,
    items,
    name_of,
    part,
    wide,
)

_MAX_SHOWN = 3
"""Endpoints and ports that a row shows before `+ N more...`."""


def _namespace(obj: Json, now: datetime) -> Cells:
    return [name_of(obj), part(obj, "status").get("phase", ""), age(created(obj), now)]


def _config_map(obj: Json, now: datetime) -> Cells:
    return [name_of(obj), len(part(obj, "data")) + len(part(obj, "binaryData")), age(created(obj), now)]


def _secret(obj: Json, now: datetime) -> Cells:
    return [name_of(obj), obj.get("type", ""), len(part(obj, "data")), age(created(obj), now)]


def _service_account(obj: Json, now: datetime) -> Cells:
    return [name_of(obj), age(created(obj), now)]


def _lease(obj: Json, now: datetime) -> Cells:
    return [name_of(obj), part(obj, "spec").get("holderIdentity") or "", age(created(obj), now)]


def _endpoints(obj: Json, now: datetime) -> Cells:
    return [name_of(obj), _endpoints_text(obj), age(created(obj), now)]


def _endpoints_text(obj: Json) -> str:
    subsets = items(obj, "subsets")
    if not subsets:
        return NONE
    shown: list[str] = []
    for subset in subsets:
        addresses = [str(one.get("ip", "")) for one in items(subset, "addresses")]
        ports = items(subset, "ports")
        shown += [_host_port(ip, port.get("port", 0)) for port in ports for ip in addresses] if ports else addresses
    return _shortened(shown)


def _host_port(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _shortened(shown: list[str]) -> str:
    text = ",".join(shown[:_MAX_SHOWN])
    return f"{text} + {len(shown) - _MAX_SHOWN} more..." if len(shown) > _MAX_SHOWN else text


def _endpoint_slice(obj: Json, now: datetime) -> Cells:
    ports = [_slice_port(port) for port in items(obj, "ports")]
    addresses = [str(one) for endpoint in items(obj, "endpoints") for one in items(endpoint, "addresses")]
    ports_text, addresses_text = _shortened(ports) or "<unset>", _shortened(addresses) or "<unset>"
    return [name_of(obj), obj.get("addressType", ""), ports_text, addresses_text, age(created(obj), now)]


def _slice_port(port: Json) -> str:
    if port.get("port") is not None:
        return str(port["port"])
    name = port.get("name")
    return "*" if name is None else str(name)


def _event(obj: Json, now: datetime) -> Cells:
    """Either of the two event APIs: what core/v1 calls `message`, events.k8s.io calls `note`, and so on."""
    first = age(obj.get("firstTimestamp") or obj.get("deprecatedFirstTimestamp") or obj.get("eventTime"), now)
    last_time = obj.get("lastTimestamp") or obj.get("deprecatedLastTimestamp")
    last = age(last_time, now) if last_time else first
    count = obj.get("count") or obj.get("deprecatedCount") or 1
    series = part(obj, "series")
    if obj.get("series") is not None:
        last, count = age(series.get("lastObservedTime"), now), series.get("count", 0)
    about = part(obj, "involvedObject") or part(obj, "regarding")
    kind, name = str(about.get("kind", "")).lower(), about.get("name")
    message = str(obj.get("message") or obj.get("note") or "").strip()
    return [
        last,
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{kind}/{name}" if name else kind,
        about.get("fieldPath", ""),
        _event_source(obj),
        message,
        first,
        count,
        name_of(obj),
    ]


def _event_source(obj: Json) -> str:
    source = part(obj, "source") or part(obj, "deprecatedSource")
    component = source.get("component") or obj.get("reportingComponent") or obj.get("reportingController") or ""
    instance: Any = source.get("host") or obj.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else str(component)


_EVENT_COLUMNS = (
    field("Last Seen", "core.v1.Event", "lastTimestamp"),
    field("Type", "core.v1.Event", "type"),
    field("Reason", "core.v1.Event", "reason"),
    Column("Object", description="The object that this event is about."),
    field("Subobject", "core.v1.ObjectReference", "fieldPath", priority=1),
    wide("Source", "The component reporting this event. Should be a short machine understandable string."),
    field("Message", "core.v1.Event", "message"),
    field("First Seen", "core.v1.Event", "firstTimestamp", priority=1),
    field("Count", "core.v1.Event", "count", priority=1),
    Column("Name", format="name", priority=1, documented=(OBJECT_META, "name")),
)
_EVENTS = Layout(_EVENT_COLUMNS, _event)

LAYOUTS: dict[tuple[str, str], Layout] = {
    ("", "namespaces"): Layout((NAME, Column("Status", description="The status of the namespace"), AGE), _namespace),
    ("", "configmaps"): Layout((NAME, field("Data", "core.v1.ConfigMap", "data"), AGE), _config_map),
    ("", "secrets"): Layout(
        (NAME, field("Type", "core.v1.Secret", "type"), field("Data", "core.v1.Secret", "data"), AGE), _secret
    ),
    ("", "serviceaccounts"): Layout((NAME, AGE), _service_account),
    ("", "endpoints"): Layout((NAME, field("Endpoints", "core.v1.Endpoints", "subsets"), AGE), _endpoints),
    ("", "events"): _EVENTS,
    ("events.k8s.io", "events"): _EVENTS,
    ("coordination.k8s.io", "leases"): Layout(
        (NAME, field("Holder", "coordination.v1.LeaseSpec", "holderIdentity"), AGE), _lease
    ),
    ("discovery.k8s.io", "endpointslices"): Layout(
        (
            NAME,
            field("AddressType", "discovery.v1.EndpointSlice", "addressType"),
            field("Ports", "discovery.v1.EndpointSlice", "ports"),
            field("Endpoints", "discovery.v1.EndpointSlice", "endpoints"),
            AGE,
        ),
        _endpoint_slice,
    ),
}
"""By API group and plural."""
