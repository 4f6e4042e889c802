"""Services with a selector: their EndpointSlices and Endpoints follow the pods."""

from __future__ import annotations

import pytest

from tests.api.endpoints.room import (
    DISCOVERY,
    MANAGED_BY,
    SERVICE_NAME,
    EndpointsRoom,
    addresses,
    endpoints_in,
    labels,
    ready_addresses,
    versions,
)

TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def test_a_ready_pod_is_an_endpoint(room: EndpointsRoom) -> None:
    service = room.service(labels={"team": "shop"})
    pod = room.pod("one", "10.99.0.1")
    (one,) = room.await_addresses("10.99.0.1")
    assert one["addressType"] == "IPv4"
    assert one["ports"] == [{"name": "", "port": 8080, "protocol": "TCP"}]
    assert one["endpoints"] == [
        {
            "addresses": ["10.99.0.1"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": room.node,
            "targetRef": {"kind": "Pod", "namespace": room.ns.name, "name": "one", "uid": pod["metadata"]["uid"]},
            "zone": "zone-a",
        }
    ]
    assert labels(one) == {
        "team": "shop",
        SERVICE_NAME: "web",
        MANAGED_BY: "endpointslice-controller.k8s.io",
    }
    assert one["metadata"]["name"].startswith("web-")
    assert one["metadata"]["generateName"] == "web-"
    (owner,) = one["metadata"]["ownerReferences"]
    assert owner == {
        "apiVersion": "v1",
        "kind": "Service",
        "name": "web",
        "uid": service["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def test_the_endpoints_object_says_the_same(room: EndpointsRoom) -> None:
    room.service(labels={"team": "shop"})
    pod = room.pod("one", "10.99.0.1")
    room.pod("two", "10.99.0.2", ready=False)
    found = room.await_endpoints(lambda one: "notReadyAddresses" in str(one) and "'addresses'" in str(one))

    def address(ip: str, name: str) -> tuple[str, str, str]:
        return ip, room.node, name

    (subset,) = found["subsets"]
    listed = [
        [(a["ip"], a["nodeName"], a["targetRef"]["name"]) for a in subset[k]]
        for k in ("addresses", "notReadyAddresses")
    ]
    assert listed == [[address("10.99.0.1", "one")], [address("10.99.0.2", "two")]]
    assert subset["addresses"][0]["targetRef"]["uid"] == pod["metadata"]["uid"]
    assert subset["ports"] == [{"port": 8080, "protocol": "TCP"}]
    assert labels(found)["team"] == "shop"


def test_a_service_without_pods_has_an_empty_slice(room: EndpointsRoom) -> None:
    room.service()
    (one,) = room.await_slices(lambda slices: len(slices) == 1)
    assert not one["endpoints"]
    assert not one["ports"]


def test_the_first_write_names_the_time_it_answers(room: EndpointsRoom) -> None:
    created = room.service()["metadata"]["creationTimestamp"]
    (one,) = room.await_slices(lambda slices: len(slices) == 1)
    assert one["metadata"]["annotations"][TRIGGER] == created


def test_readiness_is_followed(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1", ready=False)
    (one,) = room.await_addresses("10.99.0.1")
    assert one["endpoints"][0]["conditions"] == {"ready": False, "serving": False, "terminating": False}
    room.pod_status("one", ready=True)
    room.await_slices(lambda slices: all(each["conditions"]["ready"] for each in endpoints_in(slices)))
    room.await_endpoints(lambda found: ready_addresses(found) == ["10.99.0.1"])


def test_a_terminating_pod_still_serves_but_is_not_ready(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    room.await_endpoints(lambda found: ready_addresses(found) == ["10.99.0.1"])
    room.begin_deletion("one")
    (one,) = room.await_slices(lambda slices: any(each["conditions"]["terminating"] for each in endpoints_in(slices)))
    assert one["endpoints"][0]["conditions"] == {"ready": False, "serving": True, "terminating": True}
    room.await_endpoints(lambda found: not found.get("subsets"))


def test_a_finished_pod_is_no_endpoint(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    room.pod("two", "10.99.0.2")
    room.await_addresses("10.99.0.1", "10.99.0.2")
    room.pod_status("two", ready=False, phase="Failed")
    room.await_addresses("10.99.0.1")


def test_addresses_that_are_not_ready_can_be_published(room: EndpointsRoom) -> None:
    room.service(publishNotReadyAddresses=True)
    room.pod("one", "10.99.0.1", ready=False)
    (one,) = room.await_addresses("10.99.0.1")
    assert one["endpoints"][0]["conditions"] == {"ready": True, "serving": False, "terminating": False}
    room.await_endpoints(lambda found: ready_addresses(found) == ["10.99.0.1"])


def test_named_ports_are_resolved_per_pod(room: EndpointsRoom) -> None:
    room.service(ports=[{"name": "http", "port": 80, "targetPort": "web"}])
    room.pod("one", "10.99.0.1", port={"name": "web", "containerPort": 8080})
    room.pod("two", "10.99.0.2", port={"name": "web", "containerPort": 9090})
    slices = room.await_addresses("10.99.0.1", "10.99.0.2")
    assert {(one["ports"][0]["port"], *addresses([one])) for one in slices} == {
        (8080, "10.99.0.1"),
        (9090, "10.99.0.2"),
    }
    found = room.await_endpoints(lambda one: len(one.get("subsets") or ()) == 2)
    assert sorted((one["ports"][0]["port"], one["addresses"][0]["ip"]) for one in found["subsets"]) == [
        (8080, "10.99.0.1"),
        (9090, "10.99.0.2"),
    ]


def test_every_family_of_the_service_has_its_slice(room: EndpointsRoom) -> None:
    families = room.service(ipFamilyPolicy="PreferDualStack")["spec"]["ipFamilies"]
    room.pod("one", "10.99.0.1", "fd00:99::1")
    both = {"IPv4": "10.99.0.1", "IPv6": "fd00:99::1"}
    slices = room.await_addresses(*(both[family] for family in families))
    assert {one["addressType"]: addresses([one]) for one in slices} == {family: [both[family]] for family in families}


def test_a_pod_under_its_service_has_a_hostname(room: EndpointsRoom) -> None:
    room.service(clusterIP="None")
    room.pod("one", "10.99.0.1", hostname="first", subdomain="web")
    room.pod("two", "10.99.0.2", hostname="second", subdomain="other")
    slices = room.await_addresses("10.99.0.1", "10.99.0.2")
    assert {each["targetRef"]["name"]: each.get("hostname") for each in endpoints_in(slices)} == {
        "one": "first",
        "two": None,
    }


def test_a_headless_service_may_have_no_ports(room: EndpointsRoom) -> None:
    room.service(clusterIP="None", ports=None)
    room.pod("one", "10.99.0.1")
    (one,) = room.await_addresses("10.99.0.1")
    assert not one["ports"]
    assert labels(one)["service.kubernetes.io/headless"] == ""
    found = room.await_endpoints(lambda found: ready_addresses(found) == ["10.99.0.1"])
    assert labels(found)["service.kubernetes.io/headless"] == ""


@pytest.mark.parametrize(
    ("distribution", "hinted"),
    [
        pytest.param(None, ["None", "None"], id="none"),
        pytest.param("PreferClose", ["zone-a", "zone-b"], id="prefer-close"),
    ],
)
def test_traffic_can_be_kept_in_its_zone(room: EndpointsRoom, distribution: str | None, hinted: list[str]) -> None:
    room.service(trafficDistribution=distribution)
    room.pod("one", "10.99.0.1")
    room.pod("two", "10.99.0.2", node=room.add_node("zone-b"))
    slices = room.await_addresses("10.99.0.1", "10.99.0.2")
    found = [each.get("hints", {}).get("forZones", [{"name": "None"}]) for each in endpoints_in(slices)]
    assert sorted(zones[0]["name"] for zones in found) == hinted


def test_a_changed_service_is_followed(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    before = room.await_addresses("10.99.0.1")
    room.patch_service(ports=[{"port": 80, "targetPort": 9090}])
    after = room.await_slices(lambda slices: [one["ports"][0]["port"] for one in slices] == [9090])
    assert versions(before).keys() == versions(after).keys()
    room.relabel("services", "web", {"new": "label"})
    room.await_slices(lambda slices: all(labels(one).get("new") == "label" for one in slices))
    room.patch_service(selector={"app": "other"})
    room.await_addresses()


def test_a_pod_that_stops_matching_leaves(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    room.await_addresses("10.99.0.1")
    room.relabel("pods", "one", {"app": "other"})
    room.await_addresses()


def test_one_change_among_many_pods_writes_one_slice(room: EndpointsRoom) -> None:
    room.service()
    names = {f"pod-{number}": f"10.99.1.{number}" for number in range(1, 121)}
    for name, ip in names.items():
        room.pod(name, ip)
    before = room.await_addresses(*names.values())
    assert all(len(one["endpoints"]) <= 100 for one in before)
    room.pod_status("pod-7", ready=False)
    after = room.await_slices(lambda slices: any(not each["conditions"]["ready"] for each in endpoints_in(slices)))
    assert len(set(versions(after).items()) - set(versions(before).items())) == 1
    assert versions(before).keys() == versions(after).keys()


def test_a_deleted_slice_comes_back(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    (one,) = room.await_addresses("10.99.0.1")
    room.delete("endpointslices", one["metadata"]["name"], DISCOVERY)
    room.await_slices(
        lambda slices: addresses(slices) == ["10.99.0.1"] and versions(slices).keys().isdisjoint(versions([one]))
    )


def test_a_deleted_endpoints_object_comes_back(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    uid = room.await_endpoints(lambda found: ready_addresses(found) == ["10.99.0.1"])["metadata"]["uid"]
    room.delete("endpoints", "web")
    room.await_endpoints(lambda found: found["metadata"]["uid"] != uid and ready_addresses(found) == ["10.99.0.1"])


def test_a_deleted_service_takes_everything_along(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    room.await_addresses("10.99.0.1")
    room.await_endpoints(lambda found: True)
    room.delete("services", "web")
    room.await_slices(lambda slices: slices == [])
    room.ns.api.await_code(room.ns.path("endpoints", "web"), 404)


def test_a_service_of_the_same_name_starts_anew(room: EndpointsRoom) -> None:
    room.service()
    room.pod("one", "10.99.0.1")
    room.await_addresses("10.99.0.1")
    room.delete("services", "web")
    uid = room.service()["metadata"]["uid"]
    slices = room.await_slices(
        lambda slices: len(slices) == 1 and slices[0]["metadata"]["ownerReferences"][0]["uid"] == uid
    )
    assert addresses(slices) == ["10.99.0.1"]
