"""EndpointSlices of one Service: what is written for which change, and that nothing else is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lbctl.sandbox.endpoints.objects import ContainerPort, EndpointSlice, Pod, Service, ServicePort
from lbctl.sandbox.endpoints.slices import plan_slices
from lbctl.sandbox.endpoints.writes import Create, Delete, Plan, Update
from tests.unit.sandbox.endpoints.builders import (
    addresses_in,
    applied,
    endpoints_in,
    kinds,
    node,
    pod,
    service,
)

NODES = {"node-a": node(zone="eu-1"), "node-b": node("node-b", zone="eu-2")}


def plan(of: Service, pods: list[Pod], existing: list[EndpointSlice] | None = None, at: str | None = None) -> Plan:
    return plan_slices(of, pods, NODES, existing or [], at)


def settled(of: Service, pods: list[Pod]) -> list[EndpointSlice]:
    """The slices a Service has when its controller has nothing more to do."""
    slices = applied(plan(of, pods))
    assert plan(of, pods, slices).writes == ()
    return slices


def test_a_new_slice_says_whose_it_is() -> None:
    of = service(labels={"team": "shop"})
    (write,) = plan(of, [pod(1)], at="2026-01-01T00:00:00Z").writes
    assert isinstance(write, Create)
    meta = write.obj.metadata
    assert meta.generate_name == "web-"
    assert meta.name == ""
    assert meta.labels == {
        "team": "shop",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }
    assert meta.annotations == {"endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z"}
    (owner,) = meta.owner_references or ()
    assert (owner.api_version, owner.kind, owner.name, owner.uid) == ("v1", "Service", "web", "uid-web")
    assert owner.controller is True
    assert owner.block_owner_deletion is True


def test_ports_of_a_slice_are_those_of_the_service() -> None:
    ports = [
        ServicePort(name="http", port=80, target_port=8080, app_protocol="h2c"),
        ServicePort(name="dns", port=53, target_port=5353, protocol="UDP"),
    ]
    (one,) = settled(service(ports=ports), [pod(1)])
    assert [(port.name, port.port, port.protocol, port.app_protocol) for port in one.ports or ()] == [
        ("http", 8080, "TCP", "h2c"),
        ("dns", 5353, "UDP", None),
    ]


def test_a_service_without_pods_has_one_empty_slice_and_keeps_it() -> None:
    (one,) = settled(service(), [])
    assert one.endpoints == ()
    assert one.ports == ()


def test_the_first_pod_turns_the_empty_slice_into_its_own() -> None:
    existing = settled(service(), [])
    (write,) = plan(service(), [pod(1)], existing).writes
    assert isinstance(write, Update)
    assert write.obj.metadata.name == existing[0].metadata.name


def test_the_last_pod_leaves_an_empty_slice_behind() -> None:
    existing = settled(service(), [pod(1)])
    after = plan(service(), [], existing)
    assert kinds(after) == ["Update"]
    assert plan(service(), [], applied(after, existing)).writes == ()


def test_a_headless_service_is_labelled_so() -> None:
    (one,) = settled(service(cluster_ip="None"), [pod(1)])
    assert (one.metadata.labels or {})["service.kubernetes.io/headless"] == ""


def test_a_headless_service_may_have_no_ports() -> None:
    (one,) = settled(service(cluster_ip="None", ports=[]), [pod(1), pod(2)])
    assert one.ports == ()
    assert len(one.endpoints or ()) == 2


def test_reserved_labels_of_a_service_do_not_reach_its_slices() -> None:
    of = service(
        labels={"kubernetes.io/service-name": "fake", "endpointslice.kubernetes.io/managed-by": "me", "a": "b"}
    )
    (one,) = settled(of, [pod(1)])
    assert one.metadata.labels == {
        "a": "b",
        "kubernetes.io/service-name": "web",
        "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    }


def test_changed_service_labels_reach_every_slice() -> None:
    pods = [pod(number) for number in range(150)]
    existing = settled(service(labels={"a": "1"}), pods)
    assert kinds(plan(service(labels={"b": "2"}), pods, existing)) == ["Update", "Update"]


def test_labels_people_add_to_a_slice_are_taken_off() -> None:
    (one,) = settled(service(), [pod(1)])
    labelled = replace(one, metadata=replace(one.metadata, labels={**(one.metadata.labels or {}), "mine": "1"}))
    (write,) = plan(service(), [pod(1)], [labelled]).writes
    assert "mine" not in (write.obj.metadata.labels or {})


def test_annotations_people_add_to_a_slice_stay() -> None:
    (one,) = settled(service(), [pod(1)])
    noted = replace(one, metadata=replace(one.metadata, annotations={"mine": "1"}))
    (write,) = plan(service(), [pod(1), pod(2)], [noted]).writes
    assert write.obj.metadata.annotations == {"mine": "1"}


def test_one_flip_among_a_thousand_pods_is_one_write() -> None:
    pods = [pod(number) for number in range(1000)]
    existing = settled(service(), pods)
    assert len(existing) == 10
    pods[512] = pod(512, ready=False)
    after = plan(service(), pods, existing)
    assert kinds(after) == ["Update"]
    now = endpoints_in(applied(after, existing))
    assert [name for name, one in now.items() if not one.conditions.ready] == ["pod-0512"]


def test_a_pod_that_is_replaced_costs_one_write() -> None:
    pods = [pod(number) for number in range(250)]
    existing = settled(service(), pods)
    after = plan(service(), [*pods[1:], pod(500)], existing)
    assert kinds(after) == ["Update"]


def test_a_new_pod_goes_where_it_fits_best() -> None:
    pods = [pod(number) for number in range(130)]
    existing = settled(service(), pods)
    assert sorted(len(one.endpoints or ()) for one in existing) == [30, 100]
    after = plan(service(), [*pods, pod(500)], existing)
    assert kinds(after) == ["Update"]
    assert sorted(len(one.endpoints or ()) for one in applied(after, existing)) == [31, 100]


def test_slices_that_change_anyway_are_filled_first() -> None:
    pods = [pod(number) for number in range(190)]
    existing = settled(service(), pods)
    full = next(one for one in existing if len(one.endpoints or ()) == 100)
    gone = {endpoint.target_ref.name for endpoint in (full.endpoints or ())[:5] if endpoint.target_ref}
    rest = [one for one in pods if one.metadata.name not in gone]
    after = plan(service(), [*rest, pod(501), pod(502)], existing)
    assert [write.obj.metadata.name for write in after.writes] == [full.metadata.name]


def test_of_the_slices_that_change_anyway_the_fullest_is_filled_first() -> None:
    pods = [pod(number) for number in range(200)]
    emptier, fuller = settled(service(), pods)
    gone = {name for one, count in ((emptier, 20), (fuller, 5)) for name in list(endpoints_in([one]))[:count]}
    left = [one for one in pods if one.metadata.name not in gone]
    slices = applied(plan(service(), [*left, pod(501), pod(502)], [emptier, fuller]), [emptier, fuller])
    assert {one.metadata.name: len(one.endpoints or ()) for one in slices} == {
        emptier.metadata.name: 80,
        fuller.metadata.name: 97,
    }


def test_of_the_unchanged_slices_the_one_that_is_filled_best_is_taken() -> None:
    existing = settled(service(), [pod(number) for number in range(300)])
    keep = [
        name for one, count in zip(existing, (50, 94, 60), strict=True) for name in list(endpoints_in([one]))[:count]
    ]
    left = [one for one in (pod(number) for number in range(300)) if one.metadata.name in keep]
    existing = applied(plan(service(), left, existing), existing)
    more = [pod(number) for number in range(500, 505)]
    assert [len(one.endpoints or ()) for one in applied(plan(service(), [*left, *more], existing), existing)] == [
        50,
        99,
        60,
    ]


def test_nothing_is_moved_to_tidy_up() -> None:
    pods = [pod(number) for number in range(200)]
    existing = settled(service(), pods)
    few = [
        endpoint.target_ref.name for one in existing for endpoint in (one.endpoints or ())[:10] if endpoint.target_ref
    ]
    left = [one for one in pods if one.metadata.name in few]
    slices = applied(plan(service(), left, existing), existing)
    assert [len(one.endpoints or ()) for one in slices] == [10, 10]


def test_pods_that_serve_a_named_port_on_different_numbers_have_different_slices() -> None:
    of = service(ports=[ServicePort(name="http", port=80, target_port="web")])
    pods = [pod(1, ports=[ContainerPort(8080, "web")]), pod(2, ports=[ContainerPort(9090, "web")])]
    slices = settled(of, pods)
    assert sorted((one.ports or ())[0].port or 0 for one in slices) == [8080, 9090]
    assert all(len(one.endpoints or ()) == 1 for one in slices)


def test_a_pod_without_the_named_port_is_listed_without_ports() -> None:
    of = service(ports=[ServicePort(name="http", port=80, target_port="web")])
    (one,) = settled(of, [pod(1)])
    assert one.ports == ()
    assert addresses_in([one]) == ["10.1.0.2"]


def test_a_changed_target_port_rewrites_the_slice_in_place() -> None:
    existing = settled(service(), [pod(1)])
    changed = service(ports=[ServicePort(name="http", port=80, target_port=9090)])
    after = plan(changed, [pod(1)], existing)
    assert kinds(after) == ["Update"]
    assert after.writes[0].obj.metadata.name == existing[0].metadata.name


def test_dual_stack_has_slices_of_both_families() -> None:
    slices = settled(
        service(families=["IPv4", "IPv6"]), [pod(1, ips=["10.0.0.1", "fd00::1"]), pod(2, ips=["10.0.0.2"])]
    )
    assert {one.address_type: addresses_in([one]) for one in slices} == {
        "IPv4": ["10.0.0.1", "10.0.0.2"],
        "IPv6": ["fd00::1"],
    }


def test_a_family_the_service_gives_up_loses_its_slices() -> None:
    pods = [pod(1, ips=["10.0.0.1", "fd00::1"])]
    existing = settled(service(families=["IPv4", "IPv6"]), pods)
    (write,) = plan(service(), pods, existing).writes
    assert isinstance(write, Delete)
    assert isinstance(write.obj, EndpointSlice)
    assert write.obj.address_type == "IPv6"


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(service(selector=None), id="no selector"),
        pytest.param(service(selector={}), id="an empty selector is none"),
        pytest.param(service(type="ExternalName", cluster_ip=""), id="ExternalName"),
    ],
)
def test_services_that_select_no_pods_are_left_alone(of: Service) -> None:
    existing = settled(service(), [pod(1)])
    assert plan(of, [pod(1)], existing) == Plan()


def test_slices_of_an_earlier_service_are_deleted_not_taken_over() -> None:
    existing = settled(service(uid="old"), [pod(1)])
    after = plan(service(uid="new"), [pod(1)], existing)
    assert kinds(after) == ["Create", "Delete"]


def test_the_empty_slice_of_an_earlier_service_is_not_taken_over() -> None:
    existing = settled(service(uid="old"), [])
    assert kinds(plan(service(uid="new"), [], existing)) == ["Create", "Delete"]


def test_a_service_on_its_way_out_gets_no_new_slices() -> None:
    assert plan(service(deleted=True), [pod(1)]).writes == ()
    existing = settled(service(), [pod(1), pod(2)])
    assert kinds(plan(service(deleted=True), [pod(1)], existing)) == ["Update"]


def test_slices_on_their_way_out_are_not_counted_on() -> None:
    (one,) = settled(service(), [pod(1)])
    leaving = replace(one, metadata=replace(one.metadata, deletion_timestamp="2026-01-01T00:00:00Z"))
    assert kinds(plan(service(), [pod(1)], [leaving])) == ["Create"]


def test_a_pod_on_an_unknown_node_is_left_out_and_told() -> None:
    after = plan(service(), [pod(1), pod(2, node="ghost")])
    assert addresses_in(applied(after)) == ["10.1.0.2"]
    (notice,) = after.notices
    assert (notice.type, notice.reason) == ("Warning", "FailedToUpdateEndpointSlices")
    assert notice.message == (
        "Error updating Endpoint Slices for Service default/web: "
        "skipping Pod pod-0002 for Service default/web: Node ghost Not Found"
    )


def test_a_pod_on_an_unknown_node_is_kept_when_not_ready_addresses_are_published() -> None:
    after = plan(service(publish_not_ready=True), [pod(1, node="ghost")])
    assert addresses_in(applied(after)) == ["10.1.0.2"]
    assert after.notices == ()


def test_the_zone_of_a_node_is_followed() -> None:
    existing = settled(service(), [pod(1)])
    moved = plan_slices(service(), [pod(1)], {"node-a": node(zone="eu-9")}, existing, None)
    assert kinds(moved) == ["Update"]
    assert endpoints_in(applied(moved, existing))["pod-0001"].zone == "eu-9"


def test_no_trigger_time_takes_the_annotation_off_what_is_written() -> None:
    existing = applied(plan(service(), [pod(1)], at="2026-01-01T00:00:00Z"))
    (write,) = plan(service(), [pod(1), pod(2)], existing).writes
    assert write.obj.metadata.annotations is None


def test_an_update_carries_the_version_it_was_planned_from() -> None:
    existing = settled(service(), [pod(1)])
    (write,) = plan(service(), [pod(1), pod(2)], existing).writes
    assert write.obj.metadata.resource_version == existing[0].metadata.resource_version
    assert write.obj.metadata.uid == existing[0].metadata.uid
