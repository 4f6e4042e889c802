"""What a client means that sent only part of a Service, or changed its type.

Services are a discriminated union whose fields are partly allocated by the server, and old clients know only some of
those. So values that were allocated before are put back, `clusterIP` and `clusterIPs` are made to agree, and fields
that make no sense for a new type are dropped if the client did not touch them. Whatever stays wrong is left for
validation to refuse.
Source: k8s.io/kubernetes/pkg/registry/core/service/storage/storage.go (`normalizeClusterIPs`, `patchAllocatedValues`)
and pkg/registry/core/service/strategy.go (`dropTypeDependentFields`).
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.strategy.service.fields import (
    LOAD_BALANCER,
    allocates_node_ports,
    cluster_ips,
    externally_accessible,
    families,
    has_node_ports,
    needs_cluster_ip,
    needs_health_check,
    node_ports,
    ports_of,
    put,
)


def patch_allocated_values(new: Json, old: Json) -> None:
    """Put back addresses and ports the server allocated and the client did not repeat (`new` and `old` are specs)."""
    if needs_cluster_ip(old) and needs_cluster_ip(new):
        put(new, "clusterIP", new.get("clusterIP") or old.get("clusterIP"))
        put(new, "clusterIPs", list(cluster_ips(new) or cluster_ips(old)))
    if allocates_node_ports(old) and allocates_node_ports(new):
        _patch_node_ports(new, old)
    if needs_health_check(old) and needs_health_check(new):
        put(new, "healthCheckNodePort", new.get("healthCheckNodePort") or old.get("healthCheckNodePort"))


def _patch_node_ports(new: Json, old: Json) -> None:
    kept = set(node_ports(old)) & set(node_ports(new))
    by_name = {port.get("name", ""): port.get("nodePort", 0) for port in ports_of(old)}
    for port in ports_of(new):
        previous = by_name.get(port.get("name", ""), 0)
        if not port.get("nodePort") and previous not in kept:
            put(port, "nodePort", previous)


def normalize_cluster_ips(new: Json, old: Json | None) -> None:
    """Make `clusterIPs` follow a `clusterIP` that a client which knows only that set, kept, cleared or changed."""
    if old is None:
        if new.get("clusterIP") and not cluster_ips(new):
            new["clusterIPs"] = [new["clusterIP"]]
        return
    same_singular = old.get("clusterIP") == new.get("clusterIP")
    if cluster_ips(old) and not cluster_ips(new) and same_singular:
        new["clusterIPs"] = list(cluster_ips(old))
    if not same_singular and cluster_ips(old) == cluster_ips(new):
        put(new, "clusterIPs", [new["clusterIP"]] if new.get("clusterIP") else [])


def drop_type_dependent_fields(new: Json, old: Json) -> None:
    """Drop what the new type has no use for and the client left as it was (`new` and `old` are specs)."""
    if needs_cluster_ip(old) and not needs_cluster_ip(new):
        if old.get("clusterIP") == new.get("clusterIP") and cluster_ips(old) == cluster_ips(new):
            new.pop("clusterIP", None)
            new.pop("clusterIPs", None)
        if families(old) == families(new):
            new.pop("ipFamilies", None)
        _drop_if_same("ipFamilyPolicy", new, old)
    if has_node_ports(old) and not has_node_ports(new) and set(node_ports(new)) <= set(node_ports(old)):
        for port in ports_of(new):
            port.pop("nodePort", None)
    if needs_health_check(old) and not needs_health_check(new):
        _drop_if_same("healthCheckNodePort", new, old)
    if old.get("type") == LOAD_BALANCER and new.get("type") != LOAD_BALANCER:
        _drop_if_same("allocateLoadBalancerNodePorts", new, old)
        _drop_if_same("loadBalancerClass", new, old)
    if externally_accessible(old) and not externally_accessible(new):
        _drop_if_same("externalTrafficPolicy", new, old)


def _drop_if_same(name: str, new: Json, old: Json) -> None:
    if new.get(name) == old.get(name):
        new.pop(name, None)
