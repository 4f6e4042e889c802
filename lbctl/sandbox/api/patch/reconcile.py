"""Field sets after a schema change: what became atomic is owned as a whole.

Source: sigs.k8s.io/structured-merge-diff/typed/reconcile_schema.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lbctl.sandbox.api.patch.fields import FieldPath, FieldSet, PathElement
from lbctl.sandbox.api.patch.managed import Managers
from lbctl.sandbox.api.patch.types import DEDUCED, MapType, Scalar, Schema, TypeRef, child_type


def reconcile(schema: Schema, managers: Managers) -> Managers:
    """The managers with their fields as the schema now divides them."""
    if schema.structured:
        return dict(managers)
    return {manager: replace(owned, fields=_reconcile(schema, owned.fields)) for manager, owned in managers.items()}


def _reconcile(schema: Schema, fields: FieldSet) -> FieldSet:
    walker = _Walker(schema)
    walker.visit(schema.root, fields, (), atomic=False)
    if not walker.coarsened:
        return fields
    return fields.recursive_difference(walker.coarsened).union(walker.coarsened)


@dataclass(frozen=True, slots=True)
class _Walker:
    schema: Schema
    coarsened: FieldSet = field(default_factory=FieldSet)

    def visit(self, ref: TypeRef, fields: FieldSet | None, path: FieldPath, *, atomic: bool) -> None:
        """`atomic`: the set holds this very path and nothing below it."""
        atom = self.schema.resolve(ref)
        if atom.map:
            if _is_free_form(atom.map):
                return
            if not atomic and atom.map.atomic:
                if fields:
                    self.coarsened.insert(path)
                return
            for element in _elements(fields):
                inner = child_type(atom.map, element.name) if element.is_field else atom.map.element or TypeRef()
                if inner != TypeRef():
                    self._descend(inner, fields, element, path)
        elif atom.list and atom.scalar is None:
            if not atomic and atom.list.atomic:
                self.coarsened.insert(path)
                return
            for element in _elements(fields):
                self._descend(atom.list.element, fields, element, path)

    def _descend(self, ref: TypeRef, fields: FieldSet | None, element: PathElement, path: FieldPath) -> None:
        child = fields.children.get(element) if fields else None
        member = fields is not None and element in fields.members
        self.visit(ref, child, (*path, element), atomic=member and child is None)


def _elements(fields: FieldSet | None) -> list[PathElement]:
    return sorted(fields.members | fields.children.keys()) if fields else []


def _is_free_form(map_type: MapType) -> bool:
    """A map of anything without declared fields (isUntypedDeducedMap)."""
    element = map_type.element
    if element is None or map_type.fields:
        return False
    if element.inline is None:
        return element.name == DEDUCED.name
    return element.inline.scalar is Scalar.UNTYPED
