"""The cluster as the controllers know it, and who must look again when an object changes.

One thread owns the view. Source of who is woken: the event handlers of pkg/controller/{deployment,replicaset}.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import NamedTuple, assert_never

from lbctl.model.service import ObjectKey
from lbctl.sandbox.objects import Object, OwnerReference
from lbctl.sandbox.workloads.kinds import DEPLOYMENTS, NODES, PODS, REPLICA_SETS, Kind
from lbctl.sandbox.workloads.objects import Deployment, Node, Pod, ReplicaSet
from lbctl.sandbox.workloads.shelf import Change, Shelf

WAITING = ("waiting",)
"""The place of Pods that have no address yet."""


class WorkKey(NamedTuple):
    """One object to look at."""

    kind: Kind
    key: ObjectKey

    def __str__(self) -> str:
        return f"{self.kind.value} {self.key}"


class ClusterView:
    """Nodes, Pods, ReplicaSets and Deployments, with the look-ups that deciding needs."""

    def __init__(self) -> None:
        self.nodes: Shelf[Node] = Shelf(lambda _: ())
        self.pods: Shelf[Pod] = Shelf(_places_of_pod)
        self.replica_sets: Shelf[ReplicaSet] = Shelf(_places_of_child)
        self.deployments: Shelf[Deployment] = Shelf(_places_of_child)

    def nodes_by_name(self) -> dict[str, Node]:
        return {one.metadata.name: one for one in self.nodes.values()}

    def pods_for(self, replica_set: ReplicaSet) -> tuple[Pod, ...]:
        """The Pods it controls, and those of its namespace that nobody does."""
        return self.pods.at(_owned(replica_set.uid), _orphaned(replica_set.key))

    def replica_sets_for(self, deployment: Deployment) -> tuple[ReplicaSet, ...]:
        """The ReplicaSets it controls, and those of its namespace that nobody does."""
        return self.replica_sets.at(_owned(deployment.uid), _orphaned(deployment.key))

    def pods_below(self, deployment: Deployment) -> tuple[Pod, ...]:
        """The Pods of the ReplicaSets a Deployment controls."""
        sets = self.replica_sets.at(_owned(deployment.uid))
        return self.pods.at(*(_owned(one.uid) for one in sets))

    def learn(self, kind: Kind, body: bytes) -> set[WorkKey]:
        """Take in an object as the API answered it; returns what must be looked at again."""
        match kind:
            case Kind.NODE:
                return self.put(NODES.decode(body))
            case Kind.POD:
                return self.put(PODS.decode(body))
            case Kind.REPLICA_SET:
                return self.put(REPLICA_SETS.decode(body))
            case Kind.DEPLOYMENT:
                return self.put(DEPLOYMENTS.decode(body))
            case _:
                assert_never(kind)

    def put(self, new: Object) -> set[WorkKey]:
        """Take in a state of an object; returns what must be looked at again."""
        match new:
            case Node():
                return self._node_changed(self.nodes.put(new))
            case Pod():
                return self._pod_changed(self.pods.put(new))
            case ReplicaSet():
                return self._child_changed(Kind.REPLICA_SET, self.replica_sets.put(new))
            case Deployment():
                return self._child_changed(Kind.DEPLOYMENT, self.deployments.put(new))
            case _:
                raise TypeError(type(new).__name__)

    def drop(self, kind: Kind, key: ObjectKey, uid: str, *, heard: bool) -> set[WorkKey]:
        """An object is gone; returns what must be looked at again."""
        match kind:
            case Kind.NODE:
                return self._node_changed(self.nodes.drop(key, uid, heard=heard))
            case Kind.POD:
                return self._pod_changed(self.pods.drop(key, uid, heard=heard))
            case Kind.REPLICA_SET:
                return self._child_changed(kind, self.replica_sets.drop(key, uid, heard=heard))
            case Kind.DEPLOYMENT:
                return self._child_changed(kind, self.deployments.drop(key, uid, heard=heard))
            case _:
                assert_never(kind)

    def _node_changed(self, change: Change[Node] | None) -> set[WorkKey]:
        key = _key_of(change)
        if key is None:
            return set()
        affected = {WorkKey(Kind.POD, one.key) for one in self.pods.at(_on_node(key.name), WAITING)}
        return {WorkKey(Kind.NODE, key), *affected}

    def _pod_changed(self, change: Change[Pod] | None) -> set[WorkKey]:
        key = _key_of(change)
        if change is None or key is None:
            return set()
        affected = {WorkKey(Kind.POD, key)}
        for one in (change.old, change.new):
            if one is not None:
                affected.update(self._owners_of_pod(one, gone=change.new is None))
        if change.new is None or change.new.finished:
            # An address is free now.
            affected.update(WorkKey(Kind.POD, one.key) for one in self.pods.at(WAITING))
        return affected

    def _owners_of_pod(self, pod: Pod, *, gone: bool) -> Iterator[WorkKey]:
        owner = self._controller_of(pod, "ReplicaSet")
        if owner is not None:
            yield WorkKey(Kind.REPLICA_SET, owner)
            replica_set = self.replica_sets.get(owner)
            above = self._controller_of(replica_set, "Deployment") if gone and replica_set is not None else None
            if above is not None:
                # One that recreates waits for the last of its old Pods.
                yield WorkKey(Kind.DEPLOYMENT, above)
        elif pod.controller is None:
            for one in self.replica_sets.at(_in_namespace(pod.key)):
                if one.spec.selector.matches(pod.labels):
                    yield WorkKey(Kind.REPLICA_SET, one.key)

    def _child_changed(self, kind: Kind, change: Change[ReplicaSet] | Change[Deployment] | None) -> set[WorkKey]:
        if change is None:
            return set()
        affected: set[WorkKey] = set()
        for one in (change.old, change.new):
            if one is None:
                continue
            affected.add(WorkKey(kind, one.key))
            owner = self._controller_of(one, "Deployment")
            if owner is not None:
                affected.add(WorkKey(Kind.DEPLOYMENT, owner))
            elif isinstance(one, ReplicaSet) and one.controller is None:
                affected.update(self._takers_of(one))
        return affected

    def _takers_of(self, orphan: ReplicaSet) -> Iterator[WorkKey]:
        for one in self.deployments.at(_in_namespace(orphan.key)):
            if one.spec.selector.matches(orphan.labels):
                yield WorkKey(Kind.DEPLOYMENT, one.key)

    def _controller_of(self, child: Object, kind: str) -> ObjectKey | None:
        owner: OwnerReference | None = child.controller
        if owner is None or owner.kind != kind or not owner.api_version.startswith("apps/"):
            return None
        return ObjectKey(child.metadata.namespace, owner.name)


def _key_of(change: Change[Node] | Change[Pod] | None) -> ObjectKey | None:
    if change is None:
        return None
    one = change.new if change.new is not None else change.old
    return one.key if one is not None else None


def _owned(uid: str) -> Hashable:
    return "owner", uid


def _orphaned(key: ObjectKey) -> Hashable:
    return "orphan", key.namespace


def _in_namespace(key: ObjectKey) -> Hashable:
    return "namespace", key.namespace


def _on_node(name: str) -> Hashable:
    return "node", name


def _places_of_child(one: ReplicaSet | Deployment) -> Iterator[Hashable]:
    yield _in_namespace(one.key)
    yield _orphaned(one.key) if one.controller is None else _owned(one.controller.uid)


def _places_of_pod(pod: Pod) -> Iterator[Hashable]:
    yield _orphaned(pod.key) if pod.controller is None else _owned(pod.controller.uid)
    if pod.spec.node_name:
        yield _on_node(pod.spec.node_name)
    if not pod.ips and pod.active:
        yield WAITING
