"""The scale subresource: autoscaling/v1 Scale over an object's replica fields.

Source: k8s.io/kubernetes/pkg/registry/apps/deployment/storage/storage.go (ScaleREST).
"""

from __future__ import annotations

from aiohttp import web

from lbctl.sandbox.api.bodies import Malformed, read_json, read_object
from lbctl.sandbox.api.errors import Json, bad_request, invalid, invalid_object, unsupported_media_type
from lbctl.sandbox.api.http.answers import value_answer
from lbctl.sandbox.api.http.patches import JSON_PATCH, MERGE_PATCH, STRATEGIC
from lbctl.sandbox.api.http.query import change_options
from lbctl.sandbox.api.http.writes import Call
from lbctl.sandbox.api.patch import json_patch, merge_patch
from lbctl.sandbox.api.registry import ScalePaths

_IDENTITY = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def get_scale(call: Call) -> web.Response:
    """The answer to GET …/scale. Raises ApiError 404."""
    return value_answer(_scale_of(call.objects.get(call.served, call.key), call.served.scale), 200, call.clause)


def write_scale(call: Call) -> web.Response:
    """The answer to PUT and PATCH …/scale: the replicas asked for go into the object. Raises ApiError."""
    patched = call.content_type.endswith(("patch+json", "patch+yaml"))
    change = change_options(call.query, call.user_agent, kind="PatchOptions" if patched else "UpdateOptions")
    paths = call.served.scale

    def produce(live: Json | None) -> Json:
        obj = live or {}
        scale = _asked(call, _scale_of(obj, paths), patched=patched)
        replicas = (scale.get("spec") or {}).get("replicas", 0)
        if isinstance(replicas, bool) or not isinstance(replicas, int):
            raise bad_request("json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32")
        if replicas < 0:
            negative = invalid("spec.replicas", replicas, "must be greater than or equal to 0")
            raise invalid_object("Scale", "autoscaling", call.key[1], [negative])
        _write(obj, paths.replicas, replicas)
        version = (scale.get("metadata") or {}).get("resourceVersion")
        if version:
            obj["metadata"]["resourceVersion"] = version
        return obj

    written = call.objects.update(call.served, call.key, produce, call.main_options(change))
    return value_answer(_scale_of(written.obj, paths), 200, call.clause)


def _asked(call: Call, scale: Json, *, patched: bool) -> Json:
    media = call.content_type.partition(";")[0]
    if not patched:
        try:
            body: Json = read_object(call.content_type, call.body).value
        except Malformed as error:
            raise bad_request(str(error)) from error
        return body
    try:
        patch = read_json(call.body).value
    except Malformed as error:
        raise bad_request(f"error decoding patch: {error}") from error
    if media == JSON_PATCH:
        return json_patch(scale, patch)
    if media in (MERGE_PATCH, STRATEGIC):
        return merge_patch(scale, patch)
    raise unsupported_media_type([JSON_PATCH, MERGE_PATCH, STRATEGIC])


def _scale_of(obj: Json, paths: ScalePaths) -> Json:
    metadata = obj.get("metadata") or {}
    status: Json = {"replicas": _read(obj, paths.status_replicas) or 0}
    selector = _read(obj, paths.selector) if paths.selector else None
    if isinstance(selector, dict):
        labels = selector.get("matchLabels") or {}
        selector = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in _IDENTITY if name in metadata},
        "spec": {"replicas": _read(obj, paths.replicas) or 0},
        "status": status,
    }


def _read(obj: Json, path: tuple[str, ...]) -> object:
    value: object = obj
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _write(obj: Json, path: tuple[str, ...], value: int) -> None:
    for step in path[:-1]:
        obj = obj.setdefault(step, {})
    obj[path[-1]] = value
