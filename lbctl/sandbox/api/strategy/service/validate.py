"""Rules of a Service's spec.

Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (`validateService`); the order of the rules is that of
the source, because it is the order in which a user reads the complaints.
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, forbidden, invalid, not_supported, required
from lbctl.sandbox.api.strategy.addresses import endpoint_ip, legacy_cidr, legacy_ip
from lbctl.sandbox.api.strategy.meta import complaints, validate_labels
from lbctl.sandbox.api.strategy.names import dns_subdomain, port_number, qualified_name
from lbctl.sandbox.api.strategy.service.fields import (
    CLUSTER_IP,
    EXTERNAL_NAME,
    LOAD_BALANCER,
    NODE_PORT,
    NONE,
    cluster_ips,
    externally_accessible,
    families,
    is_headless,
    needs_health_check,
    ports_of,
    spec_of,
)
from lbctl.sandbox.api.strategy.service.validate_ips import validate_cluster_ips
from lbctl.sandbox.api.strategy.service.validate_ports import (
    validate_cluster_ip_ports,
    validate_ports,
    validate_unique_ports,
)

SOURCE_RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges"
TOPOLOGY_MODE = "service.kubernetes.io/topology-mode"
TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints"
AFFINITY_TIMEOUT_LIMIT_S = 86400

_TYPES = (CLUSTER_IP, EXTERNAL_NAME, LOAD_BALANCER, NODE_PORT)
_AFFINITIES = ("ClientIP", "None")
_POLICIES = ("Cluster", "Local")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")
_ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"


def validate_service(service: Json, old: Json | None) -> list[FieldError]:
    """Errors of a Service apart from its metadata; what `old` was allowed before stays allowed."""
    spec = spec_of(service)
    before = {} if old is None else spec_of(old)
    return [
        *_topology(_annotations(service)),
        *_by_type(spec),
        *validate_ports(spec),
        *validate_labels(spec.get("selector") or {}, "spec.selector"),
        *_affinity(spec),
        *validate_cluster_ips(spec, None if old is None else before),
        *_external_ips(spec, before),
        *_type(spec),
        *validate_cluster_ip_ports(spec),
        *validate_unique_ports(spec),
        *_source_ranges(service, old),
        *_allocate_node_ports(spec),
        *validate_class(spec),
        *_external_traffic(spec),
        *_internal_traffic(spec),
        *_distribution(spec),
    ]


def _annotations(service: Json) -> dict[str, str]:
    return (service.get("metadata") or {}).get("annotations") or {}


def _topology(annotations: dict[str, str]) -> list[FieldError]:
    mode, hints = annotations.get(TOPOLOGY_MODE), annotations.get(TOPOLOGY_HINTS)
    if mode is None or hints is None or mode == hints:
        return []
    why = f"must match annotations[{TOPOLOGY_HINTS}] when both are specified"
    return [invalid(f"metadata.annotations[{TOPOLOGY_MODE}]", mode, why)]


def _by_type(spec: Json) -> list[FieldError]:
    errors: list[FieldError] = []
    kind = spec.get("type")
    if not ports_of(spec) and not is_headless(spec) and kind != EXTERNAL_NAME:
        errors.append(required("spec.ports"))
    if kind in (LOAD_BALANCER, NODE_PORT) and is_headless(spec):
        errors.append(invalid("spec.clusterIPs[0]", NONE, f"may not be set to 'None' for {kind} services"))
    if kind == EXTERNAL_NAME:
        errors += _external_name(spec)
    return errors


def _external_name(spec: Json) -> list[FieldError]:
    why = "may not be set for ExternalName services"
    errors = []
    if cluster_ips(spec):
        errors.append(forbidden("spec.clusterIPs", why))
    if families(spec):
        errors.append(forbidden("spec.ipFamilies", why))
    if spec.get("ipFamilyPolicy") is not None:
        errors.append(forbidden("spec.ipFamilyPolicy", why))
    name = str(spec.get("externalName", "")).removesuffix(".")
    return errors + (complaints("spec.externalName", name, dns_subdomain) if name else [required("spec.externalName")])


def _affinity(spec: Json) -> list[FieldError]:
    affinity, config = spec.get("sessionAffinity"), spec.get("sessionAffinityConfig")
    path = "spec.sessionAffinityConfig"
    if not affinity:
        return [required("spec.sessionAffinity")]
    if affinity == "None":
        why = "must not be set when session affinity is None"
        return [] if config is None else [forbidden(path, why)]
    if affinity != "ClientIP":
        return [not_supported("spec.sessionAffinity", affinity, _AFFINITIES)]
    why = "when session affinity type is ClientIP"
    for name in ("clientIP", "timeoutSeconds"):
        if config is None:
            return [required(path, why)]
        path, config = f"{path}.{name}", config.get(name)
    if config is None:
        return [required(path, why)]
    if 0 < config <= AFFINITY_TIMEOUT_LIMIT_S:
        return []
    return [invalid(path, config, f"must be greater than 0 and less than {AFFINITY_TIMEOUT_LIMIT_S}")]


def _external_ips(spec: Json, before: Json) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, address in enumerate(spec.get("externalIPs") or []):
        path = f"spec.externalIPs[{index}]"
        errors += legacy_ip(path, address, before.get("externalIPs") or ()) or endpoint_ip(path, address)
    return errors


def _type(spec: Json) -> list[FieldError]:
    kind = spec.get("type")
    if not kind:
        return [required("spec.type")]
    return [] if kind in _TYPES else [not_supported("spec.type", kind, _TYPES)]


def _source_ranges(service: Json, old: Json | None) -> list[FieldError]:
    spec = spec_of(service)
    ranges = spec.get("loadBalancerSourceRanges") or []
    errors: list[FieldError] = []
    if ranges:
        # The capital L is the real server's.
        path = "spec.LoadBalancerSourceRanges"
        if spec.get("type") != LOAD_BALANCER:
            errors.append(forbidden(path, _ONLY_LOAD_BALANCER))
        stored = [] if old is None else spec_of(old).get("loadBalancerSourceRanges") or []
        existing = [one.strip() for one in stored]
        for index, text in enumerate(ranges):
            errors += legacy_cidr(f"{path}[{index}]", text.strip(), existing)
        return errors
    text = _annotations(service).get(SOURCE_RANGES_ANNOTATION)
    if text is None:
        return errors
    path = f"metadata.annotations[{SOURCE_RANGES_ANNOTATION}]"
    if spec.get("type") != LOAD_BALANCER:
        errors.append(forbidden(path, _ONLY_LOAD_BALANCER))
    if text.strip() and (old is None or _annotations(old).get(SOURCE_RANGES_ANNOTATION) != text):
        for one in text.strip().split(","):
            errors += legacy_cidr(path, one.strip())
    return errors


def _allocate_node_ports(spec: Json) -> list[FieldError]:
    chosen, balanced = spec.get("allocateLoadBalancerNodePorts"), spec.get("type") == LOAD_BALANCER
    if chosen is not None and not balanced:
        return [forbidden("spec.allocateLoadBalancerNodePorts", _ONLY_LOAD_BALANCER)]
    if chosen is None and balanced:
        # The path without "spec" is the real server's.
        return [required("allocateLoadBalancerNodePorts")]
    return []


def validate_class(spec: Json, old: Json | None = None) -> list[FieldError]:
    """Errors of `loadBalancerClass`; between two LoadBalancer specs it may not change either."""
    path, chosen = "spec.loadBalancerClass", spec.get("loadBalancerClass")
    if spec.get("type") != LOAD_BALANCER:
        return [] if chosen is None else [forbidden(path, _ONLY_LOAD_BALANCER)]
    errors = []
    if old is not None and old.get("type") == LOAD_BALANCER and old.get("loadBalancerClass") != chosen:
        errors.append(invalid(path, chosen, "may not change once set"))
    return errors + ([] if chosen is None else complaints(path, chosen, qualified_name))


def _external_traffic(spec: Json) -> list[FieldError]:
    errors: list[FieldError] = []
    path, policy = "spec.externalTrafficPolicy", spec.get("externalTrafficPolicy", "")
    if not externally_accessible(spec):
        if policy:
            errors.append(invalid(path, policy, "may only be set for externally-accessible services"))
    elif not policy:
        errors.append(required(path))
    elif policy not in _POLICIES:
        errors.append(not_supported(path, policy, _POLICIES))
    return errors + _health_check(spec)


def _health_check(spec: Json) -> list[FieldError]:
    path, port = "spec.healthCheckNodePort", spec.get("healthCheckNodePort", 0)
    if needs_health_check(spec):
        # Without one the server allocates one, after validation.
        return [invalid(path, port, words) for words in port_number(port)] if port else []
    why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    return [invalid(path, port, why)] if port else []


def _internal_traffic(spec: Json) -> list[FieldError]:
    path, policy = "spec.internalTrafficPolicy", spec.get("internalTrafficPolicy")
    if policy is None:
        return [required(path)] if spec.get("type") in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER) else []
    return [] if policy in _POLICIES else [not_supported(path, policy, _POLICIES)]


def _distribution(spec: Json) -> list[FieldError]:
    path, chosen = "spec.trafficDistribution", spec.get("trafficDistribution")
    return [] if chosen is None or chosen in _DISTRIBUTIONS else [not_supported(path, chosen, _DISTRIBUTIONS)]
