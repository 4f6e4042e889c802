"""Leases. Source: k8s.io/kubernetes/pkg/apis/coordination/validation/validation.go."""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, forbidden, invalid
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.shapes_small import LEASE


class LeaseStrategy(KindStrategy):
    """Leases: positive durations; an update must say which version it changes, so that two holders cannot both win."""

    shape = LEASE
    core_finalizers = False
    allow_create_on_update = True
    allow_unconditional_update = False

    def prepare_create(self, obj: Json) -> None:
        super().prepare_create(obj)
        self._drop_coordinated(obj, None)

    def prepare_update(self, new: Json, old: Json) -> None:
        super().prepare_update(new, old)
        self._drop_coordinated(new, old)

    @staticmethod
    def _drop_coordinated(new: Json, old: Json | None) -> None:
        """Coordinated leader election is a gate that is off."""
        stored = {} if old is None else old.get("spec") or {}
        for name in ("strategy", "preferredHolder"):
            if name not in stored:
                new["spec"].pop(name, None)

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        spec = new["spec"]
        errors: list[FieldError] = []
        duration, transitions = spec.get("leaseDurationSeconds"), spec.get("leaseTransitions")
        if duration is not None and duration <= 0:
            errors.append(invalid("spec.leaseDurationSeconds", duration, "must be greater than 0"))
        if transitions is not None and transitions < 0:
            errors.append(invalid("spec.leaseTransitions", transitions, "must be greater than or equal to 0"))
        if spec.get("preferredHolder") and not spec.get("strategy"):
            errors.append(forbidden("spec.preferredHolder", "may only be specified if `strategy` is defined"))
        return errors
