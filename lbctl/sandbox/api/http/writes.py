"""POST, PUT and DELETE of objects and collections."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from lbctl.sandbox.api.bodies import Malformed, read_object
from lbctl.sandbox.api.deletion import delete
from lbctl.sandbox.api.errors import ApiError, Json, bad_request
from lbctl.sandbox.api.fieldcheck import decode_sent, read_sent
from lbctl.sandbox.api.http.accept import Clause
from lbctl.sandbox.api.http.answers import object_answer, value_answer
from lbctl.sandbox.api.http.query import (
    ChangeOptions,
    ListOptions,
    Query,
    change_options,
    delete_options,
    list_options,
)
from lbctl.sandbox.api.http.reads import select, whole
from lbctl.sandbox.api.metadata import expect_name, metadata_of
from lbctl.sandbox.api.objects import Objects, WriteOptions, Written
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.store import Key


@dataclass(frozen=True, slots=True)
class Call:
    """One request about a resource: what it is about, and what it brought along."""

    objects: Objects
    served: Served
    key: Key
    """Namespace and name; the name is empty for a collection."""
    subresource: str
    query: Query
    content_type: str
    user_agent: str
    body: bytes
    clause: Clause

    def written(self, outcome: Written, warnings: list[str]) -> web.Response:
        """The answer to a write."""
        return object_answer(
            self.served,
            outcome.obj,
            self.clause,
            code=201 if outcome.created else 200,
            include_object=self.query.get("includeObject") or "Metadata",
            warnings=warnings + outcome.warnings,
        )

    def options(self, change: ChangeOptions, *, tracked: bool = True) -> WriteOptions:
        """The options of the write itself."""
        return WriteOptions(change.manager, change.dry_run, self.subresource, tracked)

    def main_options(self, change: ChangeOptions) -> WriteOptions:
        """The options of a write to the object itself, whatever subresource it came through."""
        return WriteOptions(change.manager, change.dry_run)


def create_object(call: Call) -> web.Response:
    """The answer to POST. Raises ApiError."""
    change = change_options(call.query, call.user_agent, kind="CreateOptions")
    obj, warnings = _sent(call, change)
    if metadata_of(obj).get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    return call.written(call.objects.create(call.served, call.key[0], obj, call.options(change)), warnings)


def replace_object(call: Call) -> web.Response:
    """The answer to PUT. Raises ApiError."""
    change = change_options(call.query, call.user_agent, kind="UpdateOptions")
    obj, warnings = _sent(call, change)
    expect_name(metadata_of(obj), call.key[1])
    outcome = call.objects.update(call.served, call.key, lambda _: obj, call.options(change))
    return call.written(outcome, warnings)


def delete_object(call: Call) -> web.Response:
    """The answer to DELETE of one object. Raises ApiError."""
    options = delete_options(call.query, _delete_body(call))
    return object_answer(call.served, delete(call.objects, call.served, call.key, options), call.clause)


def delete_collection(call: Call) -> web.Response:
    """The answer to DELETE of a collection: the list of what was deleted. Raises ApiError."""
    options = delete_options(call.query, _delete_body(call))
    chosen: ListOptions = list_options(call.query)
    served = call.served
    items: list[Json] = []
    page = select(call.objects, served, call.key[0], whole(chosen))
    for stored in page.stored:
        obj = call.objects.present(served, stored)
        metadata = obj["metadata"]
        try:
            delete(call.objects, served, (metadata.get("namespace") or "", metadata["name"]), options)
        except ApiError as error:
            if error.code != 404:
                raise
        items.append(obj)
    rt = served.rt
    body = {"kind": rt.list_kind, "apiVersion": rt.api_version, "metadata": page.metadata, "items": items}
    return value_answer(body, 200)


def _sent(call: Call, change: ChangeOptions) -> tuple[Json, list[str]]:
    body = read_sent(call.served, call.objects.registry, call.content_type, call.body)
    return body.value, decode_sent(call.served, body, change.validation)


def _delete_body(call: Call) -> Json | None:
    if not call.body:
        return None
    try:
        body: Json = read_object(call.content_type, call.body).value
    except Malformed as error:
        raise bad_request(str(error)) from error
    return body
