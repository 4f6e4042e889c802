"""The strategy of built-in kinds without rules of their own: stored as sent, with metadata rules and a generation."""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json
from lbctl.sandbox.api.model_fields import decode_by_model
from lbctl.sandbox.api.resources import ResourceType
from lbctl.sandbox.api.strategy.base import Strategy
from lbctl.sandbox.api.strategy.meta import carry_over, validate_object_meta, validate_object_meta_update
from lbctl.sandbox.api.strategy.names import NameRule, dns_subdomain, path_segment


class PlainStrategy(Strategy):
    """Decoding by the Kubernetes model, metadata validation, status as a subresource where the resource has one."""

    def __init__(self, rt: ResourceType) -> None:
        self._rt = rt
        self._has_status = "status" in rt.subresources
        self._name_rule: NameRule = path_segment if rt.group == "rbac.authorization.k8s.io" else dns_subdomain

    def decode(self, obj: Json) -> list[str]:
        return decode_by_model(obj, self._rt)

    def prepare_create(self, obj: Json) -> None:
        if self._has_status:
            obj["status"] = {}
            obj["metadata"]["generation"] = 1

    def prepare_update(self, new: Json, old: Json) -> None:
        carry_over(new, old)
        if self._has_status:
            new["status"] = old.get("status", {})
            if new.get("spec") != old.get("spec"):
                new["metadata"]["generation"] = int(old["metadata"].get("generation") or 0) + 1

    def prepare_status_update(self, new: Json, old: Json) -> None:
        carry_over(new, old)
        for name in set(new) | set(old):
            if name in ("apiVersion", "kind", "metadata", "status"):
                continue
            if name in old:
                new[name] = old[name]
            else:
                del new[name]

    def validate(self, obj: Json) -> list[FieldError]:
        return validate_object_meta(obj["metadata"], namespaced=self._rt.namespaced, name_rule=self._name_rule)

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        return validate_object_meta_update(new["metadata"], old["metadata"])

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        return validate_object_meta_update(new["metadata"], old["metadata"])
