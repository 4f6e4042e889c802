"""`metadata.managedFields`: decoding, encoding and ordering its entries, and tracking what updates change.

Source: k8s.io/apimachinery/pkg/util/managedfields/internal/{managedfields,managedfieldsupdater,capmanagers}.go.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.fields import FieldSet, parse_fields
from lbctl.sandbox.api.patch.gotext import compact_json

APPLY: Final = "Apply"
UPDATE: Final = "Update"


@dataclass(frozen=True, slots=True)
class Manager:
    """Who owns fields: one entry of managedFields exists per manager.

    An applier keeps its entry when it changes the version it applies; its `api_version` is empty here.
    """

    name: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    @property
    def identifier(self) -> str:
        """The JSON text by which the real server sorts managers in conflict messages."""
        parts = [("manager", self.name), ("operation", self.operation), ("apiVersion", self.api_version)]
        parts.append(("subresource", self.subresource))
        return "{" + ",".join(f'"{name}":{compact_json(value)}' for name, value in parts if value) + "}"


def manager_of(name: str, operation: str, api_version: str, subresource: str) -> Manager:
    """The manager that a request acts as; a nameless one is `unknown`."""
    return Manager(name or "unknown", operation, "" if operation == APPLY else api_version, subresource)


@dataclass(frozen=True, slots=True)
class Owned:
    """What a manager owns, in which version, and since when."""

    fields: FieldSet
    api_version: str
    time: datetime | None = None

    def minus(self, lost: FieldSet) -> Owned:
        """The same without the lost fields."""
        return replace(self, fields=self.fields.difference(lost))


Managers = dict[Manager, Owned]


class BadManagedFields(ValueError):
    """Entries that do not decode."""


def decode(entries: object) -> Managers:
    """The managers of a `managedFields` list (or None). Raises BadManagedFields."""
    managers: Managers = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if not isinstance(entry, dict):
            raise BadManagedFields(f"managed fields entry {index} is not an object")
        manager, owned = _decode_entry(index, entry)
        managers[manager] = owned
    return managers


def _decode_entry(index: int, entry: Json) -> tuple[Manager, Owned]:
    operation = entry.get("operation") or ""
    if operation not in (APPLY, UPDATE):
        raise BadManagedFields("operation must be `Apply` or `Update`")
    api_version = str(entry.get("apiVersion") or "")
    if not api_version:
        raise BadManagedFields("apiVersion must not be empty")
    match entry.get("fieldsType") or "":
        case "FieldsV1":
            pass
        case "":
            raise BadManagedFields(f"missing fieldsType in managed fields entry {index}")
        case other:
            raise BadManagedFields(f'invalid fieldsType "{other}" in managed fields entry {index}')
    try:
        fields = parse_fields(entry.get("fieldsV1") or {})
        time = _parse_time(entry.get("time"))
    except (ValueError, TypeError) as error:
        raise BadManagedFields(f"error decoding set: {error}") from error
    name, subresource = str(entry.get("manager") or ""), str(entry.get("subresource") or "")
    manager = Manager(name, operation, "" if operation == APPLY else api_version, subresource)
    return manager, Owned(fields, api_version, time)


def _parse_time(text: object) -> datetime | None:
    if text is None:
        return None
    return datetime.fromisoformat(str(text)).astimezone(UTC).replace(microsecond=0)


def parse_now(now: str) -> datetime:
    """The time of a request, given as RFC 3339 text."""
    return datetime.fromisoformat(now).astimezone(UTC).replace(microsecond=0)


def encode(managers: Managers) -> list[Json]:
    """The entries as stored: appliers first, then by time, name, version and subresource."""
    return [_encode_entry(*one) for one in sorted(managers.items(), key=_entry_order)]


def _entry_order(item: tuple[Manager, Owned]) -> tuple[str, float, str, str, str]:
    manager, owned = item
    seconds = owned.time.timestamp() if owned.time else 0.0
    return (manager.operation, seconds, manager.name, owned.api_version, manager.subresource)


def _encode_entry(manager: Manager, owned: Owned) -> Json:
    entry: Json = {"manager": manager.name, "operation": manager.operation, "apiVersion": owned.api_version}
    if owned.time:
        entry["time"] = owned.time.strftime("%Y-%m-%dT%H:%M:%SZ")
    entry |= {"fieldsType": "FieldsV1", "fieldsV1": owned.fields.to_json()}
    if manager.subresource:
        entry["subresource"] = manager.subresource
    return entry


def write(obj: Json, managers: Managers) -> None:
    """Put the managers into `obj`; without any, the field goes."""
    metadata: Json = obj.setdefault("metadata", {})
    metadata.pop("managedFields", None)
    if managers:
        metadata["managedFields"] = encode(managers)


def keep_times_if_unchanged(new: Json, old: Json) -> None:
    """Take back new timestamps where nothing else changed, so that a no-op write is one.

    To be called on the object as it would be stored (after the strategy), before it is compared with the stored one.
    Source: k8s.io/apiserver/pkg/endpoints/handlers/fieldmanager/equality.go (IgnoreManagedFieldsTimestampsTransformer).
    """
    entries, before = _entries(new), _entries(old)
    if not entries or len(entries) != len(before) or entries == before:
        return
    if [_timeless(one) for one in entries] != [_timeless(one) for one in before]:
        return
    if _without_entries(new) == _without_entries(old):
        new["metadata"]["managedFields"] = before


def _entries(obj: Json) -> list[Json]:
    return obj.get("metadata", {}).get("managedFields") or []


def _timeless(entry: Json) -> Json:
    return {key: value for key, value in entry.items() if key != "time"}


def _without_entries(obj: Json) -> Json:
    metadata = {key: value for key, value in obj.get("metadata", {}).items() if key != "managedFields"}
    return {**obj, "metadata": metadata}
