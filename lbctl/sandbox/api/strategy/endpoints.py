"""Endpoints. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (`ValidateEndpoints`)."""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, invalid, required
from lbctl.sandbox.api.strategy.addresses import endpoint_ip, ip_warnings, legacy_ip
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import complaints
from lbctl.sandbox.api.strategy.names import dns_label, dns_subdomain, port_number, qualified_name
from lbctl.sandbox.api.strategy.service.validate_ports import validate_protocol
from lbctl.sandbox.api.strategy.shapes_service import ENDPOINTS


class EndpointsStrategy(KindStrategy):
    """Endpoints: subsets need an address; addresses must be reachable from other hosts."""

    shape = ENDPOINTS
    allow_create_on_update = True

    def default_spec(self, obj: Json) -> None:
        for subset in obj.get("subsets") or []:
            for port in subset.get("ports") or []:
                port.setdefault("protocol", "TCP")

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_meta_update(new, old) + self.validate_new_meta(new) + self.validate_spec(new, old)

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        subsets = new.get("subsets") or []
        if old is not None and subsets == (old.get("subsets") or []):
            return []
        return [error for index, one in enumerate(subsets) for error in _validate_subset(one, f"subsets[{index}]")]

    def warnings(self, new: Json, old: Json | None) -> list[str]:
        found: list[str] = []
        for index, subset in enumerate(new.get("subsets") or []):
            for name in ("addresses", "notReadyAddresses"):
                for place, address in enumerate(subset.get(name) or []):
                    found += ip_warnings(f"subsets[{index}].{name}[{place}].ip", address.get("ip", ""))
        return found


def _validate_subset(subset: Json, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if not subset.get("addresses") and not subset.get("notReadyAddresses"):
        errors.append(required(path, "must specify `addresses` or `notReadyAddresses`"))
    for name in ("addresses", "notReadyAddresses"):
        for index, address in enumerate(subset.get(name) or []):
            errors += _validate_address(address, f"{path}.{name}[{index}]")
    ports = subset.get("ports") or []
    for index, port in enumerate(ports):
        errors += _validate_port(port, f"{path}.ports[{index}]", named=len(ports) > 1)
    return errors


def _validate_address(address: Json, path: str) -> list[FieldError]:
    ip = address.get("ip", "")
    errors = legacy_ip(f"{path}.ip", ip)
    if hostname := address.get("hostname"):
        errors += complaints(f"{path}.hostname", hostname, dns_label)
    if (node := address.get("nodeName")) is not None:
        errors += complaints(f"{path}.nodeName", node, dns_subdomain)
    return errors + endpoint_ip(f"{path}.ip", ip)


def _validate_port(port: Json, path: str, *, named: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    if name := port.get("name"):
        errors += complaints(f"{path}.name", name, dns_label)
    elif named:
        errors.append(required(f"{path}.name"))
    number = port.get("port", 0)
    errors += [invalid(f"{path}.port", number, words) for words in port_number(number)]
    errors += validate_protocol(port, path)
    if (application := port.get("appProtocol")) is not None:
        errors += complaints(f"{path}.appProtocol", application, qualified_name)
    return errors
