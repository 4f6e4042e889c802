"""Copies of JSON values, at a fifth of the price of `copy.deepcopy`, which must expect anything."""

from __future__ import annotations

from typing import overload

from lbctl.sandbox.api.errors import Json

_NESTED = (dict, list)


@overload
def copied(value: Json) -> Json: ...


@overload
def copied(value: object) -> object: ...


def copied(value: object) -> object:
    """The value with objects and lists of its own, all the way down."""
    if isinstance(value, dict):
        return {name: copied(one) if type(one) in _NESTED else one for name, one in value.items()}
    if isinstance(value, list):
        return [copied(one) if type(one) in _NESTED else one for one in value]
    return value
