"""Server-side apply.

`apply` returns an object that still has to be defaulted, prepared, validated and reserved; its managedFields are final.
Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (applyPatcher) and
k8s.io/apimachinery/pkg/util/managedfields/internal/*.go.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import ApiError, Json, bad_request
from lbctl.sandbox.api.patch.compare import compare
from lbctl.sandbox.api.patch.conflicts import conflict_error
from lbctl.sandbox.api.patch.fields import FieldSet
from lbctl.sandbox.api.patch.gotext import compact_json
from lbctl.sandbox.api.patch.managed import (
    APPLY,
    UPDATE,
    BadManagedFields,
    Manager,
    Managers,
    Owned,
    decode,
    manager_of,
    parse_now,
    write,
)
from lbctl.sandbox.api.patch.ownership import Applied, Apply, Conflicts, owned_by_update
from lbctl.sandbox.api.patch.typed import zero_object
from lbctl.sandbox.api.patch.types import Schema, gvk_of
from lbctl.sandbox.api.patch.walk import SchemaMismatch, check, field_set

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
MAX_ANNOTATIONS_BYTES: Final = 256 * 1024
"""Source: k8s.io/apimachinery/pkg/api/validation/objectmeta.go (TotalAnnotationSizeLimitB)."""
_KUBECTL: Final = "kubectl"
_BEFORE_FIRST_APPLY: Final = "before-first-apply"


def apply(
    live: Json | None,
    applied: Json,
    *,
    manager: str,
    force: bool,
    schema: Schema,
    api_version: str,
    subresource: str,
    now: str,
) -> Json:
    """The live object (None: there is none yet) after `applied` was applied to it, with its managedFields.

    `now` is RFC 3339 text; `subresource` is "" for the main resource. An apply that changes nothing returns the live
    object, timestamps included. Neither argument is changed.
    Raises ApiError: 400 for the wrong kind or managedFields in the body, 409 with one cause per field that others own,
    500 when the configuration does not fit the schema (as the real server answers).
    """
    _refuse_malformed(applied, schema, api_version)
    base = live if live is not None else {"apiVersion": api_version, "kind": schema.kind, "metadata": {}}
    who = manager_of(manager, APPLY, api_version, subresource)
    request = Apply(schema, base, applied, who, api_version, subresource, force)
    outcome = _run(request, _managers_before(request, now))
    result = copied(outcome.object if outcome.changed else base)
    managers = outcome.managers
    if outcome.changed and who in managers:
        managers = {**managers, who: replace(managers[who], time=parse_now(now))}
    if manager == _KUBECTL:
        _sync_last_applied(result, applied)
    write(result, managers)
    return result


def _refuse_malformed(applied: Json, schema: Schema, api_version: str) -> None:
    if gvk_of(applied) != schema.gvk(api_version):
        raise bad_request(f"invalid object type: {gvk_of(applied)}")
    metadata = applied.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("managedFields"), list):
        raise bad_request("metadata.managedFields must be nil")
    try:
        check(schema, applied)
    except SchemaMismatch as error:
        name, namespace = _name(metadata, "name"), _name(metadata, "namespace")
        where = f"{namespace}/{name}; {gvk_of(applied)}"
        raise _failed(f"failed to create typed patch object ({where}): {error}") from error


def _name(metadata: object, key: str) -> str:
    return str(metadata.get(key) or "") if isinstance(metadata, dict) else ""


def _failed(message: str) -> ApiError:
    """An error that the real server does not expect: a 500 without a reason."""
    return ApiError(500, "", message)


def _managers_before(request: Apply, now: str) -> Managers:
    """The managers of the live object; what an untracked one holds belongs to `before-first-apply`."""
    metadata: Json = request.live.get("metadata") or {}
    try:
        managers = decode(metadata.get("managedFields"))
    except BadManagedFields as error:
        raise _failed(f"failed to decode managed fields: {error}") from error
    if managers:
        return managers
    zero = zero_object(request.schema, request.api_version)
    fields, _ = owned_by_update(request.schema, zero, request.live, {}, request.subresource)
    if not fields:
        return {}
    before = Manager(_BEFORE_FIRST_APPLY, UPDATE, request.api_version, request.subresource)
    return {before: Owned(fields, request.api_version, parse_now(now))}


def _run(request: Apply, managers: Managers) -> Applied:
    try:
        return request.run(managers)
    except SchemaMismatch as error:
        raise _failed(f"failed to merge config: {error}") from error
    except Conflicts as error:
        if request.manager.name != _KUBECTL:
            raise conflict_error(error.found) from error
        allowed = _owned_by_client_side_apply(request)
        left = tuple(one for one in error.found if not allowed.has(one.path))
        if left:
            raise conflict_error(left) from error
        return replace(request, force=True).run(managers)


def _owned_by_client_side_apply(request: Apply) -> FieldSet:
    """The fields that `kubectl apply` set through its annotation and that still hold its values: kubectl may take them.

    Source: managedfields/internal/lastappliedmanager.go.
    """
    annotations = (request.live.get("metadata") or {}).get("annotations") or {}
    try:
        last = json.loads(annotations.get(LAST_APPLIED) or "")
        if not isinstance(last, dict) or last.get("apiVersion") != request.api_version:
            return FieldSet()
        check(request.schema, last)
        change = compare(request.schema, last, request.live)
    except (ValueError, SchemaMismatch):
        return FieldSet()
    fields = field_set(request.schema, last)
    return fields.difference(change.modified).difference(change.added).difference(change.removed)


def _sync_last_applied(result: Json, applied: Json) -> None:
    """Keep the annotation of client-side apply current, so that it can take over again.

    Source: managedfields/internal/lastappliedupdater.go.
    """
    annotations = (result.get("metadata") or {}).get("annotations")
    if not annotations or not annotations.get(LAST_APPLIED):
        return
    config = copied(applied)
    own = (config.get("metadata") or {}).get("annotations")
    if isinstance(own, dict):
        own.pop(LAST_APPLIED, None)
    annotations[LAST_APPLIED] = compact_json(config) + "\n"
    size = sum(len(key.encode()) + len(str(value).encode()) for key, value in annotations.items())
    if size > MAX_ANNOTATIONS_BYTES:
        del annotations[LAST_APPLIED]
