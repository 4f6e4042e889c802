"""The Service kind: defaulting, validation, type changes and allocation put together.

The real server allocates before it validates; here allocation comes last and only the choice of families comes before
validation. A user sees a difference only in which of several mistakes is reported.
Source: k8s.io/kubernetes/pkg/registry/core/service/{strategy.go,storage/storage.go}.
"""

from __future__ import annotations

from random import Random, SystemRandom

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import FieldError, Json, forbidden, required
from lbctl.sandbox.api.strategy.base import Reservation
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.names import dns_label
from lbctl.sandbox.api.strategy.service.allocate import ServiceAllocation
from lbctl.sandbox.api.strategy.service.allocators import ClusterIPs, NodePorts
from lbctl.sandbox.api.strategy.service.defaults import complete_stored, set_defaults
from lbctl.sandbox.api.strategy.service.families import FamilyChooser
from lbctl.sandbox.api.strategy.service.fields import LOAD_BALANCER, needs_health_check, spec_of
from lbctl.sandbox.api.strategy.service.intent import (
    drop_type_dependent_fields,
    normalize_cluster_ips,
    patch_allocated_values,
)
from lbctl.sandbox.api.strategy.service.validate import validate_class, validate_service
from lbctl.sandbox.api.strategy.service.validate_ips import validate_cluster_ips_change, validate_families_change
from lbctl.sandbox.api.strategy.service.validate_status import validate_load_balancer_status
from lbctl.sandbox.api.strategy.service.warnings import service_warnings, status_warnings
from lbctl.sandbox.api.strategy.settings import ServiceSettings
from lbctl.sandbox.api.strategy.shapes_service import SERVICE


class ServiceStrategy(KindStrategy):
    """Services of one cluster, with its allocators. Names are RFC 1123 labels (KEP-5311, the default since 1.36)."""

    shape = SERVICE
    name_rule = staticmethod(dns_label)
    status_subresource = True
    allow_create_on_update = True

    def __init__(self, settings: ServiceSettings, random: Random | None = None) -> None:
        source = random or SystemRandom()
        by_family = {one.family: one for one in (ClusterIPs(cidr, source) for cidr in settings.service_cidrs)}
        self.cluster_ips = by_family
        self.node_ports = NodePorts(settings.node_ports, source)
        self._families = FamilyChooser(tuple(by_family))
        self._allocation = ServiceAllocation(by_family, self.node_ports)

    def default_spec(self, obj: Json) -> None:
        set_defaults(obj)

    def initial_status(self, obj: Json) -> Json:
        return {"loadBalancer": {}}

    def prepare_create(self, obj: Json) -> None:
        """Raises: ApiError (422) when addresses, families and policy contradict each other or the cluster."""
        super().prepare_create(obj)
        normalize_cluster_ips(spec_of(obj), None)
        self._families.choose(obj, None)

    def prepare_update(self, new: Json, old: Json) -> None:
        """Raises: ApiError (422) as `prepare_create`."""
        super().prepare_update(new, old)
        stored = self._completed(old)
        patch_allocated_values(spec_of(new), spec_of(stored))
        normalize_cluster_ips(spec_of(new), spec_of(stored))
        self._families.choose(new, stored)
        drop_type_dependent_fields(spec_of(new), spec_of(stored))
        if spec_of(new).get("type") != LOAD_BALANCER:
            new["status"]["loadBalancer"] = {}

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        if old is None:
            return validate_service(new, None)
        stored = self._completed(old)
        spec, before = spec_of(new), spec_of(stored)
        return [
            *validate_cluster_ips_change(spec, before),
            *validate_families_change(spec, before),
            *validate_class(spec, before),
            *_health_check_change(spec, before),
            *validate_service(new, stored),
        ]

    def validate_status_update(self, new: Json, old: Json) -> list[FieldError]:
        return self.validate_meta_update(new, old) + validate_load_balancer_status(new, old)

    def warnings(self, new: Json, old: Json | None) -> list[str]:
        if old is not None and old.get("spec") == new.get("spec") and old.get("status") != new.get("status"):
            return status_warnings(new)
        return service_warnings(new)

    def reserve(self, new: Json, old: Json | None, *, dry_run: bool) -> Reservation:
        stored = None if old is None else self._completed(old)
        reservation = self._allocation.reserve(new, stored, dry_run=dry_run)
        normalize_cluster_ips(spec_of(new), None)
        complete_stored(new)
        return reservation

    def deleted(self, old: Json) -> None:
        self._allocation.release(self._completed(old))

    def restore(self, obj: Json) -> None:
        self._allocation.restore(self._completed(obj))

    def _completed(self, service: Json) -> Json:
        """A stored Service as it reads today; what is stored is not touched."""
        copy = {**service, "spec": copied(spec_of(service))}
        normalize_cluster_ips(spec_of(copy), None)
        self._families.complete_stored(copy)
        complete_stored(copy)
        return copy


def _health_check_change(spec: Json, before: Json) -> list[FieldError]:
    path = "spec.healthCheckNodePort"
    if not (needs_health_check(spec) and needs_health_check(before)):
        return []
    port = spec.get("healthCheckNodePort")
    errors = [] if port == before.get("healthCheckNodePort") else [forbidden(path, "field is immutable")]
    return errors if port else [*errors, required(path)]
