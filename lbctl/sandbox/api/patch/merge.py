"""JSON merge patch.

RFC 7396, with the one liberty the real server takes: nulls also disappear from objects inside new lists.
Source: gopkg.in/evanphx/json-patch.v4/merge.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import Json, bad_request
from lbctl.sandbox.api.patch.gotext import json_type


def merge_patch(doc: Json, patch: Json) -> Json:
    """`doc` with the patch merged in: null deletes, objects merge, everything else replaces.

    Neither argument is changed. Raises ApiError 400 when the patch is no JSON object.
    """
    if not isinstance(patch, dict):
        what = json_type(patch)
        raise bad_request(
            f"error decoding patch: json: cannot unmarshal {what} into Go value of type map[string]interface {{}}"
        )
    return _merge_objects(copied(doc), copied(patch))


def _merge_objects(doc: Json, patch: Json) -> Json:
    for key, value in patch.items():
        if value is None:
            doc.pop(key, None)
        else:
            doc[key] = _merge(doc.get(key), value)
    return doc


def _merge(current: object, patch: object) -> object:
    if not isinstance(current, dict):
        return _without_nulls(patch)
    return _merge_objects(current, patch) if isinstance(patch, dict) else patch


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    return value
