"""Request bodies of content type application/vnd.kubernetes.protobuf.

`kubectl create namespace`, `create service`, `create deployment`, `auth can-i` and typed Go clients send them. A
body is four magic bytes, then a `runtime.Unknown` that names the kind and holds the message.
Source: k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from google.protobuf.message import DecodeError

from lbctl.sandbox.api.errors import ApiError, Json, bad_request, unsupported_media_type
from lbctl.sandbox.api.protobuf.descriptors import message_classes
from lbctl.sandbox.api.protobuf.table import messages
from lbctl.sandbox.api.protobuf.to_json import to_json

__all__ = ["CONTENT_TYPE", "MAGIC", "accepted_kinds", "decode"]

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
MAGIC = b"k8s\x00"
_IN_EVERY_GROUP = {"DeleteOptions": "meta.v1.DeleteOptions", "Status": "meta.v1.Status"}
"""Kinds that every API group registers, so that a body names the group of the resource it is about."""


@cache
def accepted_kinds() -> frozenset[tuple[str, str]]:
    """The (apiVersion, kind) pairs a body may hold; DeleteOptions and Status are taken with any apiVersion."""
    return frozenset((one.api_version, one.short_name) for one in messages().values() if one.kind)


@cache
def _message_names() -> dict[tuple[str, str], str]:
    return {(one.api_version, one.short_name): one.name for one in messages().values() if one.kind}


def decode(body: bytes) -> Json:
    """The JSON object that a protobuf body stands for, `apiVersion` and `kind` included.

    Raises: ApiError 400 for bytes that are no such body, 415 for a kind that has to be sent as JSON.
    """
    if not body.startswith(MAGIC):
        raise _unrecognized("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        envelope: Any = message_classes()["wire.Unknown"].FromString(body[len(MAGIC) :])
        api_version, kind = str(envelope.f1.f1), str(envelope.f1.f2)
        return {"kind": kind, "apiVersion": api_version, **_payload(envelope, api_version, kind)}
    except (DecodeError, ValueError, RecursionError) as error:
        raise _unrecognized(str(error)) from error


def _payload(envelope: Any, api_version: str, kind: str) -> Json:
    if not kind:
        raise _unrecognized("Object 'Kind' is missing in protobuf")
    if envelope.f3 or envelope.f4 not in ("", CONTENT_TYPE, "application/json"):
        raise unsupported_media_type(["application/json", "application/yaml", CONTENT_TYPE])
    if envelope.f4 == "application/json":
        return _embedded_json(envelope.f2)
    name = _IN_EVERY_GROUP.get(kind) or _message_names().get((api_version, kind))
    if name is None:
        raise unsupported_media_type(["application/json", "application/yaml"])
    return to_json(message_classes()[name].FromString(envelope.f2), name)


def _embedded_json(raw: bytes) -> Json:
    held = json.loads(raw)
    if not isinstance(held, dict):
        raise ValueError("the enclosed JSON is not an object")
    return held


def _unrecognized(why: str) -> ApiError:
    return bad_request(f"the object provided is unrecognized: {why}")
