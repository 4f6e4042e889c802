"""Whatever the connection does, the informer ends with what the server has, and its handlers saw a true story."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lbctl.kube.informer import Informer, WatchTiming
from lbctl.kube.kinds import SERVICES
from lbctl.kube.transport import Hangup
from lbctl.model.service import ObjectKey, Service
from lbctl.runtime.backoff import Backoff
from tests.unit.kube.scripted import (
    Answer,
    Asked,
    Json,
    ScriptedServer,
    event,
    gone_event,
    listing,
    service,
    status,
    watch,
)

NAMES = ("a", "b", "c")
SENTINEL = "the-end"
# Each connection meets one fault, after so many events and after these objects were changed (or deleted) on the server.
FAULTS = ("cut", "end", "replay and cut", "compact", "gone event", "500", "torn line", "hang")
Plan = tuple[list[tuple[str, bool]], int, str]
plans = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=5),
        st.integers(0, 4),
        st.sampled_from(FAULTS),
    ),
    max_size=7,
)


class Cluster:
    """A server with a history, a compaction point and one planned fault for each connection."""

    def __init__(self, faults: list[Plan]) -> None:
        self._plans = list(faults)
        self._lock = threading.Lock()
        self.objects: dict[str, Json] = {}
        self._history: list[tuple[int, bytes]] = []
        self._version = 100
        self._compacted = 0

    def __call__(self, asked: Asked) -> Answer:
        with self._lock:
            if not asked.is_watch:
                return listing(list(self.objects.values()), self._version)
            last = not self._plans
            changes, count, fault = ([], 0, "hang") if last else self._plans.pop(0)
            for name, present in changes:
                self._change(name, present=present)
            if last and SENTINEL not in self.objects:
                self._change(SENTINEL, present=True)
            return self._serve(int(asked.query["resourceVersion"]), count, fault)

    def _change(self, name: str, *, present: bool) -> None:
        if not present and name not in self.objects:
            return
        self._version += 1
        before = self.objects.pop(name, None)
        item = service(name, self._version)
        if present:
            self.objects[name] = item
        kind = "DELETED" if not present else "ADDED" if before is None else "MODIFIED"
        self._history.append((self._version, event(kind, item)))

    def _serve(self, since: int, count: int, fault: str) -> Answer:
        if fault == "500":
            return status(500, "InternalError")
        if fault == "compact":
            self._compacted = self._version
        if since < self._compacted:
            return watch(gone_event(), then="end") if count % 2 else status(410, "Expired")
        if fault == "replay and cut":
            since = max(since - 2, 0)
        lines = [line for version, line in self._history if version > since]
        if fault == "hang":
            return watch(*lines, then="hang" if SENTINEL in self.objects else "end")
        lines = lines[:count]
        if fault == "gone event":
            # In one chunk, so that the informer meets the error in the middle of a batch.
            lines = [b"".join([*lines, gone_event()])]
        if fault == "torn line" and lines:
            lines[-1] = lines[-1][: len(lines[-1]) // 2]
        return watch(*lines, then="end" if fault == "end" else "cut")


class Shadow:
    """What somebody who only listens to the handlers believes."""

    def __init__(self) -> None:
        self.believed: dict[ObjectKey, Service] = {}
        self.lies: list[tuple[Service | None, Service | None]] = []
        self.ended = threading.Event()

    def heard(self, old: Service | None, new: Service | None) -> None:
        one = new or old
        assert one is not None
        if self.believed.get(one.key) is not old or old is new:
            self.lies.append((old, new))
        if new is None:
            del self.believed[one.key]
        else:
            self.believed[one.key] = new
            if one.key.name == SENTINEL:
                self.ended.set()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans)
def test_the_store_ends_equal_to_the_server(faults: list[Plan]) -> None:
    cluster, shadow = Cluster(faults), Shadow()
    stop, hangup = threading.Event(), Hangup()
    with tempfile.TemporaryDirectory() as folder, ScriptedServer(cluster) as server:
        timing = WatchTiming(short_lived_s=30.0, backoff=Backoff(0.001, 0.002))
        informer: Informer[Service] = Informer(server.client(Path(folder)), SERVICES, timing=timing)
        informer.store.add_index("name", lambda one: (one.key.name,))
        informer.on_change(shadow.heard)
        thread = threading.Thread(target=informer.run, args=(stop, hangup), daemon=True)
        thread.start()
        try:
            assert shadow.ended.wait(20), "the informer did not catch up"
            wanted = {name: item["metadata"]["resourceVersion"] for name, item in cluster.objects.items()}
            assert {one.key.name: one.resource_version for one in informer.store.values()} == wanted
            assert {key: one.resource_version for key, one in shadow.believed.items()} == {
                ObjectKey("default", name): version for name, version in wanted.items()
            }
            assert shadow.lies == []
            for name in (*NAMES, SENTINEL):
                assert [one.key.name for one in informer.store.by_index("name", name)] == [name] * (name in wanted)
        finally:
            stop.set()
            hangup.ring()
            thread.join(10)
        assert not thread.is_alive()
