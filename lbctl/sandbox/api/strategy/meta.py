"""Rules of `metadata`, the same for every kind.

Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation/validation.go,
k8s.io/apiserver/pkg/registry/rest/{create,update}.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lbctl.sandbox.api.errors import FieldError, FieldErrorType, Json, forbidden, invalid, required
from lbctl.sandbox.api.strategy.names import (
    NameRule,
    dns_label,
    label_value,
    qualified_name,
    with_prefix_allowed,
)

ANNOTATIONS_LIMIT_BYTES = 256 * 1024
_IMMUTABLE = ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")
_ORPHAN, _FOREGROUND = "orphan", "foregroundDeletion"
STANDARD_FINALIZERS = frozenset({"kubernetes", _ORPHAN, _FOREGROUND})


def too_long(path: str, limit: int) -> FieldError:
    """`Too long: may not be more than <limit> bytes`."""
    return FieldError(FieldErrorType.TOO_LONG, path, "<value omitted>", f"may not be more than {limit} bytes")


def too_many(path: str, actual: int, limit: int) -> FieldError:
    """`Too many: <actual>: must have at most <limit> items`."""
    return FieldError(FieldErrorType.TOO_MANY, path, actual, f"must have at most {limit} items")


def non_negative(path: str, value: int) -> list[FieldError]:
    """Errors of a number below zero."""
    return [] if value >= 0 else [invalid(path, value, "must be greater than or equal to 0")]


def immutable(path: str, new: Any, old: Any) -> list[FieldError]:
    """Errors of a changed value that may not change."""
    return [] if new == old else [invalid(path, new, "field is immutable")]


def complaints(path: str, value: str, rule: NameRule) -> list[FieldError]:
    """One Invalid error per complaint of a syntax rule."""
    return [invalid(path, value, words) for words in rule(value)]


def validate_labels(labels: Mapping[str, str], path: str) -> list[FieldError]:
    """Errors of a label set or an equality selector."""
    errors: list[FieldError] = []
    for key, value in sorted(labels.items()):
        errors += complaints(path, key, qualified_name)
        errors += complaints(path, value, label_value)
    return errors


def validate_annotations(annotations: Mapping[str, str], path: str) -> list[FieldError]:
    """Errors of annotation keys (their case does not matter) and of the total size."""
    errors = [invalid(path, key, words) for key in sorted(annotations) for words in qualified_name(key.lower())]
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > ANNOTATIONS_LIMIT_BYTES:
        errors.append(too_long(path, ANNOTATIONS_LIMIT_BYTES))
    return errors


def validate_finalizers(finalizers: Sequence[str], path: str) -> list[FieldError]:
    """Errors of finalizer names, and of the two deletion policies set together."""
    errors = [invalid(path, one, words) for one in finalizers for words in qualified_name(one)]
    if _ORPHAN in finalizers and _FOREGROUND in finalizers:
        both = f"finalizer {_ORPHAN} and {_FOREGROUND} cannot be both set"
        errors.append(invalid(path, list(finalizers), both))
    return errors


def validate_owner_references(references: Sequence[Json], path: str) -> list[FieldError]:
    """Errors of owner references: all four identifying fields are needed, and one owner at most is the controller."""
    errors: list[FieldError] = []
    controller = ""
    for one in references:
        version = str(one.get("apiVersion", "")).rpartition("/")[2]
        if not version:
            errors.append(invalid(f"{path}.apiVersion", one.get("apiVersion", ""), "version must not be empty"))
        missing = [name for name in ("kind", "name", "uid") if not one.get(name)]
        errors += [invalid(f"{path}.{name}", "", "must not be empty") for name in missing]
        if one.get("apiVersion") == "v1" and one.get("kind") == "Event":
            errors.append(invalid(path, one, "/v1, Kind=Event is disallowed from being an owner"))
        if one.get("controller"):
            name = f"{one.get('kind', '')}/{one.get('name', '')}"
            if controller:
                why = (
                    'Only one reference can have Controller set to true. Found "true" in references for '
                    f"{controller} and {name}"
                )
                errors.append(invalid(path, list(references), why))
            else:
                controller = name
    return errors


def validate_managed_fields(entries: Sequence[Json], path: str) -> list[FieldError]:
    """Errors of the field-ownership records a client sent along."""
    errors: list[FieldError] = []
    for index, entry in enumerate(entries):
        where = f"{path}[{index}]"
        if not entry:
            # A single empty entry asks for the records to be dropped.
            continue
        if entry.get("operation") not in ("Apply", "Update"):
            errors.append(invalid(f"{where}.operation", entry.get("operation", ""), "must be `Apply` or `Update`"))
        if entry.get("fieldsType") not in (None, "", "FieldsV1"):
            errors.append(invalid(f"{where}.fieldsType", entry.get("fieldsType"), "must be `FieldsV1`"))
        if len(str(entry.get("manager", "")).encode()) > 128:
            errors.append(too_long(f"{where}.manager", 128))
        if len(str(entry.get("subresource", "")).encode()) > 256:
            errors.append(too_long(f"{where}.subresource", 256))
    return errors


def _shared_rules(meta: Json, path: str) -> list[FieldError]:
    return [
        *validate_labels(meta.get("labels") or {}, f"{path}.labels"),
        *validate_annotations(meta.get("annotations") or {}, f"{path}.annotations"),
        *validate_owner_references(meta.get("ownerReferences") or [], f"{path}.ownerReferences"),
    ]


def _validate_name(meta: Json, name_rule: NameRule, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if prefix := meta.get("generateName"):
        errors += complaints(f"{path}.generateName", prefix, with_prefix_allowed(name_rule))
    if name := meta.get("name"):
        return errors + complaints(f"{path}.name", name, name_rule)
    return [*errors, required(f"{path}.name", "name or generateName is required")]


def validate_core_finalizers(finalizers: Sequence[str], path: str) -> list[FieldError]:
    """Errors of finalizers without a domain that are not Kubernetes' own (a rule of the built-in kinds only)."""
    why = "name is neither a standard finalizer name nor is it fully qualified"
    return [
        invalid(f"{path}[{index}]", one, why)
        for index, one in enumerate(finalizers)
        if "/" not in one and one not in STANDARD_FINALIZERS
    ]


def validate_object_meta(
    meta: Json, *, namespaced: bool, name_rule: NameRule, path: str = "metadata"
) -> list[FieldError]:
    """Errors of a new object's metadata; names have been generated before."""
    errors = _validate_name(meta, name_rule, path)
    namespace = meta.get("namespace") or ""
    if not namespaced and namespace:
        errors.append(forbidden(f"{path}.namespace", "not allowed on this type"))
    elif namespaced and not namespace:
        errors.append(required(f"{path}.namespace"))
    elif namespaced:
        errors += complaints(f"{path}.namespace", namespace, dns_label)
    errors += non_negative(f"{path}.generation", meta.get("generation") or 0)
    errors += _shared_rules(meta, path)
    errors += validate_finalizers(meta.get("finalizers") or [], f"{path}.finalizers")
    return errors + validate_managed_fields(meta.get("managedFields") or [], f"{path}.managedFields")


def validate_object_meta_update(new: Json, old: Json, path: str = "metadata") -> list[FieldError]:
    """Errors of an update's metadata against the stored one."""
    errors: list[FieldError] = []
    if old.get("deletionTimestamp"):
        extra = sorted(set(new.get("finalizers") or []) - set(old.get("finalizers") or []))
        if extra:
            listed = "[]string{" + ", ".join(json.dumps(one) for one in extra) + "}"
            why = "no new finalizers can be added if the object is being deleted, found new finalizers " + listed
            errors.append(forbidden(f"{path}.finalizers", why))
    if not new.get("resourceVersion"):
        errors.append(invalid(f"{path}.resourceVersion", "", "must be specified for an update"))
    if (new.get("generation") or 0) < (old.get("generation") or 0):
        errors.append(invalid(f"{path}.generation", new.get("generation") or 0, "must not be decremented"))
    for name in _IMMUTABLE:
        empty = None if name.startswith(("deletion", "creation")) else ""
        errors += immutable(f"{path}.{name}", new.get(name) or empty, old.get(name) or empty)
    errors += _shared_rules(new, path)
    return errors + validate_managed_fields(new.get("managedFields") or [], f"{path}.managedFields")


def carry_over(new: Json, old: Json) -> None:
    """Keep the identity of the stored object in an update that left it out or tried to change it, in place."""
    fresh, stored = new.setdefault("metadata", {}), old.get("metadata") or {}
    for name in ("generation", "creationTimestamp", "deletionTimestamp"):
        if name in stored:
            fresh[name] = stored[name]
        elif name == "generation":
            fresh.pop(name, None)
    for name in ("uid", "deletionGracePeriodSeconds"):
        if name in stored and not fresh.get(name):
            fresh[name] = stored[name]
