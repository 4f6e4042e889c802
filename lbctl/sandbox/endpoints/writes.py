"""What a plan asks of the API: a list of writes, each a value that can be printed and compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lbctl.sandbox.endpoints.objects import Endpoints, EndpointSlice

Owned: TypeAlias = EndpointSlice | Endpoints


@dataclass(frozen=True, slots=True)
class Create:
    """POST; a slice gets its name from `generateName`."""

    obj: Owned


@dataclass(frozen=True, slots=True)
class Update:
    """PUT with the resourceVersion the plan was made from, so that a newer object is never overwritten."""

    obj: Owned


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE of the object with this uid; already gone is success."""

    obj: Owned


Write: TypeAlias = Create | Update | Delete


@dataclass(frozen=True, slots=True)
class Notice:
    """An Event about the object that was planned for; `type` is `Normal` or `Warning`, the message of any length."""

    type: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Writes in the order to make them, and what a person should be told."""

    writes: tuple[Write, ...] = ()
    notices: tuple[Notice, ...] = ()
