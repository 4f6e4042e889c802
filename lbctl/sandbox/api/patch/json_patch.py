"""JSON patch, with the liberties the real server takes.

RFC 6902, but: `replace` of a missing key adds it, `test` of a missing key against null passes, negative indices count
from the end, a missing `value` is null, and what stands before the first `/` of a path is ignored. A library that
follows the RFC to the letter would refuse requests that the real server accepts.
Source: gopkg.in/evanphx/json-patch.v4/patch.go; texts from k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import ApiError, Json, bad_request
from lbctl.sandbox.api.patch.gotext import json_type
from lbctl.sandbox.api.patch.walk import same

MAX_OPERATIONS: Final = 10_000
"""Source: k8s.io/apiserver/pkg/endpoints/handlers/patch.go (maxJSONPatchOperations)."""

Container = dict[str, object] | list[object]


class _DoesNotApply(Exception):
    """An operation that cannot be carried out. The client only learns that there was one."""


def json_patch(doc: Json, patch: Sequence[object]) -> Json:
    """`doc` after all operations of the patch. Neither argument is changed.

    Raises ApiError: 400 when the patch is no list of operations, 413 for more than 10,000, 422 when one does not apply.
    """
    operations = _operations(patch)
    holder: dict[str, object] = {"": copied(doc)}
    try:
        for operation in operations:
            _carry_out(holder, operation)
    except _DoesNotApply as error:
        message = "the server rejected our request due to an error in our request"
        raise ApiError(422, "Invalid", message) from error
    result = holder[""]
    if not isinstance(result, dict):
        raise bad_request(f"json: cannot unmarshal {json_type(result)} into Go value of type map[string]interface {{}}")
    return result


def _operations(patch: object) -> list[Json]:
    if not isinstance(patch, list | tuple):
        raise _undecodable(patch, "[]handlers.jsonPatchOp")
    operations: list[Json] = []
    for one in patch:
        if not isinstance(one, dict):
            raise _undecodable(one, "handlers.jsonPatchOp")
        operations.append(one)
    if len(operations) > MAX_OPERATIONS:
        message = f"The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {len(operations)}"
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: {message}")
    return operations


def _undecodable(value: object, into: str) -> ApiError:
    return bad_request(f"error decoding patch: json: cannot unmarshal {json_type(value)} into Go value of type {into}")


def _carry_out(holder: dict[str, object], operation: Json) -> None:
    value = copied(operation.get("value"))
    match operation.get("op"):
        case "add":
            _add(*_find(holder, operation, "path"), value)
        case "remove":
            _remove(*_find(holder, operation, "path"))
        case "replace":
            _replace(holder, operation, value)
        case "move":
            source, key = _find(holder, operation, "from")
            moved = _get(source, key)
            _remove(source, key)
            _add(*_find(holder, operation, "path"), moved)
        case "copy":
            found = copied(_get(*_find(holder, operation, "from")))
            _add(*_find(holder, operation, "path"), found)
        case "test":
            found = holder[""] if operation.get("path") == "" else _get(*_find(holder, operation, "path"))
            if not same(found, value):
                raise _DoesNotApply("testing value failed")
        case other:
            raise _DoesNotApply(f"unexpected kind: {other}")


def _replace(holder: dict[str, object], operation: Json, value: object) -> None:
    if operation.get("path") == "":
        if not isinstance(value, dict | list):
            raise _DoesNotApply("replace operation value must be object or array")
        holder[""] = value
        return
    container, key = _find(holder, operation, "path")
    _get(container, key)
    if isinstance(container, list):
        container[_index(key, len(container))] = value
    else:
        container[key] = value


def _find(holder: dict[str, object], operation: Json, which: str) -> tuple[Container, str]:
    """The container that the pointer's last step goes into, and that step."""
    pointer = operation.get(which)
    if not isinstance(pointer, str):
        raise _DoesNotApply(f"operation missing {which} field")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")]
    if len(steps) < 2:
        raise _DoesNotApply(f"doc is missing path: {pointer!r}")
    here = holder[""]
    for step in steps[1:-1]:
        here = _get(here, step) if isinstance(here, dict | list) else None
    if not isinstance(here, dict | list):
        raise _DoesNotApply(f"doc is missing path: {pointer!r}")
    return here, steps[-1]


def _get(container: Container, key: str) -> object:
    """The value there; None for a missing key of an object."""
    if isinstance(container, list):
        return container[_index(key, len(container))]
    return container.get(key)


def _add(container: Container, key: str, value: object) -> None:
    if isinstance(container, dict):
        container[key] = value
    elif key == "-":
        container.append(value)
    else:
        container.insert(_index(key, len(container) + 1), value)


def _remove(container: Container, key: str) -> None:
    if isinstance(container, list):
        del container[_index(key, len(container))]
    elif key in container:
        del container[key]
    else:
        raise _DoesNotApply(f"unable to remove nonexistent key: {key}")


def _index(key: str, length: int) -> int:
    try:
        index = int(key)
    except ValueError:
        raise _DoesNotApply(f"not an array index: {key!r}") from None
    if not -length <= index < length:
        raise _DoesNotApply(f"invalid index: {index}")
    return index % length
