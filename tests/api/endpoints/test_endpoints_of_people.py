"""Services without a selector: people write their slices or their Endpoints, which are mirrored into slices."""

from __future__ import annotations

import pytest

from tests.api.endpoints.room import (
    DISCOVERY,
    MANAGED_BY,
    SERVICE_NAME,
    EndpointsRoom,
    Json,
    addresses,
    labels,
    subsets,
    versions,
)

MIRRORING = "endpointslicemirroring-controller.k8s.io"
SKIP = {"endpointslice.kubernetes.io/skip-mirror": "true"}


def fence(room: EndpointsRoom) -> None:
    """Wait until the controllers have seen all that was written up to now."""
    room.service("fence")
    room.await_slices(lambda slices: len(slices) == 1, "fence")
    room.service("fence-without-selector", selector=None)
    room.write_endpoints("198.51.100.1", name="fence-without-selector")
    room.await_slices(lambda slices: len(slices) == 1, "fence-without-selector")


def own_slice() -> Json:
    return {
        "metadata": {"name": "mine", "labels": {SERVICE_NAME: "web"}},
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["198.51.100.7"]}],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }


def test_slices_people_make_are_left_alone(room: EndpointsRoom) -> None:
    room.service(selector=None)
    made = room.ns.api.post(room.ns.path("endpointslices", group=DISCOVERY), own_slice()).expect(201)
    fence(room)
    assert versions(room.slices()) == versions([made])


def test_slices_people_make_stand_beside_those_of_pods(room: EndpointsRoom) -> None:
    room.service()
    made = room.ns.api.post(room.ns.path("endpointslices", group=DISCOVERY), own_slice()).expect(201)
    room.pod("one", "10.99.0.1")
    slices = room.await_addresses("10.99.0.1", "198.51.100.7")
    assert versions(slices)["mine"] == made["metadata"]["resourceVersion"]


@pytest.mark.parametrize("service_first", [True, False], ids=["service-first", "endpoints-first"])
def test_endpoints_people_write_are_mirrored(room: EndpointsRoom, service_first: bool) -> None:
    if service_first:
        room.service(selector=None)
    written = room.write_endpoints("192.0.2.1", "192.0.2.2", labels={"team": "shop"}, annotations={"note": "kept"})
    if not service_first:
        room.service(selector=None)
    (one,) = room.await_addresses("192.0.2.1", "192.0.2.2")
    assert labels(one) == {"team": "shop", SERVICE_NAME: "web", MANAGED_BY: MIRRORING}
    assert one["metadata"]["annotations"] == {"note": "kept"}
    assert one["ports"] == [{"name": "http", "port": 8080, "protocol": "TCP"}]
    assert all(endpoint["conditions"] == {"ready": True} for endpoint in one["endpoints"])
    (owner,) = one["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["uid"]) == ("Endpoints", written["metadata"]["uid"])


def test_a_change_of_the_endpoints_is_mirrored_in_place(room: EndpointsRoom) -> None:
    room.service(selector=None)
    room.write_endpoints("192.0.2.1")
    before = room.await_addresses("192.0.2.1")
    room.ns.api.patch(room.ns.path("endpoints", "web"), {"subsets": subsets("192.0.2.9")}).expect(200)
    after = room.await_addresses("192.0.2.9")
    assert versions(before).keys() == versions(after).keys()


def test_the_mirror_goes_with_the_endpoints(room: EndpointsRoom) -> None:
    room.service(selector=None)
    room.write_endpoints("192.0.2.1")
    room.await_addresses("192.0.2.1")
    room.delete("endpoints", "web")
    room.await_slices(lambda slices: slices == [])


def test_families_are_mirrored_apart(room: EndpointsRoom) -> None:
    room.service(selector=None)
    room.write_endpoints("192.0.2.1", "2001:db8::1")
    slices = room.await_addresses("192.0.2.1", "2001:db8::1")
    assert {one["addressType"]: addresses([one]) for one in slices} == {"IPv4": ["192.0.2.1"], "IPv6": ["2001:db8::1"]}


def test_a_label_skips_the_mirroring(room: EndpointsRoom) -> None:
    room.service(selector=None)
    room.write_endpoints("192.0.2.1", labels=SKIP)
    fence(room)
    assert room.slices() == []
    room.relabel("endpoints", "web", {})
    room.await_addresses("192.0.2.1")
    room.relabel("endpoints", "web", SKIP)
    room.await_slices(lambda slices: slices == [])


def test_a_selector_takes_the_place_of_the_mirror(room: EndpointsRoom) -> None:
    room.service(selector=None)
    room.write_endpoints("192.0.2.1")
    room.await_addresses("192.0.2.1")
    room.pod("one", "10.99.0.1")
    room.patch_service(selector={"app": "web"})
    (one,) = room.await_addresses("10.99.0.1")
    assert labels(one)[MANAGED_BY] == "endpointslice-controller.k8s.io"


def test_a_service_that_loses_its_selector_keeps_its_slices(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    before = room.await_addresses("10.99.0.1")
    room.patch_service(selector=None)
    after = room.await_slices(lambda slices: any(labels(one)[MANAGED_BY] == MIRRORING for one in slices))
    assert set(versions(before).items()) <= set(versions(after).items())


def test_an_external_name_has_no_endpoints(room: EndpointsRoom) -> None:
    room.service(type="ExternalName", externalName="example.com", ports=None)
    room.pod("one", "10.99.0.1")
    fence(room)
    assert room.slices() == []
    assert room.ns.get("endpoints", "web").code == 404


def test_a_deleted_service_takes_the_endpoints_people_wrote_along(room: EndpointsRoom) -> None:
    room.service(selector=None)
    room.write_endpoints("192.0.2.1")
    room.await_addresses("192.0.2.1")
    room.delete("services", "web")
    room.ns.api.await_code(room.ns.path("endpoints", "web"), 404)
    room.await_slices(lambda slices: slices == [])


def test_endpoints_without_a_service_stay(room: EndpointsRoom) -> None:
    room.write_endpoints("192.0.2.1")
    fence(room)
    assert room.ns.get("endpoints", "web").code == 200
