"""CustomResourceDefinitions at work: what they define is served from the moment they are stored.

Source: k8s.io/apiextensions-apiserver/pkg/controller/{status,establish}, pkg/apiserver/customresource_handler.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.custom.strategy import CustomStrategy
from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.metadata import timestamp
from lbctl.sandbox.api.objects import Objects
from lbctl.sandbox.api.registry import ScalePaths, Served
from lbctl.sandbox.api.resources import CRD, ResourceType
from lbctl.sandbox.api.selectors import custom_resource_fields
from lbctl.sandbox.api.store import Change, Key, Stored

_EVERYTHING: Json = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_AGE: Json = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


class Definitions:
    """Keeps the registry in step with the stored definitions."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        objects.store.observe(self._changed)

    def restore(self) -> None:
        """Serve what the stored definitions define."""
        for key, stored in self._objects.store.bucket(CRD.bucket).objects.items():
            self._publish(key, stored)

    def _changed(self, bucket: str, change: Change) -> None:
        if bucket != CRD.bucket:
            return
        if change.deleted:
            self._objects.registry.undefine(change.key[1])
        else:
            self._publish(change.key, change.after)

    def _publish(self, key: Key, stored: Stored) -> None:
        self._objects.registry.define(key[1], served_by(stored.decode()))

    def accept(self, name: str) -> None:
        """Write the conditions of a new definition: its names are accepted and it is established, unless they clash."""
        definitions = self._objects.registry.find(CRD.group, CRD.version, CRD.plural)
        crd = None if definitions is None else self._objects.find(definitions, ("", name))
        if definitions is None or crd is None:
            return
        clash = self._clash(name, crd["spec"])
        status = crd.setdefault("status", {})
        conditions = _conditions(clash)
        if _bare(status.get("conditions") or []) == _bare(conditions) and not _renamed(crd):
            return
        if not clash:
            status["acceptedNames"] = crd["spec"]["names"]
        status["conditions"] = _keeping_times(conditions, status.get("conditions") or [])
        self._objects.rewrite(definitions, ("", name), crd)

    def _clash(self, name: str, spec: Json) -> str:
        """What another definition of the group already calls itself, empty when the names are free."""
        for key, stored in self._objects.store.bucket(CRD.bucket).objects.items():
            other = stored.decode()["spec"]
            if key[1] != name and other["group"] == spec["group"]:
                for word in ("kind", "singular", "listKind"):
                    if other["names"].get(word) == spec["names"].get(word):
                        return f'"{spec["names"][word]}" is already in use'
        return ""


def served_by(crd: Json) -> list[Served]:
    """The resources that a definition makes the server serve, one for each served version."""
    spec = crd["spec"]
    return [_served(spec, version) for version in spec["versions"] if version.get("served")]


def _served(spec: Json, version: Json) -> Served:
    names, namespaced = spec["names"], spec["scope"] == "Namespaced"
    subresources = version.get("subresources") or {}
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or _EVERYTHING
    if spec.get("preserveUnknownFields"):
        schema = {**schema, "x-kubernetes-preserve-unknown-fields": True}
    rt = ResourceType(
        spec["group"],
        version["name"],
        names["kind"],
        names["plural"],
        namespaced,
        tuple(names.get("shortNames") or ()),
        tuple(names.get("categories") or ()),
        tuple(sorted(subresources)),
        singular=names.get("singular") or "",
        list_kind=names.get("listKind") or "",
        custom=True,
    )
    strategy = CustomStrategy(rt.kind, schema, namespaced=namespaced, status_subresource="status" in subresources)
    fields = custom_resource_fields(version.get("selectableFields") or (), namespaced=namespaced)
    columns = tuple(version.get("additionalPrinterColumns") or (_AGE,))
    return Served(rt, strategy, fields, columns, schema, _scale_paths(subresources.get("scale") or {}))


def _scale_paths(scale: Json) -> ScalePaths:
    def path(name: str) -> tuple[str, ...]:
        return tuple(step for step in str(scale.get(name) or "").split(".") if step)

    return ScalePaths(path("specReplicasPath"), path("statusReplicasPath"), path("labelSelectorPath"))


def _conditions(clash: str) -> list[Json]:
    accepted: Json = {
        "type": "NamesAccepted",
        "status": "True",
        "reason": "NoConflicts",
        "message": "no conflicts found",
    }
    established: Json = {
        "type": "Established",
        "status": "True",
        "reason": "InitialNamesAccepted",
        "message": "the initial names have been accepted",
    }
    if clash:
        accepted |= {"status": "False", "reason": "NamesConflict", "message": clash}
        established |= {"status": "False", "reason": "NotAccepted", "message": "not all names are accepted"}
    now = timestamp()
    return [{"lastTransitionTime": now, **one} for one in (accepted, established)]


def _bare(conditions: list[Json]) -> list[tuple[str, str]]:
    return [(one["type"], one["status"]) for one in conditions if one["type"] in ("NamesAccepted", "Established")]


def _keeping_times(new: list[Json], old: list[Json]) -> list[Json]:
    others = [one for one in old if one["type"] not in {condition["type"] for condition in new}]
    before = {one["type"]: one for one in old}
    for one in new:
        last = before.get(one["type"])
        if last is not None and last["status"] == one["status"]:
            one["lastTransitionTime"] = last["lastTransitionTime"]
    return new + others


def _renamed(crd: Json) -> bool:
    accepted = (crd.get("status") or {}).get("acceptedNames") or {}
    return bool(accepted.get("kind")) and accepted != crd["spec"]["names"]
