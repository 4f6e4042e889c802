"""From a request to its handler: who asks, what the path names, which verb it is."""

from __future__ import annotations

import logging

from aiohttp import web

from lbctl.sandbox.api import access
from lbctl.sandbox.api.access import Gate, User
from lbctl.sandbox.api.bodies import Malformed, read_object
from lbctl.sandbox.api.cluster import Cluster
from lbctl.sandbox.api.discovery import REVIEWS, Review, verbs_of
from lbctl.sandbox.api.errors import ApiError, bad_request, internal_error
from lbctl.sandbox.api.http.accept import negotiate
from lbctl.sandbox.api.http.answers import error_answer, value_answer
from lbctl.sandbox.api.http.binding import bind_pod
from lbctl.sandbox.api.http.documents import Documents, public_document
from lbctl.sandbox.api.http.patches import patch_object
from lbctl.sandbox.api.http.paths import Target, parse_path
from lbctl.sandbox.api.http.query import ListOptions, Query, list_options
from lbctl.sandbox.api.http.reads import get_object, list_objects
from lbctl.sandbox.api.http.scale import get_scale, write_scale
from lbctl.sandbox.api.http.watch import Watcher, watch
from lbctl.sandbox.api.http.writes import (
    Call,
    create_object,
    delete_collection,
    delete_object,
    replace_object,
)
from lbctl.sandbox.api.registry import Served

MAX_BODY_BYTES = 3 * 1024 * 1024
"""Source: k8s.io/apiserver/pkg/server/config.go (MaxRequestBodyBytes)."""
_log = logging.getLogger(__name__)
_NO_RESOURCE = ApiError(404, "NotFound", "the server could not find the requested resource")
_NO_METHOD = ApiError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
_NO_PAGE = "404 page not found\n"
_FOR_EVERYBODY = ("api", "apis", "openapi")
_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Router:
    """Answers every request to one cluster."""

    def __init__(self, cluster: Cluster, server_address: str) -> None:
        self._cluster = cluster
        self._gate = Gate(cluster.token)
        self._documents = Documents(cluster, server_address)
        self._watchers: set[Watcher] = set()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """The answer to a request; whatever goes wrong becomes a Status."""
        try:
            return await self._answer(request)
        except ApiError as error:
            return error_answer(error)
        except (ConnectionError, web.HTTPException):
            raise
        except Exception as error:  # noqa: BLE001 - one broken request must not end the server
            _log.exception("request failed", extra={"method": request.method, "path": request.path})
            return error_answer(internal_error(f"{type(error).__name__}: {error}"))

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path, method, headers = request.rel_url.raw_path, request.method, request.headers
        if method == "GET":
            public = public_document(self._cluster, path, verbose="verbose" in request.rel_url.raw_query_string)
            if public is not None:
                return public
        user = self._gate.identify(
            headers.get("Authorization", ""),
            headers.get("Impersonate-User", ""),
            tuple(headers.getall("Impersonate-Group", ())),
        )
        target = parse_path(path)
        if target is None:
            return self._document(path, method, headers.get("Accept", ""), user)
        review = _review(target)
        if review is not None:
            return await self._review(request, review, user)
        return await self._resource(request, target, user)

    def _document(self, path: str, method: str, accept: str, user: User) -> web.Response:
        if not user.may_everything and path.strip("/").split("/")[0] not in _FOR_EVERYBODY:
            raise access.refuse_path(user, _VERBS.get(method, method.lower()), path)
        document = self._documents.get(path, accept)
        if document is None and self._names_served_group(path):
            raise _NO_RESOURCE
        if document is not None and method != "GET":
            raise _NO_METHOD
        return web.Response(status=404, text=_NO_PAGE) if document is None else document

    def _names_served_group(self, path: str) -> bool:
        match path.strip("/").split("/"):
            case ["api", _]:
                return True
            case ["apis", group, _]:
                return self._cluster.registry.serves(group)
        return False

    async def _review(self, request: web.BaseRequest, review: Review, user: User) -> web.Response:
        if request.method != "POST":
            raise _NO_METHOD
        clause = negotiate(request.headers.get("Accept", ""))
        try:
            body = read_object(request.headers.get("Content-Type", ""), await request.read()).value
        except Malformed as error:
            raise bad_request(str(error)) from error
        body = {"kind": review.kind, "apiVersion": f"{review.group}/v1", **body}
        return value_answer(access.answer(review.kind, body, user, self._gate), 201, clause)

    async def _resource(self, request: web.BaseRequest, target: Target, user: User) -> web.StreamResponse:
        query = Query(request.rel_url.raw_query_string)
        if not user.may_everything:
            plural = f"{target.plural}/{target.subresource}" if target.subresource else target.plural
            verb = _verb(request.method, query, target)
            raise access.refuse(user, verb, plural, target.group, target.namespace, target.name)
        served = self._served(target)
        if served is None:
            return web.Response(status=404, text=_NO_PAGE)
        if request.method in ("HEAD", "OPTIONS"):
            raise _NO_METHOD
        clause = negotiate(request.headers.get("Accept", ""))
        if request.method == "GET":
            options = list_options(query)
            objects, key = self._cluster.objects, (target.namespace, target.name)
            if target.name and target.subresource not in ("binding", "scale"):
                return get_object(objects, served, key, clause, options)
            if not target.name and options.watch:
                return await self._watch(request, Watcher(objects, served, target.namespace, clause, options), options)
            if not target.name:
                return list_objects(objects, served, target.namespace, clause, options)
        return _carry_out(
            request.method,
            Call(
                objects=self._cluster.objects,
                served=served,
                key=(target.namespace, target.name),
                subresource=target.subresource,
                query=query,
                content_type=request.headers.get("Content-Type", ""),
                user_agent=request.headers.get("User-Agent", ""),
                body=await _body(request),
                clause=clause,
            ),
        )

    async def _watch(self, request: web.BaseRequest, watcher: Watcher, options: ListOptions) -> web.StreamResponse:
        self._watchers.add(watcher)
        try:
            return await watch(request, watcher, options, self._cluster.settings.bookmark_interval_s)
        finally:
            self._watchers.discard(watcher)

    def end_watches(self) -> None:
        """Let every watch end, so that the server can stop."""
        for watcher in self._watchers:
            watcher.end()

    def _served(self, target: Target) -> Served | None:
        """The resource of a path, None when its whole group is not served. Raises ApiError 404."""
        registry = self._cluster.registry
        served = registry.find(target.group, target.version, target.plural)
        if served is None:
            if registry.serves(target.group):
                raise _NO_RESOURCE
            return None
        rt = served.rt
        unknown = bool(target.subresource) and target.subresource not in rt.subresources
        misplaced = bool(target.namespace) != rt.namespaced and bool(target.namespace or target.name)
        if unknown or misplaced:
            raise _NO_RESOURCE
        return served


def _carry_out(method: str, call: Call) -> web.Response:
    named = bool(call.key[1])
    if call.subresource == "scale":
        if method == "GET":
            return get_scale(call)
        if method in ("PUT", "PATCH"):
            return write_scale(call)
    elif call.subresource == "binding":
        if method == "POST":
            return bind_pod(call)
    elif named:
        if method == "PUT":
            return replace_object(call)
        if method == "PATCH" and call.subresource != "finalize":
            return patch_object(call)
        if method == "DELETE" and not call.subresource:
            return delete_object(call)
    elif method == "POST" and (call.key[0] or not call.served.rt.namespaced):
        return create_object(call)
    elif method == "DELETE" and "deletecollection" in verbs_of(call.served.rt):
        return delete_collection(call)
    raise _NO_METHOD


def _review(target: Target) -> Review | None:
    for review in REVIEWS:
        named = (target.group, target.version, target.plural) == (review.group, "v1", review.plural)
        if named and not target.name:
            return review
    return None


def _verb(method: str, query: Query, target: Target) -> str:
    if method == "GET" and not target.name:
        return "watch" if query.get("watch") in ("1", "true") else "list"
    if method == "DELETE" and not target.name:
        return "deletecollection"
    return _VERBS.get(method, method.lower())


async def _body(request: web.BaseRequest) -> bytes:
    data = await request.read()
    if len(data) > MAX_BODY_BYTES:
        why = f"limit is {MAX_BODY_BYTES}"
        raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: {why}")
    return data
