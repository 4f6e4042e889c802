"""Go types read off the models of the `kubernetes` package, for kinds nobody described by hand.

The models say which fields exist and what they hold; integer widths and pointers they do not say, so integers count as
int32 unless their name is known, and scalars are kept however empty they are.
"""

from __future__ import annotations

import importlib
import re
import types
import typing
from datetime import datetime
from functools import cache

from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.resources import ResourceType
from lbctl.sandbox.api.strategy.shape import (
    ANYTHING,
    BOOL,
    BYTES,
    INT32,
    INT64,
    INT_OR_STRING,
    STRING,
    TIME,
    Field,
    ListOf,
    MapOf,
    Presence,
    Struct,
    Type,
    decode,
)

_INT64_NAMES = {
    "generation",
    "observedGeneration",
    "deletionGracePeriodSeconds",
    "terminationGracePeriodSeconds",
    "activeDeadlineSeconds",
    "tolerationSeconds",
    "expirationSeconds",
    "runAsUser",
    "runAsGroup",
    "fsGroup",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
}
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def decode_by_model(obj: Json, rt: ResourceType) -> list[str]:
    """Bring `obj` into the form of the resource's model, in place; returns the paths of unknown fields it dropped.

    Raises ApiError 400 when a value has the wrong type.
    """
    return decode(obj, struct_of(rt.model)) if rt.model else []


@cache
def struct_of(model: str) -> Struct:
    """The Go struct that a model such as `V1Deployment` stands for."""
    module = importlib.import_module(f"kubernetes.client.models.{_WORD.sub('_', model).lower()}")
    return _Reader().struct(getattr(module, model))


class _Reader:
    """One walk over a model and all it refers to; recursive models meet themselves in `_seen`."""

    def __init__(self) -> None:
        self._seen: dict[str, Struct] = {}

    def struct(self, model: type[BaseModel]) -> Struct:
        name = re.sub(r"^(Core|Events)?V1", "", model.__name__)
        if name in self._seen:
            return self._seen[name]
        fields: dict[str, Field] = {}
        self._seen[name] = struct = Struct(name, fields)
        for attribute, info in model.model_fields.items():
            json_name = info.serialization_alias or attribute
            kind = self.type(info.annotation, json_name)
            omitted = isinstance(kind, ListOf | MapOf) and not info.is_required()
            fields[json_name] = Field(kind, Presence.OMIT_EMPTY if omitted else Presence.POINTER)
        return struct

    def type(self, annotation: object, name: str) -> Type:
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Annotated:
            return _scalar(annotation, name) or self.type(arguments[0], name)
        if origin in (typing.Union, types.UnionType):
            return self._union([one for one in arguments if one is not types.NoneType], name)
        if origin is list:
            return ListOf(self.type(arguments[0], name))
        if origin is dict:
            return MapOf(self.type(arguments[1], name))
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self.struct(annotation)
        return _scalar(annotation, name) or ANYTHING

    def _union(self, members: list[object], name: str) -> Type:
        if len(members) == 1:
            return self.type(members[0], name)
        kinds = [self.type(one, name) for one in members]
        if BYTES in kinds:
            return BYTES
        return INT_OR_STRING if STRING in kinds and any(kind in (INT32, INT64) for kind in kinds) else ANYTHING


def _scalar(annotation: object, name: str) -> Type | None:
    if annotation in (StrictStr, str):
        return STRING
    if annotation in (StrictBool, bool):
        return BOOL
    if annotation in (StrictInt, int):
        return INT64 if name in _INT64_NAMES else INT32
    if annotation is datetime:
        return TIME
    return BYTES if annotation is bytes else None
