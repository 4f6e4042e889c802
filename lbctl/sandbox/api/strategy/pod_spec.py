"""Defaults and rules of a Pod's spec, for Pods and for the templates of Deployments.

Only what a load balancer's life depends on is checked: containers, ports, names, policies, placement.
Source: k8s.io/kubernetes/pkg/apis/core/v1/defaults.go, pkg/apis/core/validation/validation.go (`ValidatePodSpec`).
"""

from __future__ import annotations

from collections.abc import Sequence

from lbctl.sandbox.api.errors import FieldError, Json, duplicate, invalid, not_supported, required
from lbctl.sandbox.api.strategy.meta import complaints, validate_labels
from lbctl.sandbox.api.strategy.names import dns_label, dns_subdomain, port_name, port_number, qualified_name
from lbctl.sandbox.api.strategy.service.validate_ports import PROTOCOLS

_DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_RESTART_POLICIES = ("Always", "OnFailure", "Never")
_PULL_POLICIES = ("Always", "IfNotPresent", "Never")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_MAX_INT32 = 2**31 - 1


def default_pod_spec(spec: Json) -> None:
    """Fill in the defaults every Pod spec has, in place."""
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("schedulerName", "default-scheduler")
    if account := spec.get("serviceAccountName"):
        spec["serviceAccount"] = account
    for name in ("containers", "initContainers"):
        for container in spec.get(name) or []:
            _default_container(container, host_network=bool(spec.get("hostNetwork")))


def _default_container(container: Json, *, host_network: bool) -> None:
    latest = image_tag(container.get("image", "")) == "latest"
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    container.setdefault("resources", {})
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
        if host_network and port.get("containerPort"):
            port.setdefault("hostPort", port["containerPort"])
    for name in _PROBES:
        if isinstance(probe := container.get(name), dict):
            _default_probe(probe)


def _default_probe(probe: Json) -> None:
    for name, value in {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}.items():
        probe[name] = probe.get(name) or value
    if isinstance(http := probe.get("httpGet"), dict):
        http["path"] = http.get("path") or "/"
        http["scheme"] = http.get("scheme") or "HTTP"


def image_tag(image: str) -> str:
    """The tag of an image reference: `latest` when it names neither tag nor digest, empty for a bare digest."""
    name, _, digest = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return tag or ("" if digest else "latest")


def validate_pod_spec(spec: Json, path: str = "spec") -> list[FieldError]:
    """Errors of a defaulted Pod spec."""
    containers, inits = spec.get("containers") or [], spec.get("initContainers") or []
    errors = [] if containers else [required(f"{path}.containers")]
    errors += _validate_containers(containers, f"{path}.containers", set())
    errors += _validate_host_ports(containers, f"{path}.containers")
    errors += _validate_containers(inits, f"{path}.initContainers", {one.get("name", "") for one in containers})
    if spec.get("hostNetwork"):
        errors += _validate_host_network(containers, f"{path}.containers")
    errors += _one_of(spec.get("restartPolicy", ""), f"{path}.restartPolicy", _RESTART_POLICIES)
    errors += _one_of(spec.get("dnsPolicy", ""), f"{path}.dnsPolicy", _DNS_POLICIES)
    errors += validate_labels(spec.get("nodeSelector") or {}, f"{path}.nodeSelector")
    errors += _validate_gates(spec, path)
    for name, rule in (
        ("serviceAccountName", dns_subdomain),
        ("nodeName", dns_subdomain),
        ("hostname", dns_label),
        ("subdomain", dns_label),
    ):
        if value := spec.get(name):
            errors += complaints(f"{path}.{name}", value, rule)
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 1 <= deadline <= _MAX_INT32:
        errors.append(
            invalid(f"{path}.activeDeadlineSeconds", deadline, f"must be between 1 and {_MAX_INT32}, inclusive")
        )
    return errors


def _one_of(value: str, path: str, allowed: Sequence[str]) -> list[FieldError]:
    if not value:
        return [required(path)]
    return [] if value in allowed else [not_supported(path, value, allowed)]


def _validate_gates(spec: Json, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, gate in enumerate(spec.get("readinessGates") or []):
        where = f"{path}.readinessGates[{index}].conditionType"
        errors += complaints(where, gate.get("conditionType", ""), qualified_name)
    seen: set[str] = set()
    for index, gate in enumerate(spec.get("schedulingGates") or []):
        where, name = f"{path}.schedulingGates[{index}]", gate.get("name", "")
        errors += complaints(where, name, qualified_name)
        if name in seen:
            errors.append(duplicate(where, name))
        seen.add(name)
    return errors


def _validate_containers(containers: Sequence[Json], path: str, names: set[str]) -> list[FieldError]:
    """Errors of each container; `names` are those already taken by others."""
    errors: list[FieldError] = []
    for index, container in enumerate(containers):
        where, name = f"{path}[{index}]", container.get("name", "")
        errors += complaints(f"{where}.name", name, dns_label) if name else [required(f"{where}.name")]
        if not container.get("image"):
            errors.append(required(f"{where}.image"))
        errors += _validate_container_ports(container.get("ports") or [], f"{where}.ports")
        errors += _one_of(container.get("imagePullPolicy", ""), f"{where}.imagePullPolicy", _PULL_POLICIES)
        if name in names:
            errors.append(duplicate(f"{where}.name", name))
        names.add(name)
    return errors


def _validate_container_ports(ports: Sequence[Json], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    names: set[str] = set()
    for index, port in enumerate(ports):
        where = f"{path}[{index}]"
        if name := port.get("name"):
            wrong = complaints(f"{where}.name", name, port_name)
            errors += wrong or ([duplicate(f"{where}.name", name)] if name in names else [])
            names.add(name)
        number, host = port.get("containerPort", 0), port.get("hostPort", 0)
        if number:
            errors += [invalid(f"{where}.containerPort", number, words) for words in port_number(number)]
        else:
            errors.append(required(f"{where}.containerPort"))
        errors += [invalid(f"{where}.hostPort", host, words) for words in port_number(host) if host]
        errors += _one_of(port.get("protocol", ""), f"{where}.protocol", PROTOCOLS)
    return errors


def _validate_host_ports(containers: Sequence[Json], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for index, container in enumerate(containers):
        for place, port in enumerate(container.get("ports") or []):
            if not port.get("hostPort"):
                continue
            key = f"{port.get('protocol', '')}/{port.get('hostIP', '')}/{port['hostPort']}"
            if key in seen:
                errors.append(duplicate(f"{path}[{index}].ports[{place}].hostPort", key))
            seen.add(key)
    return errors


def _validate_host_network(containers: Sequence[Json], path: str) -> list[FieldError]:
    why = "must match `containerPort` when `hostNetwork` is true"
    return [
        invalid(f"{path}[{index}].ports[{place}].hostPort", port.get("hostPort", 0), why)
        for index, container in enumerate(containers)
        for place, port in enumerate(container.get("ports") or [])
        if port.get("hostPort", 0) != port.get("containerPort", 0)
    ]
