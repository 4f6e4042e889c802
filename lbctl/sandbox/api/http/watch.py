"""Watches: changes as lines of JSON, from a version on, for as long as the client stays.

Rules
- A change is encoded once per form, whatever number of watchers it goes to.
- An object that enters a selection is ADDED, one that leaves it is DELETED with its last wanted state.
- A version older than the history is answered by an ERROR event with a 410 Status.
- A watcher that falls `BACKLOG` changes behind is cut off; it comes back with the version it has seen.
Source: k8s.io/apiserver/pkg/storage/cacher/cache_watcher.go, KEP-956 (bookmarks), KEP-3157 (watch list).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

from aiohttp import web

from lbctl.sandbox.api.errors import Json, expired
from lbctl.sandbox.api.http.accept import Clause
from lbctl.sandbox.api.http.answers import encode, shaped
from lbctl.sandbox.api.http.query import ListOptions
from lbctl.sandbox.api.http.selection import Selection
from lbctl.sandbox.api.metadata import parse_version
from lbctl.sandbox.api.objects import Objects
from lbctl.sandbox.api.registry import Served
from lbctl.sandbox.api.store import Change, Compacted, Stored

BACKLOG = 100_000
_DEFAULT_TIMEOUT_S = (1800.0, 3600.0)
_LAST_BOOKMARK_S = 2.0
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Watcher:
    """One client's watch: what it wants, and the lines waiting for it."""

    def __init__(self, objects: Objects, served: Served, namespace: str, clause: Clause, options: ListOptions) -> None:
        self._objects = objects
        self._served = served
        self._clause = clause
        self._options = options
        self._selection = Selection(objects, served, namespace, options)
        self._bucket = objects.store.bucket(served.rt.bucket)
        self._lines: list[bytes] = []
        self._wake = asyncio.Event()
        self._with_headers = clause.kind == "Table"
        self.ended = False
        """Whether nothing follows what is waiting: the version is too old, the client too slow, or the server stops."""

    def open(self) -> None:
        """Queue what the watch begins with and follow the bucket from there."""
        options = self._options
        asked = parse_version(options.resource_version)
        if options.send_initial_events or (options.send_initial_events is None and not asked):
            self._queue_state()
            if options.send_initial_events and options.bookmarks:
                self._queue(self.bookmark({INITIAL_EVENTS_END: "true"}))
        else:
            self._queue_since(asked or self._objects.store.rv)
        self._bucket.watchers.add(self.push)

    def end(self) -> None:
        """Let the stream end after what is waiting."""
        self.ended = True
        self._wake.set()

    def close(self) -> None:
        """Stop following."""
        self._bucket.watchers.discard(self.push)

    def _queue_state(self) -> None:
        for key in self._bucket.ordered():
            stored = self._bucket.objects[key]
            if self._selection.matches(key, stored):
                self._queue(self._line("ADDED", stored))

    def _queue_since(self, rv: int) -> None:
        try:
            changes = self._bucket.since(rv)
        except Compacted as error:
            status = expired(f"too old resource version: {rv} ({error.oldest})").status()
            self._queue(encode({"type": "ERROR", "object": status}) + b"\n")
            self.end()
            return
        for change in changes:
            self.push(change)

    def push(self, change: Change) -> None:
        """Take a change of the bucket, if it is wanted."""
        key, before, after = change.key, change.before, change.after
        is_wanted = not change.deleted and self._selection.matches(key, after)
        was_wanted = before is not None and self._selection.matches(key, before)
        if is_wanted:
            self._queue(self._cached(change, "MODIFIED" if was_wanted else "ADDED", after))
        elif was_wanted and before is not None:
            # The state that was wanted, under the version in which it stopped being so.
            last = after if change.deleted else Stored(change.rv, before.data, before.labels)
            self._queue(self._cached(change, "DELETED", last, restamp=not change.deleted))

    def _cached(self, change: Change, event: str, stored: Stored, *, restamp: bool = False) -> bytes:
        if self._with_headers:
            return self._line(event, stored, restamp=restamp)
        form = (event, self._served.rt.api_version, self._clause, self._options.include_object)
        line = change.lines.get(form)
        if line is None:
            line = change.lines[form] = self._line(event, stored, restamp=restamp)
        return line

    def _line(self, event: str, stored: Stored, *, restamp: bool = False) -> bytes:
        rt, clause = self._served.rt, self._clause
        if not clause.kind and rt.view is None and not restamp:
            return b"".join((b'{"type":"', event.encode(), b'","object":', rt.prefix, stored.data[1:], b"}\n"))
        obj = self._objects.present(self._served, stored)
        if restamp:
            obj["metadata"]["resourceVersion"] = str(stored.rv)
        return encode({"type": event, "object": self._shaped(obj)}) + b"\n"

    def _shaped(self, obj: Json) -> Json:
        headers, self._with_headers = self._with_headers, False
        return shaped(self._served, obj, self._clause, self._options.include_object, headers=headers)

    def bookmark(self, annotations: Json | None = None) -> bytes:
        """The line that says: you have seen everything up to this version."""
        rt = self._served.rt
        metadata: Json = {"resourceVersion": str(self._objects.store.rv)}
        if annotations:
            metadata["annotations"] = annotations
        obj: Json = {"kind": rt.kind, "apiVersion": rt.api_version, "metadata": metadata}
        if self._clause.kind == "Table":
            obj = {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": metadata,
                "columnDefinitions": None,
                "rows": [],
            }
        elif self._clause.kind:
            obj = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": metadata}
        return encode({"type": "BOOKMARK", "object": obj}) + b"\n"

    def _queue(self, line: bytes) -> None:
        if len(self._lines) >= BACKLOG:
            self.end()
        elif not self.ended:
            self._lines.append(line)
        self._wake.set()

    def queue_bookmark(self) -> None:
        """Say, after all that waits, that nothing up to the store's version is missing."""
        self._queue(self.bookmark())

    async def lines(self, timeout_s: float) -> bytes:
        """What is waiting, as one block; empty when nothing came in that time."""
        if not self._lines and not self.ended:
            try:
                await asyncio.wait_for(self._wake.wait(), timeout_s)
            except TimeoutError:
                return b""
        self._wake.clear()
        block = b"".join(self._lines)
        self._lines.clear()
        return block


async def watch(
    request: web.BaseRequest, watcher: Watcher, options: ListOptions, bookmark_interval_s: float
) -> web.StreamResponse:
    """Stream a watch until its time is over, the client goes, or it falls behind."""
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Cache-Control": "no-cache, private"})
    watcher.open()
    try:
        await response.prepare(request)
        await _stream(response, watcher, options, bookmark_interval_s)
        await response.write_eof()
    except ConnectionError:
        pass  # The client is gone: there is nobody left to tell.
    finally:
        watcher.close()
    return response


async def _stream(
    response: web.StreamResponse, watcher: Watcher, options: ListOptions, bookmark_interval_s: float
) -> None:
    loop = asyncio.get_running_loop()
    timeout_s = options.timeout_s or random.uniform(*_DEFAULT_TIMEOUT_S)
    deadline = loop.time() + timeout_s
    bookmarks = _bookmark_times(loop.time(), deadline, bookmark_interval_s) if options.bookmarks else iter(())
    due = next(bookmarks, deadline)
    while (now := loop.time()) < deadline:
        if now >= due:
            watcher.queue_bookmark()
            due = next(bookmarks, deadline)
        block = await watcher.lines(min(due, deadline) - now)
        if block:
            await response.write(block)
        if watcher.ended:
            return


def _bookmark_times(start: float, deadline: float, interval_s: float) -> Iterator[float]:
    """When bookmarks are due: at every interval, and shortly before the end so that the next watch starts near."""
    last = max(deadline - _LAST_BOOKMARK_S, start + (deadline - start) / 2)
    at = start + interval_s
    while at < last:
        yield at
        at += interval_s
    yield last
