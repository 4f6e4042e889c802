"""Events: one storage behind two APIs."""

from __future__ import annotations

from typing import Any

from tests.api.client import TABLE
from tests.api.conftest import Namespace

GROUP = "events.k8s.io"


def core_event(ns: Namespace, name: str, **more: Any) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "involvedObject": {"kind": "Service", "namespace": ns.name, "name": "web", "uid": "123"},
        "reason": "EnsuredLoadBalancer",
        "message": "Ensured load balancer",
        "source": {"component": "lbctl"},
        "type": "Normal",
        "firstTimestamp": "2026-01-01T00:00:00Z",
        "lastTimestamp": "2026-01-01T00:00:00Z",
        "count": 1,
        **more,
    }


def new_event(ns: Namespace, name: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "regarding": {"kind": "Service", "namespace": ns.name, "name": "web", "uid": "123"},
        "reason": "SyncLoadBalancerFailed",
        "note": "no address left",
        "action": "Sync",
        "type": "Warning",
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "lbctl.io/controller",
        "reportingInstance": "lbctl-0",
    }


def test_an_event_of_the_new_api_is_read_through_the_old_one(ns: Namespace) -> None:
    ns.api.post(ns.path("events", group=GROUP), new_event(ns, "one")).expect(201)
    event = ns.get("events", "one").expect(200)
    assert (event["kind"], event["apiVersion"]) == ("Event", "v1")
    assert event["involvedObject"]["name"] == "web"
    assert event["message"] == "no address left"
    assert event["reportingComponent"] == "lbctl.io/controller"
    assert "note" not in event
    assert "regarding" not in event


def test_an_event_of_the_old_api_is_read_through_the_new_one(ns: Namespace) -> None:
    ns.create("events", core_event(ns, "one"))
    event = ns.api.get(ns.path("events", "one", group=GROUP)).expect(200)
    assert event["apiVersion"] == "events.k8s.io/v1"
    assert event["regarding"]["name"] == "web"
    assert event["note"] == "Ensured load balancer"
    assert event["deprecatedSource"] == {"component": "lbctl"}
    assert event["deprecatedCount"] == 1


def test_both_apis_list_both_events(ns: Namespace) -> None:
    ns.create("events", core_event(ns, "old"))
    ns.api.post(ns.path("events", group=GROUP), new_event(ns, "new")).expect(201)
    for group, kind in (("", "EventList"), (GROUP, "EventList")):
        body = ns.api.get(ns.path("events", group=group)).expect(200)
        assert body["kind"] == kind
        assert [item["metadata"]["name"] for item in body["items"]] == ["new", "old"]


def test_events_are_found_by_the_object_they_are_about(ns: Namespace) -> None:
    ns.create("events", core_event(ns, "one"))
    about_another = {"kind": "Service", "namespace": ns.name, "name": "other"}
    ns.create("events", core_event(ns, "two", involvedObject=about_another))
    old = ns.api.get(ns.path("events"), fieldSelector="involvedObject.name=web,involvedObject.kind=Service")
    new = ns.api.get(ns.path("events", group=GROUP), fieldSelector="regarding.name=other")
    assert [item["metadata"]["name"] for item in old.expect(200)["items"]] == ["one"]
    assert [item["metadata"]["name"] for item in new.expect(200)["items"]] == ["two"]


def test_events_are_watched_through_either_api(ns: Namespace) -> None:
    version = ns.api.get(ns.path("events")).expect(200)["metadata"]["resourceVersion"]
    watchers = [ns.api.watch(ns.path("events", group=group), resourceVersion=version) for group in ("", GROUP)]
    ns.create("events", core_event(ns, "one"))
    old, new = (next(events)["object"] for events in watchers)
    assert (old["apiVersion"], old["message"]) == ("v1", "Ensured load balancer")
    assert (new["apiVersion"], new["note"]) == ("events.k8s.io/v1", "Ensured load balancer")


def test_a_series_is_patched_through_the_new_api(ns: Namespace) -> None:
    path = ns.path("events", "one", group=GROUP)
    ns.api.post(ns.path("events", group=GROUP), new_event(ns, "one")).expect(201)
    series = {"series": {"count": 2, "lastObservedTime": "2026-01-01T00:01:00.000000Z"}}
    ns.api.patch(path, series).expect(200)
    assert ns.get("events", "one").expect(200)["series"] == series["series"]


def test_an_event_of_the_new_api_needs_its_fields(ns: Namespace) -> None:
    body = new_event(ns, "one")
    del body["reportingController"]
    assert ns.api.post(ns.path("events", group=GROUP), body).code == 422


def test_an_event_lives_in_the_namespace_of_what_it_is_about(ns: Namespace) -> None:
    elsewhere = {"kind": "Service", "namespace": "default", "name": "web"}
    answer = ns.api.post(ns.path("events"), core_event(ns, "one", involvedObject=elsewhere))
    assert answer.code == 422
    assert "involvedObject.namespace" in answer.message


def test_events_are_printed_with_what_they_are_about(ns: Namespace) -> None:
    ns.create("events", core_event(ns, "one"))
    table = ns.api.get(ns.path("events"), accept=TABLE).expect(200)
    titles = [column["name"] for column in table["columnDefinitions"]]
    assert titles[:5] == ["Last Seen", "Type", "Reason", "Object", "Subobject"]
    assert table["rows"][0]["cells"][1:4] == ["Normal", "EnsuredLoadBalancer", "service/web"]
