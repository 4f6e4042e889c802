"""Decoded protobuf messages as the JSON objects that a Kubernetes client would have sent instead.

Rules (Source: k8s.io/apimachinery pkg/apis/meta/v1/{time,micro_time}_proto.go, pkg/util/intstr, pkg/api/resource,
apiextensions/v1/marshal.go):
- Time is RFC 3339 in UTC with seconds, MicroTime with microseconds; a zero time is an empty message and left out.
- bytes are base64, Quantity is its string, IntOrString is a number or a string, 64-bit integers are numbers.
- FieldsV1, JSON and RawExtension hold JSON text, which becomes part of the object.
- A zero is left out unless its field is a pointer that was sent, or has no `omitempty`.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any

from google.protobuf.message import Message as WireMessage

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.protobuf.descriptors import attribute
from lbctl.sandbox.api.protobuf.table import WIRE_PACKAGE, Field, Presence, Shape, messages

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_QUANTITY = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?")
_ABSENT = object()


def to_json(wire: WireMessage, name: str) -> Json:
    """The JSON object of a message of the table.

    Raises: ValueError for what no Kubernetes object may hold (times past the year 9999, broken quantities or JSON).
    """
    result: Json = {}
    for field in messages()[name].fields:
        if field.inline:
            result.update(to_json(getattr(wire, attribute(field)), field.type))
            continue
        value = _value(wire, field)
        if value is not _ABSENT:
            result[field.name] = value
    return result


def _value(wire: WireMessage, field: Field) -> Any:
    held = getattr(wire, attribute(field))
    if field.shape is Shape.LIST:
        return [_one(item, field.type) for item in held] or _ABSENT
    if field.shape is Shape.MAP:
        return {key: _one(held[key], field.type) for key in sorted(held)} or _ABSENT
    sent = wire.HasField(attribute(field))
    if field.is_message:
        return _one(held, field.type) if sent else _ABSENT
    if held or field.presence is Presence.ALWAYS or (sent and field.presence is Presence.KEEP_SENT):
        return _one(held, field.type)
    return _ABSENT


def _one(held: Any, type_name: str) -> Any:
    if type_name == "bytes":
        return b64encode(held).decode()
    if type_name == "float64" and not isfinite(held):
        raise ValueError("json: unsupported value: NaN or Inf")
    if type_name.startswith(f"{WIRE_PACKAGE}."):
        return _WIRE_FORMS[type_name.removeprefix(f"{WIRE_PACKAGE}.")](held)
    return to_json(held, type_name) if isinstance(held, WireMessage) else held


def _instant(held: Any) -> datetime | None:
    if not (held.HasField("f1") or held.HasField("f2")):
        return None
    try:
        return _EPOCH + timedelta(seconds=held.f1, microseconds=held.f2 // 1000)
    except OverflowError as error:
        raise ValueError("Time.MarshalJSON: year outside of range [0,9999]") from error


def _time(held: Any) -> Any:
    instant = _instant(held)
    return _ABSENT if instant is None else instant.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _micro_time(held: Any) -> Any:
    instant = _instant(held)
    return _ABSENT if instant is None else instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _quantity(held: Any) -> str:
    text: str = held.f1 or "0"
    if not _QUANTITY.fullmatch(text):
        raise ValueError("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    return text


def _int_or_string(held: Any) -> int | str:
    if held.f1 == 0:
        return int(held.f2)
    if held.f1 == 1:
        return str(held.f3)
    raise ValueError("impossible IntOrString.Type")


def _json_text(held: Any) -> Any:
    if not held.f1:
        return None
    try:
        return json.loads(held.f1)
    except RecursionError as error:
        raise ValueError("exceeded max depth") from error


def _schema(held: Any) -> Json:
    return to_json(held, "apiextensions.v1.JSONSchemaProps")


def _schema_or_bool(held: Any) -> Json | bool:
    return _schema(held.f2) if held.HasField("f2") else bool(held.f1)


def _schema_or_list(held: Any) -> Json | list[Json]:
    return [_schema(item) for item in held.f2] if held.f2 else _schema(held.f1)


def _schema_or_strings(held: Any) -> Json | list[str]:
    return list(held.f2) if held.f2 else _schema(held.f1)


_WIRE_FORMS: dict[str, Callable[[Any], Any]] = {
    "ExtraValue": lambda held: list(held.f1),
    "FieldsV1": _json_text,
    "IntOrString": _int_or_string,
    "JSON": _json_text,
    "JSONSchemaPropsOrArray": _schema_or_list,
    "JSONSchemaPropsOrBool": _schema_or_bool,
    "JSONSchemaPropsOrStringArray": _schema_or_strings,
    "MicroTime": _micro_time,
    "Quantity": _quantity,
    "RawExtension": _json_text,
    "Time": _time,
}
