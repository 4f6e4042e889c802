"""Pods. Source: k8s.io/kubernetes/pkg/registry/core/pod/strategy.go, core/validation (`ValidatePodUpdate`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lbctl.sandbox.api.errors import FieldError, Json, forbidden, invalid, required
from lbctl.sandbox.api.strategy.addresses import ip_warnings, is_dual_stack, legacy_ip
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import complaints, immutable
from lbctl.sandbox.api.strategy.names import dns_label, qualified_name
from lbctl.sandbox.api.strategy.pod_spec import default_pod_spec, validate_pod_spec
from lbctl.sandbox.api.strategy.shapes_workload import POD

_UPDATABLE = ",".join(
    (
        "`spec.containers[*].image`",
        "`spec.initContainers[*].image`",
        "`spec.activeDeadlineSeconds`",
        "`spec.tolerations` (only additions to existing tolerations)",
        "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    )
)
_SYSTEM_CONDITIONS = ("PodScheduled", "Ready", "Initialized")
_SUFFIXES = {"m": Decimal("0.001"), "": Decimal(1), "k": Decimal(1000)}
_SUFFIXES |= {unit: Decimal(1000) ** power for power, unit in enumerate("MGTPE", start=2)}
_SUFFIXES |= {f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", start=1)}


class PodStrategy(KindStrategy):
    """Pods: after creation only images, deadlines, tolerations and gates may change."""

    shape = POD
    status_subresource = True
    counts_generations = True

    def default_spec(self, obj: Json) -> None:
        spec = obj["spec"]
        default_pod_spec(spec)
        spec.setdefault("enableServiceLinks", True)
        for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
            resources = container["resources"]
            if isinstance(resources, dict) and resources.get("limits"):
                resources["requests"] = {**resources["limits"], **(resources.get("requests") or {})}

    def initial_status(self, obj: Json) -> Json:
        status: Json = {"phase": "Pending", "qosClass": quality_of_service(obj["spec"])}
        if obj["spec"].get("schedulingGates"):
            blocked = "Scheduling is blocked due to non-empty scheduling gates"
            reason = {"status": "False", "reason": "SchedulingGated", "message": blocked}
            status["conditions"] = [{"type": "PodScheduled", **reason}]
        return status

    def prepare_status_update(self, new: Json, old: Json) -> None:
        super().prepare_status_update(new, old)
        stored, status = old.get("status") or {}, new.setdefault("status", {})
        owners = old["metadata"].get("ownerReferences")
        new["metadata"].pop("ownerReferences", None)
        if owners:
            new["metadata"]["ownerReferences"] = owners
        for name in ("qosClass", "observedGeneration"):
            if not status.get(name) and stored.get(name):
                status[name] = stored[name]

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        spec = new["spec"]
        errors = validate_pod_spec(spec)
        if old is not None:
            return errors + _validate_change(spec, old["spec"])
        if spec.get("ephemeralContainers"):
            errors.append(forbidden("spec.ephemeralContainers", "cannot be set on create"))
        if spec.get("nodeName") and spec.get("schedulingGates"):
            why = "cannot be set until all schedulingGates have been cleared"
            errors.append(forbidden("spec.nodeName", why))
        return errors

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_meta_update(new, old) + self.validate_new_meta(new) + self.validate_spec(new, old)

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        status, stored = new.get("status") or {}, old.get("status") or {}
        errors = self.validate_meta_update(new, old)
        for index, condition in enumerate(status.get("conditions") or []):
            if condition.get("type") not in _SYSTEM_CONDITIONS:
                errors += complaints(f"status.conditions[{index}].Type", condition.get("type", ""), qualified_name)
        errors += immutable("status.qosClass", status.get("qosClass", ""), stored.get("qosClass", ""))
        errors += _validate_addresses("podIPs", status, stored)
        hosts = status.get("hostIPs") or []
        if hosts and hosts[0].get("ip", "") != status.get("hostIP", ""):
            errors.append(invalid("status.hostIPs[0].ip", hosts[0].get("ip", ""), "must be equal to `hostIP`"))
        return errors + _validate_addresses("hostIPs", status, stored)

    def warnings(self, new: Json, old: Json | None) -> list[str]:
        if old is not None:
            return _address_warnings(new) if new.get("status") != old.get("status") else []
        if not (words := dns_label(new["metadata"].get("name", ""))):
            return []
        why = "this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended"
        return [f"metadata.name: {why}: [{' '.join(words)}]"]


def _address_warnings(pod: Json) -> list[str]:
    status = pod.get("status") or {}
    return [
        text
        for name in ("podIPs", "hostIPs")
        for index, one in enumerate(status.get(name) or [])
        for text in ip_warnings(f"status.{name}[{index}].ip", one.get("ip", ""))
    ]


def _validate_addresses(name: str, status: Json, stored: Json) -> list[FieldError]:
    path, listed = f"status.{name}", [one.get("ip", "") for one in status.get(name) or []]
    existing = [one.get("ip", "") for one in stored.get(name) or []]
    errors = [error for index, ip in enumerate(listed) for error in legacy_ip(f"{path}[{index}]", ip, existing)]
    if len(listed) > 1 and not errors and (len(listed) > 2 or not is_dual_stack(listed)):
        shown = [{"IP": ip} for ip in listed]
        errors.append(invalid(path, shown, "may specify no more than one IP for each IP family"))
    return errors


def _validate_change(spec: Json, old: Json) -> list[FieldError]:
    errors: list[FieldError] = []
    for name in ("containers", "initContainers"):
        now, before = spec.get(name) or [], old.get(name) or []
        if len(now) != len(before):
            return [*errors, forbidden(f"spec.{name}", "pod updates may not add or remove containers")]
        errors += _validate_images(now, f"spec.{name}")
    errors += _validate_deadline(spec.get("activeDeadlineSeconds"), old.get("activeDeadlineSeconds"))
    errors += _validate_tolerations(spec.get("tolerations") or [], old.get("tolerations") or [])
    errors += _validate_scheduling_gates(spec.get("schedulingGates") or [], old.get("schedulingGates") or [])
    if _fixed_part(spec, old) != _fixed_part(old, old):
        errors.append(forbidden("spec", f"pod updates may not change fields other than {_UPDATABLE}"))
    return errors


def _validate_images(containers: Sequence[Json], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, container in enumerate(containers):
        image = container.get("image", "")
        if not image:
            errors.append(required(f"{path}[{index}].image"))
        if image.strip() != image:
            errors.append(invalid(f"{path}[{index}].image", image, "must not have leading or trailing whitespace"))
    return errors


def _validate_deadline(now: int | None, before: int | None) -> list[FieldError]:
    path = "spec.activeDeadlineSeconds"
    if before is None:
        return []
    if now is None:
        return [invalid(path, None, "must not update from a positive integer to nil value")]
    return [] if now <= before else [invalid(path, now, "must be less than or equal to previous value")]


def _without_seconds(toleration: Json) -> Json:
    return {name: value for name, value in toleration.items() if name != "tolerationSeconds"}


def _validate_tolerations(now: Sequence[Json], before: Sequence[Json]) -> list[FieldError]:
    kept = [_without_seconds(one) for one in now]
    if all(_without_seconds(one) in kept for one in before):
        return []
    return [forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds")]


def _validate_scheduling_gates(now: Sequence[Json], before: Sequence[Json]) -> list[FieldError]:
    known = {gate.get("name") for gate in before}
    return [
        forbidden(
            f"spec.schedulingGates[{index}].name",
            f"only deletion is allowed, but found new scheduling gate '{gate.get('name')}'",
        )
        for index, gate in enumerate(now)
        if gate.get("name") not in known
    ]


def _fixed_part(spec: Json, old: Json) -> Json:
    """What of a spec may not change: everything but images, deadline, tolerations, gates and a gated node selector."""
    mutable = {"activeDeadlineSeconds", "tolerations", "schedulingGates"}
    if old.get("schedulingGates"):
        mutable |= {"nodeSelector", "affinity"}
    grace = old.get("terminationGracePeriodSeconds")
    if grace is not None and grace < 0 and spec.get("terminationGracePeriodSeconds") == 1:
        mutable.add("terminationGracePeriodSeconds")
    part = {name: value for name, value in spec.items() if name not in mutable and value not in (None, {}, [])}
    for name in ("containers", "initContainers"):
        if name in part:
            part[name] = [{key: value for key, value in one.items() if key != "image"} for one in part[name]]
    return part


def parse_quantity(value: Any) -> Decimal:
    """A resource quantity as a number, 0 for what is none. Source: apimachinery/pkg/api/resource/quantity.go."""
    text = str(value)
    found = re.fullmatch(r"([+-]?(?:\d+\.?\d*|\.\d+))((?:[eE][+-]?\d+)?)([mkMGTPE]?|[KMGTPE]i)", text)
    if found is None:
        return Decimal(0)
    return Decimal(found[1] + found[2]) * _SUFFIXES[found[3]]


def quality_of_service(spec: Json) -> str:
    """`BestEffort`, `Burstable` or `Guaranteed`. Source: k8s.io/kubernetes/pkg/apis/core/helper/qos/qos.go."""
    totals: dict[str, dict[str, Decimal]] = {"requests": {}, "limits": {}}
    guaranteed = True
    for container in [*(spec.get("containers") or []), *(spec.get("initContainers") or [])]:
        resources = container.get("resources") or {}
        for kind, total in totals.items():
            for name in ("cpu", "memory"):
                if (amount := parse_quantity((resources.get(kind) or {}).get(name, 0))) > 0:
                    total[name] = total.get(name, Decimal(0)) + amount
        limits = resources.get("limits") or {}
        guaranteed = guaranteed and all(parse_quantity(limits.get(name, 0)) > 0 for name in ("cpu", "memory"))
    if not totals["requests"] and not totals["limits"]:
        return "BestEffort"
    return "Guaranteed" if guaranteed and totals["requests"] == totals["limits"] else "Burstable"
