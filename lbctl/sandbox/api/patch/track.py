"""Tracking of ownership by writes that are not applies: POST, PUT and the other patches.

`track` belongs after decoding and defaulting, but before the strategy's `prepare_*` and before allocation, so that
nobody owns an allocated clusterIP. Source: k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch}.go and
k8s.io/apimachinery/pkg/util/managedfields/internal/{fieldmanager,managedfieldsupdater,capmanagers}.go.
"""

from __future__ import annotations

from typing import Final

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.fields import FieldSet
from lbctl.sandbox.api.patch.managed import (
    UPDATE,
    BadManagedFields,
    Manager,
    Managers,
    Owned,
    decode,
    manager_of,
    parse_now,
    write,
)
from lbctl.sandbox.api.patch.ownership import owned_by_update
from lbctl.sandbox.api.patch.typed import zero_object
from lbctl.sandbox.api.patch.types import Schema
from lbctl.sandbox.api.patch.walk import SchemaMismatch

MAX_UPDATERS: Final = 10
"""Entries of updates an object keeps. Source: managedfields/internal/fieldmanager.go (DefaultMaxUpdateManagers)."""
_ANCIENT: Final = "ancient-changes"


def track(
    new: Json,
    old: Json | None,
    *,
    manager: str,
    operation: str = UPDATE,
    schema: Schema,
    api_version: str,
    subresource: str,
    now: str,
) -> None:
    """Bring `new`'s managedFields up to date with what it changes in `old` (None: it is created).

    The request may carry managedFields of its own: entries replace the stored ones, `[]` and `[{}]` clear them, none or
    broken ones leave the stored ones (and a subresource never writes them). `now` is RFC 3339 text.
    """
    metadata: Json = new.setdefault("metadata", {})
    before: Json = (old or {}).get("metadata") or {}
    managers = _sent_or_stored(metadata, before, ignore_sent=bool(subresource))
    if not managers and before.get("uid"):
        write(new, {})
        return
    base = old if old is not None else zero_object(schema, api_version)
    try:
        changed, managers = owned_by_update(schema, base, new, managers, subresource)
    except SchemaMismatch:
        write(new, {})
        return
    if changed:
        who = manager_of(manager, operation, api_version, subresource)
        previous = managers.get(who)
        fields = changed.union(previous.fields) if previous else changed
        managers[who] = Owned(fields, api_version, parse_now(now))
    write(new, _capped(managers))


def _sent_or_stored(sent: Json, stored: Json, *, ignore_sent: bool) -> Managers:
    entries = None if ignore_sent else sent.get("managedFields")
    if entries in ([], [{}]):
        return {}
    return _decode_or_nothing(entries) or _decode_or_nothing(stored.get("managedFields"))


def _decode_or_nothing(entries: object) -> Managers:
    try:
        return decode(entries)
    except BadManagedFields:
        return {}


def _capped(managers: Managers) -> Managers:
    """The managers with the oldest updaters merged into one bucket per version, until few enough are left."""
    updaters = [manager for manager in managers if manager.operation == UPDATE]
    excess = len(updaters) - MAX_UPDATERS
    if excess <= 0:
        return managers
    left = dict(managers)
    first: dict[str, Manager] = {}
    for manager in sorted(updaters, key=lambda one: _age(one, managers[one])):
        if excess <= 0:
            break
        owned = managers[manager]
        if owned.api_version not in first:
            first[owned.api_version] = manager
            continue
        bucket = Manager(_ANCIENT, UPDATE, owned.api_version)
        oldest: FieldSet = (left.get(bucket) or left.pop(first[owned.api_version])).fields
        del left[manager]
        left[bucket] = Owned(owned.fields.union(oldest), owned.api_version, owned.time)
        excess -= 1
    return left


def _age(manager: Manager, owned: Owned) -> tuple[float, str]:
    return (owned.time.timestamp() if owned.time else 0.0, manager.identifier)
