"""Cloud resources in the one form that planning needs, whatever the cloud."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from lbctl.model.loadbalancer import Owner
from lbctl.model.service import Uid

Value = str | int | bool | tuple["Value", ...] | frozenset[str]
"""A comparable, hashable field value; sets for what a cloud returns in any order."""

NO_FIELDS: Mapping[str, Value] = MappingProxyType({})


class Ref(NamedTuple):
    """The identity of a resource within one cluster: the provider's word for its kind, and its deterministic name."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, wanted or seen.

    `spec` holds what can be asked for and is compared: resources of one kind name the same fields, wanted or seen.
    `facts` are not compared: on a seen resource what the cloud adds (address, ARN, state), on a wanted one hints.
    A field that the cloud cannot change in place belongs in the name, so that a change of it is a new resource.
    `owner` is None for what all Services of the cluster share. `needs` names what must exist before this does.
    """

    ref: Ref
    spec: Mapping[str, Value] = field(default_factory=lambda: NO_FIELDS)
    owner: Owner | None = None
    needs: tuple[Ref, ...] = ()
    facts: Mapping[str, Value] = field(default_factory=lambda: NO_FIELDS, compare=False)

    def fact(self, name: str) -> str:
        """A fact as text; empty when the cloud has not said it yet."""
        return str(self.facts.get(name, ""))


class Resources(Mapping[Ref, Resource]):
    """An immutable set of resources by ref."""

    __slots__ = ("_by_ref",)

    def __init__(self, resources: Iterable[Resource] = ()) -> None:
        self._by_ref: dict[Ref, Resource] = {one.ref: one for one in resources}

    def __getitem__(self, ref: Ref) -> Resource:
        return self._by_ref[ref]

    def __iter__(self) -> Iterator[Ref]:
        return iter(self._by_ref)

    def __len__(self) -> int:
        return len(self._by_ref)

    def __repr__(self) -> str:
        return f"Resources({list(self._by_ref.values())!r})"

    def of_kind(self, kind: str) -> tuple[Resource, ...]:
        """The resources of one kind, by name."""
        return tuple(self._by_ref[ref] for ref in sorted(self._by_ref) if ref.kind == kind)

    def with_(self, resource: Resource) -> Resources:
        """A copy that has `resource`, in place of one of the same ref."""
        return Resources([*self._by_ref.values(), resource])

    def without(self, ref: Ref) -> Resources:
        """A copy that lacks `ref`."""
        return Resources(one for one in self._by_ref.values() if one.ref != ref)

    def by_owner(self) -> dict[Uid | None, Resources]:
        """The resources of each Service's UID; None holds the shared ones."""
        groups: dict[Uid | None, list[Resource]] = {}
        for one in self._by_ref.values():
            groups.setdefault(one.owner.uid if one.owner else None, []).append(one)
        return {uid: Resources(group) for uid, group in groups.items()}


NOTHING = Resources()
