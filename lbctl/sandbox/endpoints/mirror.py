"""Slices that mirror Endpoints objects people write for Services without a selector.

Rules
- One slice per subset and family, with up to 1000 addresses; what is more, or no IP address, is told and left out.
- Labels and annotations follow the Endpoints object (but for the controllers' own and kubectl's last-applied).
- No mirror for: a Service with a selector, no Service, the label `endpointslice.kubernetes.io/skip-mirror: "true"`, and
  leader election records. Mirrors there were are deleted.

Source: pkg/controller/endpointslicemirroring.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lbctl.sandbox.endpoints.addresses import canonical
from lbctl.sandbox.endpoints.desired import (
    Group,
    PortsKey,
    endpoint_id,
    group_slices,
    ports_key,
    same_beyond_id,
)
from lbctl.sandbox.endpoints.drafts import controller_reference, prefix_for
from lbctl.sandbox.endpoints.legacy import is_leader_record
from lbctl.sandbox.endpoints.names import (
    ANNOTATION_LAST_APPLIED,
    ANNOTATION_TRIGGER_TIME,
    LABEL_SERVICE_NAME,
    LABEL_SKIP_MIRROR,
    LABEL_SLICE_MANAGED_BY,
    MAX_ENDPOINTS_PER_SUBSET,
    MIRRORING_CONTROLLER,
)
from lbctl.sandbox.endpoints.objects import (
    IPV4,
    IPV6,
    Endpoint,
    EndpointAddress,
    EndpointConditions,
    EndpointPort,
    Endpoints,
    EndpointSlice,
    EndpointSubset,
    Family,
    Service,
)
from lbctl.sandbox.endpoints.subsets import repack
from lbctl.sandbox.endpoints.writes import Create, Delete, Notice, Plan, Update, Write
from lbctl.sandbox.objects import Meta


def plan_mirror(service: Service | None, endpoints: Endpoints | None, existing: Sequence[EndpointSlice]) -> Plan:
    """The writes that make the mirrored slices (`existing`) follow `endpoints`; none when they do."""
    existing = [one for one in existing if one.metadata.deletion_timestamp is None]
    if service is None or service.has_selector or endpoints is None or not should_mirror(endpoints):
        return Plan(tuple(Delete(one) for one in existing))
    wanted = _desired(endpoints)
    writes: list[Write] = []
    spare: dict[Family, list[EndpointSlice]] = {}
    missing: list[EndpointSlice] = []
    families = dict.fromkeys((IPV4, IPV6, *(one.address_type for one in existing)))
    grouped = {family: group_slices(one for one in existing if one.address_type == family) for family in families}
    for (family, key), group in wanted.groups.items():
        same_ports = grouped[family].pop(key, []) if group.endpoints else []
        spare.setdefault(family, []).extend(same_ports[1:])
        if same_ports and _follows(same_ports[0], endpoints, group):
            continue
        if same_ports:
            writes.append(Update(_mirror_slice(endpoints, family, group, same_ports[0])))
        elif group.endpoints:
            missing.append(_mirror_slice(endpoints, family, group, None))
    for family, left in grouped.items():
        spare.setdefault(family, []).extend(one for slices in left.values() for one in slices)
    return Plan((*writes, *_recycled(endpoints, missing, spare)), wanted.notices())


def should_mirror(endpoints: Endpoints) -> bool:
    """Whether the object itself allows it. Source: shouldMirror."""
    return (endpoints.metadata.labels or {}).get(LABEL_SKIP_MIRROR) != "true" and not is_leader_record(endpoints)


@dataclass(slots=True)
class _Wanted:
    """Endpoints by family and ports, and what could not be mirrored."""

    groups: dict[tuple[Family, PortsKey], Group] = field(default_factory=dict)
    invalid: int = 0
    skipped: int = 0

    def notices(self) -> tuple[Notice, ...]:
        notices = []
        if self.invalid:
            told = f"Skipped {self.invalid} invalid IP addresses when mirroring to EndpointSlices"
            notices.append(Notice("Warning", "InvalidIPAddress", told))
        if self.skipped > self.invalid:
            told = (
                f"A max of {MAX_ENDPOINTS_PER_SUBSET} addresses can be mirrored to EndpointSlices per Endpoints "
                f"subset. {self.skipped} addresses were skipped"
            )
            notices.append(Notice("Warning", "TooManyAddressesToMirror", told))
        return tuple(notices)


def _desired(endpoints: Endpoints) -> _Wanted:
    wanted = _Wanted()
    for subset in repack(endpoints.subsets or ()):
        groups = _groups_of(wanted, subset)
        added = 0
        for ready, addresses in ((True, subset.addresses), (False, subset.not_ready_addresses)):
            for address in addresses or ():
                if added >= MAX_ENDPOINTS_PER_SUBSET:
                    break
                mirrored = _to_endpoint(address, ready=ready)
                if mirrored is None:
                    wanted.invalid += 1
                    continue
                family, endpoint = mirrored
                groups[family].endpoints[endpoint_id(endpoint)] = endpoint
                added += 1
        wanted.skipped += len(subset.addresses or ()) + len(subset.not_ready_addresses or ()) - added
    return wanted


def _groups_of(wanted: _Wanted, subset: EndpointSubset) -> dict[Family, Group]:
    ports = tuple(
        EndpointPort(name=port.name, protocol=port.protocol, port=port.port, app_protocol=port.app_protocol)
        for port in subset.ports or ()
    )
    key = ports_key(ports)
    return {family: wanted.groups.setdefault((family, key), Group(ports)) for family in (IPV4, IPV6)}


def _to_endpoint(address: EndpointAddress, *, ready: bool) -> tuple[Family, Endpoint] | None:
    """Source: addressToEndpoint; serving and terminating stay unsaid there too."""
    found = canonical(address.ip)
    if found is None:
        return None
    family, ip = found
    return family, Endpoint(
        addresses=(ip,),
        conditions=EndpointConditions(ready=ready),
        hostname=address.hostname or None,
        target_ref=address.target_ref,
        node_name=address.node_name,
    )


def _follows(one: EndpointSlice, endpoints: Endpoints, group: Group) -> bool:
    """Whether the slice already says what the Endpoints object says."""
    present = one.endpoints or ()
    if len(present) != len(group.endpoints) or one.metadata.annotations != (_annotations(endpoints) or None):
        return False
    if one.metadata.labels != _labels(endpoints) or _of_another(one, endpoints):
        return False
    for endpoint in present:
        wanted = group.endpoints.get(endpoint_id(endpoint))
        if wanted is None or not same_beyond_id(wanted, endpoint):
            return False
    return True


def _of_another(one: EndpointSlice, endpoints: Endpoints) -> bool:
    """Whether it belongs to an earlier object of the same name. Source: needRebuildExistingSlices."""
    meta = endpoints.metadata
    return any(
        ref.kind == "Endpoints" and ref.name == meta.name and ref.uid != meta.uid
        for ref in one.metadata.owner_references or ()
    )


def _recycled(
    endpoints: Endpoints, missing: list[EndpointSlice], spare: dict[Family, list[EndpointSlice]]
) -> list[Write]:
    """Creates, updates of slices that would be deleted in their place, and what is left to delete."""
    creates: list[Write] = []
    updates: list[Write] = []
    for new in missing:
        olds = spare.get(new.address_type)
        if olds:
            old = olds.pop(0)
            updates.append(Update(_renewed(new, old)))
        elif endpoints.metadata.deletion_timestamp is None:
            creates.append(Create(new))
    return [*creates, *updates, *(Delete(one) for olds in spare.values() for one in olds)]


def _mirror_slice(endpoints: Endpoints, family: Family, group: Group, base: EndpointSlice | None) -> EndpointSlice:
    new = EndpointSlice(
        metadata=Meta(
            generate_name=prefix_for(endpoints.metadata.name),
            namespace=endpoints.metadata.namespace,
            labels=_labels(endpoints),
            annotations=_annotations(endpoints) or None,
            owner_references=(controller_reference("Endpoints", endpoints.metadata),),
        ),
        address_type=family,
        endpoints=tuple(group.endpoints.values()),
        ports=group.ports,
    )
    return new if base is None else _renewed(new, base)


def _renewed(new: EndpointSlice, old: EndpointSlice) -> EndpointSlice:
    """`new` as the next state of `old`."""
    meta = Meta(
        name=old.metadata.name,
        generate_name=old.metadata.generate_name,
        namespace=old.metadata.namespace,
        uid=old.metadata.uid,
        resource_version=old.metadata.resource_version,
        creation_timestamp=old.metadata.creation_timestamp,
        labels=new.metadata.labels,
        annotations=new.metadata.annotations,
        owner_references=new.metadata.owner_references,
        finalizers=old.metadata.finalizers,
    )
    return EndpointSlice(meta, new.address_type, new.endpoints, new.ports)


def _labels(endpoints: Endpoints) -> dict[str, str]:
    return {
        **(endpoints.metadata.labels or {}),
        LABEL_SERVICE_NAME: endpoints.metadata.name,
        LABEL_SLICE_MANAGED_BY: MIRRORING_CONTROLLER,
    }


def _annotations(endpoints: Endpoints) -> dict[str, str]:
    ours = (ANNOTATION_TRIGGER_TIME, ANNOTATION_LAST_APPLIED)
    return {key: value for key, value in (endpoints.metadata.annotations or {}).items() if key not in ours}
