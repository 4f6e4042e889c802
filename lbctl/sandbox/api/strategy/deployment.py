"""Deployments. Source: k8s.io/kubernetes/pkg/apis/apps/{v1/defaults.go,validation/validation.go}."""

from __future__ import annotations

from collections.abc import Mapping

from lbctl.sandbox.api.errors import FieldError, Json, forbidden, invalid, not_supported, required
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import immutable, non_negative, validate_annotations, validate_labels
from lbctl.sandbox.api.strategy.names import label_value, qualified_name
from lbctl.sandbox.api.strategy.pod_spec import default_pod_spec, validate_pod_spec
from lbctl.sandbox.api.strategy.shapes_workload import DEPLOYMENT

_STRATEGIES = ("Recreate", "RollingUpdate")
_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas")


class DeploymentStrategy(KindStrategy):
    """Deployments: the selector matches the template and never changes."""

    shape = DEPLOYMENT
    status_subresource = True
    counts_generations = True

    def default_spec(self, obj: Json) -> None:
        spec = obj["spec"]
        spec.setdefault("replicas", 1)
        spec.setdefault("revisionHistoryLimit", 10)
        spec.setdefault("progressDeadlineSeconds", 600)
        strategy = spec["strategy"]
        strategy.setdefault("type", "RollingUpdate")
        if strategy["type"] == "RollingUpdate":
            rolling = strategy.get("rollingUpdate") or {}
            strategy["rollingUpdate"] = {"maxUnavailable": "25%", "maxSurge": "25%", **rolling}
        default_pod_spec(spec["template"]["spec"])

    def changed(self, new: Json, old: Json) -> bool:
        annotations = [(one["metadata"].get("annotations") or {}) for one in (new, old)]
        return super().changed(new, old) or annotations[0] != annotations[1]

    def prepare_status_update(self, new: Json, old: Json) -> None:
        super().prepare_status_update(new, old)
        new["metadata"].pop("labels", None)
        if labels := old["metadata"].get("labels"):
            new["metadata"]["labels"] = labels

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        spec = new["spec"]
        errors = non_negative("spec.replicas", spec.get("replicas", 0))
        selector = spec.get("selector")
        errors += [required("spec.selector")] if selector is None else validate_selector(selector, "spec.selector")
        if not errors and not _selects(selector or {}):
            errors.append(invalid("spec.selector", selector, "empty selector is invalid for deployment"))
        errors += _validate_template(spec["template"], selector or {})
        errors += _validate_strategy(spec["strategy"])
        for name in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
            errors += non_negative(f"spec.{name}", spec.get(name, 0))
        deadline = spec.get("progressDeadlineSeconds")
        if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
            errors.append(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"))
        if old is not None:
            errors += immutable("spec.selector", selector, old["spec"].get("selector"))
        return errors

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        status = new.get("status") or {}
        errors = self.validate_meta_update(new, old)
        for name in ("observedGeneration", *_COUNTS):
            errors += non_negative(f"status.{name}", status.get(name, 0))
        for name in _COUNTS[1:4]:
            if status.get(name, 0) > status.get("replicas", 0):
                errors.append(invalid(f"status.{name}", status[name], "cannot be greater than status.replicas"))
        available = status.get("availableReplicas", 0)
        if available > status.get("readyReplicas", 0):
            errors.append(invalid("status.availableReplicas", available, "cannot be greater than readyReplicas"))
        return errors


def _selects(selector: Json) -> bool:
    return bool(selector.get("matchLabels") or selector.get("matchExpressions"))


def validate_selector(selector: Json, path: str) -> list[FieldError]:
    """Errors of a label selector."""
    errors = validate_labels(selector.get("matchLabels") or {}, f"{path}.matchLabels")
    for index, one in enumerate(selector.get("matchExpressions") or []):
        where, operator, values = f"{path}.matchExpressions[{index}]", one.get("operator", ""), one.get("values") or []
        if operator in ("In", "NotIn") and not values:
            why = "must be specified when `operator` is 'In' or 'NotIn'"
            errors.append(required(f"{where}.values", why))
        elif operator in ("Exists", "DoesNotExist") and values:
            why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.append(forbidden(f"{where}.values", why))
        elif operator not in ("In", "NotIn", "Exists", "DoesNotExist"):
            errors.append(invalid(f"{where}.operator", operator, "not a valid selector operator"))
        key = one.get("key", "")
        errors += [invalid(f"{where}.key", key, words) for words in qualified_name(key)]
        for place, value in enumerate(values):
            errors += [invalid(f"{where}.values[{place}]", value, words) for words in label_value(value)]
    return errors


def selector_matches(selector: Json, labels: Mapping[str, str]) -> bool:
    """Whether a label selector accepts these labels; an empty one accepts all."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for one in selector.get("matchExpressions") or []:
        present, value = one.get("key") in labels, labels.get(one.get("key", ""))
        accepted = {
            "In": present and value in (one.get("values") or []),
            "NotIn": not present or value not in (one.get("values") or []),
            "Exists": present,
            "DoesNotExist": not present,
        }.get(one.get("operator", ""), False)
        if not accepted:
            return False
    return True


def _validate_template(template: Json, selector: Json) -> list[FieldError]:
    path, meta, spec = "spec.template", template["metadata"], template["spec"]
    labels = meta.get("labels") or {}
    errors: list[FieldError] = []
    if _selects(selector) and not selector_matches(selector, labels):
        why = "`selector` does not match template `labels`"
        errors.append(invalid(f"{path}.metadata.labels", labels or None, why))
    errors += validate_labels(labels, f"{path}.labels")
    errors += validate_annotations(meta.get("annotations") or {}, f"{path}.annotations")
    errors += validate_pod_spec(spec, f"{path}.spec")
    policy = spec.get("restartPolicy", "")
    if policy != "Always":
        errors.append(not_supported(f"{path}.spec.restartPolicy", policy, ("Always",)))
    if spec.get("activeDeadlineSeconds") is not None:
        why = "activeDeadlineSeconds in ReplicaSet is not Supported"
        errors.append(forbidden(f"{path}.spec.activeDeadlineSeconds", why))
    return errors


def _validate_strategy(strategy: Json) -> list[FieldError]:
    kind = strategy.get("type")
    if kind not in _STRATEGIES:
        return [not_supported("spec.strategy", strategy, _STRATEGIES)]
    if kind == "Recreate" and strategy.get("rollingUpdate") is not None:
        why = "may not be specified when strategy `type` is 'Recreate'"
        return [forbidden("spec.strategy.rollingUpdate", why)]
    return []
