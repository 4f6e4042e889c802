"""Kinds as values: where they live in the API and how their bytes become the house's values.

Source: https://kubernetes.io/docs/reference/using-api/api-concepts/ (resource URIs).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import msgspec

from lbctl.model.service import ObjectKey


class Versioned(Protocol):
    """Anything with a resourceVersion: an opaque text that is only compared for equality."""

    @property
    def resource_version(self) -> str: ...


T = TypeVar("T", bound=Versioned)
V = TypeVar("V", bound=Versioned)
W = TypeVar("W", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One answer to a LIST. `more` is the token for the next page, empty on the last one.

    `unreadable` has a sentence for each item that could not be decoded; such items are left out.
    """

    items: tuple[T, ...]
    resource_version: str
    more: str = ""
    unreadable: tuple[str, ...] = ()


class _ListMeta(msgspec.Struct, gc=False):
    resource_version: str = msgspec.field(default="", name="resourceVersion")
    more: str = msgspec.field(default="", name="continue")


class _List(msgspec.Struct, Generic[W], gc=False):
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    items: list[W] | None = None


class _RawList(msgspec.Struct, gc=False):
    metadata: _ListMeta = msgspec.field(default_factory=_ListMeta)
    items: list[msgspec.Raw] | None = None


_RAW_LIST = msgspec.json.Decoder(_RawList)


@dataclass(frozen=True, slots=True)
class Resource(Generic[T]):
    """A kind of object in the API. `decode` takes one object's JSON, `decode_list` the JSON of a LIST.

    Both raise ValueError (msgspec's errors are ValueErrors) for bytes that are not such an object.
    """

    group: str
    version: str
    plural: str
    kind: str
    decode: Callable[[bytes | msgspec.Raw], T] = field(repr=False)
    decode_list: Callable[[bytes], Page[T]] = field(repr=False)
    key_of: Callable[[T], ObjectKey] = field(repr=False)
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """`services`, `endpointslices.discovery.k8s.io`: as kubectl names it."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The URL path of the collection, of one object, or of its subresource. An empty namespace means all."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        parts = [root]
        if namespace and self.namespaced:
            parts += ["namespaces", namespace]
        parts += [part for part in (self.plural, name, subresource) if part]
        return "/".join(parts)

    def path_of(self, key: ObjectKey, subresource: str = "") -> str:
        """The URL path of one object."""
        return self.path(key.namespace, key.name, subresource)


def resource(
    group: str,
    version: str,
    plural: str,
    kind: str,
    *,
    wire: type[W],
    convert: Callable[[W], V],
    key_of: Callable[[V], ObjectKey],
    namespaced: bool = True,
) -> Resource[V]:
    """A kind whose JSON is decoded as the struct `wire` and then turned into a value by `convert`.

    `wire` declares the fields that are used and no others: the rest of the JSON is skipped, not built. An item of a
    LIST that does not fit is reported in `Page.unreadable`; it does not cost the others.
    """
    one = msgspec.json.Decoder(wire)
    many: msgspec.json.Decoder[_List[W]] = msgspec.json.Decoder(_List[wire])  # type: ignore[valid-type]

    def decode(body: bytes | msgspec.Raw) -> V:
        return convert(one.decode(body))

    def decode_list(body: bytes) -> Page[V]:
        try:
            page = many.decode(body)
            items = tuple(convert(item) for item in page.items or ())
        except ValueError:
            return _decode_singly(body, decode, plural)
        return Page(items, page.metadata.resource_version, page.metadata.more)

    return Resource(group, version, plural, kind, decode, decode_list, key_of, namespaced)


def _decode_singly(body: bytes, decode: Callable[[msgspec.Raw], V], plural: str) -> Page[V]:
    page = _RAW_LIST.decode(body)
    good: list[V] = []
    bad: list[str] = []
    for item in page.items or ():
        try:
            good.append(decode(item))
        except ValueError as broken:
            bad.append(f"{plural} {name_in(item)} cannot be read: {broken}")
    return Page(tuple(good), page.metadata.resource_version, page.metadata.more, tuple(bad))


class _NameMeta(msgspec.Struct, gc=False):
    name: str = ""
    namespace: str = ""


class _Named(msgspec.Struct, gc=False):
    metadata: _NameMeta


_NAMED = msgspec.json.Decoder(_Named)


def name_in(body: bytes | msgspec.Raw) -> str:
    """`namespace/name` of an object's JSON for messages; `(unnamed)` when even that cannot be read."""
    try:
        meta = _NAMED.decode(body).metadata
    except ValueError:
        return "(unnamed)"
    return str(ObjectKey(meta.namespace, meta.name))
