"""PATCH in its four forms.

Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from aiohttp import web

from lbctl.sandbox.api.bodies import Body, Malformed, read_json, read_yaml
from lbctl.sandbox.api.errors import ApiError, Json, bad_request, not_found, unsupported_media_type
from lbctl.sandbox.api.fieldcheck import bad_patch, decode_patched, other_kind
from lbctl.sandbox.api.http.query import ChangeOptions, Validation, change_options
from lbctl.sandbox.api.http.writes import Call
from lbctl.sandbox.api.metadata import metadata_of, timestamp
from lbctl.sandbox.api.patch import apply, json_patch, merge_patch, schema_for, strategic_merge_patch
from lbctl.sandbox.api.patch.gotext import plain

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"


def patch_object(call: Call) -> web.Response:
    """The answer to PATCH. Raises ApiError."""
    media = call.content_type.partition(";")[0].strip().lower()
    accepted = [JSON_PATCH, MERGE_PATCH, *(() if call.served.rt.custom else (STRATEGIC,)), APPLY]
    if media not in accepted:
        if call.served.rt.custom:
            raise unsupported_media_type(accepted)
        raise ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type")
    change = change_options(call.query, call.user_agent, kind="PatchOptions", apply=media == APPLY)
    warnings: list[str] = []
    applies = media == APPLY
    produce = _applying(call, change, warnings) if applies else _patching(call, change, media, warnings)
    outcome = call.objects.update(
        call.served, call.key, produce, call.options(change, tracked=not applies), upsert=applies, patched=True
    )
    return call.written(outcome, warnings)


def _patching(call: Call, change: ChangeOptions, media: str, warnings: list[str]) -> Callable[[Json | None], Json]:
    def produce(live: Json | None) -> Json:
        if live is None:
            raise _missing(call)
        patch = _read_patch(call.body, media)
        patched = _patched(call, live, patch.value, media)
        quoted = plain(patch.value) if media == STRATEGIC else msgspec.json.encode(patched).decode()
        why_not = other_kind(call.served, call.objects.registry, patched)
        if why_not:
            raise bad_patch(quoted, why_not)
        repeated = [f'json patch duplicate field "{one}"' for one in patch.duplicates]
        duplicates = patch.duplicates if media != JSON_PATCH else repeated
        warnings.extend(decode_patched(call.served, patched, duplicates, change.validation, quoted))
        return patched

    return produce


def _patched(call: Call, live: Json, patch: object, media: str) -> Json:
    if media == JSON_PATCH:
        if not isinstance(patch, list):
            raise bad_request(
                "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"
            )
        return json_patch(live, patch)
    if not isinstance(patch, dict):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    if media == MERGE_PATCH:
        return merge_patch(live, patch)
    rt = call.served.rt
    return strategic_merge_patch(live, patch, schema_for(rt.group, rt.kind, call.served.schema))


def _applying(call: Call, change: ChangeOptions, warnings: list[str]) -> Callable[[Json | None], Json]:
    rt = call.served.rt

    def produce(live: Json | None) -> Json:
        body = _read_apply(call.body, change.validation, warnings)
        merged = apply(
            live,
            body,
            manager=change.manager,
            force=change.force,
            schema=schema_for(rt.group, rt.kind, call.served.schema),
            api_version=rt.api_version,
            subresource=call.subresource,
            now=timestamp(),
        )
        metadata = metadata_of(merged)
        if live is None and not metadata.get("name"):
            metadata["name"] = call.key[1]
        call.served.strategy.decode(merged)
        return merged

    return produce


def _read_patch(data: bytes, media: str) -> Body:
    try:
        return read_json(data)
    except Malformed as error:
        raise bad_request(str(error) if media == STRATEGIC else f"error decoding patch: {error}") from error


def _read_apply(data: bytes, validation: Validation, warnings: list[str]) -> Json:
    try:
        body = read_yaml(data)
    except Malformed as error:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from error
    if not isinstance(body.value, dict):
        why = "json: cannot unmarshal into Go value of type map[string]interface {}"
        raise bad_request(f"error decoding YAML: error unmarshaling JSON: {why}")
    if body.duplicates and validation != "Ignore":
        why = "error converting YAML to JSON: yaml: unmarshal errors:\n  " + "\n  ".join(body.duplicates)
        if validation == "Strict":
            raise bad_request(f"error strict decoding YAML: {why}")
        warnings.append(why)
    value: Json = body.value
    return value


def _missing(call: Call) -> ApiError:
    return not_found(call.served.rt.plural, call.served.rt.group, call.key[1])
