"""The view: which Services must be looked at after which change, and whose word counts."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lbctl.model.service import ObjectKey
from lbctl.sandbox.endpoints.names import SLICE_CONTROLLER
from lbctl.sandbox.endpoints.objects import Endpoints, EndpointSlice, Node, Pod, Service
from lbctl.sandbox.endpoints.slices import plan_slices
from lbctl.sandbox.endpoints.view import ClusterView
from lbctl.sandbox.objects import Meta
from tests.unit.sandbox.endpoints.builders import applied, endpoints, node, pod, service

WEB, API = ObjectKey("default", "web"), ObjectKey("default", "api")


def view_of(*services: Service) -> ClusterView:
    view = ClusterView()
    for one in services:
        view.service_changed(one.key, one)
    return view


def put(view: ClusterView, one: Pod) -> set[ObjectKey]:
    return view.pod_changed(one.key, one)


def slice_at(version: int, *, uid: str = "u", managed_by: str = SLICE_CONTROLLER, of: str = "web") -> EndpointSlice:
    labels = {"kubernetes.io/service-name": of, "endpointslice.kubernetes.io/managed-by": managed_by}
    meta = Meta(name="web-1", namespace="default", uid=uid, resource_version=str(version), labels=labels)
    return EndpointSlice(meta, "IPv4", (), ())


@pytest.fixture
def view() -> ClusterView:
    return view_of(service(), service("api", selector={"app": "api", "tier": "front"}), service("none", selector=None))


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        pytest.param({"app": "web"}, {WEB}, id="one selector"),
        pytest.param({"app": "api", "tier": "front", "more": "1"}, {API}, id="all labels of a selector"),
        pytest.param({"app": "api"}, set(), id="not all of them"),
        pytest.param({}, set(), id="no labels"),
    ],
)
def test_a_new_pod_wakes_the_services_that_select_it(
    view: ClusterView, labels: dict[str, str], expected: set[ObjectKey]
) -> None:
    assert put(view, pod(1, labels=labels)) == expected


def test_pods_of_another_namespace_are_strangers(view: ClusterView) -> None:
    foreign = pod(1)
    foreign = replace(foreign, metadata=replace(foreign.metadata, namespace="other"))
    assert put(view, foreign) == set()
    assert view.pods_of(service()) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(pod(1, ready=False), {WEB}, id="readiness"),
        pytest.param(pod(1, deleted=True), {WEB}, id="termination"),
        pytest.param(pod(1, phase="Failed"), {WEB}, id="end"),
        pytest.param(pod(1, ips=["10.9.9.9"]), {WEB}, id="address"),
        pytest.param(pod(1, hostname="a"), {WEB}, id="hostname"),
        pytest.param(pod(1, uid="another"), {WEB}, id="another pod of the same name"),
        pytest.param(
            pod(1, labels={"app": "api", "tier": "front"}), {WEB, API}, id="labels: the old and the new Service"
        ),
        pytest.param(pod(1, ready_since="2026-02-02T00:00:00Z"), set(), id="a time alone"),
        pytest.param(pod(1), set(), id="nothing that matters"),
    ],
)
def test_a_changed_pod_wakes_services_when_it_matters(
    view: ClusterView, changed: Pod, expected: set[ObjectKey]
) -> None:
    put(view, pod(1))
    assert put(view, changed) == expected


def test_a_deleted_pod_wakes_and_is_forgotten(view: ClusterView) -> None:
    put(view, pod(1))
    assert view.pod_changed(pod(1).key, None) == {WEB}
    assert view.pods_of(service()) == []


def test_pods_are_found_by_the_whole_selector_in_order_of_name(view: ClusterView) -> None:
    api = {"app": "api", "tier": "front"}
    half = [pod(2, labels={"app": "api"}), pod(4, labels={"tier": "front"})]
    for one in (pod(3, labels=api), pod(1, labels=api), *half):
        put(view, one)
    assert [one.metadata.name for one in view.pods_of(view.services[API])] == ["pod-0001", "pod-0003"]


def test_a_changed_selector_is_followed(view: ClusterView) -> None:
    view.service_changed(WEB, service(selector={"app": "next"}))
    assert put(view, pod(1)) == set()
    assert put(view, pod(2, labels={"app": "next"})) == {WEB}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(None, node(), {WEB}, id="its node appears"),
        pytest.param(node(), None, {WEB}, id="its node goes"),
        pytest.param(node(), node(zone="eu-1"), {WEB}, id="its node gets a zone"),
        pytest.param(node(), node(ready=False), set(), id="a node's readiness is not a pod's"),
        pytest.param(None, node("elsewhere"), set(), id="another node joins"),
    ],
)
def test_a_node_wakes_the_services_of_its_pods(
    view: ClusterView, before: Node | None, after: Node | None, expected: set[ObjectKey]
) -> None:
    put(view, pod(1))
    if before is not None:
        view.node_changed(before.metadata.name, before)
    changed = after or before
    assert changed is not None
    assert view.node_changed(changed.metadata.name, after) == expected


def test_capacity_wakes_services_that_share_by_it() -> None:
    view = view_of(service(), service("api", annotations={"service.kubernetes.io/topology-mode": "Auto"}))
    view.node_changed("x", node("x", zone="eu-1"))
    assert view.zone_shares() == {}
    assert view.node_changed("y", node("y", zone="eu-2")) == {API}
    assert view.zone_shares() == {"eu-1": 0.5, "eu-2": 0.5}
    assert view.node_changed("y", node("y", zone="eu-2", cpu="12")) == {API}
    assert view.zone_shares() == {"eu-1": 0.25, "eu-2": 0.75}


def test_the_echo_of_an_own_write_wakes_nobody(view: ClusterView) -> None:
    view.wrote(slice_at(5))
    assert view.slice_changed(slice_at(5)) == set()
    assert view.slice_changed(slice_at(6)) == {WEB}


def test_an_older_state_does_not_replace_a_newer_one(view: ClusterView) -> None:
    view.wrote(slice_at(500))
    assert view.slice_changed(slice_at(99)) == set()
    assert [one.version for one in view.slices_of(WEB, SLICE_CONTROLLER)] == [500]


def test_what_was_deleted_stays_deleted(view: ClusterView) -> None:
    view.wrote(slice_at(5))
    view.removed(slice_at(5))
    assert view.slice_changed(slice_at(6)) == set()
    assert view.slices_of(WEB, SLICE_CONTROLLER) == []
    assert view.slice_deleted(slice_at(6)) == set()


def test_the_deletion_of_an_own_slice_by_others_wakes(view: ClusterView) -> None:
    view.wrote(slice_at(5))
    assert view.slice_deleted(slice_at(5)) == {WEB}


def test_a_deletion_of_an_earlier_object_does_not_touch_its_successor(view: ClusterView) -> None:
    view.wrote(endpoints([], uid="second"))
    assert view.endpoints_deleted(endpoints([], uid="first")) == set()
    assert view.endpoints[WEB].metadata.uid == "second"


def test_a_slice_that_changes_its_service_wakes_both(view: ClusterView) -> None:
    view.slice_changed(slice_at(1))
    assert view.slice_changed(slice_at(2, of="api")) == {WEB, API}
    assert view.slices_of(WEB, SLICE_CONTROLLER) == []


def test_a_slice_of_somebody_else_wakes_nobody(view: ClusterView) -> None:
    assert view.slice_changed(slice_at(1, managed_by="me")) == set()


def test_a_slice_that_changes_its_writer_wakes(view: ClusterView) -> None:
    view.slice_changed(slice_at(1))
    assert view.slice_changed(slice_at(2, managed_by="me")) == {WEB}


def test_endpoints_without_service_are_cleaned_up_after_a_start() -> None:
    view = view_of(service())
    for name, noted in (
        ("web", None),
        ("left", None),
        ("lock", {"control-plane.alpha.kubernetes.io/leader": "{}"}),
    ):
        view.endpoints_changed(endpoints([], name, annotations=noted))
    assert view.orphaned_endpoints() == {ObjectKey("default", "left")}
    assert view.departed == {ObjectKey("default", "left")}


def test_endpoints_that_come_before_their_service_are_not_cleaned_up() -> None:
    view = ClusterView()
    written: Endpoints = endpoints([])
    assert view.endpoints_changed(written) == {WEB}
    assert view.departed == set()


def test_a_service_that_comes_back_has_not_departed(view: ClusterView) -> None:
    view.service_changed(WEB, None)
    assert view.departed == {WEB}
    view.service_changed(WEB, service())
    assert view.departed == set()


def test_ten_thousand_services_do_not_make_a_pod_slower() -> None:
    """A pod is compared with the Services that share a label with it, not with all."""
    view = view_of(*(service(f"s{number}", selector={"app": f"s{number}"}) for number in range(10_000)))
    looked_at: list[ObjectKey] = []
    view.services = _Watched(view.services, looked_at)
    assert put(view, pod(1, labels={"app": "s77"})) == {ObjectKey("default", "s77")}
    assert looked_at == [ObjectKey("default", "s77")]


class _Watched(dict[ObjectKey, Service]):
    def __init__(self, content: dict[ObjectKey, Service], log: list[ObjectKey]) -> None:
        super().__init__(content)
        self._log = log

    def __getitem__(self, key: ObjectKey) -> Service:
        self._log.append(key)
        return super().__getitem__(key)


def test_planning_from_the_view_needs_no_more_than_the_view() -> None:
    view = view_of(service())
    view.node_changed("node-a", node())
    put(view, pod(1))
    of = view.services[WEB]
    for one in applied(plan_slices(of, view.pods_of(of), view.nodes, view.slices_of(WEB, SLICE_CONTROLLER), None)):
        view.wrote(one)
    assert plan_slices(of, view.pods_of(of), view.nodes, view.slices_of(WEB, SLICE_CONTROLLER), None).writes == ()
