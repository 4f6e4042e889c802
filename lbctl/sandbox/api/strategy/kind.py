"""The behaviour ordinary kinds share: typed decoding, metadata rules, status as a subresource, generations.

Source: k8s.io/apiserver/pkg/registry/rest/{create,update}.go and the strategies under k8s.io/kubernetes/pkg/registry.
"""

from __future__ import annotations

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import FieldError, Json
from lbctl.sandbox.api.strategy.base import Strategy
from lbctl.sandbox.api.strategy.meta import (
    carry_over,
    validate_core_finalizers,
    validate_object_meta,
    validate_object_meta_update,
)
from lbctl.sandbox.api.strategy.names import NameRule, dns_subdomain
from lbctl.sandbox.api.strategy.shape import Struct, decode


class KindStrategy(Strategy):
    """A kind with a Go type. A subclass names the type and adds its own rules in the `*_spec` hooks."""

    shape: Struct
    """The kind's Go type."""

    namespaced = True
    name_rule: NameRule = staticmethod(dns_subdomain)

    core_finalizers = True
    """Whether a finalizer without a domain must be one of Kubernetes' own (Leases and CRDs are freer)."""

    status_subresource = False
    """Whether `status` is written only through the subresource (and starts empty)."""

    counts_generations = False
    """Whether `metadata.generation` starts at 1 and grows with `spec`."""

    def decode(self, obj: Json) -> list[str]:
        return decode(obj, self.shape)

    def default(self, obj: Json) -> None:
        self.decode(obj)
        self.default_spec(obj)

    def default_spec(self, obj: Json) -> None:
        """Defaults of the kind's own fields; `obj` has the kind's form."""

    def prepare_create(self, obj: Json) -> None:
        if self.status_subresource:
            obj["status"] = self.initial_status(obj)
        if self.counts_generations:
            obj["metadata"]["generation"] = 1

    def initial_status(self, obj: Json) -> Json:
        """The status of a new object."""
        return {}

    def prepare_update(self, new: Json, old: Json) -> None:
        self._carry_over(new, old)
        if self.status_subresource:
            new["status"] = copied(old.get("status") or {})
        if self.counts_generations and self.changed(new, old):
            new["metadata"]["generation"] = int(old["metadata"].get("generation") or 0) + 1

    def changed(self, new: Json, old: Json) -> bool:
        """Whether an update deserves a new generation."""
        return new.get("spec") != old.get("spec")

    def prepare_status_update(self, new: Json, old: Json) -> None:
        """All but `status` and metadata stays as it is stored."""
        self._carry_over(new, old)
        for name in set(new) | set(old):
            if name in ("apiVersion", "kind", "metadata", "status"):
                continue
            if name in old:
                new[name] = copied(old[name])
            else:
                del new[name]

    def _carry_over(self, new: Json, old: Json) -> None:
        carry_over(new, old)
        if self.allow_unconditional_update and not new["metadata"].get("resourceVersion"):
            new["metadata"]["resourceVersion"] = (old.get("metadata") or {}).get("resourceVersion", "")

    def validate(self, obj: Json) -> list[FieldError]:
        return self.validate_new_meta(obj) + self.validate_spec(obj, None)

    def validate_new_meta(self, obj: Json) -> list[FieldError]:
        """Errors of a new object's metadata."""
        meta = obj["metadata"]
        errors = validate_object_meta(meta, namespaced=self.namespaced, name_rule=type(self).name_rule)
        return errors + self._finalizers(meta)

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_meta_update(new, old) + self.validate_spec(new, old)

    def validate_meta_update(self, new: Json, old: Json) -> list[FieldError]:
        """Errors of an update's metadata."""
        return validate_object_meta_update(new["metadata"], old["metadata"]) + self._finalizers(new["metadata"])

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        """Errors of the kind's own fields; `old` is the stored object in an update."""
        return []

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_meta_update(new, old)

    def _finalizers(self, meta: Json) -> list[FieldError]:
        if not self.core_finalizers:
            return []
        return validate_core_finalizers(meta.get("finalizers") or [], "metadata.finalizers")
