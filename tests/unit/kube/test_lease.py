"""Leader election against a server that keeps one Lease and can fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lbctl.kube.lease import LeaderElector, LeaseSettings, LeaseWatch
from lbctl.kube.objects import Lease
from lbctl.model.errors import ConfigError
from lbctl.model.service import ObjectKey
from tests.unit.kube.scripted import Answer, Asked, Json, ScriptedServer, document, status

KEY = ObjectKey("kube-system", "lbctl")


class LeaseApi:
    """A responder: one Lease under optimistic locking. `fault` answers instead while it is set."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lease: Json | None = None
        self.version = 0
        self.fault: Answer | None = None
        self.lose_answers = False

    def __call__(self, asked: Asked) -> Answer:
        with self.lock:
            if self.fault is not None and not (self.lose_answers and asked.method == "PUT"):
                return self.fault
            answer = self._serve(asked)
            return self.fault if self.fault is not None else answer

    def _serve(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return self._store(asked.json()) if self.lease is None else status(409, "AlreadyExists")
        if self.lease is None:
            return status(404, "NotFound")
        if asked.method == "GET":
            return document(self.lease)
        if asked.json()["metadata"]["resourceVersion"] != str(self.version):
            return status(409, "Conflict")
        return self._store(asked.json())

    def _store(self, lease: Json) -> Answer:
        self.version += 1
        lease["metadata"]["resourceVersion"] = str(self.version)
        self.lease = lease
        return document(lease)

    def set(self, holder: str, duration_s: int = 1, **spec: object) -> None:
        with self.lock:
            body = {"holderIdentity": holder, "leaseDurationSeconds": duration_s, "leaseTransitions": 3, **spec}
            self._store({"metadata": {"name": KEY.name, "namespace": KEY.namespace}, "spec": body})

    def spec(self) -> Json:
        with self.lock:
            assert self.lease is not None
            spec: Json = json.loads(json.dumps(self.lease["spec"]))
            return spec


class Candidate:
    def __init__(self, server: ScriptedServer, folder: Path, identity: str, deadline_s: float = 8.0) -> None:
        folder = folder / identity
        folder.mkdir()
        self.started = threading.Event()
        self.lost = threading.Event()
        self.reason = ""
        self.stop = threading.Event()
        settings = LeaseSettings(KEY, identity, duration_s=10, renew_deadline_s=deadline_s, retry_s=0.02)
        self.elector = LeaderElector(
            server.client(folder), settings, on_started=self.started.set, on_lost=self._on_lost
        )
        self.thread = threading.Thread(target=self.elector.run, args=(self.stop,), daemon=True)
        self.thread.start()

    def _on_lost(self, reason: str) -> None:
        self.reason = reason
        self.lost.set()

    def halt(self) -> None:
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


@contextmanager
def electing(folder: Path) -> Iterator[tuple[LeaseApi, ScriptedServer]]:
    api = LeaseApi()
    with ScriptedServer(api) as server:
        yield api, server


def puts(asked: Asked) -> bool:
    return asked.method == "PUT"


def test_the_first_candidate_creates_the_lease_renews_and_releases_it(tmp_path: Path) -> None:
    with electing(tmp_path) as (api, server):
        one = Candidate(server, tmp_path, "one")
        assert one.started.wait(10)
        server.await_asked(3, puts)
        spec = api.spec()
        assert spec["holderIdentity"] == "one"
        assert spec["leaseTransitions"] == 0
        assert len(spec["renewTime"]) == len("2026-01-01T00:00:00.000000Z")
        assert one.elector.is_leader
        one.halt()
        assert not one.elector.is_leader
        assert api.spec()["holderIdentity"] == ""
        assert not one.lost.is_set()


def test_renewing_needs_one_request_each(tmp_path: Path) -> None:
    with electing(tmp_path) as (_, server):
        one = Candidate(server, tmp_path, "one")
        server.await_asked(4, puts)
        assert [asked.method for asked in server.asked()][:2] == ["GET", "POST"]
        assert len(server.asked(lambda asked: asked.method == "GET")) == 1
        one.halt()


def test_a_released_lease_is_taken_over_at_once_and_counts_a_transition(tmp_path: Path) -> None:
    with electing(tmp_path) as (api, server):
        api.set("", duration_s=3600)
        two = Candidate(server, tmp_path, "two")
        assert two.started.wait(10)
        assert api.spec()["leaseTransitions"] == 4
        two.halt()


def test_of_two_candidates_one_leads_and_the_other_follows_when_it_stops(tmp_path: Path) -> None:
    with electing(tmp_path) as (_, server):
        one, two = Candidate(server, tmp_path, "one"), Candidate(server, tmp_path, "two")
        server.await_asked(10, puts)
        assert one.started.is_set() != two.started.is_set()
        first, second = (one, two) if one.started.is_set() else (two, one)
        first.halt()
        assert second.started.wait(10)
        second.halt()


def test_an_abandoned_lease_is_taken_only_after_its_duration_by_our_clock(tmp_path: Path) -> None:
    with electing(tmp_path) as (api, server):
        # Its renewTime lies far ahead: a clock that is wrong must not matter.
        api.set("gone", duration_s=1, renewTime="2099-01-01T00:00:00.000000Z")
        two = Candidate(server, tmp_path, "two")
        assert two.started.wait(10)
        reads = server.asked(lambda asked: asked.method == "GET")
        [taken, *_] = server.asked(puts)
        assert taken.at_s - reads[0].at_s >= 1.0
        two.halt()


def test_a_leader_survives_an_outage_shorter_than_the_deadline(tmp_path: Path) -> None:
    """[G] others die with the first connection error."""
    with electing(tmp_path) as (api, server):
        one = Candidate(server, tmp_path, "one")
        assert one.started.wait(10)
        api.fault = status(503, "ServiceUnavailable")
        before = len(server.asked())
        server.await_asked(before + 5)
        api.fault = None
        before = len(server.asked())
        server.await_asked(before + 3)
        assert not one.lost.is_set()
        one.halt()


@pytest.mark.parametrize(
    "fault", [status(500, "InternalError"), Answer(silent=True)], ids=["errors", "H: a hung request"]
)
def test_a_leader_without_renewals_gives_up_at_the_deadline(tmp_path: Path, fault: Answer) -> None:
    """[H] a hung PUT must not outlive the deadline."""
    with electing(tmp_path) as (api, server):
        one = Candidate(server, tmp_path, "one", deadline_s=0.4)
        assert one.started.wait(10)
        api.fault = fault
        assert one.lost.wait(10)
        assert not one.elector.is_leader
        assert "no renewal of the Lease kube-system/lbctl for 0.4 s" in one.reason
        one.thread.join(10)
        assert api.spec()["holderIdentity"] == "one", "a lost Lease is not written any more"


def test_a_leader_that_reads_another_holder_has_lost_at_once(tmp_path: Path) -> None:
    with electing(tmp_path) as (api, server):
        one = Candidate(server, tmp_path, "one")
        assert one.started.wait(10)
        api.set("usurper", duration_s=3600)
        assert one.lost.wait(10)
        assert one.reason == "usurper holds the Lease kube-system/lbctl"


def test_a_write_whose_answer_was_lost_is_recognised_as_ours(tmp_path: Path) -> None:
    with electing(tmp_path) as (api, server):
        one = Candidate(server, tmp_path, "one")
        assert one.started.wait(10)
        api.lose_answers = True
        api.fault = status(504, "Timeout")
        before = len(server.asked(puts))
        server.await_asked(before + 2, puts)
        with api.lock:
            api.fault = None
        before = len(server.asked(puts))
        server.await_asked(before + 4, puts)
        assert not one.lost.is_set()
        assert api.spec()["leaseTransitions"] == 0
        one.halt()


def test_fields_of_others_survive_a_renewal(tmp_path: Path) -> None:
    """[I] typed clients drop what they do not know."""
    with electing(tmp_path) as (api, server):
        api.set("", strategy="OldestEmulationVersion")
        one = Candidate(server, tmp_path, "one")
        server.await_asked(3, puts)
        assert api.spec()["strategy"] == "OldestEmulationVersion"
        one.halt()
        assert api.spec()["strategy"] == "OldestEmulationVersion"


def test_stopping_a_waiting_candidate_writes_nothing(tmp_path: Path) -> None:
    with electing(tmp_path) as (api, server):
        api.set("other", duration_s=3600)
        one = Candidate(server, tmp_path, "one")
        server.await_asked(2)
        one.halt()
        assert server.asked(puts) == []
        assert not one.lost.is_set()


def held(by: str, transitions: int = 0, version: str = "1") -> Lease:
    return Lease(KEY, resource_version=version, holder=by, duration_s=15, transitions=transitions)


@pytest.mark.parametrize(
    ("lease", "now_s", "expected"),
    [
        (held("other"), 14.9, False),
        (held("other"), 15.0, True),
        (held("other", transitions=1), 15.0, False),
        (held("other", version="2"), 15.0, True),
        (held("me"), 0.0, True),
        (held(""), 0.0, True),
    ],
    ids=["not yet", "expired", "changed meanwhile", "only metadata changed", "ours", "released"],
)
def test_when_a_lease_may_be_taken(lease: Lease, now_s: float, expected: bool) -> None:
    watch = LeaseWatch()
    watch.saw(held("other"), 0.0)
    watch.saw(lease, 5.0)
    assert watch.may_take(lease, "me", now_s) is expected


def test_contradicting_times_are_refused() -> None:
    with pytest.raises(ConfigError, match="leader election times contradict"):
        LeaseSettings(KEY, "one", duration_s=10, renew_deadline_s=10)
    with pytest.raises(ConfigError, match="identity"):
        LeaseSettings(KEY, "")
