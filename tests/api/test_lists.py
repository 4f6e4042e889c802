"""Lists: versions, selectors, pages, and the forms a list can take."""

from __future__ import annotations

import pytest

from tests.api.client import METADATA, METADATA_LIST, TABLE, Api
from tests.api.conftest import Namespace


def names(body: dict[str, object]) -> list[str]:
    items: list[dict[str, dict[str, str]]] = body["items"]  # type: ignore[assignment]
    return [item["metadata"]["name"] for item in items]


@pytest.fixture
def five(ns: Namespace) -> Namespace:
    """Five ConfigMaps a to e; the label `parity` alternates, `letter` is the name."""
    for index, name in enumerate("abcde"):
        ns.config_map(name, labels={"parity": ("even", "odd")[index % 2], "letter": name})
    return ns


def selected(ns: Namespace, **query: str) -> list[str]:
    listed = names(ns.api.get(ns.path("configmaps"), **query).expect(200))
    return [name for name in listed if name != "kube-root-ca.crt"]


def test_a_list_has_a_kind_a_version_and_items_in_order(five: Namespace) -> None:
    body = five.api.get(five.path("configmaps")).expect(200)
    assert (body["kind"], body["apiVersion"]) == ("ConfigMapList", "v1")
    assert int(body["metadata"]["resourceVersion"]) > 0
    assert names(body) == sorted(names(body))


def test_a_list_of_nothing_has_an_empty_items_list(ns: Namespace) -> None:
    assert ns.api.get(ns.path("secrets")).expect(200)["items"] == []


def test_a_list_shows_one_namespace_or_all(five: Namespace) -> None:
    everywhere = five.api.get("/api/v1/configmaps").expect(200)["items"]
    assert {item["metadata"]["namespace"] for item in everywhere} >= {five.name}
    here = five.api.get(five.path("configmaps")).expect(200)["items"]
    assert {item["metadata"]["namespace"] for item in here} == {five.name}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param("parity=even", "ace", id="equality"),
        pytest.param("parity!=even,letter", "bd", id="inequality and existence"),
        pytest.param("letter in (a,b)", "ab", id="in"),
        pytest.param("letter notin (a,b),parity", "cde", id="notin"),
        pytest.param("parity=odd,letter=b", "b", id="both"),
        pytest.param("absent", "", id="existence of nothing"),
    ],
)
def test_a_label_selector_narrows_a_list(five: Namespace, selector: str, expected: str) -> None:
    assert selected(five, labelSelector=selector) == list(expected)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        pytest.param("metadata.name=c", "c", id="name"),
        pytest.param("metadata.name!=c", "abde", id="not the name"),
    ],
)
def test_a_field_selector_narrows_a_list(five: Namespace, selector: str, expected: str) -> None:
    assert selected(five, fieldSelector=selector) == list(expected)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("labelSelector", "a=(b"), ("labelSelector", "_a"), ("fieldSelector", "data.key=x"), ("fieldSelector", "nothing")],
)
def test_a_selector_that_means_nothing_is_refused(ns: Namespace, parameter: str, value: str) -> None:
    assert ns.api.get(ns.path("configmaps"), **{parameter: value}).code == 400


def test_pages_cover_everything_once_and_show_one_version(five: Namespace) -> None:
    first = five.api.get(five.path("configmaps"), limit=2).expect(200)
    five.config_map("bb")
    five.api.delete(five.path("configmaps", "d")).expect(200)
    seen, page = names(first), first
    while page["metadata"].get("continue"):
        page = five.api.get(five.path("configmaps"), limit=2, **{"continue": page["metadata"]["continue"]}).expect(200)
        assert page["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
        assert len(names(page)) <= 2
        seen += names(page)
    assert [name for name in seen if name != "kube-root-ca.crt"] == list("abcde")


def test_a_page_says_how_many_objects_follow(five: Namespace) -> None:
    whole = len(five.api.get(five.path("configmaps")).expect(200)["items"])
    page = five.api.get(five.path("configmaps"), limit=2).expect(200)
    assert page["metadata"]["remainingItemCount"] == whole - 2


def test_a_page_of_a_selection_does_not_count_the_rest(five: Namespace) -> None:
    page = five.api.get(five.path("configmaps"), limit=1, labelSelector="parity=even").expect(200)
    assert page["metadata"]["continue"]
    assert "remainingItemCount" not in page["metadata"]


def test_a_broken_continue_token_is_refused(ns: Namespace) -> None:
    assert ns.api.get(ns.path("configmaps"), limit=1, **{"continue": "bogus"}).code == 400


def test_an_exact_version_shows_the_past(five: Namespace) -> None:
    then = five.api.get(five.path("configmaps")).expect(200)
    five.api.delete(five.path("configmaps", "a")).expect(200)
    version = then["metadata"]["resourceVersion"]
    past = five.api.get(five.path("configmaps"), resourceVersion=version, resourceVersionMatch="Exact").expect(200)
    assert names(past) == names(then)
    assert past["metadata"]["resourceVersion"] == version


@pytest.mark.parametrize("query", [{"resourceVersion": "0"}, {}])
def test_a_list_without_a_version_shows_the_present(five: Namespace, query: dict[str, str]) -> None:
    version = five.config_map("f")["metadata"]["resourceVersion"]
    body = five.api.get(
        five.path("configmaps"), **(query or {"resourceVersion": version, "resourceVersionMatch": "NotOlderThan"})
    ).expect(200)
    assert int(body["metadata"]["resourceVersion"]) >= (0 if query else int(version))


def test_a_version_nobody_has_reached_times_out(ns: Namespace) -> None:
    answer = ns.api.get(ns.path("configmaps"), resourceVersion="9" * 15)
    assert (answer.code, answer.reason) == (504, "Timeout")
    assert "Too large resource version" in answer.message


@pytest.mark.parametrize(
    "query",
    [
        {"resourceVersionMatch": "Exact"},
        {"resourceVersionMatch": "Exact", "resourceVersion": "0"},
        {"resourceVersionMatch": "Roughly", "resourceVersion": "1"},
    ],
)
def test_a_match_that_makes_no_sense_is_invalid(ns: Namespace, query: dict[str, str]) -> None:
    answer = ns.api.get(ns.path("configmaps"), **query)
    assert (answer.code, answer.reason) == (422, "Invalid")


def test_a_version_that_is_no_number_is_refused(ns: Namespace) -> None:
    assert ns.api.get(ns.path("configmaps"), resourceVersion="soon").code == 400


def test_a_table_has_the_columns_and_cells_of_the_kind(ns: Namespace) -> None:
    ns.create("services", {"metadata": {"name": "web"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}})
    table = ns.api.get(ns.path("services"), accept=TABLE).expect(200)
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    titles = [column["name"] for column in table["columnDefinitions"]]
    assert titles == ["Name", "Type", "Cluster-IP", "External-IP", "Port(s)", "Age", "Selector"]
    [row] = table["rows"]
    assert row["cells"][:2] == ["web", "NodePort"]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert row["object"]["metadata"]["name"] == "web"


@pytest.mark.parametrize(("include", "kind"), [("Object", "ConfigMap"), ("Metadata", "PartialObjectMetadata")])
def test_table_rows_carry_what_was_asked_for(five: Namespace, include: str, kind: str) -> None:
    table = five.api.get(five.path("configmaps", "a"), accept=TABLE, includeObject=include).expect(200)
    assert table["rows"][0]["object"]["kind"] == kind


def test_tables_page_like_lists(five: Namespace) -> None:
    table = five.api.get(five.path("configmaps"), accept=TABLE, limit=2).expect(200)
    assert len(table["rows"]) == 2
    assert table["metadata"]["continue"]


def test_metadata_alone_can_be_asked_for(five: Namespace) -> None:
    one = five.api.get(five.path("configmaps", "a"), accept=METADATA).expect(200)
    assert (one["kind"], one["apiVersion"]) == ("PartialObjectMetadata", "meta.k8s.io/v1")
    assert set(one) == {"kind", "apiVersion", "metadata"}
    listed = five.api.get(five.path("configmaps"), accept=METADATA_LIST).expect(200)
    assert listed["kind"] == "PartialObjectMetadataList"
    assert all("data" not in item for item in listed["items"])


def test_cluster_scoped_kinds_have_no_place_in_a_namespace(api: Api) -> None:
    assert api.get("/api/v1/namespaces/default/nodes").code == 404
