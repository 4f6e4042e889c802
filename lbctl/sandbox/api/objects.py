"""Reading and writing single objects: the path every create and update takes, whatever its HTTP form.

Source: k8s.io/apiserver/pkg/registry/generic/registry/store.go and pkg/registry/rest/{create,update}.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lbctl.sandbox.api.copying import copied
from lbctl.sandbox.api.errors import (
    OPTIMISTIC_LOCK,
    ApiError,
    FieldError,
    Json,
    already_exists,
    conflict,
    forbidden_request,
    invalid,
    invalid_object,
    not_found,
)
from lbctl.sandbox.api.metadata import (
    begin_life,
    expect_name,
    expect_namespace,
    generate_name,
    metadata_of,
    timestamp,
)
from lbctl.sandbox.api.patch import schema_for, track
from lbctl.sandbox.api.registry import Registry, Served
from lbctl.sandbox.api.resources import ResourceType
from lbctl.sandbox.api.store import Key, Store, Stored

_GENERATED_NAME_TRIES = 8


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is done: by whom (`manager`), for show only (`dry_run`), through which subresource.

    `tracked` False leaves managedFields as they come: server-side apply computes its own, the server's edits own none.
    """

    manager: str = ""
    dry_run: bool = False
    subresource: str = ""
    tracked: bool = True


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of a write: the object as it is answered, whether it is new, and texts for `Warning:` headers."""

    obj: Json
    created: bool = False
    warnings: list[str] = field(default_factory=list)


SERVER = WriteOptions(tracked=False)
"""The server's own edits."""


class Objects:
    """The objects of a store under the rules of a registry."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store = store
        self.registry = registry

    def find(self, served: Served, key: Key) -> Json | None:
        """The object in the form of that resource, None when there is none."""
        stored = self.store.bucket(served.rt.bucket).objects.get(key)
        return None if stored is None else self.present(served, stored)

    def get(self, served: Served, key: Key) -> Json:
        """The object in the form of that resource. Raises ApiError 404."""
        obj = self.find(served, key)
        if obj is None:
            raise not_found(served.rt.plural, served.rt.group, key[1])
        return obj

    def present(self, served: Served, stored: Stored) -> Json:
        """A stored version as that resource shows it."""
        rt = served.rt
        body = stored.decode() if rt.view is None else rt.view.from_stored(stored.decode())
        return {"kind": rt.kind, "apiVersion": rt.api_version, **body}

    def create(self, served: Served, namespace: str, obj: Json, options: WriteOptions) -> Written:
        """Create an object that has been decoded; `obj` is changed in place.

        Raises ApiError: 404 without its namespace, 403 in one that is being deleted, 409 when it exists, 422 when
        invalid.
        """
        rt, strategy = served.rt, served.strategy
        metadata = metadata_of(obj)
        begin_life(metadata)
        expect_namespace(metadata, rt, namespace)
        generated = self._name(served, metadata)
        self._admit(served, metadata)
        strategy.default(obj)
        if options.tracked:
            # Before the strategy and the allocators: nobody owns what they fill in.
            self._track(served, obj, None, options)
        strategy.prepare_create(obj)
        _refuse(served, obj, strategy.validate(obj))
        key = (metadata.get("namespace") or "", metadata["name"])
        if key in self.store.bucket(rt.bucket).objects:
            error = already_exists(rt.plural, rt.group, key[1])
            if generated:
                error = replace(error, message=f"{error.message}, {_NOT_UNIQUE}")
            raise error
        warnings = strategy.warnings(obj, None)
        return Written(self._store(served, key, obj, None, options), True, warnings)

    def update(
        self,
        served: Served,
        key: Key,
        produce: Callable[[Json | None], Json],
        options: WriteOptions,
        *,
        upsert: bool = False,
        patched: bool = False,
    ) -> Written:
        """Replace an object by what `produce` makes of its present state (None when it does not exist).

        A changed uid is a precondition that fails, in a patch (`patched`) an immutable field.

        Raises ApiError: 404 (unless `upsert`, or the kind is created by PUT), 409 on a stale resourceVersion or uid,
        422 when invalid.
        """
        old = self.find(served, key)
        if old is None:
            if not (upsert or served.strategy.allow_create_on_update):
                raise not_found(served.rt.plural, served.rt.group, key[1])
            return self._create_by_update(served, key, produce(None), options, patched=patched)
        new = produce(copied(old))
        metadata = metadata_of(new)
        expect_namespace(metadata, served.rt, key[0])
        expect_name(metadata, key[1])
        self._check_versions(served, metadata, old["metadata"], patched=patched)
        self._prepare(served, new, old, options)
        if _same(new, old):
            return Written(old)
        if _deletes(new, old):
            return self._finish_deletion(served, key, new, options)
        if options.subresource == "status":
            return Written(self._put(served, key, new, options))
        warnings = served.strategy.warnings(new, old)
        return Written(self._store(served, key, new, old, options), False, warnings)

    def _create_by_update(
        self, served: Served, key: Key, obj: Json, options: WriteOptions, *, patched: bool
    ) -> Written:
        metadata = metadata_of(obj)
        expect_name(metadata, key[1])
        if metadata.get("uid") and not patched:
            nobody: Json = {"namespace": key[0], "name": key[1], "uid": ""}
            why = _other_uid(served.rt, nobody, metadata["uid"])
            raise conflict(served.rt.plural, served.rt.group, key[1], why)
        return self.create(served, key[0], obj, options)

    def remove(self, served: Served, key: Key, last: Json | None = None) -> Json:
        """Take an object out of the store and free what it held; returns its last state, `last` if that is given."""
        rt = served.rt
        body = last if last is None or rt.view is None else rt.view.to_stored(last)
        obj = self.present(served, self.store.delete(rt.bucket, key, body))
        served.strategy.deleted(obj)
        return obj

    def rewrite(self, served: Served, key: Key, obj: Json) -> Json:
        """Store the server's own edit of an object, without the checks a client's write passes."""
        return self._put(served, key, obj, SERVER)

    def _name(self, served: Served, metadata: Json) -> bool:
        base = metadata.get("generateName") or ""
        if metadata.get("name") or not base:
            return False
        taken = self.store.bucket(served.rt.bucket).objects
        for _ in range(_GENERATED_NAME_TRIES):
            metadata["name"] = generate_name(base)
            if (metadata.get("namespace") or "", metadata["name"]) not in taken:
                break
        return True

    def _admit(self, served: Served, metadata: Json) -> None:
        if not served.rt.namespaced:
            return
        namespace = metadata["namespace"]
        stored = self.store.bucket("namespaces").objects.get(("", namespace))
        if stored is None:
            raise not_found("namespaces", "", namespace)
        if b'"Terminating"' in stored.data and stored.decode().get("status", {}).get("phase") == "Terminating":
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            error = forbidden_request(served.rt.plural, served.rt.group, metadata.get("name") or "", why)
            cause = {
                "reason": "NamespaceTerminating",
                "message": f"namespace {namespace} is being terminated",
                "field": "metadata.namespace",
            }
            raise replace(error, details={**error.details, "causes": [cause]})

    def _check_versions(self, served: Served, metadata: Json, old: Json, *, patched: bool) -> None:
        rt, name = served.rt, old["name"]
        uid, version = metadata.get("uid") or "", metadata.get("resourceVersion") or ""
        if uid and uid != old["uid"] and not patched:
            raise conflict(rt.plural, rt.group, name, _other_uid(rt, old, uid))
        if version in ("", "0"):
            if not served.strategy.allow_unconditional_update:
                unset = invalid("metadata.resourceVersion", 0, "must be specified for an update")
                raise invalid_object(rt.plural, rt.group, name, [unset])
            metadata["resourceVersion"] = old["resourceVersion"]
        elif not version.isdecimal():
            raise ApiError(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
        elif version != old["resourceVersion"]:
            raise conflict(rt.plural, rt.group, name, OPTIMISTIC_LOCK)

    def _prepare(self, served: Served, new: Json, old: Json, options: WriteOptions) -> None:
        strategy = served.strategy
        if options.subresource == "finalize":
            _keep_all_but_finalizers(new, old)
            return
        strategy.default(new)
        if options.tracked:
            self._track(served, new, old, options)
        if options.subresource == "status":
            strategy.prepare_status_update(new, old)
        else:
            strategy.prepare_update(new, old)
        check = strategy.validate_status_update if options.subresource == "status" else strategy.validate_update
        _refuse(served, new, check(new, old))

    def _track(self, served: Served, new: Json, old: Json | None, options: WriteOptions) -> None:
        rt = served.rt
        track(
            new,
            old,
            manager=options.manager,
            schema=schema_for(rt.group, rt.kind, served.schema),
            api_version=rt.api_version,
            subresource=options.subresource,
            now=timestamp(),
        )

    def _store(self, served: Served, key: Key, new: Json, old: Json | None, options: WriteOptions) -> Json:
        reservation = served.strategy.reserve(new, old, dry_run=options.dry_run)
        try:
            stored = self._put(served, key, new, options)
        except BaseException:
            reservation.release()
            raise
        if options.dry_run:
            reservation.release()
        else:
            reservation.commit()
        return stored

    def _put(self, served: Served, key: Key, obj: Json, options: WriteOptions) -> Json:
        if not options.dry_run:
            rt = served.rt
            body = obj if rt.view is None else rt.view.to_stored(obj)
            stored = self.store.put(rt.bucket, key, body)
            obj["metadata"]["resourceVersion"] = str(stored.rv)
        obj["kind"], obj["apiVersion"] = served.rt.kind, served.rt.api_version
        return obj

    def _finish_deletion(self, served: Served, key: Key, new: Json, options: WriteOptions) -> Written:
        if not options.dry_run:
            self.remove(served, key, copied(new))
        return Written(new)


def _other_uid(rt: ResourceType, old: Json, uid: str) -> str:
    """Source: k8s.io/apiserver/pkg/storage/errors.go (StorageError.Error)."""
    folder = {"services": "services/specs", "endpoints": "services/endpoints", "nodes": "minions"}
    path = [folder.get(rt.qualified, rt.plural), old.get("namespace") or "", old["name"]]
    key = "/".join(part for part in ("/registry", rt.group if rt.custom else "", *path) if part)
    failed = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old['uid']}"
    return f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: {failed}"


_NOT_UNIQUE = "the server was not able to generate a unique name for the object"


def _refuse(served: Served, obj: Json, errors: list[FieldError]) -> None:
    if errors:
        # A view is validated as the kind it is stored as.
        group = "" if served.rt.view else served.rt.group
        raise invalid_object(served.rt.kind, group, obj["metadata"].get("name") or "", errors)


def _keep_all_but_finalizers(new: Json, old: Json) -> None:
    finalizers = (new.get("spec") or {}).get("finalizers") or []
    for name in set(new) | set(old):
        if name in old:
            new[name] = copied(old[name])
        else:
            del new[name]
    new["spec"] = {**(old.get("spec") or {}), "finalizers": finalizers}


def _same(new: Json, old: Json) -> bool:
    """Whether two states differ in nothing but the times of their managedFields entries."""
    for name in set(new) | set(old):
        if name not in ("metadata", "kind", "apiVersion") and new.get(name) != old.get(name):
            return False
    return _untimed(new["metadata"]) == _untimed(old["metadata"])


def _untimed(metadata: Json) -> Json:
    entries = metadata.get("managedFields") or []
    bare = [{name: value for name, value in entry.items() if name != "time"} for entry in entries]
    return {**metadata, "managedFields": bare}


def _deletes(new: Json, old: Json) -> bool:
    """Whether an update took away the last thing that kept a deleted object alive."""
    if new["metadata"].get("finalizers") or not old["metadata"].get("deletionTimestamp"):
        return False
    if new.get("kind") == "Namespace" and (new.get("spec") or {}).get("finalizers"):
        return False
    return not old["metadata"].get("deletionGracePeriodSeconds")
