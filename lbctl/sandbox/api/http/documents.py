"""GET of everything that is not an object: discovery, OpenAPI, version, health.

Source: k8s.io/apiserver/pkg/{endpoints/discovery,server/routes,server/healthz}.
"""

from __future__ import annotations

import platform
from collections.abc import Callable

from aiohttp import web

from lbctl.sandbox.api import discovery
from lbctl.sandbox.api.cluster import Cluster
from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.http.accept import Clause, clauses
from lbctl.sandbox.api.http.answers import encode, json_answer
from lbctl.sandbox.api.openapi import V2_PROTOBUF, documents
from lbctl.sandbox.api.openapi import Documents as OpenApi
from lbctl.sandbox.api.resources import CRD

KUBERNETES_VERSION = (1, 34)
_HEALTH = ("/healthz", "/livez", "/readyz")


def public_document(cluster: Cluster, path: str, *, verbose: bool) -> web.Response | None:
    """What is answered without a token: /version and health; None for every other path."""
    if path.rstrip("/") == "/version":
        return json_answer(encode(version_document()))
    root = "/" + path.strip("/").split("/")[0]
    if root in _HEALTH:
        return _health(cluster, root[1:], verbose=verbose)
    return None


def version_document() -> Json:
    """The answer to /version: the API level we serve, and that it is us who serve it."""
    major, minor = KUBERNETES_VERSION
    return {
        "major": str(major),
        "minor": str(minor),
        "gitVersion": f"v{major}.{minor}.0+lbctl",
        "gitCommit": "",
        "gitTreeState": "",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "cpython",
        "platform": f"linux/{platform.machine()}",
    }


def _health(cluster: Cluster, name: str, *, verbose: bool) -> web.Response:
    storage = "ok" if cluster.healthy else "failed: the storage file cannot be written"
    if verbose or not cluster.healthy:
        sign = "+" if cluster.healthy else "-"
        outcome = "passed" if cluster.healthy else "failed"
        text = f"[+]ping ok\n[{sign}]storage {storage}\n{name} check {outcome}\n"
    else:
        text = "ok"
    return web.Response(text=text, status=200 if cluster.healthy else 500)


class Documents:
    """The documents that describe a cluster's API; the encoded OpenAPI ones are kept until the registry changes."""

    def __init__(self, cluster: Cluster, server_address: str) -> None:
        self._registry = cluster.registry
        self._cluster = cluster
        self._server_address = server_address
        self._current: OpenApi = documents()
        self._generation = 0
        self._encoded: dict[str, bytes] = {}

    def get(self, path: str, accept: str) -> web.Response | None:
        """The document at a path, None when there is none."""
        match path.strip("/").split("/"):
            case [""]:
                return json_answer(encode({"paths": self._paths()}))
            case ["api"]:
                return self._discovery(accept, core=True)
            case ["apis"]:
                return self._discovery(accept, core=False)
            case ["api", version]:
                return _document(discovery.resource_list(self._registry, "", version))
            case ["apis", group]:
                return _document(discovery.group_document(self._registry, group))
            case ["apis", group, version]:
                return _document(discovery.resource_list(self._registry, group, version))
            case ["openapi", "v2"]:
                return self._openapi_v2(accept)
            case ["openapi", "v3"]:
                return json_answer(encode(self._openapi().v3_index()))
            case ["openapi", "v3", *group_version]:
                return self._openapi_v3("/".join(group_version))
        return None

    def _paths(self) -> list[str]:
        groups = {one.rt.group for one in self._registry.all()} - {""}
        versions = {one.rt.api_version for one in self._registry.all() if one.rt.group}
        resources = [f"/apis/{name}" for name in (*groups, *versions)]
        return sorted(["/api", "/api/v1", "/apis", *resources, *_HEALTH, "/openapi/v2", "/openapi/v3", "/version"])

    def _discovery(self, accept: str, *, core: bool) -> web.Response:
        wanted = _aggregated_clause(accept)
        if wanted is not None:
            response = json_answer(encode(discovery.aggregated(self._registry, core=core, version=wanted.version)))
            kind = f"g={discovery.AGGREGATED_GROUP};v={wanted.version};as={discovery.AGGREGATED_KIND}"
            response.headers["Content-Type"] = f"application/json;{kind}"
            return response
        if core:
            return json_answer(encode(discovery.core_versions(self._server_address)))
        return json_answer(encode(discovery.group_list(self._registry)))

    def _openapi_v2(self, accept: str) -> web.Response:
        if "protobuf" in accept.partition(",")[0]:
            body = self._kept("v2.pb", lambda documents: documents.v2_protobuf())
            return web.Response(body=body, headers={"Content-Type": V2_PROTOBUF})
        return json_answer(self._kept("v2", lambda documents: encode(documents.v2_document())))

    def _openapi_v3(self, path: str) -> web.Response | None:
        document = self._openapi().v3_document(path)
        return None if document is None else json_answer(self._kept(path, lambda _: encode(document)))

    def _openapi(self) -> OpenApi:
        """The OpenAPI documents of what is served now."""
        if self._generation != self._registry.generation:
            self._generation = self._registry.generation
            stored = self._cluster.store.bucket(CRD.bucket).objects.values()
            self._current = documents().with_definitions([one.decode() for one in stored])
            self._encoded.clear()
        return self._current

    def _kept(self, name: str, make: Callable[[OpenApi], bytes]) -> bytes:
        current = self._openapi()
        if name not in self._encoded:
            self._encoded[name] = make(current)
        return self._encoded[name]


def _aggregated_clause(accept: str) -> Clause | None:
    """The aggregated form the client prefers, None when it prefers the legacy documents."""
    for clause in clauses(accept):
        if not clause.kind:
            return None
        known = (clause.group, clause.kind) == (discovery.AGGREGATED_GROUP, discovery.AGGREGATED_KIND)
        if known and clause.version in discovery.AGGREGATED_VERSIONS:
            return clause
    return None


def _document(value: Json | None) -> web.Response | None:
    return None if value is None else json_answer(encode(value))
