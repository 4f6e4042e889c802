"""Custom resources in OpenAPI: the schemas their definition gives, and the resource itself.

Source: apiextensions-apiserver pkg/controller/openapi/builder/builder.go and pkg/controller/openapi/v2/conversion.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi.definitions import REFERENCE
from lbctl.sandbox.api.openapi.well_known import LIST_META, OBJECT_META

_ONLY_V3 = ("oneOf", "anyOf", "allOf", "not", "nullable", "default")
_TYPE_META = {
    "apiVersion": "APIVersion defines the versioned schema of this representation of an object.",
    "kind": "Kind is a string value representing the REST resource this object represents.",
}


@dataclass(frozen=True, slots=True)
class CustomResource:
    """One served version of a custom resource definition."""

    group: str
    version: str
    kind: str
    plural: str
    list_kind: str
    namespaced: bool
    subresources: tuple[str, ...]
    schema: Json

    @property
    def schema_name(self) -> str:
        """The group backwards, as Kubernetes names schemas: `io.lbctl.v1.Pool` for `lbctl.io`."""
        return ".".join([*reversed(self.group.split(".")), self.version, self.kind])

    def schemas(self) -> dict[str, Json]:
        """The schemas of an object and of a list, references in the form of OpenAPI v2."""
        return {self.schema_name: self._object_schema(), f"{self.schema_name}List": self._list_schema()}

    def _object_schema(self) -> Json:
        properties = {**self.schema.get("properties", {})}
        given = properties.get("metadata", {}).get("description")
        described = given or "Standard object's metadata."
        properties |= {name: {"type": "string", "description": text} for name, text in _TYPE_META.items()}
        properties["metadata"] = {"description": described, "$ref": f"{REFERENCE}{OBJECT_META}"}
        return {"type": "object", **self.schema, "properties": properties, **self._extension(self.kind)}

    def _list_schema(self) -> Json:
        return {
            "description": f"{self.list_kind} is a list of {self.kind}",
            "type": "object",
            "required": ["items"],
            "properties": {
                **{name: {"type": "string", "description": text} for name, text in _TYPE_META.items()},
                "items": {"type": "array", "items": {"$ref": f"{REFERENCE}{self.schema_name}"}},
                "metadata": {"description": "Standard list metadata.", "$ref": f"{REFERENCE}{LIST_META}"},
            },
            **self._extension(self.list_kind),
        }

    def _extension(self, kind: str) -> Json:
        named = {"group": self.group, "kind": kind, "version": self.version}
        return {"x-kubernetes-group-version-kind": [named]}


def custom_resources(definitions: Iterable[Json]) -> list[CustomResource]:
    """The served versions of custom resource definitions."""
    result = []
    for definition in definitions:
        spec = definition["spec"]
        names = spec["names"]
        for version in spec.get("versions", ()):
            if not version.get("served"):
                continue
            subresources = version.get("subresources") or {}
            resource = CustomResource(
                group=spec["group"],
                version=version["name"],
                kind=names["kind"],
                plural=names["plural"],
                list_kind=names.get("listKind") or f"{names['kind']}List",
                namespaced=spec.get("scope") == "Namespaced",
                subresources=tuple(name for name in ("status", "scale") if name in subresources),
                schema=(version.get("schema") or {}).get("openAPIV3Schema") or {},
            )
            result.append(resource)
    return result


def to_v2(schema: Any) -> Any:
    """A schema without what OpenAPI v2 cannot say; where that leaves it unclear, anything goes."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _ONLY_V3}
    if schema.get("nullable") or schema.get("x-kubernetes-preserve-unknown-fields"):
        kept = {key: value for key, value in kept.items() if key not in ("type", "items", "properties")}
    if schema.get("x-kubernetes-int-or-string"):
        kept |= {"type": "string", "format": "int-or-string"}
    if "properties" in kept:
        kept["properties"] = {name: to_v2(one) for name, one in kept["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in kept:
            kept[key] = to_v2(kept[key])
    return kept
