"""Strategic merge patch, in the cases kubectl and controllers produce."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.patch import schema_for, strategic_merge_patch

SERVICE = schema_for("", "Service")
POD = schema_for("", "Pod")
NODE = schema_for("", "Node")
DEPLOYMENT = schema_for("apps", "Deployment")
SLICE = schema_for("discovery.k8s.io", "EndpointSlice")


def ports(*numbers: int) -> list[Json]:
    return [{"port": number} for number in numbers]


def service(*items: Json) -> Json:
    return {"spec": {"ports": list(items)}}


@dataclass(frozen=True)
class Case:
    name: str
    doc: Json
    patch: Json
    want: Json
    schema: object = field(default=SERVICE)


CASES = [
    Case(
        "items with the same key merge",
        service({"port": 80, "name": "a"}, {"port": 81}),
        service({"port": 80, "targetPort": 8080}),
        service({"port": 80, "name": "a", "targetPort": 8080}, {"port": 81}),
    ),
    Case(
        "a new item goes before those of the server",
        service(*ports(80)),
        service({"port": 81, "name": None}),
        service(*ports(81, 80)),
    ),
    Case(
        "$patch: delete removes an item",
        service(*ports(80, 81)),
        service({"port": 80, "$patch": "delete"}),
        service(*ports(81)),
    ),
    Case(
        "$patch: replace in a list replaces it",
        service(*ports(80, 81)),
        service({"$patch": "replace"}, {"port": 9}),
        service(*ports(9)),
    ),
    Case(
        "$patch: replace in an object replaces it",
        {"spec": {"selector": {"a": "1", "b": "2"}}},
        {"spec": {"selector": {"$patch": "replace", "c": "3"}}},
        {"spec": {"selector": {"c": "3"}}},
    ),
    Case(
        "$patch: delete in an object empties it",
        {"spec": {"selector": {"a": "1"}}},
        {"spec": {"selector": {"$patch": "delete"}}},
        {"spec": {"selector": {}}},
    ),
    Case(
        "null removes a label",
        {"metadata": {"labels": {"a": "1", "b": "2"}}},
        {"metadata": {"labels": {"a": None}}},
        {"metadata": {"labels": {"b": "2"}}},
    ),
    Case(
        "$setElementOrder orders what it names and keeps the neighbours of the rest",
        service(*ports(1, 2, 3, 4)),
        {"spec": {"$setElementOrder/ports": ports(4, 2), "ports": [{"port": 2, "name": "two"}]}},
        service({"port": 1}, {"port": 3}, {"port": 4}, {"port": 2, "name": "two"}),
    ),
    Case(
        "kubectl removes a port",
        service(*ports(80, 81)),
        {"spec": {"$setElementOrder/ports": ports(80), "ports": [{"$patch": "delete", "port": 81}]}},
        service(*ports(80)),
    ),
    Case(
        "kubectl changes a port's number",
        service({"port": 80, "name": "http"}),
        {
            "spec": {
                "$setElementOrder/ports": ports(90),
                "ports": [{"port": 90, "name": "http"}, {"$patch": "delete", "port": 80}],
            }
        },
        service({"port": 90, "name": "http"}),
    ),
    Case(
        "sets of scalars unite",
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"finalizers": ["c", "a"]}},
        {"metadata": {"finalizers": ["c", "a", "b"]}},
    ),
    Case(
        "$deleteFromPrimitiveList takes scalars out",
        {"metadata": {"finalizers": ["a", "b"]}},
        {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}},
        {"metadata": {"finalizers": ["b"]}},
    ),
    Case(
        "lists without a strategy are replaced",
        {"endpoints": [{"addresses": ["1.1.1.1"]}], "ports": ports(80)},
        {"endpoints": [{"addresses": ["2.2.2.2"]}]},
        {"endpoints": [{"addresses": ["2.2.2.2"]}], "ports": ports(80)},
        SLICE,
    ),
    Case(
        "$retainKeys clears the other fields",
        {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}},
        {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}},
        {"spec": {"strategy": {"type": "Recreate"}}},
        DEPLOYMENT,
    ),
    Case(
        "containers merge by name, their environment too",
        {"spec": {"containers": [{"name": "a", "env": [{"name": "X", "value": "1"}]}, {"name": "b"}]}},
        {"spec": {"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}]}]}},
        {
            "spec": {
                "containers": [
                    {"name": "a", "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]},
                    {"name": "b"},
                ]
            }
        },
        POD,
    ),
    Case(
        "a kubelet reports a condition",
        {"status": {"conditions": [{"type": "A", "status": "True"}, {"type": "B", "status": "True"}]}},
        {"status": {"conditions": [{"type": "B", "status": "False"}]}},
        {"status": {"conditions": [{"type": "A", "status": "True"}, {"type": "B", "status": "False"}]}},
        NODE,
    ),
    Case(
        "a new object enters without nulls and directives",
        {},
        {"spec": {"ports": [{"port": 1, "name": None}, {"port": 2, "$patch": "delete"}]}},
        service(*ports(1)),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_merge(case: Case) -> None:
    schema = case.schema
    assert isinstance(schema, type(SERVICE))
    assert strategic_merge_patch(case.doc, case.patch, schema) == case.want


REFUSED: dict[str, tuple[Json, int, str]] = {
    "an item without its merge key": (
        service({"name": "a"}),
        500,
        "map: map[name:a] does not contain declared merge key: port",
    ),
    "an unknown directive": (
        {"spec": {"selector": {"$patch": "bogus", "q": "1"}}},
        500,
        "unknown patch type: bogus in map: map[$patch:bogus q:1]",
    ),
    "merge as a directive of a list": (
        service({"$patch": "merge", "port": 80}),
        500,
        "merging lists cannot yet be specified in the patch",
    ),
    "scalars among objects": (
        {"spec": {"ports": [1]}},
        500,
        "list element types are not identical: [[map[port:80]] [1]]",
    ),
    "lists of lists": (
        {"metadata": {"ownerReferences": [[1]]}},
        422,
        "the server rejected our request due to an error in our request",
    ),
    "$retainKeys that is no list": ({"spec": {"$retainKeys": "x"}}, 400, "invalid patch format of retainKeys"),
    "$retainKeys that misses a field of the patch": (
        {"spec": {"$retainKeys": [], "type": "NodePort"}},
        400,
        "invalid patch format of retainKeys",
    ),
    "a malformed deletion list": (
        {"metadata": {"$deleteFromPrimitiveListfinalizers": ["a"]}},
        400,
        "invalid patch format of primitive list",
    ),
    "items that the order list does not name": (
        {"spec": {"$setElementOrder/ports": ports(80), "ports": ports(81)}},
        500,
        "The order in patch list:\n[map[port:81]]\n doesn't match $setElementOrder list:\n[map[port:80]]\n",
    ),
    "a field the kind does not have, as a list": (
        {"spec": {"$setElementOrder/prots": ports(80)}},
        500,
        'unable to find api field in struct ServiceSpec for the json field "prots"',
    ),
}


@pytest.mark.parametrize(("patch", "code", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_patch_gets_the_real_servers_code_and_text(patch: Json, code: int, message: str) -> None:
    doc: Json = {
        "metadata": {"finalizers": ["a"], "ownerReferences": []},
        "spec": {"selector": {"a": "1"}, "ports": ports(80)},
    }
    with pytest.raises(ApiError) as caught:
        strategic_merge_patch(doc, patch, SERVICE)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_custom_resources_do_not_take_strategic_merge_patches() -> None:
    with pytest.raises(ApiError) as caught:
        strategic_merge_patch({}, {"spec": {}}, schema_for("example.com", "Thing"))
    assert caught.value.code == 415


def test_a_patch_that_is_no_object_is_a_400() -> None:
    with pytest.raises(ApiError) as caught:
        strategic_merge_patch({}, cast("Json", []), SERVICE)
    assert caught.value.code == 400


_PORTS = st.lists(st.integers(1, 6), unique=True, max_size=6)


@given(live=_PORTS, sent=_PORTS)
def test_every_item_of_both_sides_is_there_once_and_the_patch_keeps_its_order(live: list[int], sent: list[int]) -> None:
    merged = strategic_merge_patch(service(*ports(*live)), service(*ports(*sent)), SERVICE)
    numbers = [item["port"] for item in merged["spec"]["ports"]]
    assert sorted(numbers) == sorted({*live, *sent})
    assert [one for one in numbers if one in sent] == sent
    assert [one for one in numbers if one not in sent] == [one for one in live if one not in sent]
