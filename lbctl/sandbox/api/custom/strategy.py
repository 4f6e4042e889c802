"""The strategy of custom resources: their definition's schema, and the metadata rules every object has.

Source: k8s.io/apiextensions-apiserver/pkg/registry/customresource/{strategy,status_strategy}.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.custom.structural import fill_defaults, prune
from lbctl.sandbox.api.custom.validation import SchemaValidator
from lbctl.sandbox.api.errors import FieldError, Json
from lbctl.sandbox.api.strategy.base import Strategy
from lbctl.sandbox.api.strategy.meta import carry_over, validate_object_meta, validate_object_meta_update
from lbctl.sandbox.api.strategy.names import dns_subdomain
from lbctl.sandbox.api.strategy.shape import Field, Presence, Struct, decode
from lbctl.sandbox.api.strategy.shapes_meta import OBJECT_META

_OUTSIDE = ("apiVersion", "kind", "metadata", "status")


class CustomStrategy(Strategy):
    """Objects of one version of one definition."""

    allow_unconditional_update = False

    def __init__(self, kind: str, schema: Json, *, namespaced: bool, status_subresource: bool) -> None:
        self._shape = Struct(kind, {"metadata": Field(OBJECT_META, Presence.POINTER)}, open=True)
        self._schema = schema
        self._validator = SchemaValidator(schema)
        self._namespaced = namespaced
        self._status_subresource = status_subresource

    def decode(self, obj: Json) -> list[str]:
        return decode(obj, self._shape) + prune(obj, self._schema)

    def default(self, obj: Json) -> None:
        content = {name: value for name, value in obj.items() if name not in ("apiVersion", "kind", "metadata")}
        fill_defaults(content, self._schema)
        for name, value in content.items():
            obj[name] = value

    def prepare_create(self, obj: Json) -> None:
        if self._status_subresource:
            obj.pop("status", None)
        obj["metadata"]["generation"] = 1

    def prepare_update(self, new: Json, old: Json) -> None:
        carry_over(new, old)
        if self._status_subresource:
            _keep(new, old, ["status"])
        if self._content(new) != self._content(old):
            new["metadata"]["generation"] = int(old["metadata"].get("generation") or 0) + 1

    def prepare_status_update(self, new: Json, old: Json) -> None:
        carry_over(new, old)
        _keep(new, old, [name for name in (*new, *old) if name not in _OUTSIDE])
        managed = new["metadata"].get("managedFields")
        new["metadata"] = copied(old["metadata"])
        if managed is not None:
            new["metadata"]["managedFields"] = managed

    def validate(self, obj: Json) -> list[FieldError]:
        errors = validate_object_meta(obj["metadata"], namespaced=self._namespaced, name_rule=dns_subdomain)
        return errors + self._validator.errors(obj)

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        return validate_object_meta_update(new["metadata"], old["metadata"]) + self._validator.errors(new)

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_update(new, old)

    def _content(self, obj: Json) -> Json:
        left_out = _OUTSIDE if self._status_subresource else _OUTSIDE[:-1]
        return {name: value for name, value in obj.items() if name not in left_out}


def _keep(new: Json, old: Json, names: list[str]) -> None:
    """Put back what the stored object says under these names, in place."""
    for name in names:
        if name in old:
            new[name] = copied(old[name])
        else:
            new.pop(name, None)
