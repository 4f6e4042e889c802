"""Slices being written: what a plan changes before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from lbctl.sandbox.endpoints.names import (
    ANNOTATION_TRIGGER_TIME,
    LABEL_HEADLESS,
    LABEL_SERVICE_NAME,
    LABEL_SLICE_MANAGED_BY,
    MAX_NAME_LENGTH,
    RESERVED_SLICE_LABELS,
    SLICE_CONTROLLER,
)
from lbctl.sandbox.endpoints.objects import Endpoint, EndpointPort, EndpointSlice, Family, Service
from lbctl.sandbox.objects import Meta, OwnerReference


@dataclass(slots=True)
class Draft:
    """The next state of a slice: of `base`, or of a new one where that is None."""

    base: EndpointSlice | None
    family: Family
    ports: tuple[EndpointPort, ...]
    labels: dict[str, str]
    endpoints: list[Endpoint]

    def changes(self, base: EndpointSlice) -> bool:
        """Whether it says anything else than `base`, which it was made from."""
        return (
            self.endpoints != list(base.endpoints or ())
            or self.labels != (base.metadata.labels or {})
            or self.ports != (base.ports or ())
        )


@dataclass(slots=True)
class Changes:
    """What becomes of the slices of one family."""

    create: list[Draft] = field(default_factory=list)
    update: list[Draft] = field(default_factory=list)
    delete: list[EndpointSlice] = field(default_factory=list)

    def extend(self, more: Changes) -> None:
        self.create += more.create
        self.update += more.update
        self.delete += more.delete

    def untouched(self, existing: Iterable[EndpointSlice]) -> list[EndpointSlice]:
        """Those of `existing` that are neither updated nor deleted."""
        changed = {one.metadata.name for one in self.delete}
        changed |= {one.base.metadata.name for one in self.update if one.base is not None}
        return [one for one in existing if one.metadata.name not in changed]


def slice_labels(service: Service) -> dict[str, str]:
    """The labels of every slice of a Service: the Service's own, and the controller's over them.

    Source: setEndpointSliceLabels, k8s.io/endpointslice/utils.go.
    """
    labels = _unreserved(service.metadata.labels)
    if service.headless:
        labels[LABEL_HEADLESS] = ""
    labels[LABEL_SERVICE_NAME] = service.metadata.name
    labels[LABEL_SLICE_MANAGED_BY] = SLICE_CONTROLLER
    return labels


def labels_differ(existing: EndpointSlice, service: Service) -> bool:
    """Whether the slice's labels no longer follow the Service's (the reserved ones do not count)."""
    return _unreserved(existing.metadata.labels) != _unreserved(service.metadata.labels)


def _unreserved(labels: dict[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (labels or {}).items() if key not in RESERVED_SLICE_LABELS}


def draft_of(existing: EndpointSlice, labels: dict[str, str], endpoints: Iterable[Endpoint]) -> Draft:
    """A draft that changes an existing slice; its ports stay."""
    return Draft(existing, existing.address_type, existing.ports or (), labels, list(endpoints))


def prefix_for(name: str) -> str:
    """The `generateName` of slices: `<name>-`, or the bare name where that grows too long."""
    return f"{name}-" if len(name) < MAX_NAME_LENGTH else name


def controller_reference(kind: str, owner: Meta) -> OwnerReference:
    """An ownerReference that says who writes the object. Source: metav1.NewControllerRef."""
    return OwnerReference(
        api_version="v1", kind=kind, name=owner.name, uid=owner.uid, controller=True, block_owner_deletion=True
    )


def finished(draft: Draft, service: Service, trigger_time: str | None) -> EndpointSlice:
    """The slice to send, with the annotation that says which change of the cluster it answers.

    Source: newEndpointSlice and addTriggerTimeAnnotation, k8s.io/endpointslice/utils.go.
    """
    if draft.base is None:
        meta = Meta(
            generate_name=prefix_for(service.metadata.name),
            namespace=service.metadata.namespace,
            owner_references=(controller_reference("Service", service.metadata),),
        )
    else:
        meta = draft.base.metadata
    annotations = dict(meta.annotations or {})
    annotations.pop(ANNOTATION_TRIGGER_TIME, None)
    if trigger_time is not None:
        annotations[ANNOTATION_TRIGGER_TIME] = trigger_time
    return EndpointSlice(
        metadata=replace(meta, labels=draft.labels, annotations=annotations or None),
        address_type=draft.family,
        endpoints=tuple(draft.endpoints),
        ports=draft.ports,
    )
