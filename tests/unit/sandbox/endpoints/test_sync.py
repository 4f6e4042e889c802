"""Whole syncs against an API in memory: what is requested, and what happens when it is refused."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lbctl.kube.errors import Conflict, Forbidden, KubeApiError, Unavailable
from lbctl.kube.event_ledger import EventType, ObjectRef
from lbctl.model.service import ObjectKey
from lbctl.sandbox.endpoints.kinds import ENDPOINTS, SLICES
from lbctl.sandbox.endpoints.objects import EndpointAddress, EndpointSubset, Pod, SubsetPort
from lbctl.sandbox.endpoints.reports import Reports
from lbctl.sandbox.endpoints.sync import plan_service
from lbctl.sandbox.endpoints.trigger import Seen
from lbctl.sandbox.endpoints.view import ClusterView
from lbctl.sandbox.endpoints.writer import Outcome, Writer
from tests.unit.sandbox.endpoints.builders import NAMESPACE, endpoints, node, pod, service
from tests.unit.sandbox.endpoints.fake_api import FakeApi

WEB = ObjectKey(NAMESPACE, "web")
SLICES_PATH = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
ENDPOINTS_PATH = "/api/v1/namespaces/default/endpoints"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


class Told:
    """Events in memory."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []

    def record(self, regarding: ObjectRef, type_: EventType, reason: str, action: str, note: str) -> None:
        assert type_ is EventType.WARNING
        self.events.append((f"{regarding.kind} {regarding.key}", reason, note))


class Cluster:
    """A view, a writer and an API, moved by hand."""

    def __init__(self) -> None:
        self.api = FakeApi()
        self.view = ClusterView()
        self.writer = Writer(self.api, self.view)
        self.seen: dict[ObjectKey, Seen | None] = {}
        self.told = Told()
        self.reports = Reports(self.view, self.told)
        self.view.node_changed("node-a", node())

    def put(self, *pods: Pod) -> None:
        for one in pods:
            self.view.pod_changed(one.key, one)

    def sync(self, key: ObjectKey = WEB) -> list[Outcome]:
        plan = plan_service(self.view, key, self.seen.get(key))
        outcomes = [self.writer.carry_out(part) for part in (plan.slices, plan.mirror, plan.endpoints)]
        self.reports.report(key, plan, outcomes)
        if all(one.failure is None for one in outcomes):
            self.seen[key] = plan.seen
        return outcomes

    def requested(self) -> Counter[str]:
        """Requests since the last time this was asked."""
        counted = Counter(
            f"{verb} {path.split('/namespaces/default/')[1].split('/')[0]}" for verb, path in self.api.requests
        )
        self.api.requests.clear()
        return counted

    def stored(self, path: str) -> list[dict[str, Any]]:
        return [one for where, one in self.api.objects.items() if where.startswith(path)]


@pytest.fixture
def cluster() -> Cluster:
    cluster = Cluster()
    cluster.view.service_changed(WEB, service())
    return cluster


def test_a_new_service_costs_two_writes_and_then_none(cluster: Cluster) -> None:
    cluster.put(*(pod(number) for number in range(50)))
    cluster.sync()
    assert cluster.requested() == {"create endpointslices": 1, "create endpoints": 1}
    cluster.sync()
    assert cluster.requested() == {}


def test_what_is_sent_names_its_kind(cluster: Cluster) -> None:
    cluster.sync()
    assert [(one["apiVersion"], one["kind"]) for one in cluster.api.objects.values()] == [
        ("discovery.k8s.io/v1", "EndpointSlice"),
        ("v1", "Endpoints"),
    ]


def test_an_empty_slice_says_so_in_so_many_words(cluster: Cluster) -> None:
    cluster.sync()
    (one,) = cluster.stored(SLICES_PATH)
    assert one["endpoints"] == []
    assert one["ports"] == []


def test_one_flip_among_a_thousand_pods_is_one_slice_and_one_endpoints_write(cluster: Cluster) -> None:
    cluster.put(*(pod(number) for number in range(1000)))
    cluster.sync()
    assert cluster.requested() == {"create endpointslices": 10, "create endpoints": 1}
    cluster.put(pod(512, ready=False))
    cluster.sync()
    assert cluster.requested() == {"update endpointslices": 1, "update endpoints": 1}


def test_the_trigger_time_is_the_creation_and_then_the_change(cluster: Cluster) -> None:
    cluster.put(pod(1))
    cluster.sync()
    assert {one["metadata"]["annotations"][TRIGGER] for one in cluster.api.objects.values()} == {"2026-01-01T00:00:00Z"}
    cluster.put(pod(1, ready=False, ready_since="2026-01-01T00:07:00Z"))
    cluster.sync()
    assert {one["metadata"]["annotations"][TRIGGER] for one in cluster.api.objects.values()} == {"2026-01-01T00:07:00Z"}


def test_a_deleted_service_takes_its_endpoints_object_and_leaves_its_slices_to_the_collector(cluster: Cluster) -> None:
    cluster.sync()
    cluster.requested()
    cluster.view.service_changed(WEB, None)
    cluster.sync()
    assert cluster.requested() == {"delete endpoints": 1}


def test_a_service_that_loses_its_selector_keeps_what_it_had(cluster: Cluster) -> None:
    cluster.put(pod(1))
    cluster.sync()
    cluster.requested()
    cluster.view.service_changed(WEB, service(selector=None))
    cluster.sync()
    cluster.view.service_changed(WEB, service(type="ExternalName", cluster_ip="", selector=None))
    cluster.sync()
    # The Endpoints object counts as made by a person from now on, as it does in a real cluster.
    assert cluster.requested() == {"create endpointslices": 1}


def test_endpoints_of_people_are_mirrored_and_the_mirror_goes_with_the_selector(cluster: Cluster) -> None:
    cluster.view.service_changed(WEB, service(selector=None))
    subset = EndpointSubset((EndpointAddress("192.0.2.1"),), None, (SubsetPort("http", 80, "TCP"),))
    cluster.view.endpoints_changed(endpoints([subset]))
    cluster.sync()
    assert cluster.requested() == {"create endpointslices": 1}
    cluster.sync()
    assert cluster.requested() == {}
    cluster.view.service_changed(WEB, service())
    cluster.api.objects[f"{ENDPOINTS_PATH}/web"] = {"metadata": {"name": "web", "resourceVersion": "7", "uid": "u"}}
    cluster.sync()
    assert cluster.requested() == {"create endpointslices": 1, "delete endpointslices": 1, "update endpoints": 1}


def test_a_refused_slice_does_not_hold_up_the_endpoints_object(cluster: Cluster) -> None:
    cluster.api.refuse = lambda verb, path: Unavailable(503, "Unavailable", "busy") if "slices" in path else None
    first, _, third = cluster.sync()
    assert (first.done, type(first.failure)) == (0, Unavailable)
    assert (third.done, third.failure) == (1, None)
    cluster.api.refuse = lambda verb, path: None
    cluster.requested()
    cluster.sync()
    assert cluster.requested() == {"create endpointslices": 1}


def test_a_namespace_that_goes_away_is_no_failure(cluster: Cluster) -> None:
    def refuse(verb: str, path: str) -> KubeApiError | None:
        return Forbidden(403, "Forbidden", "unable to create new content in namespace x because it is being terminated")

    cluster.api.refuse = refuse
    assert [one.failure for one in cluster.sync()] == [None, None, None]
    assert cluster.told.events == []


def test_a_missing_permission_is_told_once(cluster: Cluster) -> None:
    cluster.api.refuse = lambda verb, path: Forbidden(403, "Forbidden", "not yours")
    cluster.sync()
    cluster.sync()
    assert cluster.told.events == [
        (
            "Service default/web",
            "FailedToUpdateEndpointSlices",
            "Error updating Endpoint Slices for Service default/web: not yours",
        ),
        (
            "Service default/web",
            "FailedToCreateEndpoint",
            "Failed to create endpoint for service default/web: not yours",
        ),
    ]


def test_a_conflict_comes_again_without_an_event(cluster: Cluster) -> None:
    cluster.sync()
    (where,) = [path for path in cluster.api.objects if path.startswith(SLICES_PATH)]
    cluster.api.objects[where]["metadata"]["resourceVersion"] = "9999"
    cluster.put(pod(1))
    first, *_ = cluster.sync()
    assert isinstance(first.failure, Conflict)
    cluster.view.slice_changed(SLICES.decode(json.dumps(cluster.api.objects[where]).encode()))
    assert [one.failure for one in cluster.sync()] == [None, None, None]
    assert cluster.told.events == []


def test_a_slice_that_vanished_unseen_is_made_again(cluster: Cluster) -> None:
    cluster.sync()
    for path in [path for path in cluster.api.objects if path.startswith(SLICES_PATH)]:
        del cluster.api.objects[path]
    cluster.put(pod(1))
    first, *_ = cluster.sync()
    assert first.failure is not None
    assert first.failure.code == 404
    cluster.sync()
    assert len(cluster.stored(SLICES_PATH)) == 1


def test_deleting_what_is_gone_is_success(cluster: Cluster) -> None:
    cluster.sync()
    cluster.api.objects.clear()
    cluster.view.service_changed(WEB, None)
    assert [one.failure for one in cluster.sync()] == [None, None, None]


def test_a_pod_waiting_for_its_node_is_told_and_then_listed(cluster: Cluster) -> None:
    cluster.put(pod(1, node="late"))
    cluster.sync()
    assert [reason for _, reason, _ in cluster.told.events] == ["FailedToUpdateEndpointSlices"]
    assert cluster.view.node_changed("late", node("late")) == {WEB}
    cluster.sync()
    assert [len(one["endpoints"]) for one in cluster.stored(SLICES_PATH)] == [1]


class Histories(RuleBasedStateMachine):
    """Random clusters: after each sync the API holds what a fresh controller would want, and writes nothing more."""

    @initialize()
    def empty(self) -> None:
        self.cluster = Cluster()
        self.dirty = False

    @rule(number=st.integers(0, 30), ready=st.booleans(), deleted=st.booleans(), app=st.sampled_from(["web", "api"]))
    def pod_changes(self, number: int, ready: bool, deleted: bool, app: str) -> None:
        self.cluster.put(pod(number, ready=ready, deleted=deleted, labels={"app": app}))

    @rule(number=st.integers(0, 30))
    def pod_goes(self, number: int) -> None:
        self.cluster.view.pod_changed(pod(number).key, None)

    @rule(uid=st.sampled_from(["one", "two"]), selector=st.sampled_from([None, {"app": "web"}, {"app": "api"}]))
    def service_changes(self, uid: str, selector: dict[str, str] | None) -> None:
        self.cluster.view.service_changed(WEB, service(uid=uid, selector=selector))

    @rule()
    def service_goes(self) -> None:
        self.cluster.view.service_changed(WEB, None)

    @rule()
    def slices_echo(self) -> None:
        for one in self.cluster.stored(SLICES_PATH):
            assert self.cluster.view.slice_changed(SLICES.decode(json.dumps(one).encode())) == set()
        for one in self.cluster.stored(ENDPOINTS_PATH):
            assert self.cluster.view.endpoints_changed(ENDPOINTS.decode(json.dumps(one).encode())) == set()

    @rule()
    def people_delete_slices(self) -> None:
        for one in self.cluster.stored(SLICES_PATH):
            gone = SLICES.decode(json.dumps(one).encode())
            del self.cluster.api.objects[f"{SLICES_PATH}/{gone.metadata.name}"]
            self.cluster.view.slice_deleted(gone)

    @invariant()
    def settled(self) -> None:
        if not hasattr(self, "cluster"):
            return
        assert [one.failure for one in self.cluster.sync()] == [None, None, None]
        self.cluster.requested()
        self.cluster.sync()
        assert self.cluster.requested() == {}
        of = self.cluster.view.services.get(WEB)
        if of is None or not of.selects_pods:
            return
        ours = [
            one
            for one in self.cluster.stored(SLICES_PATH)
            if one["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"] == "endpointslice-controller.k8s.io"
        ]
        listed = sorted(endpoint["targetRef"]["name"] for one in ours for endpoint in one["endpoints"])
        assert listed == [one.metadata.name for one in self.cluster.view.pods_of(of)]
        assert {one["metadata"]["ownerReferences"][0]["uid"] for one in ours} == {of.metadata.uid}


Histories.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestHistories = Histories.TestCase
