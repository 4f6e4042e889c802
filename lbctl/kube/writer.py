"""Writes to Services: finalizers and status, only what changed, never over somebody else's change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from lbctl.kube.client import KubeClient, PatchKind
from lbctl.kube.errors import Conflict, Invalid, NotFound
from lbctl.kube.kinds import SERVICES
from lbctl.kube.patches import Patch, finalizer_patch, status_patch
from lbctl.model.service import Condition, Ingress, Service
from lbctl.runtime.clock import Clock, SystemClock

# Each attempt reads anew, so losing five times in a row means somebody writes without pause.
ATTEMPTS = 5


class ServiceWriter:
    """Writes one Service at a time; safe for use by several threads.

    Every method starts from the Service as the caller knows it, sends nothing when that is already as wanted, reads
    anew and repeats when the server has moved on, and returns the Service as the server has it now: None when it is
    gone, or when another one took its name. Raises: KubeApiError.
    """

    def __init__(self, client: KubeClient, clock: Clock | None = None) -> None:
        self._client = client
        self._clock = clock or SystemClock()

    def hold(self, service: Service, finalizer: str, annotations: Mapping[str, str | None]) -> Service | None:
        """Add a finalizer and set annotations, in one request. A Service under deletion is returned without them:
        nothing can be added then.
        """

        def plan(seen: Service) -> Patch | None:
            return None if seen.deleting else finalizer_patch(seen, finalizer, present=True, annotations=annotations)

        return self._settle(service, plan, PatchKind.MERGE, "")

    def release(self, service: Service, finalizer: str, annotations: Iterable[str] = ()) -> Service | None:
        """Remove a finalizer and annotations, in one request.

        The answer may be None: the last finalizer's removal completes a deletion.
        """
        removed = dict.fromkeys(annotations)
        return self._settle(
            service,
            lambda seen: finalizer_patch(seen, finalizer, present=False, annotations=removed),
            PatchKind.MERGE,
            "",
        )

    def publish(
        self,
        service: Service,
        *,
        ingress: tuple[Ingress, ...],
        conditions: tuple[Condition, ...] = (),
        withdrawn: tuple[str, ...] = (),
    ) -> Service | None:
        """Write `status.loadBalancer.ingress` and our conditions in one request, if anything of it differs.

        `withdrawn` names the types of conditions that are ours no longer. Conditions of others stay as they are.
        """

        def plan(seen: Service) -> Patch | None:
            return status_patch(seen, ingress, conditions, withdrawn, self._clock.now())

        return self._settle(service, plan, PatchKind.STRATEGIC, "status")

    def _settle(
        self, service: Service, plan: Callable[[Service], Patch | None], kind: PatchKind, subresource: str
    ) -> Service | None:
        path = SERVICES.path_of(service.key, subresource)
        seen = service
        for left in reversed(range(ATTEMPTS)):
            patch = plan(seen)
            if patch is None:
                return seen
            try:
                return SERVICES.decode(self._client.patch(path, msgspec.json.encode(patch), kind))
            except NotFound:
                return None
            except (Conflict, Invalid) as refused:
                # A wrong uid is a 409 or, as an immutable field, a 422.
                fresh = self._fresh(service)
                if fresh is None:
                    return None
                if left == 0 or isinstance(refused, Invalid):
                    raise
                seen = fresh
        raise AssertionError("the last attempt returns or raises")

    def _fresh(self, service: Service) -> Service | None:
        """The same Service as the server has it now; None when it, by its uid, is gone."""
        try:
            fresh = self._client.read(SERVICES, service.key)
        except NotFound:
            return None
        return fresh if fresh.uid == service.uid else None
