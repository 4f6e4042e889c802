"""The OpenAPI documents of a server: one per group version in v3, one for everything in v2.

Built when first asked for, and kept; callers do not change them. `with_definitions` gives the documents of the same
server with other custom resources; what does not depend on those is shared.
Source: k8s.io/kube-openapi pkg/{builder,builder3,handler3}.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha512
from typing import Any

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi import gnostic, render
from lbctl.sandbox.api.openapi.custom import CustomResource, custom_resources, to_v2
from lbctl.sandbox.api.openapi.definitions import closure, definitions, digest, kind_schemas, to_v3
from lbctl.sandbox.api.openapi.operations import Resource
from lbctl.sandbox.api.openapi.operations import paths as operations_of
from lbctl.sandbox.api.openapi.well_known import DELETE_OPTIONS, PATCH, STATUS

INFO = {"title": "Kubernetes", "version": "1.34"}
_ALWAYS = (DELETE_OPTIONS, PATCH, STATUS)


class Documents:
    """The documents of a server that serves `resources`, and custom resources beside them."""

    def __init__(self, resources: Iterable[Resource], definitions: Sequence[Json] = ()) -> None:
        self._resources = tuple(resources)
        self._customs = tuple(custom_resources(definitions))
        self._v3: dict[str, Json] = {}
        self._own_v3: dict[str, Json] = {}
        self._v2: Json | None = None
        self._v2_protobuf = b""

    def with_definitions(self, definitions: Sequence[Json]) -> Documents:
        """The documents of the same server when it serves these CustomResourceDefinitions."""
        other = Documents(self._resources, definitions)
        other._v3 = self._v3
        return other

    def v3_index(self) -> Json:
        """Where the document of each group version is; the hash in the address changes when the document does."""
        addresses = {
            path: {"serverRelativeURL": f"/openapi/v3/{path}?hash={self._hash(path)}"} for path in self._group_paths()
        }
        return {"paths": dict(sorted(addresses.items()))}

    def v3_document(self, path: str) -> Json | None:
        """The document of `api/v1` or `apis/GROUP/VERSION`; None for a group version that is not served."""
        if path not in self._group_paths():
            return None
        cache = self._own_v3 if self._customs_of(path) else self._v3
        if path not in cache:
            cache[path] = self._build_v3(path)
        return cache[path]

    def v2_document(self) -> Json:
        """The document of everything, in OpenAPI v2."""
        if self._v2 is None:
            self._v2 = self._build_v2()
        return self._v2

    def v2_protobuf(self) -> bytes:
        """The same in the protobuf form that kubectl asks for (`gnostic.CONTENT_TYPE`)."""
        if not self._v2_protobuf:
            self._v2_protobuf = gnostic.encode(self.v2_document())
        return self._v2_protobuf

    def _group_paths(self) -> set[str]:
        return {_group_path(one) for one in (*self._resources, *self._customs)}

    def _customs_of(self, path: str) -> list[CustomResource]:
        return [one for one in self._customs if _group_path(one) == path]

    def _hash(self, path: str) -> str:
        """Over what the document is made from, so that an index costs no documents."""
        customs = repr(self._customs_of(path))
        served = [one.plural for one in self._resources if _group_path(one) == path]
        return sha512(f"{digest()}{path}{served}{customs}".encode()).hexdigest().upper()

    def _names(self) -> dict[tuple[str, str, str], str]:
        names = dict(kind_schemas())
        for one in self._customs:
            names[one.group, one.version, one.kind] = one.schema_name
            names[one.group, one.version, one.list_kind] = f"{one.schema_name}List"
        return names

    def _build_v3(self, path: str) -> Json:
        resources = [one for one in (*self._resources, *self._customs) if _group_path(one) == path]
        names = self._names()
        schemas = {**definitions(), **_schemas(self._customs_of(path))}
        paths: Json = {}
        for resource in resources:
            for where, operations in operations_of(resource).items():
                paths[where] = render.v3_path(where, operations, resource, names)
        needed = closure([*_ALWAYS, *_own_names(resources, names)], schemas)
        return {
            "openapi": "3.0.0",
            "info": INFO,
            "paths": paths,
            "components": {"schemas": {name: to_v3(name, schemas[name]) for name in needed}},
        }

    def _build_v2(self) -> Json:
        names = self._names()
        customs = {name: to_v2(schema) for name, schema in _schemas(self._customs).items()}
        paths: dict[str, Any] = {}
        for resource in (*self._resources, *self._customs):
            for where, operations in operations_of(resource).items():
                paths[where] = render.v2_path(where, operations, resource, names)
        return {"swagger": "2.0", "info": INFO, "paths": paths, "definitions": {**definitions(), **customs}}


def _group_path(resource: Resource) -> str:
    return f"apis/{resource.group}/{resource.version}" if resource.group else f"api/{resource.version}"


def _schemas(customs: Iterable[CustomResource]) -> dict[str, Json]:
    return {name: schema for one in customs for name, schema in one.schemas().items()}


def _own_names(resources: Iterable[Resource], names: dict[tuple[str, str, str], str]) -> list[str]:
    """The schemas of the kinds, lists and scales of resources, as far as there are any."""
    kinds = [(one.group, one.version, kind) for one in resources for kind in (one.kind, one.list_kind)]
    if any("scale" in one.subresources for one in resources):
        kinds.append(("autoscaling", "v1", "Scale"))
    return [names[kind] for kind in kinds if kind in names]
