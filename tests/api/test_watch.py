"""Watches: what is sent, in which order, and how they begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.client import MERGE_PATCH, METADATA, TABLE
from tests.api.conftest import Namespace, config_map

Event = dict[str, Any]


def version(ns: Namespace, plural: str = "configmaps") -> str:
    """The version of now, after everything else that lives in a new namespace has appeared."""
    listed: dict[str, Any] = ns.api.get(ns.path(plural)).expect(200)
    return str(listed["metadata"]["resourceVersion"])


def take(events: Iterator[Event], count: int) -> list[Event]:
    """The next events that are not about what a real cluster puts into every namespace."""
    found: list[Event] = []
    for event in events:
        if event["object"].get("metadata", {}).get("name") != "kube-root-ca.crt":
            found.append(event)
        if len(found) == count:
            break
    return found


def told(events: list[Event]) -> list[tuple[str, str]]:
    return [(event["type"], event["object"]["metadata"]["name"]) for event in events]


def test_every_change_is_sent_once_and_in_order(ns: Namespace) -> None:
    events = ns.api.watch(ns.path("configmaps"), resourceVersion=version(ns))
    ns.config_map("a")
    ns.config_map("b")
    ns.api.patch(ns.path("configmaps", "a"), {"data": {"new": "value"}}).expect(200)
    ns.api.delete(ns.path("configmaps", "b")).expect(200)
    got = take(events, 4)
    assert told(got) == [("ADDED", "a"), ("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]
    versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in got]
    assert versions == sorted(set(versions))
    assert got[0]["object"]["kind"] == "ConfigMap"


def test_a_watch_from_the_past_replays_what_happened_since(ns: Namespace) -> None:
    start = version(ns)
    ns.config_map("a")
    ns.api.delete(ns.path("configmaps", "a")).expect(200)
    assert told(take(ns.api.watch(ns.path("configmaps"), resourceVersion=start), 2)) == [
        ("ADDED", "a"),
        ("DELETED", "a"),
    ]


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}])
def test_a_watch_without_a_version_begins_with_what_is_there(ns: Namespace, query: dict[str, str]) -> None:
    ns.config_map("a")
    events = ns.api.watch(ns.path("configmaps"), **query)
    assert told(take(events, 1)) == [("ADDED", "a")]
    ns.config_map("b")
    assert told(take(events, 1)) == [("ADDED", "b")]


def test_a_watch_ends_by_itself_after_its_timeout(ns: Namespace) -> None:
    assert list(ns.api.watch(ns.path("secrets"), timeout_s=1, resourceVersion=version(ns))) == []


def test_an_object_that_enters_and_leaves_a_label_selection_is_added_and_deleted(ns: Namespace) -> None:
    path = ns.path("configmaps", "a")
    events = ns.api.watch(ns.path("configmaps"), resourceVersion=version(ns), labelSelector="on=yes")
    ns.config_map("a")
    ns.api.patch(path, {"metadata": {"labels": {"on": "yes"}}}).expect(200)
    ns.api.patch(path, {"data": {"more": "data"}}).expect(200)
    left = ns.api.patch(path, {"metadata": {"labels": {"on": "no"}}}).expect(200)
    ns.api.patch(path, {"data": {"unseen": "data"}}).expect(200)
    ns.config_map("last", labels={"on": "yes"})
    got = take(events, 4)
    assert told(got) == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a"), ("ADDED", "last")]
    assert got[2]["object"]["metadata"]["labels"] == {"on": "yes"}
    assert got[2]["object"]["metadata"]["resourceVersion"] == left["metadata"]["resourceVersion"]


def test_a_field_selector_follows_the_field(ns: Namespace) -> None:
    events = ns.api.watch(ns.path("services"), resourceVersion=version(ns), fieldSelector="spec.type=NodePort")
    ns.create("services", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}})
    path = ns.path("services", "web")
    ns.api.patch(path, {"spec": {"type": "NodePort"}}).expect(200)
    ns.api.patch(path, {"spec": {"type": "ClusterIP"}}).expect(200)
    got = take(events, 2)
    assert told(got) == [("ADDED", "web"), ("DELETED", "web")]
    assert got[1]["object"]["spec"]["type"] == "NodePort"


def test_one_object_can_be_watched_by_name(ns: Namespace) -> None:
    events = ns.api.watch(ns.path("configmaps"), resourceVersion=version(ns), fieldSelector="metadata.name=b")
    ns.config_map("a")
    ns.config_map("b")
    assert told(take(events, 1)) == [("ADDED", "b")]


def test_a_watch_of_all_namespaces_sees_this_one(ns: Namespace) -> None:
    events = ns.api.watch("/api/v1/configmaps", resourceVersion=version(ns), fieldSelector="metadata.name=unique-a")
    ns.config_map("unique-a")
    [event] = take(events, 1)
    assert event["object"]["metadata"]["namespace"] == ns.name


def test_a_bookmark_comes_before_a_watch_that_wants_them_ends(ns: Namespace) -> None:
    start = version(ns)
    ns.config_map("a")
    got = list(ns.api.watch(ns.path("configmaps"), timeout_s=4, resourceVersion=start, allowWatchBookmarks="true"))
    bookmarks = [event for event in got if event["type"] == "BOOKMARK"]
    assert bookmarks
    last = bookmarks[-1]["object"]
    assert (last["kind"], last["apiVersion"]) == ("ConfigMap", "v1")
    assert int(last["metadata"]["resourceVersion"]) > int(start)
    assert "name" not in last["metadata"]


def test_no_bookmark_is_sent_to_a_watch_that_does_not_want_them(ns: Namespace) -> None:
    got = list(ns.api.watch(ns.path("secrets"), timeout_s=3, resourceVersion=version(ns)))
    assert got == []


def test_a_watch_list_marks_the_end_of_what_is_there(ns: Namespace) -> None:
    ns.config_map("a")
    events = ns.api.watch(
        ns.path("configmaps"),
        sendInitialEvents="true",
        resourceVersionMatch="NotOlderThan",
        allowWatchBookmarks="true",
    )
    added, bookmark = take(events, 2)
    assert told([added]) == [("ADDED", "a")]
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
    ns.config_map("b")
    assert told(take(events, 1)) == [("ADDED", "b")]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"sendInitialEvents": "true"}, id="initial events without a match"),
        pytest.param({"resourceVersionMatch": "NotOlderThan"}, id="a match without initial events"),
        pytest.param({"sendInitialEvents": "true", "resourceVersionMatch": "Exact"}, id="an exact match"),
    ],
)
def test_a_watch_list_with_the_wrong_options_is_invalid(ns: Namespace, query: dict[str, str]) -> None:
    answer = ns.api.get(ns.path("configmaps"), watch="true", **query)
    assert (answer.code, answer.reason) == (422, "Invalid")


def test_a_broken_selector_ends_a_watch_before_it_begins(ns: Namespace) -> None:
    assert ns.api.get(ns.path("configmaps"), watch="true", labelSelector="a=(b").code == 400


def test_tables_are_watched_with_headers_on_the_first_event_only(ns: Namespace) -> None:
    events = ns.api.watch(ns.path("services"), accept=TABLE, resourceVersion=version(ns))
    for name in ("a", "b"):
        ns.create("services", {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}]}})
    first, second = (next(events)["object"] for _ in range(2))
    assert first["columnDefinitions"][0]["name"] == "Name"
    assert not second.get("columnDefinitions")
    assert [table["rows"][0]["cells"][0] for table in (first, second)] == ["a", "b"]


def test_metadata_alone_can_be_watched(ns: Namespace) -> None:
    events = ns.api.watch(ns.path("configmaps"), accept=METADATA, resourceVersion=version(ns))
    ns.config_map("a")
    [event] = take(events, 1)
    assert event["object"]["kind"] == "PartialObjectMetadata"
    assert "data" not in event["object"]


def test_all_watchers_of_a_change_are_told(ns: Namespace) -> None:
    start = version(ns)
    watchers = [ns.api.watch(ns.path("configmaps"), resourceVersion=start) for _ in range(5)]
    ns.config_map("a")
    assert [told(take(events, 1)) for events in watchers] == [[("ADDED", "a")]] * 5


def test_a_dry_run_is_not_seen(ns: Namespace) -> None:
    events = ns.api.watch(ns.path("configmaps"), resourceVersion=version(ns))
    ns.api.post(ns.path("configmaps"), config_map("ghost"), dryRun="All").expect(201)
    ns.config_map("real")
    assert told(take(events, 1)) == [("ADDED", "real")]


def test_a_write_that_changes_nothing_is_not_seen(ns: Namespace) -> None:
    created = ns.config_map("a")
    events = ns.api.watch(ns.path("configmaps"), resourceVersion=created["metadata"]["resourceVersion"])
    ns.api.patch(ns.path("configmaps", "a"), {"data": created["data"]}, MERGE_PATCH).expect(200)
    ns.config_map("b")
    assert told(take(events, 1)) == [("ADDED", "b")]
