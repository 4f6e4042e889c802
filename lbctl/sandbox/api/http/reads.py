"""GET of one object and of a collection: versions, selectors, pages.

Source: k8s.io/apiserver/pkg/storage/etcd3/store.go (GetList), pkg/storage/continue.go,
kubernetes.io/docs/reference/using-api/api-concepts (resourceVersion semantics).
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from lbctl.sandbox.api.errors import ApiError, Json, bad_request, expired, not_found
from lbctl.sandbox.api.http.accept import Clause
from lbctl.sandbox.api.http.answers import encode, json_answer, object_answer, partial, table, value_answer
from lbctl.sandbox.api.http.query import EXACT, ListOptions
from lbctl.sandbox.api.http.selection import Selection
from lbctl.sandbox.api.metadata import check_not_ahead, parse_version
from lbctl.sandbox.api.objects import Objects
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.store import Bucket, Compacted, Key, Stored, keys_of_namespace

_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 - the version field of a continue token
_LATEST = -1
_INCONSISTENT = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. "
    "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or "
    "deleted between the time the first chunk was returned and now may show up in the list."
)
_TOO_OLD = "The resourceVersion for the provided list is too old."


@dataclass(frozen=True, slots=True)
class Page:
    """What a list answers with: the version it shows, its objects, and how to go on."""

    rv: int
    stored: list[Stored]
    continuation: str = ""
    remaining: int | None = None

    @property
    def metadata(self) -> Json:
        """The list's own metadata."""
        metadata: Json = {"resourceVersion": str(self.rv)}
        if self.continuation:
            metadata["continue"] = self.continuation
        if self.remaining is not None:
            metadata["remainingItemCount"] = self.remaining
        return metadata


def get_object(objects: Objects, served: Served, key: Key, clause: Clause, options: ListOptions) -> web.Response:
    """The answer to GET of one object. Raises ApiError 404, 406, 504."""
    check_not_ahead(parse_version(options.resource_version), objects.store.rv)
    rt = served.rt
    stored = objects.store.bucket(rt.bucket).objects.get(key)
    if stored is None:
        raise not_found(rt.plural, rt.group, key[1])
    if not clause.kind and not clause.is_yaml and rt.view is None:
        return json_answer(rt.prefix + stored.data[1:])
    return object_answer(served, objects.present(served, stored), clause, include_object=options.include_object)


def list_objects(
    objects: Objects, served: Served, namespace: str, clause: Clause, options: ListOptions
) -> web.Response:
    """The answer to GET of a collection. Raises ApiError 400, 406, 410, 504."""
    page = select(objects, served, namespace, options)
    rt = served.rt
    if not clause.kind and not clause.is_yaml and rt.view is None:
        return json_answer(_joined(served, page))
    items = [objects.present(served, one) for one in page.stored]
    if clause.kind == "Table":
        return value_answer(table(served, items, clause, options.include_object, page.metadata), 200, clause)
    if clause.kind:
        body = {
            "kind": "PartialObjectMetadataList",
            "apiVersion": f"{clause.group}/{clause.version}",
            "metadata": page.metadata,
            "items": [partial(one, clause) for one in items],
        }
        return value_answer(body, 200, clause)
    body = {"kind": rt.list_kind, "apiVersion": rt.api_version, "metadata": page.metadata, "items": items}
    return value_answer(body, 200, clause)


def select(objects: Objects, served: Served, namespace: str, options: ListOptions) -> Page:
    """The objects a list asks for, at the version it asks for. Raises ApiError 400, 410, 504."""
    bucket = objects.store.bucket(served.rt.bucket)
    selection = Selection(objects, served, namespace, options)
    rv, after = _position(objects, options)
    contents, keys = _snapshot(bucket, rv, objects.store.rv, after)
    keys = keys_of_namespace(keys, namespace)
    start = 0 if after is None else bisect_left(keys, after)
    return _page(selection, contents, keys, start, rv, options.limit)


def _position(objects: Objects, options: ListOptions) -> tuple[int, Key | None]:
    """The version to show and, for a later page, the key to start from."""
    current = objects.store.rv
    if options.continuation:
        rv, after = _read_token(options.continuation)
        if options.resource_version not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        return (current if rv == _LATEST else rv), after
    asked = parse_version(options.resource_version)
    check_not_ahead(asked, current)
    exact = options.match == EXACT or (not options.match and options.limit and asked)
    return (asked if exact else current), None


def _snapshot(bucket: Bucket, rv: int, current: int, after: Key | None) -> tuple[Mapping[Key, Stored], Sequence[Key]]:
    if rv == current:
        return bucket.objects, bucket.ordered()
    try:
        contents = bucket.at(rv)
    except Compacted:
        if after is None:
            raise expired(_TOO_OLD) from None
        raise _ContinueExpired(_token(_LATEST, after)) from None
    return contents, bucket.ordered() if contents is bucket.objects else sorted(contents)


class _ContinueExpired(ApiError):
    """410 with a token that goes on at the newest version."""

    def __init__(self, token: str) -> None:
        super().__init__(410, "Expired", _INCONSISTENT)
        self._token = token

    def status(self) -> Json:
        return {**super().status(), "metadata": {"continue": self._token}}


def _page(
    selection: Selection, contents: Mapping[Key, Stored], keys: Sequence[Key], start: int, rv: int, limit: int
) -> Page:
    if selection.everything and not limit:
        return Page(rv, [contents[key] for key in (keys[start:] if start else keys)])
    found: list[Stored] = []
    for at in range(start, len(keys)):
        key = keys[at]
        stored = contents[key]
        if not selection.matches(key, stored):
            continue
        if limit and len(found) == limit:
            # A selector makes the rest uncountable without reading it; the real server leaves the count out too.
            remaining = len(keys) - at if selection.everything else None
            return Page(rv, found, _token(rv, key), remaining)
        found.append(stored)
    return Page(rv, found)


def _joined(served: Served, page: Page) -> bytes:
    rt = served.rt
    head = {"kind": rt.list_kind, "apiVersion": rt.api_version, "metadata": page.metadata}
    # Items of built-in lists carry no kind and apiVersion, those of custom resources do: as Go's typed lists and
    # unstructured lists encode them.
    parts = [rt.prefix + one.data[1:] for one in page.stored] if rt.custom else [one.data for one in page.stored]
    return b"".join((encode(head)[:-1], b',"items":[', b",".join(parts), b"]}"))


def _token(rv: int, start: Key) -> str:
    body = {"v": _TOKEN_VERSION, "rv": rv, "start": "/".join(start)}
    return base64.urlsafe_b64encode(json.dumps(body, separators=(",", ":")).encode()).rstrip(b"=").decode()


def _read_token(token: str) -> tuple[int, Key]:
    try:
        body = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        rv, start = int(body["rv"]), str(body["start"])
        valid = body["v"] == _TOKEN_VERSION and (rv > 0 or rv == _LATEST) and "/" in start
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {error}") from error
    if not valid:
        why = "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"
        raise bad_request(f"invalid continue token: continue key is not valid: {why}")
    namespace, _, name = start.partition("/")
    return rv, (namespace, name)


def whole(options: ListOptions) -> ListOptions:
    """The same selection without paging, at the newest version."""
    return replace(options, limit=0, continuation="", resource_version="", match="")
