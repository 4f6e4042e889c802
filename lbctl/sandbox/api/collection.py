"""Garbage collection: objects that belong to others go with them.

Source: k8s.io/kubernetes/pkg/controller/garbagecollector/garbagecollector.go (attemptToDeleteItem, orphanDependents).
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from lbctl.sandbox.api.deletion import FOREGROUND, ORPHAN, DeleteOptions, delete
from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.objects import Objects, WriteOptions
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.store import Key

Place = tuple[str, Key]
"""(bucket, key) of an object."""


class _Owner(msgspec.Struct):
    uid: str = ""


class _Metadata(msgspec.Struct):
    uid: str = ""
    ownerReferences: list[_Owner] | None = None  # noqa: N815 - the name in the JSON


class _Owned(msgspec.Struct):
    metadata: _Metadata


_decode = msgspec.json.Decoder(_Owned).decode


class Collector:
    """Knows which objects exist and whose dependents they are."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._places: dict[str, Place] = {}
        self._dependents: defaultdict[str, dict[Place, None]] = defaultdict(dict)
        self._owners: dict[Place, tuple[str, ...]] = {}
        self._gone: dict[str, None] = {}

    def note(self, bucket: str, key: Key, data: bytes) -> None:
        """Take in an object as it is stored now."""
        metadata, place = _decode(data).metadata, (bucket, key)
        self._places[metadata.uid] = place
        owners = tuple(one.uid for one in metadata.ownerReferences or ())
        before = self._owners.get(place, ())
        if owners != before:
            self._drop(place)
            for uid in owners:
                self._dependents[uid][place] = None
            self._owners[place] = owners

    def forget(self, bucket: str, key: Key, data: bytes) -> None:
        """An object was removed: whoever depends on it is looked at by the next `collect`."""
        uid, place = _decode(data).metadata.uid, (bucket, key)
        for owner in self._owners.get(place, ()):
            self._gone[owner] = None
        self._drop(place)
        if self._places.get(uid) == place:
            del self._places[uid]
        self._gone[uid] = None

    def _drop(self, place: Place) -> None:
        for uid in self._owners.pop(place, ()):
            self._dependents[uid].pop(place, None)
            if not self._dependents[uid]:
                del self._dependents[uid]

    def collect(self) -> None:
        """Look at the dependents of what was removed, and at the owners that waited for what was removed."""
        gone, self._gone = self._gone, {}
        for uid in gone:
            if uid in self._places:
                bucket, key = self._places[uid]
                served = self._objects.registry.of_bucket(bucket)
                if served is not None:
                    self.finish_owner(served, key)
                continue
            for bucket, key in tuple(self._dependents.get(uid, ())):
                served = self._objects.registry.of_bucket(bucket)
                if served is not None:
                    self.check_owners(served, key)

    def check_owners(self, served: Served, key: Key) -> None:
        """Delete an object all of whose owners are gone; drop the references to those that are gone."""
        obj = self._objects.find(served, key)
        references = [] if obj is None else obj["metadata"].get("ownerReferences") or []
        if obj is None or not references:
            return
        present = [one for one in references if self._exists(one)]
        if not present:
            self._delete(served, key, "Background")
        elif len(present) < len(references):
            obj["metadata"]["ownerReferences"] = present
            self._update(served, key, obj)

    def _exists(self, reference: Json) -> bool:
        if reference.get("uid") in self._places:
            return True
        # Of a kind that is not served here nobody can say whether it is gone.
        return self._objects.registry.by_kind(reference.get("apiVersion", ""), reference.get("kind", "")) is None

    def finish_owner(self, served: Served, key: Key) -> None:
        """Do what the garbage collection finalizers of a deleted object ask for, and take them off when it is done."""
        obj = self._objects.find(served, key)
        if obj is None or not obj["metadata"].get("deletionTimestamp"):
            return
        uid, finalizers = obj["metadata"]["uid"], obj["metadata"].get("finalizers") or []
        done = ""
        if ORPHAN in finalizers:
            self._set_free(uid)
            done = ORPHAN
        elif FOREGROUND in finalizers and not self._delete_blocking(uid):
            done = FOREGROUND
        if done:
            obj["metadata"]["finalizers"] = [one for one in finalizers if one != done]
            self._update(served, key, obj)

    def _set_free(self, uid: str) -> None:
        for bucket, key in tuple(self._dependents.get(uid, ())):
            served = self._objects.registry.of_bucket(bucket)
            obj = None if served is None else self._objects.find(served, key)
            if served is not None and obj is not None:
                references = obj["metadata"].get("ownerReferences") or []
                obj["metadata"]["ownerReferences"] = [one for one in references if one.get("uid") != uid]
                self._update(served, key, obj)

    def _delete_blocking(self, uid: str) -> bool:
        """Delete the dependents of an object; returns whether some that block its deletion are still there."""
        for bucket, key in tuple(self._dependents.get(uid, ())):
            served = self._objects.registry.of_bucket(bucket)
            obj = None if served is None else self._objects.find(served, key)
            if served is not None and obj is not None and not obj["metadata"].get("deletionTimestamp"):
                self._delete(served, key, "Foreground")
        return any(self._blocks(place, uid) for place in self._dependents.get(uid, ()))

    def _blocks(self, place: Place, uid: str) -> bool:
        served = self._objects.registry.of_bucket(place[0])
        obj = None if served is None else self._objects.find(served, place[1])
        references = [] if obj is None else obj["metadata"].get("ownerReferences") or []
        return any(one.get("uid") == uid and one.get("blockOwnerDeletion") for one in references)

    def _delete(self, served: Served, key: Key, propagation: str) -> None:
        try:
            delete(self._objects, served, key, DeleteOptions(propagation=propagation))
        except ApiError as error:
            if error.code not in (403, 404, 409):
                raise

    def _update(self, served: Served, key: Key, obj: Json) -> None:
        try:
            self._objects.update(served, key, lambda _: obj, WriteOptions(tracked=False))
        except ApiError as error:
            if error.code not in (404, 409):
                raise
