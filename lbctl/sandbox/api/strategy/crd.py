"""CustomResourceDefinitions; their conditions are set elsewhere.

Source: k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/{v1/defaults.go,validation/validation.go}.
"""

from __future__ import annotations

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import FieldError, Json, invalid, not_supported, required
from lbctl.sandbox.api.strategy.crd_schema import validate_schemas
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import immutable, validate_object_meta
from lbctl.sandbox.api.strategy.names import dns_1035_label, dns_subdomain
from lbctl.sandbox.api.strategy.shapes_small import CUSTOM_RESOURCE_DEFINITION

_SCOPES = ("Cluster", "Namespaced")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_APPROVAL = "api-approved.kubernetes.io"


class CustomResourceDefinitionStrategy(KindStrategy):
    """CRDs: `metadata.name` is `<plural>.<group>`, one version is stored, names are fixed once established."""

    shape = CUSTOM_RESOURCE_DEFINITION
    namespaced = False
    core_finalizers = False
    status_subresource = True
    counts_generations = True
    allow_unconditional_update = False

    def default_spec(self, obj: Json) -> None:
        spec, names = obj["spec"], obj["spec"]["names"]
        if kind := names.get("kind"):
            names.setdefault("singular", kind.lower())
            names.setdefault("listKind", f"{kind}List")
        spec.setdefault("conversion", {"strategy": "None"})
        _remember_storage(obj, only_if_empty=True)

    def prepare_create(self, obj: Json) -> None:
        super().prepare_create(obj)
        _remember_storage(obj)

    def initial_status(self, obj: Json) -> Json:
        return {"conditions": None, "acceptedNames": {"plural": "", "kind": ""}, "storedVersions": None}

    def prepare_update(self, new: Json, old: Json) -> None:
        super().prepare_update(new, old)
        new["status"] = copied(new["status"])
        _remember_storage(new)

    def validate_new_meta(self, obj: Json) -> list[FieldError]:
        names, group = obj["spec"]["names"], obj["spec"].get("group", "")
        expected = f"{names.get('plural', '')}.{group}"

        def rule(name: str) -> list[str]:
            wrong = [] if name == expected else ['must be spec.names.plural+"."+spec.group']
            return dns_subdomain(name) + wrong

        return validate_object_meta(obj["metadata"], namespaced=False, name_rule=rule)

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        spec = new["spec"]
        errors = [
            *_validate_group(spec.get("group", "")),
            *_validate_scope(spec.get("scope", "")),
            *_validate_versions(spec.get("versions") or []),
            *_validate_names(spec["names"]),
            *_validate_stored_versions(new),
            *validate_schemas(spec.get("versions") or []),
            *_validate_approval(new, old),
        ]
        if old is not None and _established(old):
            errors += immutable("spec.scope", spec.get("scope"), old["spec"].get("scope"))
            kind = (spec["names"].get("kind"), old["spec"]["names"].get("kind"))
            errors += immutable("spec.names.kind", *kind)
        if old is not None:
            errors += immutable("spec.group", spec.get("group"), old["spec"].get("group"))
            errors += immutable("spec.names.plural", spec["names"].get("plural"), old["spec"]["names"].get("plural"))
        return errors


def _established(crd: Json) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Established" and one.get("status") == "True" for one in conditions)


def _remember_storage(crd: Json, *, only_if_empty: bool = False) -> None:
    """Note the storage version among those that objects may be stored in, in place."""
    stored = crd["status"].get("storedVersions") or []
    storage = next((one.get("name", "") for one in crd["spec"].get("versions") or [] if one.get("storage")), None)
    if storage is not None and storage not in stored and not (stored and only_if_empty):
        crd["status"]["storedVersions"] = [*stored, storage]


def _validate_group(group: str) -> list[FieldError]:
    if not group:
        return [required("spec.group")]
    if words := dns_subdomain(group):
        return [invalid("spec.group", group, ",".join(words))]
    return [] if "." in group else [invalid("spec.group", group, "should be a domain with at least one dot")]


def _validate_scope(scope: str) -> list[FieldError]:
    if not scope:
        return [required("spec.scope")]
    return [] if scope in _SCOPES else [not_supported("spec.scope", scope, _SCOPES)]


def _validate_versions(versions: list[Json]) -> list[FieldError]:
    errors: list[FieldError] = []
    for index, version in enumerate(versions):
        if (version.get("schema") or {}).get("openAPIV3Schema") is None:
            errors.append(required(f"spec.versions[{index}].schema.openAPIV3Schema"))
    for index, version in enumerate(versions):
        errors += _validate_version(version, f"spec.versions[{index}]")
    names = [version.get("name", "") for version in versions]
    if len(set(names)) != len(names):
        errors.append(invalid("spec.versions", versions, "must contain unique version names"))
    if sum(bool(version.get("storage")) for version in versions) != 1:
        why = "must have exactly one version marked as storage version"
        errors.append(invalid("spec.versions", versions, why))
    return errors


def _validate_version(version: Json, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if words := dns_1035_label(version.get("name", "")):
        errors.append(invalid(f"{path}.name", version.get("name", ""), ",".join(words)))
    if version.get("deprecationWarning") is not None and not version.get("deprecated"):
        why = "can only be set for deprecated versions"
        errors.append(invalid(f"{path}.deprecationWarning", version["deprecationWarning"], why))
    for index, column in enumerate(version.get("additionalPrinterColumns") or []):
        errors += _validate_column(column, f"{path}.additionalPrinterColumns[{index}]")
    return errors


def _validate_column(column: Json, path: str) -> list[FieldError]:
    errors = [] if column.get("name") else [required(f"{path}.name")]
    kind, layout = column.get("type", ""), column.get("format", "")
    types = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not kind:
        errors.append(required(f"{path}.type", types))
    elif kind not in _COLUMN_TYPES:
        errors.append(invalid(f"{path}.type", kind, types))
    if layout and layout not in _COLUMN_FORMATS:
        errors.append(invalid(f"{path}.format", layout, f"must be one of {','.join(_COLUMN_FORMATS)}"))
    if not column.get("jsonPath"):
        errors.append(required(f"{path}.JSONPath"))
    return errors


def _validate_names(names: Json) -> list[FieldError]:
    path, mixed = "spec.names", "may have mixed case, but should otherwise match: "
    errors = [required(f"{path}.{one}") for one in ("plural", "singular", "kind", "listKind") if not names.get(one)]
    for one, prefix in {"plural": "", "singular": "", "kind": mixed, "listKind": mixed}.items():
        text = names.get(one, "")
        if text and (words := dns_1035_label(text.lower() if prefix else text)):
            errors.append(invalid(f"{path}.{one}", text, prefix + ",".join(words)))
    for one in ("shortNames", "categories"):
        for index, text in enumerate(names.get(one) or []):
            if words := dns_1035_label(text):
                errors.append(invalid(f"{path}.{one}[{index}]", text, ",".join(words)))
    if names.get("kind") and names["kind"] == names.get("listKind"):
        errors.append(invalid(f"{path}.listKind", names["listKind"], "kind and listKind may not be the same"))
    return errors


def _validate_stored_versions(crd: Json) -> list[FieldError]:
    path, stored = "status.storedVersions", (crd.get("status") or {}).get("storedVersions") or []
    if not stored:
        return [invalid(path, None, "must have at least one stored version")]
    names = [one.get("name", "") for one in crd["spec"].get("versions") or []]
    return [
        invalid(
            f"{path}[{index}]",
            one,
            f"missing from spec.versions; {one} was previously a storage version, and must remain in spec.versions "
            f"until a storage migration ensures no data remains persisted in {one} and removes {one} from "
            "status.storedVersions",
        )
        for index, one in enumerate(stored)
        if one not in names
    ]


def _validate_approval(new: Json, old: Json | None) -> list[FieldError]:
    """Groups of the Kubernetes community need the address of an API review."""
    group = new["spec"].get("group", "")
    if not group.endswith((".k8s.io", ".kubernetes.io")) and group not in ("k8s.io", "kubernetes.io"):
        return []
    approval = (new["metadata"].get("annotations") or {}).get(_APPROVAL)
    if approval is not None or old is not None:
        return []
    review = "see https://github.com/kubernetes/enhancements/pull/1111"
    why = f'protected groups must have approval annotation "{_APPROVAL}", {review}'
    return [required(f"metadata.annotations[{_APPROVAL}]", why)]
