"""The store: versions, history, snapshots."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.store import Change, Compacted, Key, Store

KEY: Key = ("ns", "a")


def obj(name: str = "a", **data: str) -> dict[str, Any]:
    return {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name, "labels": {"n": name}}, "data": data}


def contents(store: Store, rv: int) -> dict[Key, Any]:
    return {key: stored.decode()["data"] for key, stored in store.bucket("things").at(rv).items()}


def test_versions_grow_over_all_buckets() -> None:
    store = Store(10)
    versions = [store.put(name, KEY, obj()).rv for name in ("one", "two", "one")]
    assert versions == sorted(set(versions))
    assert store.rv == versions[-1]


def test_the_version_is_written_into_the_object() -> None:
    stored = Store(10).put("things", KEY, obj())
    assert stored.decode()["metadata"]["resourceVersion"] == str(stored.rv)
    assert stored.labels == {"n": "a"}


def test_stored_bytes_leave_out_kind_and_version() -> None:
    assert set(Store(10).put("things", KEY, obj()).decode()) == {"metadata", "data"}


def test_keys_come_in_order_and_by_namespace() -> None:
    store = Store(10)
    for key in (("b", "x"), ("a", "y"), ("a", "x"), ("ab", "z")):
        store.put("things", key, obj())
    bucket = store.bucket("things")
    assert list(bucket.ordered()) == [("a", "x"), ("a", "y"), ("ab", "z"), ("b", "x")]
    assert list(bucket.ordered("a")) == [("a", "x"), ("a", "y")]


def test_a_deletion_carries_the_last_state_under_its_own_version() -> None:
    store = Store(10)
    seen: list[Change] = []
    store.bucket("things").watchers.add(seen.append)
    put = store.put("things", KEY, obj(a="b"))
    last = store.delete("things", KEY)
    assert [change.deleted for change in seen] == [False, True]
    assert seen[1].before == put
    assert last.decode()["data"] == {"a": "b"}
    assert last.decode()["metadata"]["resourceVersion"] == str(last.rv) != str(put.rv)


def test_deleting_what_is_not_there_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        Store(10).delete("things", KEY)


def test_history_since_a_version_is_what_came_after_it() -> None:
    store = Store(10)
    first = store.put("things", KEY, obj()).rv
    store.put("other", KEY, obj())
    second = store.put("things", KEY, obj(a="b")).rv
    assert [change.rv for change in store.bucket("things").since(first)] == [second]
    assert store.bucket("things").since(second) == []


def test_what_is_older_than_the_history_is_compacted() -> None:
    store = Store(2)
    versions = [store.put("things", KEY, obj(n=str(n))).rv for n in range(4)]
    bucket = store.bucket("things")
    assert [change.rv for change in bucket.since(versions[1])] == versions[2:]
    with pytest.raises(Compacted) as refusal:
        bucket.since(versions[0])
    assert refusal.value.oldest == versions[1]
    with pytest.raises(Compacted):
        bucket.at(versions[0])


def test_a_busy_bucket_does_not_shorten_the_history_of_another() -> None:
    store = Store(2)
    first = store.put("calm", KEY, obj()).rv
    for n in range(10):
        store.put("busy", KEY, obj(n=str(n)))
    assert store.bucket("calm").since(first) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_every_version_in_history_can_be_shown_again(writes: list[tuple[str, bool]]) -> None:
    store = Store(100)
    past: dict[int, dict[Key, Any]] = {store.rv: {}}
    for number, (name, deletes) in enumerate(writes):
        key = ("ns", name)
        if not deletes:
            store.put("things", key, obj(name, n=str(number)))
        elif key in store.bucket("things").objects:
            store.delete("things", key)
        past[store.rv] = {key: stored.decode()["data"] for key, stored in store.bucket("things").objects.items()}
    assert {rv: contents(store, rv) for rv in past} == past
