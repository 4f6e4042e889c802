"""Which resources are served right now: the built-in table and the versions that custom resource definitions add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.resources import ResourceType
from lbctl.sandbox.api.selectors import SupportedFields
from lbctl.sandbox.api.strategy.base import Strategy


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where an object keeps what its scale subresource shows; an empty `selector` is: nowhere."""

    replicas: tuple[str, ...] = ("spec", "replicas")
    status_replicas: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] = ("spec", "selector")


@dataclass(frozen=True, slots=True)
class Served:
    """A resource type with its behaviour and its selectable fields.

    `columns` and `schema` are those of its definition, None for a built-in resource.
    """

    rt: ResourceType
    strategy: Strategy
    fields: SupportedFields
    columns: tuple[Json, ...] | None = None
    schema: Json | None = None
    scale: ScalePaths = ScalePaths()


_GROUP_ORDER = (
    "",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "rbac.authorization.k8s.io",
    "apiextensions.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
)


class Registry:
    """Look-up by (group, version, plural); iterates in the order of discovery."""

    def __init__(self, built_in: Iterable[Served]) -> None:
        self._built_in = {_key(one.rt): one for one in built_in}
        self._custom: dict[str, tuple[Served, ...]] = {}
        self._all: Mapping[tuple[str, str, str], Served] = self._built_in
        self.generation = 0
        """Grows with every change, so that documents derived from the registry can be cached."""

    def find(self, group: str, version: str, plural: str) -> Served | None:
        """The resource served under that name, None when there is none."""
        return self._all.get((group, version, plural))

    def serves(self, group: str) -> bool:
        """Whether any resource of that group is served."""
        return any(one.rt.group == group for one in self._all.values())

    def all(self) -> tuple[Served, ...]:
        """Every resource served, groups in discovery order."""
        return tuple(sorted(self._all.values(), key=lambda one: (_order(one.rt.group), one.rt.plural)))

    def by_kind(self, api_version: str, kind: str) -> Served | None:
        """The resource of objects that say `apiVersion` and `kind`."""
        for one in self._all.values():
            if one.rt.kind == kind and one.rt.api_version == api_version:
                return one
        return None

    def of_bucket(self, bucket: str) -> Served | None:
        """The resource whose own form the bucket stores."""
        for one in self._all.values():
            if one.rt.bucket == bucket and one.rt.view is None:
                return one
        return None

    def buckets(self) -> tuple[Served, ...]:
        """One resource for every bucket."""
        found: dict[str, Served] = {}
        for one in self._all.values():
            if one.rt.view is None:
                found.setdefault(one.rt.bucket, one)
        return tuple(found.values())

    def define(self, definition: str, served: Iterable[Served]) -> None:
        """Serve the resources of one custom resource definition, in place of what it defined before."""
        self._custom[definition] = tuple(served)
        self._rebuild()

    def undefine(self, definition: str) -> None:
        """Stop serving the resources of a custom resource definition."""
        if self._custom.pop(definition, None) is not None:
            self._rebuild()

    def _rebuild(self) -> None:
        custom = {_key(one.rt): one for served in self._custom.values() for one in served}
        self._all = {**custom, **self._built_in}
        self.generation += 1


def _key(rt: ResourceType) -> tuple[str, str, str]:
    return rt.group, rt.version, rt.plural


def _order(group: str) -> tuple[int, str]:
    return (_GROUP_ORDER.index(group), "") if group in _GROUP_ORDER else (len(_GROUP_ORDER), group)
