"""Who owns which field after an update or an apply, and what an apply removes.

The rules: an update owns what it changed and takes it from everybody else; an apply owns what its configuration
mentions, conflicts with others whose fields it would change, shares what it sets to the same value, and removes what it
applied before, no longer mentions and nobody else owns.
Source: sigs.k8s.io/structured-merge-diff/merge/update.go; versions of one kind differ in nothing here, so objects need
no conversion between them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.combine import merge, remove
from lbctl.sandbox.api.patch.compare import Comparison, compare
from lbctl.sandbox.api.patch.fields import FieldPath, FieldSet, field_element
from lbctl.sandbox.api.patch.managed import Manager, Managers, Owned
from lbctl.sandbox.api.patch.reconcile import reconcile
from lbctl.sandbox.api.patch.typed import as_decoded
from lbctl.sandbox.api.patch.types import Schema, TypeRef, child_type
from lbctl.sandbox.api.patch.walk import field_set

_STRIPPED = ("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName")
_STRIPPED_BOOKKEEPING = ("generation", "managedFields", "resourceVersion")


def _never_owned() -> FieldSet:
    """The fields of no manager. Source: managedfields/internal/stripmeta.go."""
    stripped = FieldSet({field_element(name) for name in ("apiVersion", "kind", "metadata")})
    for name in (*_STRIPPED, *_STRIPPED_BOOKKEEPING):
        stripped.insert((field_element("metadata"), field_element(name)))
    return stripped


NEVER_OWNED = _never_owned()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of another manager that an apply would change."""

    manager: Manager
    path: FieldPath


class Conflicts(Exception):
    """An apply that was not forced met fields of others."""

    def __init__(self, found: tuple[Conflict, ...]) -> None:
        super().__init__(f"{len(found)} conflicts")
        self.found = found


def excluded(schema: Schema, subresource: str) -> FieldSet:
    """The fields that writes to this subresource cannot change, and so neither own nor take."""
    paths = FieldSet()
    for path in schema.resets.get(subresource, ()):
        paths.insert(tuple(field_element(name) for name in path))
    return paths


def owned_by_update(
    schema: Schema, old: Json, new: Json, managers: Managers, subresource: str
) -> tuple[FieldSet, Managers]:
    """What the update changed, and what the managers are left with. Raises SchemaMismatch."""
    managers = reconcile(schema, managers)
    resets = excluded(schema, subresource)
    change = compare(schema, old, new).without(resets)
    left = {manager: _give_up(owned, change) for manager, owned in managers.items()}
    changed = change.modified.union(change.added).recursive_difference(resets).difference(NEVER_OWNED)
    return changed, {manager: owned for manager, owned in left.items() if owned.fields}


def _give_up(owned: Owned, change: Comparison) -> Owned:
    return owned.minus(change.modified.union(change.added)).minus(change.removed)


@dataclass(frozen=True, slots=True)
class Applied:
    """The outcome of an apply."""

    object: Json
    managers: Managers
    changed: bool


@dataclass(frozen=True, slots=True)
class Apply:
    """One apply request: what is applied, by whom, over what."""

    schema: Schema
    live: Json
    config: Json
    manager: Manager
    api_version: str
    subresource: str
    force: bool

    def run(self, managers: Managers) -> Applied:
        """Merge, prune, and settle ownership. Raises Conflicts and SchemaMismatch."""
        managers = reconcile(self.schema, managers)
        merged = merge(self.schema, self.live, self.config)
        before = managers.get(self.manager)
        resets = excluded(self.schema, self.subresource)
        fields = field_set(self.schema, self.config).recursive_difference(resets)
        time = before.time if before else None
        managers = {**managers, self.manager: Owned(fields, self.api_version, time)}
        result = self._prune(merged, managers, before)
        change = compare(self.schema, self.live, result).without(resets)
        managers = self._settle(managers, change)
        return Applied(result, self._strip(managers), changed=self._differs(result))

    def _differs(self, result: Json) -> bool:
        """Whether the object changed at all; unlike ownership, this counts the order of lists."""
        return self.live != result and as_decoded(self.schema, self.live) != as_decoded(self.schema, result)

    def _prune(self, merged: object, managers: Managers, before: Owned | None) -> Json:
        """The merged object without what this manager stopped applying and nobody else owns."""
        schema = self.schema
        result = merged
        if before is not None and before.fields:
            last = named(schema, before.fields)
            everything = named(schema, field_set(schema, merged))
            pruned = named(schema, field_set(schema, remove(schema, merged, last)))
            owned = FieldSet()
            for one in managers.values():
                owned = owned.union(one.fields)
            kept = remove(schema, merged, everything.difference(pruned.union(named(schema, owned))))
            gone = everything.difference(named(schema, field_set(schema, kept)))
            result = remove(schema, merged, gone.intersection(last))
        return result if isinstance(result, dict) else {}

    def _settle(self, managers: Managers, change: Comparison) -> Managers:
        touched = change.modified.union(change.added)
        found: list[Conflict] = []
        settled: Managers = {}
        for manager in sorted(managers, key=lambda one: one.identifier):
            owned = managers[manager]
            if manager != self.manager:
                found += [Conflict(manager, path) for path in owned.fields.intersection(touched).paths()]
                owned = _give_up(owned, change)
            if owned.fields:
                settled[manager] = owned
        if found and not self.force:
            raise Conflicts(tuple(found))
        return settled

    def _strip(self, managers: Managers) -> Managers:
        mine = managers.get(self.manager)
        if mine is None:
            return managers
        stripped = replace(mine, fields=mine.fields.difference(NEVER_OWNED))
        others = {manager: owned for manager, owned in managers.items() if manager != self.manager}
        return {**others, self.manager: stripped} if stripped.fields else others


def named(schema: Schema, fields: FieldSet) -> FieldSet:
    """The set with the struct fields on its paths as members (EnsureNamedFieldsAreMembers)."""
    return _named(schema, schema.root, fields)


def _named(schema: Schema, ref: TypeRef, fields: FieldSet) -> FieldSet:
    atom = schema.resolve(ref)
    members = set(fields.members)
    result = FieldSet(members)
    for element, child in fields.children.items():
        inner = TypeRef()
        if element.is_field and atom.map:
            if element.name in atom.map.fields:
                members.add(element)
            inner = child_type(atom.map, element.name)
        elif element.is_key and atom.list:
            inner = atom.list.element
        result.children[element] = _named(schema, inner, child)
    return result
