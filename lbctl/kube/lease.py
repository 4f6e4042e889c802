"""Leader election on a coordination.k8s.io/v1 Lease.

Rules
- A Lease held by somebody else may be taken when it has not changed for its whole duration *by our own monotonic
  clock*, counted from when we saw its last change. Their timestamps are for people; clocks of machines differ.
- Every write carries the resourceVersion that was read, so two candidates cannot both succeed.
- A leader renews every `retry_s`. It has lost when no renewal succeeded for `renew_deadline_s` (counted from the start
  of the last successful request), or at once when it reads another holder. API errors before that are waited out.
- A request may take half the renew deadline, and never reaches beyond it.
- On stop the leader gives the Lease up (empty holder, duration 1 s) so that the next one need not wait.

Source: client-go tools/leaderelection/leaderelection.go; kubernetes/kubernetes#98059 (request timeout).
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from lbctl.kube.client import KubeClient
from lbctl.kube.errors import AlreadyExists, Conflict, KubeApiError, NotFound
from lbctl.kube.kinds import LEASES
from lbctl.kube.objects import JsonValue, Lease
from lbctl.kube.wire import micro_time
from lbctl.model.errors import ConfigError
from lbctl.model.service import ObjectKey
from lbctl.runtime.clock import Clock, SystemClock

log = logging.getLogger(__name__)

Document = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class LeaseSettings:
    """Which Lease, who we are, and the times in seconds. `identity` must differ between candidates.

    Raises: ConfigError when the times contradict each other.
    """

    key: ObjectKey
    identity: str
    duration_s: int = 15
    renew_deadline_s: float = 10.0
    retry_s: float = 2.0
    jitter: float = 1.2
    release_on_stop: bool = True

    def __post_init__(self) -> None:
        if not self.identity:
            raise ConfigError("leader election needs an identity that no other replica has: give the Pod's name")
        if not 0 < self.retry_s * self.jitter < self.renew_deadline_s < self.duration_s:
            raise ConfigError(
                f"leader election times contradict: retry {self.retry_s} s times {self.jitter} must be below the renew "
                f"deadline {self.renew_deadline_s} s, and that below the lease duration {self.duration_s} s"
            )


class LeaseWatch:
    """Since when a Lease has not changed, by our own clock; pure, the time (s) is an argument."""

    def __init__(self) -> None:
        self._claim: tuple[str, int, datetime | None, int] | None = None
        self._since_s = 0.0

    def saw(self, lease: Lease, now_s: float) -> None:
        # Not the resourceVersion: a label on the Lease is no sign of life.
        claim = (lease.holder, lease.duration_s, lease.renewed, lease.transitions)
        if claim != self._claim:
            self._claim = claim
            self._since_s = now_s

    def may_take(self, lease: Lease, identity: str, now_s: float) -> bool:
        """Whether `identity` may write itself into the Lease that was last seen."""
        if lease.holder in ("", identity):
            return True
        return now_s >= self._since_s + lease.duration_s


class LeaderElector:
    """One candidate. Give `run` a thread; it returns on stop or once leadership is lost.

    `on_started` and `on_lost(reason)` are called on that thread and must return soon. Losing is final: the process is
    expected to end, as work begun under the old term may still be under way.
    """

    def __init__(
        self,
        client: KubeClient,
        settings: LeaseSettings,
        *,
        on_started: Callable[[], None],
        on_lost: Callable[[str], None],
        clock: Clock | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._on_started = on_started
        self._on_lost = on_lost
        self._clock = clock or SystemClock()
        self._watch = LeaseWatch()
        self._document: Document | None = None
        self._leading = False
        self._renewed_s = 0.0
        self._complaint = ""
        self.holder = ""

    @property
    def is_leader(self) -> bool:
        """Whether we lead right now; turns false by itself when the renew deadline passes."""
        return self._leading and self._clock.monotonic_s() < self._deadline_s

    @property
    def _deadline_s(self) -> float:
        return self._renewed_s + self._settings.renew_deadline_s

    def run(self, stop: threading.Event) -> None:
        """Wait for leadership, keep it, give it up on `stop`."""
        if not self._acquire(stop):
            return
        log.info("leadership acquired", extra={"lease": str(self._settings.key), "identity": self._settings.identity})
        self._on_started()
        reason = self._keep(stop)
        self._leading = False
        if reason:
            log.error("leadership lost", extra={"lease": str(self._settings.key), "reason": reason})
            self._on_lost(reason)
        elif self._settings.release_on_stop:
            self._release()

    def _acquire(self, stop: threading.Event) -> bool:
        settings = self._settings
        while not stop.is_set():
            if self._try(settings.renew_deadline_s / 2):
                self._leading = True
                return True
            stop.wait(settings.retry_s * (1.0 + settings.jitter * random.random()))
        return False

    def _keep(self, stop: threading.Event) -> str:
        """Renew until `stop` (returns "") or until the Lease is lost (returns why)."""
        settings = self._settings
        while not stop.wait(settings.retry_s):
            left_s = self._deadline_s - self._clock.monotonic_s()
            if left_s > 0 and self._try(min(settings.renew_deadline_s / 2, left_s)):
                continue
            if self.holder not in ("", settings.identity):
                return f"{self.holder} holds the Lease {settings.key}"
            if self._clock.monotonic_s() >= self._deadline_s:
                why = f": {self._complaint}" if self._complaint else ""
                return f"no renewal of the Lease {settings.key} for {settings.renew_deadline_s} s{why}"
        return ""

    def _try(self, timeout_s: float) -> bool:
        """One attempt to hold or renew; False when it is another's or the API failed."""
        began_s = self._clock.monotonic_s()
        try:
            held = self._renew_known(timeout_s) or self._take(timeout_s)
        except KubeApiError as failure:
            if failure.message != self._complaint:
                log.warning("lease not renewed", extra={"lease": str(self._settings.key), "cause": failure.message})
            self._complaint = failure.message
            return False
        self._complaint = ""
        if held:
            self._renewed_s = began_s
        return held

    def _renew_known(self, timeout_s: float) -> bool:
        """The leader's short way: write on top of what we wrote last, without reading."""
        if not self._leading or self._document is None:
            return False
        try:
            self._write("PUT", self._claimed(self._document), timeout_s)
        except (Conflict, NotFound):
            self._document = None
            return False
        return True

    def _take(self, timeout_s: float) -> bool:
        """Read, and write ourselves in if we may. Losing the race to another candidate is no error."""
        path = LEASES.path_of(self._settings.key)
        try:
            self._remember(self._client.request("GET", path, timeout_s=timeout_s).body)
        except NotFound:
            self._document = None
        try:
            if self._document is None:
                self._write("POST", self._claimed(self._blank()), timeout_s)
                return True
            lease = LEASES.decode(msgspec.json.encode(self._document))
            if not self._watch.may_take(lease, self._settings.identity, self._clock.monotonic_s()):
                return False
            self._write("PUT", self._claimed(self._document), timeout_s)
        except (Conflict, AlreadyExists):
            return False
        return True

    def _release(self) -> None:
        if self._document is None:
            return
        now = micro_time(self._clock.now())
        spec = {**_spec(self._document), "holderIdentity": "", "leaseDurationSeconds": 1}
        freed = {**self._document, "spec": {**spec, "renewTime": now, "acquireTime": now}}
        try:
            self._write("PUT", freed, self._settings.renew_deadline_s / 2)
        except KubeApiError as failure:
            # The next candidate waits out the duration instead.
            log.warning("lease not released", extra={"lease": str(self._settings.key), "cause": failure.message})

    def _write(self, method: str, document: Document, timeout_s: float) -> None:
        key = self._settings.key
        path = LEASES.path_of(key) if method == "PUT" else LEASES.path(key.namespace)
        body = msgspec.json.encode(document)
        self._remember(self._client.request(method, path, body=body, timeout_s=timeout_s).body)

    def _remember(self, body: bytes) -> None:
        self._document = msgspec.json.decode(body, type=Document)
        lease = LEASES.decode(body)
        self._watch.saw(lease, self._clock.monotonic_s())
        if lease.holder != self.holder:
            self.holder = lease.holder
            log.info("leader changed", extra={"lease": str(lease.key), "holder": lease.holder})

    def _claimed(self, document: Document) -> Document:
        """The document with us as holder. Fields that we do not know stay as they are."""
        now = micro_time(self._clock.now())
        spec = _spec(document)
        claim: Document = {
            "holderIdentity": self._settings.identity,
            "leaseDurationSeconds": self._settings.duration_s,
            "renewTime": now,
        }
        if spec.get("holderIdentity") != self._settings.identity:
            transitions = spec.get("leaseTransitions")
            claim["acquireTime"] = now
            claim["leaseTransitions"] = transitions + 1 if isinstance(transitions, int) else 0
        return {**document, "spec": {**spec, **claim}}

    def _blank(self) -> Document:
        key = self._settings.key
        meta = {"name": key.name, "namespace": key.namespace}
        return {"apiVersion": LEASES.api_version, "kind": LEASES.kind, "metadata": meta, "spec": {}}


def _spec(document: Document) -> Document:
    return msgspec.convert(document.get("spec") or {}, Document)
