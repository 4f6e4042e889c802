"""Whether a Service is ours to provision, ours to clean up, or not ours; always with the reason.

Rules
- `deletionTimestamp` is looked at before everything else: a deleting Service is never provisioned.
- What our finalizer stands on is ours to clean up, whatever type and class the Service has by now.
- The annotation `lbctl.io/provider`, written together with the finalizer, tells which provider holds the resources:
  two lbctl deployments with different providers share a cluster, and the API drops the class on a type change.
"""

from __future__ import annotations

from collections.abc import Set
from enum import Enum

from lbctl.model.service import Service, ServiceType

FINALIZER = "lbctl.io/load-balancer"
PROVIDER_ANNOTATION = "lbctl.io/provider"
CLASS_PREFIX = "lbctl.io/"


class Claim(Enum):
    """What is to be done with a Service, and why."""

    PROVISION = "type LoadBalancer with a class of ours"
    WAIT_FOR_RELEASE = "a class of ours, but another controller's load balancer is not cleaned up yet"
    CLEAN_UP_DELETED = "being deleted, with our finalizer"
    CLEAN_UP_RELEASED = "no longer a LoadBalancer of ours, with our finalizer"
    IGNORE_DELETING = "being deleted, without our finalizer"
    IGNORE_TYPE = "not of type LoadBalancer"
    IGNORE_CLASS = "the class of another controller"
    UNKNOWN_CLASS = "a class under lbctl.io/ that no installed provider bears"

    @property
    def cleans_up(self) -> bool:
        return self in (Claim.CLEAN_UP_DELETED, Claim.CLEAN_UP_RELEASED)


def claim(service: Service, providers: Set[str], installed: Set[str], default_provider: str | None) -> Claim:
    """Decide for a controller that runs `providers`.

    `installed` are all provider names that exist here, run or not; `default_provider` takes Services without a class.
    """
    holder = holder_of(service)
    held = holder is not None and holder in {"", *providers}
    if service.deleting:
        return Claim.CLEAN_UP_DELETED if held else Claim.IGNORE_DELETING
    wanted = provider_of(service, default_provider) if service.type is ServiceType.LOAD_BALANCER else None
    if wanted in providers:
        return Claim.PROVISION if held or holder is None else Claim.WAIT_FOR_RELEASE
    if held:
        return Claim.CLEAN_UP_RELEASED
    if service.type is not ServiceType.LOAD_BALANCER:
        return Claim.IGNORE_TYPE
    if wanted is not None and wanted not in installed:
        return Claim.UNKNOWN_CLASS
    return Claim.IGNORE_CLASS


def holder_of(service: Service) -> str | None:
    """The provider that holds resources for the Service, None without our finalizer, empty when it is not said."""
    return service.annotations.get(PROVIDER_ANNOTATION, "") if FINALIZER in service.finalizers else None


def provider_of(service: Service, default_provider: str | None) -> str | None:
    """The provider that the class names: `lbctl.io/<provider>`, or the default where there is no class."""
    if service.load_balancer_class is None:
        return default_provider
    if service.load_balancer_class.startswith(CLASS_PREFIX):
        return service.load_balancer_class.removeprefix(CLASS_PREFIX)
    return None
