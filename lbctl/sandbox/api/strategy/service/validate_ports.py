"""Rules of a Service's ports.

Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (`validateServicePort` and the port parts of
`validateService`). All functions take specs.
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, duplicate, forbidden, invalid, not_supported, required
from lbctl.sandbox.api.strategy.meta import complaints
from lbctl.sandbox.api.strategy.names import dns_label, port_name, port_number, qualified_name
from lbctl.sandbox.api.strategy.service.fields import CLUSTER_IP, ports_of

PROTOCOLS = ("SCTP", "TCP", "UDP")


def validate_ports(spec: Json) -> list[FieldError]:
    """Errors of each port by itself, and of names that occur twice."""
    errors: list[FieldError] = []
    ports = ports_of(spec)
    names: set[str] = set()
    for index, port in enumerate(ports):
        path = f"spec.ports[{index}]"
        name = port.get("name", "")
        if name:
            errors += complaints(f"{path}.name", name, dns_label)
            if name in names:
                errors.append(duplicate(f"{path}.name", name))
            names.add(name)
        elif len(ports) > 1:
            errors.append(required(f"{path}.name"))
        errors += _validate_port(port, path)
    return errors


def _validate_port(port: Json, path: str) -> list[FieldError]:
    number = port.get("port", 0)
    errors = [invalid(f"{path}.port", number, words) for words in port_number(number)]
    errors += validate_protocol(port, path)
    errors += validate_target(port.get("targetPort", 0), f"{path}.targetPort")
    if (application := port.get("appProtocol")) is not None:
        errors += complaints(f"{path}.appProtocol", application, qualified_name)
    return errors


def validate_protocol(port: Json, path: str) -> list[FieldError]:
    """Errors of a `protocol`, which defaulting has set if the client did not."""
    protocol = port.get("protocol", "")
    if not protocol:
        return [required(f"{path}.protocol")]
    return [] if protocol in PROTOCOLS else [not_supported(f"{path}.protocol", protocol, PROTOCOLS)]


def validate_target(target: int | str, path: str) -> list[FieldError]:
    """Errors of a port given by number or by name."""
    words = port_name(target) if isinstance(target, str) else port_number(target)
    return [invalid(path, target, one) for one in words]


def validate_cluster_ip_ports(spec: Json) -> list[FieldError]:
    """Errors of node ports in a Service that has none."""
    if spec.get("type") != CLUSTER_IP:
        return []
    why = "may not be used when `type` is 'ClusterIP'"
    asked = [index for index, port in enumerate(ports_of(spec)) if port.get("nodePort")]
    return [forbidden(f"spec.ports[{index}].nodePort", why) for index in asked]


def validate_unique_ports(spec: Json) -> list[FieldError]:
    """Errors of a node port or a port that occurs twice for one protocol."""
    errors: list[FieldError] = []
    seen: set[tuple[str, int]] = set()
    for index, port in enumerate(ports_of(spec)):
        key = (port.get("protocol", ""), port.get("nodePort", 0))
        if key[1] and key in seen:
            errors.append(duplicate(f"spec.ports[{index}].nodePort", key[1]))
        seen.add(key)
    seen.clear()
    for index, port in enumerate(ports_of(spec)):
        key = (port.get("protocol", ""), port.get("port", 0))
        if key in seen:
            errors.append(duplicate(f"spec.ports[{index}]", _as_go_prints(*key)))
        seen.add(key)
    return errors


def _as_go_prints(protocol: str, port: int) -> Json:
    shown: Json = {"Name": "", "Protocol": protocol, "AppProtocol": None, "Port": port}
    return {**shown, "TargetPort": 0, "NodePort": 0}
