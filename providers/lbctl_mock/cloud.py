"""An in-memory cloud with the manners of a real one. Thread-safe; it outlives the providers that call it.

Rules
- A resource is found by its name, which is taken at once, and by its tags, in searches that may lag writes.
- `update` and `delete` name the tags they expect; a resource that bears others is refused (an IAM tag condition).
- What another resource names cannot be deleted; what does not exist cannot be named.
- Every call passes the `Gate`: latency, throttling, faults, the request log and its exact counts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lbctl.model.resource import Ref, Value
from lbctl.runtime.clock import Clock, SystemClock
from lbctl_mock import errors
from lbctl_mock.address_book import AddressBook
from lbctl_mock.errors import CloudError
from lbctl_mock.faults import Call, FaultPlan
from lbctl_mock.gate import Gate
from lbctl_mock.records import ADDRESS, BALANCER, KINDS, LISTENER, PROVISIONING, Record, Tags, references
from lbctl_mock.settings import MockSettings
from lbctl_mock.shelf import Shelf


@dataclass(frozen=True, slots=True)
class PageToken:
    """Where a search goes on; opaque to callers."""

    rest: tuple[Record, ...]
    offset: int


@dataclass(frozen=True, slots=True)
class Page:
    """A part of what a search found; `next` None on the last page."""

    records: tuple[Record, ...]
    next: PageToken | None = None


class MockCloud:
    """One cloud account. `settings` without an argument is a plain, fast one."""

    def __init__(
        self,
        settings: MockSettings | None = None,
        clock: Clock | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings or MockSettings()
        self._clock = clock or SystemClock()
        self._gate = Gate(self._settings, self._clock, pause)
        self._shelf = Shelf(self._settings.consistency_s)
        self._addresses = AddressBook(self._settings.ipv4_range, self._settings.ipv6_range)

    # The cloud's API

    def create(self, ref: Ref, tags: Tags, fields: Mapping[str, Value], preferred: str = "") -> Record:
        """Make a resource. `preferred` is the IP an address gets if it is free. Raises CloudError."""
        return self._gate.pass_("create", ref.kind, ref.name, lambda: self._create(ref, tags, fields, preferred))

    def update(self, ref: Ref, tags: Tags, changed: Mapping[str, Value]) -> Record:
        """Change some fields of the resource that bears these tags. Raises CloudError."""
        return self._gate.pass_("update", ref.kind, ref.name, lambda: self._update(ref, tags, changed))

    def delete(self, ref: Ref, tags: Tags) -> None:
        """Remove the resource that bears these tags. Raises CloudError, NOT_FOUND where there is none."""
        self._gate.pass_("delete", ref.kind, ref.name, lambda: self._delete(ref, tags))

    def get(self, ref: Ref) -> Record:
        """The resource of that name, whoever it belongs to, as it is now. Raises CloudError."""
        return self._gate.pass_("get", ref.kind, ref.name, lambda: self._existing(ref))

    def search(self, cluster: str, owner_uid: str | None = None, token: PageToken | None = None) -> Page:
        """One page of a cluster's resources: of one owner, of none (""), or of all (None). Raises CloudError."""
        return self._gate.pass_("search", "", owner_uid or "", lambda: self._search(cluster, owner_uid, token))

    # What a test sees and does, past the API

    @property
    def faults(self) -> FaultPlan:
        """Which call goes wrong, and how; assign another plan at any time."""
        return self._gate.faults

    @faults.setter
    def faults(self, plan: FaultPlan) -> None:
        self._gate.faults = plan

    @property
    def calls(self) -> int:
        """How many API calls were made so far."""
        return self._gate.calls

    @property
    def counts(self) -> Counter[tuple[str, str, str]]:
        """How often each (verb, kind, outcome) occurred; searches have an empty kind."""
        return self._gate.counts

    def log(self, since: int = 0) -> tuple[Call, ...]:
        """The request log after call number `since`."""
        return self._gate.log(since)

    def everything(self) -> tuple[Record, ...]:
        """All that exists, whoever it belongs to, without the lag of a search."""
        with self._gate.lock:
            return self._shelf.everything()

    def plant(self, record: Record) -> None:
        """Put a resource there by hand, in place of one of the same name; visible at once."""
        with self._gate.lock:
            if record.ip is not None:
                self._addresses.take_by_hand(record.ref, record.ip)
            self._shelf.put(record, self._now_s(), at_once=True)

    def tamper(self, ref: Ref, changed: Mapping[str, Value]) -> None:
        """Change a resource by hand; visible at once, and nothing is checked."""
        with self._gate.lock:
            record = self._existing(ref)
            fields = MappingProxyType({**record.fields, **changed})
            self._shelf.put(replace(record, fields=fields), self._now_s(), at_once=True)

    def vanish(self, ref: Ref) -> None:
        """Remove a resource by hand, in use or not; visible at once."""
        with self._gate.lock:
            self._addresses.release(self._existing(ref))
            self._shelf.remove(ref, self._now_s(), at_once=True)

    # Behind the gate, under its lock

    def _create(self, ref: Ref, tags: Tags, fields: Mapping[str, Value], preferred: str) -> Record:
        now_s = self._now_s()
        if self._shelf.get(ref, now_s) is not None:
            raise CloudError(errors.ALREADY_EXISTS, "the name is taken")
        self._check(ref, fields)
        if ref.kind == BALANCER:
            self._check_quota("balancers", self._shelf.count(BALANCER) + 1, self._settings.quotas.balancers)
        record = Record(ref, tags, MappingProxyType(dict(fields)))
        if ref.kind == ADDRESS:
            record = replace(record, ip=self._addresses.assign(ref, fields, preferred))
        elif ref.kind == BALANCER and self._settings.provisioning_s:
            record = replace(record, state=PROVISIONING, active_at_s=now_s + self._settings.provisioning_s)
        self._shelf.put(record, now_s)
        return record

    def _update(self, ref: Ref, tags: Tags, changed: Mapping[str, Value]) -> Record:
        record = self._existing(ref)
        _check_tags(record, tags)
        fields = {**record.fields, **changed}
        self._check(ref, fields)
        if ref.kind == ADDRESS:
            record = replace(record, ip=self._addresses.move(record, fields))
        record = replace(record, fields=MappingProxyType(fields))
        self._shelf.put(record, self._now_s())
        return record

    def _delete(self, ref: Ref, tags: Tags) -> None:
        record = self._existing(ref)
        _check_tags(record, tags)
        users = self._shelf.referrers(ref)
        if users:
            raise CloudError(errors.IN_USE, f"it is in use by {users[0]}")
        self._addresses.release(record)
        self._shelf.remove(ref, self._now_s())

    def _existing(self, ref: Ref) -> Record:
        record = self._shelf.get(ref, self._now_s())
        if record is None:
            raise CloudError(errors.NOT_FOUND, "there is none of that name")
        return record

    def _search(self, cluster: str, owner_uid: str | None, token: PageToken | None) -> Page:
        found = token.rest if token else self._shelf.search(cluster, owner_uid, self._now_s())
        start = token.offset if token else 0
        end = start + self._settings.page_size
        return Page(found[start:end], PageToken(found, end) if end < len(found) else None)

    def _check(self, ref: Ref, fields: Mapping[str, Value]) -> None:
        wrong = KINDS[ref.kind].fields.symmetric_difference(fields)
        if wrong:
            raise CloudError(errors.INVALID, f"the field {min(wrong)!r} is missing or unknown")
        for target in references(ref.kind, fields):
            if self._shelf.get(target, 0.0) is None:
                raise CloudError(errors.MISSING_REFERENCE, f"{target} does not exist")
        quotas = self._settings.quotas
        if ref.kind == LISTENER:
            balancer = Ref(BALANCER, str(fields["balancer"]))
            others = sum(one.kind == LISTENER and one != ref for one in self._shelf.referrers(balancer))
            self._check_quota(f"listeners on {balancer}", others + 1, quotas.listeners_per_balancer)
        targets = fields.get("targets", frozenset())
        if isinstance(targets, frozenset):
            self._check_quota("targets", len(targets), quotas.targets_per_pool)

    def _check_quota(self, what: str, count: int, limit: int | None) -> None:
        if limit is not None and count > limit:
            raise CloudError(errors.QUOTA, f"the account allows {limit} {what}")

    def _now_s(self) -> float:
        return self._clock.monotonic_s()


def _check_tags(record: Record, tags: Tags) -> None:
    if (record.tags.cluster, record.tags.owner_uid) != (tags.cluster, tags.owner_uid):
        owner = record.tags.owner_key or "nobody"
        raise CloudError(
            errors.NOT_YOURS, f"it belongs to {owner} of cluster {record.tags.cluster or '(none)'} (by its tags)"
        )
