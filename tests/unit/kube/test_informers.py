"""The informers of a process: started, awaited and stopped together."""

from __future__ import annotations

from pathlib import Path

import pytest

from lbctl.kube.informer import WatchTiming
from lbctl.kube.informers import Informers
from lbctl.kube.kinds import NODES, SERVICES
from lbctl.model.service import ObjectKey
from lbctl.runtime.backoff import Backoff
from lbctl.runtime.threads import ThreadGroup
from tests.unit.kube.scripted import Answer, Asked, ScriptedServer, listing, service, status, watch

QUICK = WatchTiming(backoff=Backoff(0.01, 0.02))


def both_kinds(asked: Asked) -> Answer:
    if asked.is_watch:
        return watch()
    if asked.path == "/api/v1/nodes":
        return listing([{"metadata": {"name": "n1", "resourceVersion": "1"}}], 5)
    return listing([service("a", 1)], 5)


def test_all_are_synced_and_stop_at_once_while_their_watches_are_silent(tmp_path: Path) -> None:
    with ScriptedServer(both_kinds) as server:
        informers = Informers(server.client(tmp_path), QUICK)
        services, nodes = informers.add(SERVICES), informers.add(NODES)
        group = ThreadGroup("test")
        informers.start(group)
        assert informers.wait_synced(group.stop, 10)
        assert services.store.get(ObjectKey("default", "a")) is not None
        assert nodes.store.get(ObjectKey("", "n1")) is not None
        server.await_asked(2, lambda asked: asked.is_watch)
        assert informers.unsynced() == ()
        assert informers.stats()["services"].lists == 1
        group.stop.set()
        group.join(10)


def test_one_that_cannot_sync_is_named_with_its_cause(tmp_path: Path) -> None:
    def no_nodes(asked: Asked) -> Answer:
        return status(403, "Forbidden", "no RBAC") if asked.path == "/api/v1/nodes" else both_kinds(asked)

    with ScriptedServer(no_nodes) as server, ThreadGroup("test") as group:
        informers = Informers(server.client(tmp_path), QUICK)
        services, _ = informers.add(SERVICES), informers.add(NODES)
        informers.start(group)
        assert services.synced.wait(10)
        server.await_asked(2, lambda asked: asked.path == "/api/v1/nodes")
        assert not informers.wait_synced(group.stop, 0.01)
        assert informers.unsynced() == ("nodes: GET /api/v1/nodes: no RBAC (403 Forbidden)",)


def test_waiting_ends_when_the_group_stops(tmp_path: Path) -> None:
    with ScriptedServer(lambda _: Answer(silent=True)) as server, ThreadGroup("test") as group:
        informers = Informers(server.client(tmp_path), QUICK)
        informers.add(SERVICES)
        informers.start(group)
        server.await_asked(1)
        group.stop.set()
        assert not informers.wait_synced(group.stop, 3600)


def test_a_bug_in_a_handler_stops_the_group_and_is_raised_by_its_join(tmp_path: Path) -> None:
    with ScriptedServer(both_kinds) as server:
        informers = Informers(server.client(tmp_path), QUICK)

        def broken(old: object, new: object) -> None:
            raise RuntimeError("a bug")

        informers.add(SERVICES).on_change(broken)
        informers.add(NODES)
        group = ThreadGroup("test")
        informers.start(group)
        with pytest.raises(RuntimeError, match="a bug"):
            group.join(10)
