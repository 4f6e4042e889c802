"""Nodes. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (`ValidateNode`, `ValidateNodeUpdate`)."""

from __future__ import annotations

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import (
    FieldError,
    FieldErrorType,
    Json,
    duplicate,
    forbidden,
    invalid,
    not_supported,
    required,
)
from lbctl.sandbox.api.strategy.addresses import legacy_cidr, parse_cidr_sloppy
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import complaints
from lbctl.sandbox.api.strategy.names import label_value, qualified_name
from lbctl.sandbox.api.strategy.shapes_workload import NODE

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


class NodeStrategy(KindStrategy):
    """Nodes: `status` may be set on create; pod CIDRs and the provider's id never change once set."""

    shape = NODE
    namespaced = False

    def default_spec(self, obj: Json) -> None:
        spec, status = obj["spec"], obj["status"]
        if spec.get("podCIDR") and not spec.get("podCIDRs"):
            spec["podCIDRs"] = [spec["podCIDR"]]
        elif spec.get("podCIDRs"):
            spec["podCIDR"] = spec["podCIDRs"][0]
        if status.get("capacity") and not status.get("allocatable"):
            status["allocatable"] = copied(status["capacity"])

    def prepare_create(self, obj: Json) -> None:
        super().prepare_create(obj)
        obj["spec"].pop("configSource", None)
        obj["status"].pop("config", None)

    def prepare_update(self, new: Json, old: Json) -> None:
        super().prepare_update(new, old)
        new["status"] = copied(old.get("status") or {})
        if "configSource" not in (old.get("spec") or {}):
            new["spec"].pop("configSource", None)

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        spec = new["spec"]
        if old is None:
            return _validate_taints(spec.get("taints") or []) + _validate_pod_cidrs(spec.get("podCIDRs") or [])
        return [
            *_validate_addresses(new),
            *_fixed_fields(spec, old["spec"]),
            *_validate_taints(spec.get("taints") or []),
        ]

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_update(new, old)


def _validate_taints(taints: list[Json]) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        # "metadata" is the real server's.
        path = f"metadata.taints[{index}]"
        key, value, effect = taint.get("key", ""), taint.get("value", ""), taint.get("effect", "")
        errors += complaints(f"{path}.key", key, qualified_name)
        if words := label_value(value):
            errors.append(invalid(f"{path}.value", value, ";".join(words)))
        if not effect:
            errors.append(required(f"{path}.effect"))
        elif effect not in _EFFECTS:
            errors.append(not_supported(f"{path}.effect", effect, _EFFECTS))
        if (key, effect) in seen:
            why = "taints must be unique by key and effect pair"
            errors.append(FieldError(FieldErrorType.DUPLICATE, path, taint, why))
        seen.add((key, effect))
    return errors


def _validate_pod_cidrs(cidrs: list[str]) -> list[FieldError]:
    path = "spec.podCIDRs"
    errors = [error for index, one in enumerate(cidrs) for error in legacy_cidr(f"{path}[{index}]", one)]
    if len(cidrs) > 1 and not errors:
        versions = [parsed[1].version for one in cidrs if (parsed := parse_cidr_sloppy(one)) is not None]
        if sorted(versions) != [4, 6]:
            errors.append(invalid(path, cidrs, "may specify no more than one CIDR for each IP family"))
    return errors


def _validate_addresses(node: Json) -> list[FieldError]:
    addresses = (node.get("status") or {}).get("addresses") or []
    return [
        duplicate(f"status.addresses[{index}]", {"Type": one.get("type", ""), "Address": one.get("address", "")})
        for index, one in enumerate(addresses)
        if one in addresses[:index]
    ]


def _fixed_fields(spec: Json, old: Json) -> list[FieldError]:
    errors: list[FieldError] = []
    cidrs, before = spec.get("podCIDRs") or [], old.get("podCIDRs") or []
    if before and cidrs != before:
        changed = 1 if len(cidrs) != len(before) else sum(a != b for a, b in zip(cidrs, before, strict=True))
        why = 'node updates may not change podCIDR except from "" to valid'
        errors += [forbidden("spec.podCIDRs", why)] * changed
    if old.get("providerID") and old["providerID"] != spec.get("providerID"):
        errors.append(forbidden("spec.providerID", 'node updates may not change providerID except from "" to valid'))
    if old.get("externalID", "") != spec.get("externalID", ""):
        errors.append(forbidden("spec.externalID", "may not be updated"))
    return errors
