"""Namespaces. Source: k8s.io/kubernetes/pkg/registry/core/namespace/strategy.go, core/validation/validation.go."""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, invalid
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import STANDARD_FINALIZERS
from lbctl.sandbox.api.strategy.names import dns_label, qualified_name
from lbctl.sandbox.api.strategy.shapes_small import NAMESPACE

NAME_LABEL = "kubernetes.io/metadata.name"
FINALIZER = "kubernetes"


def validate_spec_finalizers(finalizers: list[str], path: str) -> list[FieldError]:
    """Errors of `spec.finalizers`, which the `finalize` subresource writes."""
    errors: list[FieldError] = []
    for one in finalizers:
        errors += [invalid(path, one, words) for words in qualified_name(one)]
        if "/" not in one and one not in STANDARD_FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            errors.append(invalid(path, one, why))
    return errors


class NamespaceStrategy(KindStrategy):
    """Namespaces carry their own name as a label, and a finalizer in their spec until they are empty."""

    shape = NAMESPACE
    namespaced = False
    name_rule = staticmethod(dns_label)
    status_subresource = True

    def default_spec(self, obj: Json) -> None:
        self._label(obj)

    def prepare_create(self, obj: Json) -> None:
        super().prepare_create(obj)
        self._label(obj)
        finalizers = obj["spec"].setdefault("finalizers", [])
        if FINALIZER not in finalizers:
            finalizers.append(FINALIZER)

    def initial_status(self, obj: Json) -> Json:
        return {"phase": "Active"}

    def prepare_update(self, new: Json, old: Json) -> None:
        super().prepare_update(new, old)
        new["spec"] = {**new.get("spec", {}), "finalizers": list((old.get("spec") or {}).get("finalizers") or [])}
        if not new["spec"]["finalizers"]:
            del new["spec"]["finalizers"]

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        return validate_spec_finalizers((new.get("spec") or {}).get("finalizers") or [], "spec.finalizers")

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        errors = super().validate_status_update(new, old)
        phase = (new.get("status") or {}).get("phase", "")
        deleted = bool(new["metadata"].get("deletionTimestamp"))
        expected, state = ("Terminating", "not empty") if deleted else ("Active", "empty")
        if phase != expected:
            why = f"may only be '{expected}' if `deletionTimestamp` is {state}"
            errors.append(invalid("status.Phase", phase, why))
        return errors

    @staticmethod
    def _label(obj: Json) -> None:
        if name := obj["metadata"].get("name"):
            obj["metadata"].setdefault("labels", {})[NAME_LABEL] = name
