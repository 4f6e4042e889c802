"""The cluster as the controller knows it: what was read from watches, overlaid by what it wrote itself.

Rules
- One thread owns the view. Every change of an object says which Services must be looked at again.
- Of two states of one object the one with the higher resourceVersion counts, so a write is known from its answer on and
  its echo in the watch wakes nobody.
- What was deleted stays deleted, even while the watch still tells of earlier changes.

Source: the event handlers of pkg/controller/{endpoint,endpointslice,endpointslicemirroring}; reading one's own writes
takes the place of their EndpointSliceTracker and staleEndpointsTracker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lbctl.model.service import ObjectKey
from lbctl.sandbox.endpoints import legacy, topology
from lbctl.sandbox.endpoints.index import Index
from lbctl.sandbox.endpoints.names import MIRRORING_CONTROLLER, SLICE_CONTROLLER
from lbctl.sandbox.endpoints.objects import Endpoints, EndpointSlice, Node, Pod, Service
from lbctl.sandbox.endpoints.pods import TERMINAL_PHASES, is_ready, is_terminating

_OURS = frozenset({SLICE_CONTROLLER, MIRRORING_CONTROLLER})


class ClusterView:
    """Services, Pods, Nodes, Endpoints and the slices of both controllers, with the lookups a sync needs."""

    def __init__(self) -> None:
        self.services: dict[ObjectKey, Service] = {}
        self.endpoints: dict[ObjectKey, Endpoints] = {}
        self.nodes: dict[str, Node] = {}
        self.departed: set[ObjectKey] = set()
        """Services whose deletion was seen and whose Endpoints object has not been cleaned up yet."""
        self._pods: dict[ObjectKey, Pod] = {}
        self._slices: dict[ObjectKey, EndpointSlice] = {}
        self._deleted_uids: set[str] = set()
        self._slices_of: Index[ObjectKey] = Index()
        self._services_by_label: Index[tuple[str, str, str]] = Index()
        self._pods_by_label: Index[tuple[str, str, str]] = Index()
        self._pods_by_node: Index[str] = Index()
        self._wanting_shares: set[ObjectKey] = set()
        self._shares: dict[str, float] | None = None

    def pods_of(self, service: Service) -> list[Pod]:
        """The pods a Service's selector matches, by name."""
        selector = service.spec.selector
        if not selector:
            return []
        namespace = service.metadata.namespace
        candidates = min((self._pods_by_label[namespace, *pair] for pair in selector.items()), key=len)
        found = (self._pods[key] for key in candidates)
        matching = (pod for pod in found if selector.items() <= (pod.metadata.labels or {}).items())
        return sorted(matching, key=lambda pod: pod.metadata.name)

    def slices_of(self, service: ObjectKey, managed_by: str) -> list[EndpointSlice]:
        """The slices one controller has for a Service, by name."""
        found = (self._slices[key] for key in self._slices_of[service])
        return sorted((one for one in found if one.managed_by == managed_by), key=lambda one: one.metadata.name)

    def zone_shares(self) -> dict[str, float]:
        """The zones' shares of CPU."""
        if self._shares is None:
            self._shares = topology.zone_shares(self.nodes.values())
        return self._shares

    def service_changed(self, key: ObjectKey, new: Service | None) -> set[ObjectKey]:
        """A Service was added, changed or (None) deleted; returns the Services to look at."""
        old = self.services.pop(key, None)
        if old is not None:
            self._services_by_label.discard(_anchor(old), key)
            self._wanting_shares.discard(key)
        if new is None:
            self.departed.add(key)
            return {key}
        self.departed.discard(key)
        self.services[key] = new
        self._services_by_label.add(_anchor(new), key)
        if topology.wants_hints(new):
            self._wanting_shares.add(key)
        return {key}

    def pod_changed(self, key: ObjectKey, new: Pod | None) -> set[ObjectKey]:
        """A Pod was added, changed or (None) deleted; returns the Services that see a difference."""
        old = self._pods.pop(key, None)
        if new is not None:
            self._pods[key] = new
        if old is not None and new is not None and _facts(old) == _facts(new):
            return set()
        affected: set[ObjectKey] = set()
        if old is not None:
            affected.update(self._services_selecting(old))
            self._pods_by_label.discard(_label_keys(old), key)
            self._pods_by_node.discard((old.spec.node_name,), key)
        if new is not None:
            affected.update(self._services_selecting(new))
            self._pods_by_label.add(_label_keys(new), key)
            self._pods_by_node.add((new.spec.node_name,), key)
        return affected

    def node_changed(self, name: str, new: Node | None) -> set[ObjectKey]:
        """A Node was added, changed or (None) deleted; returns the Services that see a difference."""
        old = self.nodes.pop(name, None)
        if new is not None:
            self.nodes[name] = new
        affected: set[ObjectKey] = set()
        if _zone(old) != _zone(new):
            for key in self._pods_by_node[name]:
                affected.update(self._services_selecting(self._pods[key]))
        if _capacity(old) != _capacity(new):
            self._shares = None
            affected |= self._wanting_shares
        return affected

    def endpoints_changed(self, new: Endpoints) -> set[ObjectKey]:
        """An Endpoints object was added or changed; returns the Service of its name unless that is known already."""
        if self._is_old_news(self.endpoints.get(new.key), new):
            return set()
        self.endpoints[new.key] = new
        return {new.key}

    def endpoints_deleted(self, old: Endpoints) -> set[ObjectKey]:
        """An Endpoints object is gone; returns the Service of its name unless that is known already."""
        if not self._is_news_of_deletion(self.endpoints.get(old.key), old):
            return set()
        del self.endpoints[old.key]
        return {old.key}

    def slice_changed(self, new: EndpointSlice) -> set[ObjectKey]:
        """A slice was added or changed; returns its Services, old and new, unless that is known already."""
        old = self._slices.get(new.key)
        if self._is_old_news(old, new):
            return set()
        self._store_slice(new)
        return {*_owner(old), *_owner(new)}

    def slice_deleted(self, old: EndpointSlice) -> set[ObjectKey]:
        """A slice is gone; returns the Service that owned it unless that is known already."""
        known = self._slices.get(old.key)
        if not self._is_news_of_deletion(known, old):
            return set()
        self._remove_slice(old.key)
        return {*_owner(known)}

    def wrote(self, answer: EndpointSlice | Endpoints) -> None:
        """The API has stored our write and answered with this object."""
        if isinstance(answer, Endpoints):
            self.endpoints[answer.key] = answer
        else:
            self._store_slice(answer)

    def removed(self, old: EndpointSlice | Endpoints) -> None:
        """The API has deleted this object for us, or did not know it any more."""
        if old.metadata.uid:
            self._deleted_uids.add(old.metadata.uid)
        if isinstance(old, Endpoints):
            self.endpoints.pop(old.key, None)
        else:
            self._remove_slice(old.key)

    def orphaned_endpoints(self) -> set[ObjectKey]:
        """Endpoints objects without a Service, but for leader election records; to be asked once, after a start.

        They are taken for Services that were deleted while nobody looked. Source: checkLeftoverEndpoints.
        """
        orphans = {
            key for key, one in self.endpoints.items() if key not in self.services and not legacy.is_leader_record(one)
        }
        self.departed |= orphans
        return orphans

    def _services_selecting(self, pod: Pod) -> Iterator[ObjectKey]:
        labels = (pod.metadata.labels or {}).items()
        for label in _label_keys(pod):
            for key in self._services_by_label[label]:
                if (self.services[key].spec.selector or {}).items() <= labels:
                    yield key

    def _is_old_news(self, known: EndpointSlice | Endpoints | None, new: EndpointSlice | Endpoints) -> bool:
        if new.metadata.uid in self._deleted_uids:
            return True
        return known is not None and 0 < new.version <= known.version

    def _is_news_of_deletion(self, known: EndpointSlice | Endpoints | None, old: EndpointSlice | Endpoints) -> bool:
        self._deleted_uids.discard(old.metadata.uid)
        return known is not None and known.metadata.uid == old.metadata.uid

    def _store_slice(self, new: EndpointSlice) -> None:
        self._remove_slice(new.key)
        self._slices[new.key] = new
        self._slices_of.add(_labelled(new), new.key)

    def _remove_slice(self, key: ObjectKey) -> None:
        old = self._slices.pop(key, None)
        if old is not None:
            self._slices_of.discard(_labelled(old), key)


def _anchor(service: Service) -> Iterable[tuple[str, str, str]]:
    """The one pair of the selector a Service is found by; every pod it matches has it."""
    if not service.selects_pods or not service.spec.selector:
        return ()
    return ((service.metadata.namespace, *min(service.spec.selector.items())),)


def _label_keys(pod: Pod) -> Iterable[tuple[str, str, str]]:
    return [(pod.metadata.namespace, name, value) for name, value in (pod.metadata.labels or {}).items()]


def _labelled(one: EndpointSlice) -> Iterable[ObjectKey]:
    return () if one.service_key is None else (one.service_key,)


def _owner(one: EndpointSlice | None) -> Iterable[ObjectKey]:
    return _labelled(one) if one is not None and one.managed_by in _OURS else ()


def _facts(pod: Pod) -> tuple[object, ...]:
    """All that endpoints are made of. Source: podEndpointsChanged, k8s.io/endpointslice/util."""
    return (
        pod.metadata.uid,
        pod.metadata.labels,
        pod.spec,
        pod.status.pod_ip,
        pod.status.pod_ips,
        pod.status.phase in TERMINAL_PHASES,
        is_ready(pod),
        is_terminating(pod),
    )


def _zone(node: Node | None) -> str | None:
    return None if node is None else node.zone


def _capacity(node: Node | None) -> tuple[object, ...]:
    if node is None:
        return ()
    return node.metadata.labels, (node.status.allocatable or {}).get("cpu"), topology.node_is_ready(node)
