"""Rules of `status.loadBalancer`.

Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (`ValidateLoadBalancerStatus`).
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, forbidden, invalid, not_supported, required
from lbctl.sandbox.api.strategy.addresses import legacy_ip, parse_sloppy
from lbctl.sandbox.api.strategy.meta import complaints
from lbctl.sandbox.api.strategy.names import dns_subdomain
from lbctl.sandbox.api.strategy.service.fields import LOAD_BALANCER, spec_of

_PATH = "status.loadBalancer.ingress"
_IP_MODES = ("Proxy", "VIP")


def ingress_of(service: Json) -> list[Json]:
    """`status.loadBalancer.ingress`; none is an empty list."""
    return ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []


def validate_load_balancer_status(new: Json, old: Json) -> list[FieldError]:
    """Errors of the ingress points a controller reports."""
    listed = ingress_of(new)
    if listed and spec_of(new).get("type") != LOAD_BALANCER:
        return [forbidden(_PATH, "may only be used when `spec.type` is 'LoadBalancer'")]
    existing = [one["ip"] for one in ingress_of(old) if one.get("ip")]
    errors: list[FieldError] = []
    for index, ingress in enumerate(listed):
        errors += _validate_ingress(ingress, f"{_PATH}[{index}]", existing)
    return errors


def _validate_ingress(ingress: Json, path: str, existing: list[str]) -> list[FieldError]:
    address, mode, hostname = ingress.get("ip"), ingress.get("ipMode"), ingress.get("hostname")
    errors = legacy_ip(f"{path}.ip", address, existing) if address else []
    if address and mode is None:
        errors.append(required(f"{path}.ipMode", "must be specified when `ip` is set"))
    elif mode is not None and not address:
        errors.append(forbidden(f"{path}.ipMode", "may not be specified when `ip` is not set"))
    elif mode is not None and mode not in _IP_MODES:
        errors.append(not_supported(f"{path}.ipMode", mode, _IP_MODES))
    if hostname:
        errors += complaints(f"{path}.hostname", hostname, dns_subdomain)
        if parse_sloppy(hostname) is not None:
            errors.append(invalid(f"{path}.hostname", hostname, "must be a DNS name, not an IP address"))
    return errors
