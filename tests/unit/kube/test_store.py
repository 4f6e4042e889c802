"""The cache: content, indexes and differences, against a plain dict."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from lbctl.kube.store import Change, Store
from lbctl.model.service import ObjectKey


@dataclass(frozen=True)
class Thing:
    key: ObjectKey
    resource_version: str
    colours: tuple[str, ...]


def thing(name: str, version: str, *colours: str) -> Thing:
    return Thing(ObjectKey("ns", name), version, colours)


def store_of(*things: Thing) -> Store[Thing]:
    store: Store[Thing] = Store(lambda one: one.key)
    store.add_index("colour", lambda one: one.colours)
    store.replace(things)
    return store


def test_a_put_of_the_same_version_is_no_change() -> None:
    first = thing("a", "1")
    store = store_of(first)
    assert store.put(thing("a", "1", "red")) is None
    assert store.get(first.key) is first


def test_replace_reports_deletions_first_and_keeps_equal_versions() -> None:
    a, b, c = thing("a", "1"), thing("b", "1"), thing("c", "1")
    store = store_of(a, b, c)
    b2, d = thing("b", "2"), thing("d", "1")
    assert store.replace([thing("a", "1"), b2, d]) == [
        Change(c.key, c, None),
        Change(b.key, b, b2),
        Change(d.key, None, d),
    ]
    assert store.get(a.key) is a


def test_an_index_added_late_covers_what_is_there() -> None:
    store = store_of(thing("a", "1", "red"))
    store.add_index("first letter", lambda one: (one.key.name[0],))
    assert len(store.by_index("first letter", "a")) == 1
    assert store.index_values("first letter") == ("a",)


def test_what_a_reader_holds_does_not_change() -> None:
    store = store_of(thing("a", "1", "red"))
    values, red = store.values(), store.by_index("colour", "red")
    store.replace([])
    assert len(values) == len(red) == 1
    assert len(store) == 0


things = st.builds(
    thing,
    st.sampled_from("abc"),
    st.integers(0, 5).map(str),
    st.sampled_from(("red", "blue")),
    st.sampled_from(("red", "green")),
)
steps = st.lists(st.one_of(things, st.sampled_from("abc"), st.lists(things, max_size=3)), max_size=20)


@given(steps)
def test_content_and_index_follow_any_history(history: list[Thing | str | list[Thing]]) -> None:
    store, model = store_of(), dict[ObjectKey, Thing]()

    def put(one: Thing) -> None:
        if one.key not in model or model[one.key].resource_version != one.resource_version:
            model[one.key] = one

    for step in history:
        if isinstance(step, Thing):
            store.put(step)
            put(step)
        elif isinstance(step, str):
            store.remove(ObjectKey("ns", step))
            model.pop(ObjectKey("ns", step), None)
        else:
            store.replace(step)
            wanted = {one.key: one for one in step}
            for key in model.keys() - wanted.keys():
                del model[key]
            for one in wanted.values():
                put(one)
        assert {one.key: one for one in store.values()} == model
        for colour in ("red", "blue", "green"):
            found = {one.key for one in store.by_index("colour", colour)}
            assert found == {one.key for one in model.values() if colour in one.colours}
        assert set(store.index_values("colour")) == {colour for one in model.values() for colour in one.colours}
