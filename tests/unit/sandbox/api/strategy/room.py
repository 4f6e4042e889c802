"""A store of one kind behind its strategy: the server's order of calls, without a server."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from lbctl.sandbox.api.errors import ApiError, FieldError, Json, invalid_object
from lbctl.sandbox.api.strategy.base import Strategy
from lbctl.sandbox.api.strategy.service import ServiceStrategy
from lbctl.sandbox.api.strategy.settings import ServiceSettings


class Room:
    """Objects of one kind by name; every refusal is the `ApiError` a client would get."""

    def __init__(self, strategy: Strategy, kind: str, group: str = "") -> None:
        self.strategy = strategy
        self.kind = kind
        self.group = group
        self.stored: dict[str, Json] = {}
        self._version = 0

    def create(self, obj: Json, *, dry_run: bool = False) -> Json:
        new = deepcopy(obj)
        self.strategy.default(new)
        self.strategy.prepare_create(new)
        self._refuse(new, self.strategy.validate(new))
        return self._store(new, None, dry_run=dry_run)

    def update(self, obj: Json, *, dry_run: bool = False) -> Json:
        new = deepcopy(obj)
        old = self.stored[new["metadata"]["name"]]
        self.strategy.default(new)
        self.strategy.prepare_update(new, old)
        self._refuse(new, self.strategy.validate_update(new, old))
        return self._store(new, old, dry_run=dry_run)

    def update_status(self, obj: Json) -> Json:
        new = deepcopy(obj)
        old = self.stored[new["metadata"]["name"]]
        self.strategy.default(new)
        self.strategy.prepare_status_update(new, old)
        self._refuse(new, self.strategy.validate_status_update(new, old))
        return self._store(new, old, dry_run=False, reserve=False)

    def edit(self, name: str, *, dry_run: bool = False, spec: Json) -> Json:
        """An update as a merge patch of `spec` would make it; None removes a field."""
        new = deepcopy(self.stored[name])
        for field, value in spec.items():
            if value is None:
                new["spec"].pop(field, None)
            else:
                new["spec"][field] = deepcopy(value)
        return self.update(new, dry_run=dry_run)

    def delete(self, name: str) -> None:
        self.strategy.deleted(self.stored.pop(name))

    def _store(self, new: Json, old: Json | None, *, dry_run: bool, reserve: bool = True) -> Json:
        if reserve:
            reservation = self.strategy.reserve(new, old, dry_run=dry_run)
            if dry_run:
                reservation.release()
                return new
            reservation.commit()
        self._version += 1
        new["metadata"]["resourceVersion"] = str(self._version)
        new["metadata"].setdefault("uid", f"uid-{self._version}")
        self.stored[new["metadata"]["name"]] = new
        return deepcopy(new)

    def _refuse(self, obj: Json, errors: list[FieldError]) -> None:
        if errors:
            raise invalid_object(self.kind, self.group, obj["metadata"].get("name", ""), errors)


def complaints(error: ApiError) -> list[str]:
    """`field: message` of every cause of a refusal."""
    return [f"{one['field']}: {one['message']}" for one in error.details["causes"]]


def services(settings: ServiceSettings | None = None, seed: int = 1) -> Room:
    """An empty cluster's Services; allocation is random but repeatable."""
    return Room(ServiceStrategy(settings or ServiceSettings(), Random(seed)), "Service")


def service(name: str = "web", /, *, annotations: Json | None = None, **spec: object) -> Json:
    """A Service with one port and a selector; a spec field given as None is left out."""
    full: Json = {"selector": {"app": "web"}, "ports": [{"port": 80}], **spec}
    metadata: Json = {"name": name, "namespace": "default"}
    if annotations is not None:
        metadata["annotations"] = annotations
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {field: value for field, value in full.items() if value is not None},
    }
