"""The door: what a provider is, and how to write one.

A provider turns a neutral `LoadBalancer` into the resources of one cloud. lbctl compares, orders, guards and retries;
a provider only puts things into its cloud's words and makes single, idempotent calls. Six members:

    capabilities          what it can do; the rest is refused for you, with an Event and a condition
    render(lb)            pure: the wanted Resources of one Service
    render_shared(nodes)  pure: the wanted Resources that all Services share (only with Membership.SHARED)
    snapshot()            read: all that this cluster owns, in O(pages) calls, whatever the number of Services
    observe(owner)        read: one Service's resources, fresh (None: the shared ones)
    apply(step)           write: one step; returns the resource as it is now, or None when it is gone
    ingress(seen)         pure: the addresses to publish, or Pending

Rules for plug-in authors
- Names are deterministic, contain the Service's UID, and are marked with the cluster's id, so that a second create
  after a crash finds the first one, and two clusters in one account never meet. `snapshot` and `observe` return only
  what carries that mark: what is not ours cannot be deleted.
- `render` names every field it manages in every resource of a kind, and nothing that changes by itself.
  It raises PermanentError for an annotation or address it cannot honour, naming it and the remedy.
- `apply` treats "already there, ours" and "already gone" as success. It raises TemporaryError for what time heals
  (throttling, 5xx, in use, timeouts) and PermanentError for what needs a person. SDK exceptions end here.
- `apply` may be called for two Services at a time from two threads; never twice for one Service.
- An update of something that is gone is a TemporaryError: it is read anew, and made anew.
- `ingress` of an empty set is Pending.
- A cloud whose reads lag its writes says so in `capabilities.consistency_s`: so long after a write, and after a start,
  neither a presence nor an absence is believed.
- Retries (tenacity) belong inside one call and are short; waiting for asynchronous work is `Pending`, not a sleep.

Register with the entry-point group `lbctl.providers`, naming a `ProviderPlugin`. Test it by subclassing the suite
in `lbctl.provider.conformance`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pydantic import BaseModel

from lbctl.model.loadbalancer import Backend, LoadBalancer, Owner
from lbctl.model.resource import Resource, Resources
from lbctl.model.service import Ingress
from lbctl.plan.capabilities import Capabilities
from lbctl.plan.steps import Step
from lbctl.runtime.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Pending:
    """The cloud is still at work; look again after `poll_after_s`."""

    reason: str
    message: str
    poll_after_s: float = 5.0


class Provider(Protocol):
    """One cloud. See the module's docstring for the rules."""

    @property
    def name(self) -> str:
        """The word in `loadBalancerClass: lbctl.io/<name>`."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    def render(self, lb: LoadBalancer) -> Resources:
        """The resources of one Service. Pure. Raises PermanentError."""
        ...

    def render_shared(self, backends: tuple[Backend, ...]) -> Resources:
        """The resources that all Services share, while at least one Service wants a load balancer. Pure."""
        ...

    def snapshot(self) -> Resources:
        """Everything this cluster owns. Raises TemporaryError or PermanentError, never returns a part."""
        ...

    def observe(self, owner: Owner | None) -> Resources:
        """What one Service owns (None: what all share), read now. Raises as `snapshot`."""
        ...

    def apply(self, step: Step) -> Resource | None:
        """Carry out one step. Raises TemporaryError or PermanentError."""
        ...

    def ingress(self, seen: Resources) -> tuple[Ingress, ...] | Pending:
        """The addresses that the resources of one Service give. Pure."""
        ...


@dataclass(frozen=True, slots=True)
class ProviderContext:
    """What the house gives a provider. `cluster` marks ownership: unique among the clusters of one cloud account."""

    cluster: str
    clock: Clock = field(default_factory=SystemClock)


SettingsT = TypeVar("SettingsT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ProviderPlugin(Generic[SettingsT]):
    """What the entry point names.

    `settings` validates the provider's part of the configuration (file: `providers.<name>`). `build` does no I/O:
    `lbctl plan` renders without credentials.
    """

    name: str
    summary: str
    settings: type[SettingsT]
    build: Callable[[SettingsT, ProviderContext], Provider]
