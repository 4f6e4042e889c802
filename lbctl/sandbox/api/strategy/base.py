"""What a kind may say about its own create, update and delete.

One strategy object per resource type. The server calls, in this order and on one thread:

    decode first (400 on wrong types, unknown field paths for `fieldValidation`), then
    create: default -> prepare_create -> validate -> reserve -> (store) -> commit | release
    update: default -> prepare_update -> validate_update -> reserve -> (store) -> commit | release
    status: prepare_status_update -> validate_status_update -> (store)
    delete: (remove from the store) -> deleted

Objects are plain JSON dicts; `default` and `prepare_*` change `new` in place, never `old`.
Source: k8s.io/apiserver/pkg/registry/rest/{create,update}.go.
"""

from __future__ import annotations

from typing import Protocol

from lbctl.sandbox.api.errors import FieldError, Json


class Reservation(Protocol):
    """Addresses and ports taken for one write; exactly one of the two is called. Commit frees what the write let go."""

    def commit(self) -> None: ...

    def release(self) -> None: ...


class NothingReserved:
    """The reservation of kinds that allocate nothing."""

    def commit(self) -> None: ...

    def release(self) -> None: ...


class Strategy:
    """The behaviour of kinds that have no rules of their own: every JSON object is accepted."""

    allow_create_on_update = False
    """Whether PUT of a name that does not exist creates it (as it does for Services, Endpoints, Events and Leases)."""

    allow_unconditional_update = True
    """Whether an update without `metadata.resourceVersion` overwrites what is stored (not for Leases and CRDs)."""

    def decode(self, obj: Json) -> list[str]:
        """Bring `obj` into the form of the kind's type, in place; returns the paths of the unknown fields it dropped.

        Raises:
            ApiError: 400 BadRequest when a value has the wrong type.
        """
        return []

    def default(self, obj: Json) -> None:
        """Fill in the defaults of the versioned API, as decoding does."""

    def prepare_create(self, obj: Json) -> None:
        """Drop what a client may not set on create (`status` where it is a subresource)."""

    def prepare_update(self, new: Json, old: Json) -> None:
        """Carry over what a client may not change (`status`), and bump `metadata.generation` when `spec` changed."""

    def prepare_status_update(self, new: Json, old: Json) -> None:
        """Keep only `status` (and the metadata a status write may touch) of `new`."""

    def validate(self, obj: Json) -> list[FieldError]:
        """Errors of a new object."""
        return []

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        """Errors of an update, immutability included."""
        return []

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        """Errors of a write to the status subresource."""
        return []

    def warnings(self, new: Json, old: Json | None) -> list[str]:
        """Texts for `Warning:` response headers (kubectl prints them)."""
        return []

    def reserve(self, new: Json, old: Json | None, *, dry_run: bool) -> Reservation:
        """Allocate what the object needs and write it into `new`; raises ApiError with 422 texts when it cannot."""
        return NothingReserved()

    def deleted(self, old: Json) -> None:
        """The object has left the store: free what it held."""

    def restore(self, obj: Json) -> None:
        """An object was loaded from disk at start: mark what it holds as taken."""
