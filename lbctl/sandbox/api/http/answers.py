"""Answers: objects, lists and Status in the form the client negotiated."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import yaml
from aiohttp import web

from lbctl.sandbox.api import tables
from lbctl.sandbox.api.bodies import JSON, YAML
from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.http.accept import PLAIN, Clause, not_acceptable
from lbctl.sandbox.api.registry import Served

encode = msgspec.json.Encoder().encode


def json_answer(body: bytes, code: int = 200, warnings: Sequence[str] = ()) -> web.Response:
    """An answer whose JSON is ready."""
    return _response(body, code, JSON, warnings)


def error_answer(error: ApiError) -> web.Response:
    """A refusal as a Status object."""
    response = json_answer(encode(error.status()), error.code)
    if "retryAfterSeconds" in error.details:
        response.headers["Retry-After"] = str(error.details["retryAfterSeconds"])
    return response


def value_answer(value: Json, code: int = 200, clause: Clause = PLAIN, warnings: Sequence[str] = ()) -> web.Response:
    """An answer that is not an object of a resource: discovery, a Status, a review."""
    if clause.is_yaml:
        text = yaml.dump(value, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
        return _response(text.encode(), code, YAML, warnings)
    return _response(encode(value), code, JSON, warnings)


def object_answer(
    served: Served,
    obj: Json,
    clause: Clause,
    *,
    code: int = 200,
    include_object: str = "Metadata",
    warnings: Sequence[str] = (),
) -> web.Response:
    """One object of a resource; a Status stays a Status whatever form was asked for."""
    if obj.get("kind") != "Status" or served.rt.kind == "Status":
        obj = shaped(served, obj, clause, include_object)
    return value_answer(obj, code, clause, warnings)


def shaped(served: Served, obj: Json, clause: Clause, include_object: str, *, headers: bool = True) -> Json:
    """One object in the form a clause asks for."""
    match clause.kind:
        case "Table":
            metadata = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
            return table(served, [obj], clause, include_object, metadata, headers=headers)
        case "PartialObjectMetadata":
            return partial(obj, clause)
        case "PartialObjectMetadataList":
            raise not_acceptable()
        case _:
            return obj


def table(
    served: Served, items: list[Json], clause: Clause, include_object: str, metadata: Json, *, headers: bool = True
) -> Json:
    """Objects as the meta.k8s.io Table of their kind; `headers` False leaves the column definitions out."""
    rt = served.rt
    return tables.render(
        items,
        group=rt.group,
        plural=rt.plural,
        now=datetime.now(UTC),
        include_object=include_object,
        columns_of_crd=served.columns,
        metadata=metadata,
        headers=headers,
        version=clause.version,
    )


def partial(obj: Json, clause: Clause) -> Json:
    """The metadata of an object alone."""
    api_version = f"{clause.group}/{clause.version}"
    return {"kind": "PartialObjectMetadata", "apiVersion": api_version, "metadata": obj["metadata"]}


def _response(body: bytes, code: int, content_type: str, warnings: Sequence[str]) -> web.Response:
    response = web.Response(body=body, status=code, headers={"Content-Type": content_type, "Cache-Control": _CACHE})
    for warning in warnings:
        escaped = warning.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
        response.headers.add("Warning", f'299 - "{escaped}"')
    return response


_CACHE = "no-cache, private"
