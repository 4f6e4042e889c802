"""The reference provider: `render.py` says what is wanted, this says how the cloud is read and written.

A provider author can copy this file. What is the cloud's and what is lbctl's part is as it would be anywhere:
one call per step, one table of errors, no waiting, no memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import assert_never

from lbctl.model.errors import LbctlError, PermanentError, TemporaryError
from lbctl.model.loadbalancer import Backend, LoadBalancer, Owner
from lbctl.model.resource import Ref, Resource, Resources, Value
from lbctl.model.service import Ingress, ObjectKey, Uid
from lbctl.plan.capabilities import Capabilities
from lbctl.plan.steps import Create, Delete, Step, Update
from lbctl.provider.contract import Pending
from lbctl_mock import errors
from lbctl_mock.cloud import MockCloud, PageToken
from lbctl_mock.errors import CloudError
from lbctl_mock.records import ACTIVE, ADDRESS, BALANCER, Record, Tags
from lbctl_mock.render import PREFERRED, Renderer, needs_of
from lbctl_mock.settings import MockSettings

SHARED = ""
"""The owner tag of what all Services share."""


class MockProvider:
    """`lbctl.provider.contract.Provider` on a `MockCloud`. It keeps nothing: a new one finds what an old one did."""

    def __init__(self, cloud: MockCloud, settings: MockSettings, cluster: str) -> None:
        self.cloud = cloud
        self._settings = settings
        self._cluster = cluster
        self._capabilities = settings.capabilities()
        self._renderer = Renderer(settings, cluster)

    @property
    def name(self) -> str:
        return "mock"

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def render(self, lb: LoadBalancer) -> Resources:
        """See `Renderer.render`."""
        return self._renderer.render(lb)

    def render_shared(self, backends: tuple[Backend, ...]) -> Resources:
        """See `Renderer.render_shared`."""
        return self._renderer.render_shared(backends)

    def snapshot(self) -> Resources:
        """One search over all owners: a call per page."""
        return self._search(None)

    def observe(self, owner: Owner | None) -> Resources:
        """One search over one owner: a call, unless it owns more than a page."""
        return self._search(owner.uid if owner else SHARED)

    def apply(self, step: Step) -> Resource | None:
        """One write; a second call where a create finds the name taken, to see by whom."""
        try:
            match step:
                case Create(resource=wanted):
                    return self._create(wanted)
                case Update(resource=wanted, changed=changed):
                    return _resource(self.cloud.update(wanted.ref, self._tags(wanted.owner), changed))
                case Delete(resource=seen):
                    self._delete(seen)
                    return None
                case _:
                    assert_never(step)
        except CloudError as refusal:
            raise _translated(refusal, step) from refusal

    def ingress(self, seen: Resources) -> tuple[Ingress, ...] | Pending:
        """The IPs, in the order in which the balancer has them, once it is active."""
        for balancer in seen.of_kind(BALANCER):
            if balancer.fact("state") != ACTIVE:
                poll_s = min(5.0, max(0.05, self._settings.provisioning_s / 4))
                return Pending("Provisioning", f"the cloud is still building {balancer.ref}", poll_s)
            names = balancer.spec["addresses"]
            found = [seen.get(Ref(ADDRESS, str(name))) for name in names] if isinstance(names, tuple) else []
            return tuple(Ingress(ip=self._renderer.ip_of(one), ip_mode=self._settings.ip_mode) for one in found if one)
        return Pending("Provisioning", "the cloud does not show the balancer yet")

    def _search(self, owner_uid: str | None) -> Resources:
        found: list[Resource] = []
        token: PageToken | None = None
        while True:
            try:
                page = self.cloud.search(self._cluster, owner_uid, token)
            except CloudError as refusal:
                raise _translated(refusal, "search") from refusal
            found.extend(_resource(one) for one in page.records)
            if page.next is None:
                return Resources(found)
            token = page.next

    def _create(self, wanted: Resource) -> Resource:
        tags = self._tags(wanted.owner)
        try:
            return _resource(self.cloud.create(wanted.ref, tags, wanted.spec, wanted.fact(PREFERRED)))
        except CloudError as refusal:
            if refusal.code != errors.ALREADY_EXISTS:
                raise
        there = self.cloud.get(wanted.ref)
        if (there.tags.cluster, there.tags.owner_uid) != (tags.cluster, tags.owner_uid):
            raise CloudError(
                errors.NOT_YOURS,
                f"the name is taken by a resource of {there.tags.owner_key or 'nobody'} in cluster "
                f"{there.tags.cluster or '(none)'}",
            )
        return _resource(there)

    def _delete(self, seen: Resource) -> None:
        try:
            self.cloud.delete(seen.ref, self._tags(seen.owner))
        except CloudError as refusal:
            if refusal.code != errors.NOT_FOUND:
                raise

    def _tags(self, owner: Owner | None) -> Tags:
        return Tags(self._cluster, owner.uid, str(owner.key)) if owner else Tags(self._cluster, SHARED)


def _resource(record: Record) -> Resource:
    namespace, _, name = record.tags.owner_key.partition("/")
    facts: Mapping[str, Value] = MappingProxyType(
        {"state": record.state, "ip": str(record.ip)} if record.ip else {"state": record.state}
    )
    return Resource(
        ref=record.ref,
        spec=record.fields,
        owner=Owner(ObjectKey(namespace, name), Uid(record.tags.owner_uid)) if record.tags.owner_uid else None,
        needs=needs_of(record.ref.kind, record.fields),
        facts=facts,
    )


_TEMPORARY = {
    errors.THROTTLED: "the cloud wants fewer calls",
    errors.SERVER_ERROR: "it may work later",
    errors.TIMEOUT: "it may have happened or not",
    errors.IN_USE: "its user goes first",
    errors.MISSING_REFERENCE: "it comes first",
    errors.NOT_FOUND: "it is made anew",
}
_REMEDIES = {
    errors.QUOTA: "raise the quota or delete what is not needed",
    errors.ADDRESS_TAKEN: "request another address or none",
    errors.ADDRESS_OUT_OF_RANGE: "request an address inside the range or none",
    errors.NO_FREE_ADDRESS: "delete what is not needed or give the provider a larger range",
    errors.NOT_YOURS: "rename or remove that resource by hand if it is a left-over",
    errors.INVALID: "please report this as a bug of the mock provider",
}


def _translated(refusal: CloudError, step: Step | str) -> LbctlError:
    """The cloud's refusal in lbctl's words: what failed, on which resource, and what helps."""
    what = step if isinstance(step, str) else str(step).partition("\n")[0].lstrip("+~- ")
    if refusal.code in _TEMPORARY:
        message = f"{what}: {refusal.message}; {_TEMPORARY[refusal.code]}"
        return TemporaryError(refusal.code, message, refusal.retry_after_s)
    return PermanentError(refusal.code, f"{what}: {refusal.message}; {_REMEDIES[refusal.code]}")
