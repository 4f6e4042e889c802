"""The controller's loop without Kubernetes: observe, render, diff, check, apply, until nothing is left to do.

Rules
- After the last write nothing is believed for `consistency_s`: neither that a resource is absent nor that it is there.
  Looking again sooner would do no harm, only the same work twice.
- A TemporaryError means: later again, from the start. Anything else is a failure of the provider.
  The pause grows with each failure in a row, whatever `retry_after_s` says: a cloud that speaks of one call does not
  know that a pass needs several, and the same first calls would use up its patience for ever.
- A restart is a write of unknown age: the former process may have written just before it died.
"""

from __future__ import annotations

from lbctl.model.errors import TemporaryError
from lbctl.model.loadbalancer import LoadBalancer, Owner
from lbctl.model.node import Node
from lbctl.model.resource import NOTHING, Resources
from lbctl.model.service import Ingress, Service
from lbctl.plan.capabilities import Membership
from lbctl.plan.diff import diff
from lbctl.plan.safety import check_safe
from lbctl.plan.steps import Delete, Plan
from lbctl.plan.translate import Rejected, backends_of, translate
from lbctl.provider.conformance.world import CLUSTER, World
from lbctl.provider.contract import Pending
from lbctl.runtime.backoff import Backoff

ROUNDS = 200
"""More passes than any provider needs; one that needs more will never be done."""

BACKOFF = Backoff(first_s=1.0, max_s=60.0)


class Driver:
    """One lbctl process for one cluster; `twice` makes it carry out every step two times."""

    def __init__(self, world: World, cluster: str = CLUSTER, *, nodes: int = 3, twice: bool = False) -> None:
        self.world = world
        self.cluster = cluster
        self.nodes: tuple[Node, ...] = world.nodes(nodes)
        self.provider = world.provider(cluster)
        self._twice = twice
        self._doubt_until_s: dict[Owner | None, float] = {}
        self._restarted_s = float("-inf")

    def restart(self) -> None:
        """A new process: the provider and everything remembered are lost, the cloud is not."""
        self.provider = self.world.provider(self.cluster)
        self._doubt_until_s.clear()
        self._restarted_s = self.world.now_s()

    def want(self, service: Service) -> LoadBalancer:
        """The Service as the provider sees it. Fails where the capabilities refuse it."""
        lb = translate(service, backends_of(self.nodes), self.provider.capabilities)
        assert not isinstance(lb, Rejected), lb.message
        return lb

    def wanted(self, service: Service) -> Resources:
        """What the provider renders for the Service."""
        return self.provider.render(self.want(service))

    def wanted_shared(self) -> Resources:
        """What all Services share; nothing where membership is per Service."""
        if self.provider.capabilities.membership is not Membership.SHARED:
            return NOTHING
        return self.provider.render_shared(backends_of(self.nodes))

    def plan(self, service: Service) -> Plan:
        """What would be done for the Service now."""
        return diff(self.wanted(service), self.provider.observe(owner_of(service)))

    def plan_shared(self) -> Plan:
        """What would be done for what all Services share."""
        return diff(self.wanted_shared(), self.provider.observe(None))

    def once(self, owner: Owner | None, desired: Resources) -> tuple[Plan, Resources]:
        """One pass. Returns its plan and what was seen before it. Raises what the provider raises."""
        seen = self.provider.observe(owner)
        plan = diff(desired, seen)
        if owner is not None:
            check_safe(plan, owner, synced=True)
        for step in plan.steps:
            self._doubt(owner)
            for _ in range(2 if self._twice else 1):
                result = self.provider.apply(step)
                if isinstance(step, Delete):
                    assert result is None, f"{step}: a deleted resource came back: {result}"
                else:
                    assert result is not None, f"{step}: the resource as it is now is missing"
                    assert result.ref == step.resource.ref
                    assert result.owner == step.resource.owner
            self._doubt(owner)
        return plan, seen

    def settle(self, service: Service) -> tuple[Ingress, ...]:
        """Pass after pass until the Service has what it wants; the addresses to publish."""
        self.settle_shared()
        owner = owner_of(service)
        for _ in range(ROUNDS):
            seen = self._settled(owner, self.wanted(service))
            answer = self.provider.ingress(seen)
            if not isinstance(answer, Pending):
                return answer
            assert answer.poll_after_s > 0
            self.world.wait(answer.poll_after_s)
        raise AssertionError(f"{owner.key}: still pending after {ROUNDS} looks: {answer}")

    def settle_gone(self, service: Service) -> None:
        """Pass after pass until nothing of the Service is left."""
        self._settled(owner_of(service), NOTHING)

    def settle_shared(self) -> None:
        """Pass after pass until what all Services share is as wanted."""
        if self.provider.capabilities.membership is Membership.SHARED:
            self._settled(None, self.wanted_shared())

    def release_shared(self) -> None:
        """Pass after pass until nothing shared is left, as after the last Service."""
        if self.provider.capabilities.membership is Membership.SHARED:
            self._settled(None, NOTHING)

    def _settled(self, owner: Owner | None, desired: Resources) -> Resources:
        last: object = "nothing tried"
        failures = 0
        for _ in range(ROUNDS):
            try:
                plan, seen = self.once(owner, desired)
            except TemporaryError as failure:
                last = failure
                failures += 1
                self.world.wait(max(failure.retry_after_s or 0.0, BACKOFF.delay_s(failures)))
                continue
            failures = 0
            doubt_s = self._doubt_s(owner)
            if not plan and doubt_s <= 0:
                return seen
            last = plan
            if doubt_s > 0:
                self.world.wait(doubt_s)
        raise AssertionError(f"{owner.key if owner else 'shared'}: no end after {ROUNDS} passes; last: {last}")

    def _doubt(self, owner: Owner | None) -> None:
        self._doubt_until_s[owner] = self.world.now_s() + self.provider.capabilities.consistency_s

    def _doubt_s(self, owner: Owner | None) -> float:
        restart_s = self._restarted_s + self.provider.capabilities.consistency_s
        return max(restart_s, self._doubt_until_s.get(owner, restart_s)) - self.world.now_s()


def owner_of(service: Service) -> Owner:
    """The mark that a Service's resources bear."""
    return Owner(service.key, service.uid)
