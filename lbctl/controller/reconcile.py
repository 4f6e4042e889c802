"""One Service, from what it asks to what the cloud holds and what its status says.

    seen    = cloud.seen(owner)                       known, or read
    wanted  = translate(service, nodes, capabilities) LoadBalancer | Rejected
    plan    = diff(provider.render(wanted), seen)     pure, ordered
    check_safe(plan)
    cloud.apply(plan)                                 one idempotent call a step
    writer.publish(status)

The finalizer goes on before the first `apply` and comes off only when `observe` is empty. No state is saved: the
cloud's marks and the Service's status are the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from lbctl.controller.cloud import Cloud
from lbctl.controller.nodes import Membership
from lbctl.controller.ports import Recorder, View, Writer
from lbctl.model.errors import LbctlError, PermanentError
from lbctl.model.loadbalancer import Backend, Owner
from lbctl.model.resource import Resources
from lbctl.model.service import ObjectKey, Service, ServiceType, Uid
from lbctl.plan.claim import Claim, claim, holder_of, provider_of
from lbctl.plan.diff import diff, teardown
from lbctl.plan.safety import check_safe
from lbctl.plan.status import READY, RELEASED, failed, provisioned, waiting
from lbctl.plan.translate import Rejected, translate
from lbctl.provider.contract import Pending
from lbctl.runtime.log import logger

log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reconcile ended; `again_after_s` asks for another look."""

    claim: Claim | None
    again_after_s: float | None = None


class Reconciler:
    """Reconciles Services. Called by one worker at a time for each key."""

    def __init__(
        self,
        view: View,
        clouds: Mapping[str, Cloud],
        membership: Membership,
        writer: Writer,
        recorder: Recorder,
        *,
        installed: Set[str],
        default_provider: str | None,
    ) -> None:
        self._view = view
        self._clouds = clouds
        self._membership = membership
        self._writer = writer
        self._recorder = recorder
        self._installed = installed
        self._default_provider = default_provider
        self._last_backends: dict[Uid, tuple[Backend, ...]] = {}
        self._drifted: set[Uid] = set()

    def claim(self, service: Service) -> Claim:
        """Whether the Service is ours, and why."""
        return claim(service, self._clouds.keys(), self._installed, self._default_provider)

    def needs(self, service: Service, provider: str) -> bool:
        """Whether the Service has, or is to have, something in that provider's cloud."""
        match self.claim(service):
            case Claim.PROVISION:
                return provider_of(service, self._default_provider) == provider
            case Claim.CLEAN_UP_DELETED | Claim.CLEAN_UP_RELEASED:
                return holder_of(service) in ("", provider)
            case _:
                return False

    def expect_repair(self, uid: Uid) -> None:
        """The audit found this Service's resources changed by somebody else: the repair becomes an Event."""
        self._drifted.add(uid)

    def reconcile(self, key: ObjectKey) -> Outcome:
        """Bring one Service to its desired state. Raises LbctlError."""
        cached = self._view.service(key)
        if cached is None:
            return Outcome(None)
        service = self._writer.latest(cached)
        decision = self.claim(service)
        match decision:
            case Claim.PROVISION:
                return Outcome(decision, self._provision(service))
            case Claim.CLEAN_UP_DELETED | Claim.CLEAN_UP_RELEASED:
                return Outcome(decision, self._clean_up(service))
            case Claim.UNKNOWN_CLASS:
                self._refuse_class(service)
            case Claim.WAIT_FOR_RELEASE:
                text = f"waiting until the {holder_of(service)} load balancer of this Service is cleaned up"
                self._writer.publish(service, waiting(service, "WaitingForRelease", text))
            case Claim.IGNORE_DELETING | Claim.IGNORE_TYPE | Claim.IGNORE_CLASS:
                pass
        return Outcome(decision)

    def report(self, key: ObjectKey, error: LbctlError) -> None:
        """Tell a failure on the Service itself: an Event, and the condition while it is a LoadBalancer.

        What needs a person bears its own reason, as a refusal does; what time may heal bears the one that Kubernetes'
        own controllers use.
        """
        cached = self._view.service(key)
        if cached is None:
            return
        service = self._writer.latest(cached)
        if isinstance(error, PermanentError):
            self._recorder.warning(service, error.reason, error.message)
        else:
            self._recorder.warning(service, "SyncLoadBalancerFailed", f"Error syncing load balancer: {error.message}")
        if service.type is ServiceType.LOAD_BALANCER:
            self._writer.publish(service, failed(service, error.reason, error.message))

    def _provision(self, service: Service) -> float | None:
        cloud = self._clouds[provider_of(service, self._default_provider) or ""]
        backends = self._membership.published
        wanted = translate(service, backends, cloud.provider.capabilities)
        if isinstance(wanted, Rejected):
            self._refuse(service, wanted)
            return None
        desired = cloud.provider.render(wanted)
        again_s = self._leave_other(service, wanted.owner, cloud)
        if again_s is not None:
            return again_s
        if holder_of(service) != cloud.name:
            service = self._writer.hold(service, cloud.name)
        cloud.ensure_shared(backends, wanted=True)
        plan = diff(desired, cloud.seen(wanted.owner))
        check_safe(plan, wanted.owner, synced=self._view.synced())
        done = cloud.apply(plan, wanted.owner)
        return self._publish(service, cloud, done.seen, changed=done.steps > 0, backends=backends)

    def _leave_other(self, service: Service, owner: Owner, cloud: Cloud) -> float | None:
        """Empty the cloud that held the Service before its class changed. Returns when to look again."""
        other = self._clouds.get(holder_of(service) or cloud.name, cloud)
        return None if other is cloud else self._remove(other, owner, other.seen(owner))

    def _publish(
        self, service: Service, cloud: Cloud, seen: Resources, *, changed: bool, backends: tuple[Backend, ...]
    ) -> float | None:
        """Say what stands. Returns when to look again, if the cloud is still at work."""
        repaired = changed and service.uid in self._drifted
        self._drifted.discard(service.uid)
        ingress = cloud.provider.ingress(seen)
        if isinstance(ingress, Pending):
            cloud.observed.expire(service.uid)
            if changed and not service.ingress:
                self._recorder.normal(service, "EnsuringLoadBalancer", "Ensuring load balancer")
            self._writer.publish(service, waiting(service, ingress.reason, ingress.message))
            return ingress.poll_after_s
        status = provisioned(service, ingress, cloud.name, has_nodes=bool(backends))
        before = service.condition(READY)
        only_nodes = changed and self._last_backends.get(service.uid, backends) is not backends
        self._last_backends[service.uid] = backends
        if repaired:
            self._recorder.warning(service, "LoadBalancerRepaired", "Repaired a load balancer that was changed by hand")
        elif (changed and not only_nodes) or not service.ingress:
            self._recorder.normal(service, "EnsuredLoadBalancer", "Ensured load balancer")
        if not backends and (before is None or before.reason != "NoNodes"):
            self._recorder.warning(service, "UnAvailableLoadBalancer", "There are no available nodes for LoadBalancer")
        self._writer.publish(service, status)
        if before is None or before.status != "True":
            addresses = ", ".join(one.hostname or str(one.ip) for one in ingress)
            log.info("load balancer ready", extra={"service": service.key, "addresses": addresses})
        return None

    def _refuse(self, service: Service, rejected: Rejected) -> None:
        """The Service asks for what cannot be had; said once. What stands already goes on as it is."""
        said = service.condition(READY)
        if said is not None and (said.reason, said.message) == (rejected.reason, rejected.message):
            return
        self._recorder.warning(service, rejected.reason, rejected.message)
        self._writer.publish(service, failed(service, rejected.reason, rejected.message))

    def _refuse_class(self, service: Service) -> None:
        known = ", ".join(f"lbctl.io/{name}" for name in sorted(self._installed))
        text = f"no provider answers to loadBalancerClass {service.load_balancer_class}; known are {known}"
        self._refuse(service, Rejected("UnknownLoadBalancerClass", f"Service {service.key}: {text}"))

    def _clean_up(self, service: Service) -> float | None:
        """Remove what the Service owns; then let it go."""
        owner = Owner(service.key, service.uid)
        holder = self._clouds.get(holder_of(service) or "")
        told = False
        for cloud in [holder] if holder else self._clouds.values():
            seen = cloud.seen(owner)
            if seen and not told:
                self._recorder.normal(service, "DeletingLoadBalancer", "Deleting load balancer")
                told = True
            again_s = self._remove(cloud, owner, seen)
            if again_s is not None:
                return again_s
        if not service.deleting:
            service = self._writer.publish(service, RELEASED)
        self._writer.release(service)
        self._recorder.normal(service, "DeletedLoadBalancer", "Deleted load balancer")
        self._last_backends.pop(service.uid, None)
        return None

    def _remove(self, cloud: Cloud, owner: Owner, seen: Resources) -> float | None:
        """Empty one cloud of one Service. Returns when to look again while an absence is not proven."""
        plan = teardown(seen)
        check_safe(plan, owner, synced=self._view.synced())
        cloud.apply(plan, owner)
        left = cloud.read(owner)
        if left:
            log.info(
                "resources are still there", extra={"service": owner.key, "provider": cloud.name, "count": len(left)}
            )
            return max(1.0, cloud.provider.capabilities.consistency_s)
        unproven_s = cloud.observed.until_absence_counts_s(owner.uid)
        if unproven_s > 0:
            return unproven_s
        cloud.observed.drop(owner.uid)
        return None
