"""EndpointSlices. Source: k8s.io/kubernetes/pkg/apis/discovery/validation/validation.go, registry/discovery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lbctl.sandbox.api.errors import FieldError, Json, duplicate, invalid, not_supported, required
from lbctl.sandbox.api.strategy.addresses import canonical_ip, endpoint_ip, ip_warnings, is_ipv4, is_ipv6, legacy_ip
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import complaints, immutable, too_many, validate_labels
from lbctl.sandbox.api.strategy.names import NameRule, dns_label, dns_subdomain, label_value, qualified_name
from lbctl.sandbox.api.strategy.service.validate_ports import validate_protocol
from lbctl.sandbox.api.strategy.shapes_service import ENDPOINT_SLICE

MAX_ENDPOINTS: Final = 1000
MAX_PORTS: Final = 20000
MAX_ADDRESSES: Final = 100
MAX_HINTS: Final = 8
MAX_TOPOLOGY_LABELS: Final = 16
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")


class EndpointSliceStrategy(KindStrategy):
    """EndpointSlices: one address type for good, addresses of that family that other hosts can reach."""

    shape = ENDPOINT_SLICE
    counts_generations = True

    def default_spec(self, obj: Json) -> None:
        for port in obj.get("ports") or []:
            port.setdefault("name", "")
            port.setdefault("protocol", "TCP")

    def changed(self, new: Json, old: Json) -> bool:
        if (new["metadata"].get("labels") or {}) != (old["metadata"].get("labels") or {}):
            return True
        return any(new.get(name) != old.get(name) for name in ("endpoints", "ports", "addressType"))

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        errors = self.validate_new_meta(new) + self.validate_spec(new, old)
        return errors + immutable("addressType", new.get("addressType", ""), old.get("addressType", ""))

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        kind = new.get("addressType", "")
        errors: list[FieldError] = []
        if not kind:
            errors.append(required("addressType"))
        elif kind not in _ADDRESS_TYPES:
            errors.append(not_supported("addressType", kind, _ADDRESS_TYPES))
        errors += _validate_ports(new.get("ports") or [])
        endpoints = new.get("endpoints") or []
        if old is None or endpoints != (old.get("endpoints") or []):
            errors += _validate_endpoints(endpoints, kind)
        return errors

    def warnings(self, new: Json, old: Json | None) -> list[str]:
        kind = new.get("addressType")
        if kind == "FQDN":
            return ["spec.addressType: FQDN endpoints are deprecated"] if old is None else []
        return [
            text
            for index, endpoint in enumerate(new.get("endpoints") or [])
            for place, address in enumerate(endpoint.get("addresses") or [])
            for text in ip_warnings(f"endpoints[{index}].addresses[{place}]", address)
        ]


def _validate_ports(ports: Sequence[Json]) -> list[FieldError]:
    if len(ports) > MAX_PORTS:
        return [too_many("ports", len(ports), MAX_PORTS)]
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        path, name = f"ports[{index}]", port.get("name") or ""
        if name:
            errors += complaints(f"{path}.name", name, dns_label)
        if name in names:
            errors.append(duplicate(f"{path}.name", name))
        names.add(name)
        errors += validate_protocol(port, path)
        if (application := port.get("appProtocol")) is not None:
            errors += complaints(f"{path}.appProtocol", application, qualified_name)
    return errors


def _validate_endpoints(endpoints: Sequence[Json], kind: str) -> list[FieldError]:
    if len(endpoints) > MAX_ENDPOINTS:
        return [too_many("endpoints", len(endpoints), MAX_ENDPOINTS)]
    errors: list[FieldError] = []
    for index, endpoint in enumerate(endpoints):
        errors += _validate_endpoint(endpoint, f"endpoints[{index}]", kind)
    return errors


def _validate_endpoint(endpoint: Json, path: str, kind: str) -> list[FieldError]:
    errors: list[FieldError] = []
    addresses = endpoint.get("addresses") or []
    if not addresses:
        errors.append(required(f"{path}.addresses", "must contain at least 1 address"))
    elif len(addresses) > MAX_ADDRESSES:
        errors.append(too_many(f"{path}.addresses", len(addresses), MAX_ADDRESSES))
    for index, address in enumerate(addresses):
        errors += _validate_address(address, f"{path}.addresses", index, kind)
    if (node := endpoint.get("nodeName")) is not None:
        errors += complaints(f"{path}.nodeName", node, dns_subdomain)
    topology = endpoint.get("deprecatedTopology") or {}
    if len(topology) > MAX_TOPOLOGY_LABELS:
        errors.append(too_many(f"{path}.deprecatedTopology", len(topology), MAX_TOPOLOGY_LABELS))
    errors += validate_labels(topology, f"{path}.deprecatedTopology")
    if (hostname := endpoint.get("hostname")) is not None:
        errors += complaints(f"{path}.hostname", hostname, dns_label)
    hints = endpoint.get("hints") or {}
    errors += _validate_hints(hints.get("forZones") or [], f"{path}.hints.forZones", label_value)
    return errors + _validate_hints(hints.get("forNodes") or [], f"{path}.hints.forNodes", dns_subdomain)


def _validate_address(address: str, path: str, index: int, kind: str) -> list[FieldError]:
    where = f"{path}[{index}]"
    if kind == "FQDN":
        return _validate_fqdn(address, where)
    if kind not in ("IPv4", "IPv6"):
        return []
    errors = legacy_ip(where, address) if kind == "IPv4" else canonical_ip(where, address)
    if errors:
        return errors
    if not (is_ipv4 if kind == "IPv4" else is_ipv6)(address):
        errors.append(invalid(path, address, f"must be an {kind} address"))
    return errors + endpoint_ip(where, address)


def _validate_fqdn(name: str, path: str) -> list[FieldError]:
    if not name:
        return [required(path)]
    name = name.removesuffix(".")
    if words := dns_subdomain(name):
        return [invalid(path, name, ",".join(words))]
    if "." not in name:
        return [invalid(path, name, "should be a domain with at least two segments separated by dots")]
    labels = ((label, dns_label(label)) for label in name.split("."))
    return [invalid(path, label, ",".join(words)) for label, words in labels if words][:1]


def _validate_hints(hints: Sequence[Json], path: str, rule: NameRule) -> list[FieldError]:
    if len(hints) > MAX_HINTS:
        return [too_many(path, len(hints), MAX_HINTS)]
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, hint in enumerate(hints):
        name = hint.get("name", "")
        if name in names:
            errors.append(duplicate(f"{path}[{index}].name", name))
        names.add(name)
        errors += complaints(f"{path}[{index}].name", name, rule)
    return errors
