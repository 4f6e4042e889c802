"""What a cluster does by itself when objects come and go.

Rules
- A namespace that is being deleted loses its contents, then its finalizer, then itself; a new one gets the service
  account `default`.
- Objects whose owners are all gone are deleted; `foregroundDeletion` waits for dependents, `orphan` sets them free.
- A pod that is being deleted disappears when its grace period is over (no kubelet is there to stop it).
- A new definition gets its conditions; one that is being deleted takes its custom resources with it.

Work is found from the store's changes and done one turn of the event loop later, never within the write that caused it.
Source: k8s.io/kubernetes/pkg/controller/{namespace,garbagecollector,serviceaccount}.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from lbctl.sandbox.api import bootstrap
from lbctl.sandbox.api.collection import Collector
from lbctl.sandbox.api.custom import Definitions
from lbctl.sandbox.api.deletion import CRD_FINALIZER, NOW, DeleteOptions, delete
from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.metadata import parse_timestamp
from lbctl.sandbox.api.objects import Objects, WriteOptions
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.resources import CRD
from lbctl.sandbox.api.store import Change, Key

_CRDS = CRD.bucket
_CONTROLLER = WriteOptions(manager="kube-controller-manager")


class Timers(Protocol):
    """The event loop, as far as this module needs it."""

    def soon(self, action: Callable[[], None]) -> None:
        """Call `action` on the next turn."""

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Call `action` after a while."""


class Lifecycle:
    """Follows every change of the store and finishes what it begins."""

    def __init__(self, objects: Objects, definitions: Definitions, timers: Timers, *, reap_pods: bool) -> None:
        self._objects = objects
        self._definitions = definitions
        self._timers = timers
        self._reap_pods = reap_pods
        self._collector = Collector(objects)
        self._todo: dict[tuple[str, Key], None] = {}
        self._scheduled = False
        self._introduce: Callable[[], None] = lambda: None

    def start(self, introduce: Callable[[], None]) -> None:
        """Index what is stored, take up what was left unfinished, and follow the store.

        `introduce` makes the `kubernetes` Service and its endpoints, whenever somebody has deleted them.
        """
        self._introduce = introduce
        store = self._objects.store
        for bucket in store.buckets():
            for key, stored in bucket.objects.items():
                self._collector.note(bucket.name, key, stored.data)
                if b'"deletionTimestamp":' in stored.data:
                    self._enqueue(bucket.name, key)
        store.observe(self._changed)

    def _changed(self, bucket: str, change: Change) -> None:
        if change.deleted:
            self._collector.forget(bucket, change.key, change.after.data)
            # Its namespace, its owners and its definition may have waited for this.
            self._enqueue(bucket, change.key)
            return
        self._collector.note(bucket, change.key, change.after.data)
        is_new = change.before is None
        if is_new and bucket not in ("namespaces", _CRDS) and b'"ownerReferences":' not in change.after.data:
            return
        if is_new or bucket == _CRDS or b'"deletionTimestamp":' in change.after.data:
            self._enqueue(bucket, change.key)

    def _enqueue(self, bucket: str, key: Key) -> None:
        self._todo[(bucket, key)] = None
        if not self._scheduled:
            self._scheduled = True
            self._timers.soon(self.work)

    def work(self) -> None:
        """Do everything that is due."""
        self._scheduled = False
        while self._todo:
            todo, self._todo = self._todo, {}
            self._scheduled = True
            for bucket, key in todo:
                self._settle(bucket, key)
            self._scheduled = False

    def _settle(self, bucket: str, key: Key) -> None:
        served = self._objects.registry.of_bucket(bucket)
        obj = None if served is None else self._objects.find(served, key)
        if served is None or obj is None:
            self._after_deletion(bucket, key)
        elif obj["metadata"].get("deletionTimestamp"):
            self._continue_deletion(served, key, obj)
        else:
            if bucket == "namespaces":
                self._furnish(key[1])
            if bucket == _CRDS:
                self._definitions.accept(key[1])
            self._collector.check_owners(served, key)

    def _after_deletion(self, bucket: str, key: Key) -> None:
        self._collector.collect()
        if key == bootstrap.SELF:
            self._introduce()
        if key[0]:
            self._enqueue_if_deleting("namespaces", ("", key[0]))
        self._enqueue_if_deleting(_CRDS, ("", bucket))

    def _enqueue_if_deleting(self, bucket: str, key: Key) -> None:
        stored = self._objects.store.bucket(bucket).objects.get(key)
        if stored is not None and b'"deletionTimestamp":' in stored.data:
            self._enqueue(bucket, key)

    def _continue_deletion(self, served: Served, key: Key, obj: Json) -> None:
        bucket = served.rt.bucket
        if bucket == "namespaces":
            self._empty_namespace(served, key[1])
        elif bucket == "pods":
            self._reap(served, key, obj)
        elif bucket == _CRDS:
            self._empty_definition(served, key)
        self._collector.finish_owner(served, key)

    def _empty_namespace(self, namespaces: Served, name: str) -> None:
        left = False
        for served in self._objects.registry.buckets():
            if served.rt.namespaced:
                left = self._empty(served, name) or left
        obj = None if left else self._objects.find(namespaces, ("", name))
        finalizers = ((obj or {}).get("spec") or {}).get("finalizers") or []
        if obj is None or "kubernetes" not in finalizers:
            return
        obj["spec"]["finalizers"] = [one for one in finalizers if one != "kubernetes"]
        self._update(namespaces, ("", name), obj, "finalize")

    def _empty_definition(self, definitions: Served, key: Key) -> None:
        obj = self._objects.get(definitions, key)
        served = self._objects.registry.of_bucket(key[1])
        if served is not None and self._empty(served, ""):
            return
        finalizers = obj["metadata"].get("finalizers") or []
        if CRD_FINALIZER in finalizers:
            obj["metadata"]["finalizers"] = [one for one in finalizers if one != CRD_FINALIZER]
            self._update(definitions, key, obj)

    def _empty(self, served: Served, namespace: str) -> bool:
        """Delete every object of a resource in a namespace (empty: everywhere); returns whether some are left."""
        bucket = self._objects.store.bucket(served.rt.bucket)
        # The namespace controller asks without a grace period of its own; a pod keeps that of its spec.
        options = DeleteOptions(propagation="Background")
        for key in tuple(bucket.ordered(namespace)):
            if key in bucket.objects:
                _tolerate_gone(partial(delete, self._objects, served, key, options))
        return bool(bucket.ordered(namespace))

    def _reap(self, pods: Served, key: Key, pod: Json) -> None:
        metadata = pod["metadata"]
        if not self._reap_pods or not metadata.get("deletionGracePeriodSeconds"):
            return
        left = (parse_timestamp(metadata["deletionTimestamp"]) - datetime.now(UTC)).total_seconds()
        if left > 0:
            self._timers.later(left, lambda: self._enqueue("pods", key))
        else:
            _tolerate_gone(lambda: delete(self._objects, pods, key, NOW))

    def _furnish(self, namespace: str) -> None:
        accounts = self._objects.registry.find("", "v1", "serviceaccounts")
        if accounts is not None and self._objects.find(accounts, (namespace, "default")) is None:
            account: Json = {"metadata": {"name": "default"}}
            _tolerate_gone(lambda: self._objects.create(accounts, namespace, account, _CONTROLLER))

    def _update(self, served: Served, key: Key, obj: Json, subresource: str = "") -> None:
        options = WriteOptions(subresource=subresource, tracked=False)
        _tolerate_gone(lambda: self._objects.update(served, key, lambda _: obj, options))


def _tolerate_gone(action: Callable[[], object]) -> None:
    """Run `action`; what it was about may have gone or changed in between, which another turn will see."""
    try:
        action()
    except ApiError as error:
        if error.code not in (403, 404, 409):
            raise
