"""Where the mock cloud keeps its records, with reads that lag behind writes.

Rules
- Writes and reads by name see the truth; searches see what was true `lag_s` ago, deleted records included.
- A name is taken as soon as its record is written, and free as soon as it is deleted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from lbctl.model.resource import Ref
from lbctl_mock.records import ACTIVE, PROVISIONING, Record, Tags, references


@dataclass(slots=True)
class _Slot:
    """`past` holds what a search shows until the given second, in order of time; after that `current`."""

    tags: Tags
    current: Record | None = None
    past: list[tuple[float, Record | None]] = field(default_factory=list)

    def seen(self, now_s: float) -> Record | None:
        while self.past and self.past[0][0] <= now_s:
            self.past.pop(0)
        return self.past[0][1] if self.past else self.current


class Shelf:
    """Records by ref, and indexed by cluster and owner."""

    def __init__(self, lag_s: float) -> None:
        self._lag_s = lag_s
        self._slots: dict[Ref, _Slot] = {}
        self._index: dict[str, dict[str, dict[Ref, None]]] = {}
        self._of_kind: Counter[str] = Counter()
        self._referrers: dict[Ref, set[Ref]] = {}

    def get(self, ref: Ref, now_s: float) -> Record | None:
        """The truth of this moment."""
        slot = self._slots.get(ref)
        return _aged(slot.current, now_s) if slot and slot.current else None

    def count(self, kind: str) -> int:
        """How many records of that kind there are."""
        return self._of_kind[kind]

    def referrers(self, ref: Ref) -> tuple[Ref, ...]:
        """The records that name this one, in order."""
        return tuple(sorted(self._referrers.get(ref, ())))

    def put(self, record: Record, now_s: float, *, at_once: bool = False) -> None:
        """Write a record; `at_once` shows it to searches without the lag."""
        slot = self._slots.get(record.ref)
        if slot is None:
            slot = self._slots[record.ref] = _Slot(record.tags)
        elif slot.tags != record.tags:
            self._unindex(record.ref, slot.tags)
            slot.tags = record.tags
        self._turn(slot, record, now_s, at_once)
        self._index.setdefault(record.tags.cluster, {}).setdefault(record.tags.owner_uid, {})[record.ref] = None

    def remove(self, ref: Ref, now_s: float, *, at_once: bool = False) -> None:
        slot = self._slots[ref]
        self._turn(slot, None, now_s, at_once)
        if not slot.past:
            self._forget(ref, slot)

    def search(self, cluster: str, owner_uid: str | None, now_s: float) -> tuple[Record, ...]:
        """What a search shows now, in order of names; `owner_uid` None finds the records of every owner."""
        owners = self._index.get(cluster, {})
        refs = owners.get(owner_uid, {}) if owner_uid is not None else (ref for one in owners.values() for ref in one)
        found: list[Record] = []
        for ref in sorted(refs):
            slot = self._slots[ref]
            record = slot.seen(now_s)
            if record is not None and record.tags == slot.tags:
                found.append(_aged(record, now_s))
            elif record is None and slot.current is None and not slot.past:
                self._forget(ref, slot)
        return tuple(found)

    def everything(self) -> tuple[Record, ...]:
        """The truth of this moment, whoever it belongs to, in order of names."""
        return tuple(slot.current for _, slot in sorted(self._slots.items()) if slot.current is not None)

    def _turn(self, slot: _Slot, record: Record | None, now_s: float, at_once: bool) -> None:
        slot.seen(now_s)
        if at_once:
            slot.past.clear()
        elif self._lag_s:
            slot.past.append((now_s + self._lag_s, slot.current))
        if slot.current is not None:
            self._uncount(slot.current)
        if record is not None:
            self._count(record)
        slot.current = record

    def _count(self, record: Record) -> None:
        self._of_kind[record.ref.kind] += 1
        for target in references(record.ref.kind, record.fields):
            self._referrers.setdefault(target, set()).add(record.ref)

    def _uncount(self, record: Record) -> None:
        self._of_kind[record.ref.kind] -= 1
        for target in references(record.ref.kind, record.fields):
            named_by = self._referrers[target]
            named_by.discard(record.ref)
            if not named_by:
                del self._referrers[target]

    def _forget(self, ref: Ref, slot: _Slot) -> None:
        del self._slots[ref]
        self._unindex(ref, slot.tags)

    def _unindex(self, ref: Ref, tags: Tags) -> None:
        owners = self._index[tags.cluster]
        owners[tags.owner_uid].pop(ref, None)
        if not owners[tags.owner_uid]:
            del owners[tags.owner_uid]


def _aged(record: Record, now_s: float) -> Record:
    if record.state == PROVISIONING and record.active_at_s <= now_s:
        return replace(record, state=ACTIVE)
    return record
