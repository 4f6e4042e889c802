"""The Endpoints object of one Service: what it says, and when it is written."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from lbctl.sandbox.endpoints.legacy import plan_departure, plan_endpoints
from lbctl.sandbox.endpoints.objects import ContainerPort, Endpoints, EndpointSubset, Pod, Service, ServicePort
from lbctl.sandbox.endpoints.writes import Create, Delete, Plan, Update
from tests.unit.sandbox.endpoints.builders import endpoints, kinds, pod, service

OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def plan(of: Service, pods: list[Pod], existing: Endpoints | None = None, at: str | None = None) -> Plan:
    return plan_endpoints(of, pods, existing, at)


def made(of: Service, pods: list[Pod]) -> Endpoints:
    """The Endpoints object a Service has when its controller has nothing more to do."""
    (write,) = plan(of, pods).writes
    assert isinstance(write, Create)
    assert isinstance(write.obj, Endpoints)
    stored = replace(write.obj, metadata=replace(write.obj.metadata, uid="u", resource_version="1"))
    assert plan(of, pods, stored) == Plan()
    return stored


def subsets(one: Endpoints) -> list[tuple[list[str], list[str], list[int]]]:
    return [
        (
            [each.ip for each in subset.addresses or ()],
            [each.ip for each in subset.not_ready_addresses or ()],
            [port.port for port in subset.ports or ()],
        )
        for subset in one.subsets or ()
    ]


def test_it_has_the_name_and_labels_of_its_service() -> None:
    meta = made(service(labels={"team": "shop"}), [pod(1)]).metadata
    assert (meta.name, meta.namespace) == ("web", "default")
    assert meta.labels == {"team": "shop", "endpoints.kubernetes.io/managed-by": "endpoint-controller"}


def test_ready_and_not_ready_pods_stand_apart() -> None:
    assert subsets(made(service(), [pod(1), pod(2, ready=False)])) == [(["10.1.0.2"], ["10.1.0.3"], [8080])]


def test_a_service_without_pods_has_an_empty_object() -> None:
    assert subsets(made(service(), [])) == []


@pytest.mark.parametrize(
    ("one", "publish", "expected"),
    [
        pytest.param(pod(1, deleted=True), False, [], id="terminating pods are left out"),
        pytest.param(pod(1, deleted=True), True, [(["10.1.0.2"], [], [8080])], id="unless all are published"),
        pytest.param(pod(1, ready=False), True, [(["10.1.0.2"], [], [8080])], id="published pods count as ready"),
        pytest.param(pod(1, phase="Failed"), True, [], id="failed pods are never published"),
        pytest.param(pod(1, node="ghost"), False, [(["10.1.0.2"], [], [8080])], id="an unknown node does not matter"),
    ],
)
def test_which_pods_are_listed(one: Pod, publish: bool, expected: object) -> None:
    assert subsets(made(service(publish_not_ready=publish), [one])) == expected


def test_named_ports_are_resolved_per_pod() -> None:
    of = service(ports=[ServicePort(name="http", port=80, target_port="web")])
    pods = [pod(1, ports=[ContainerPort(8080, "web")]), pod(2, ports=[ContainerPort(9090, "web")]), pod(3)]
    assert subsets(made(of, pods)) == [(["10.1.0.2"], [], [8080]), (["10.1.0.3"], [], [9090])]


def test_only_the_first_family_is_listed() -> None:
    both = pod(1, ips=["10.0.0.1", "fd00::1"])
    assert subsets(made(service(families=["IPv6", "IPv4"]), [both])) == [(["fd00::1"], [], [8080])]
    assert subsets(made(service(families=["IPv6"]), [pod(1)])) == []


def test_a_headless_service_may_have_no_ports() -> None:
    one = made(service(cluster_ip="None", ports=[]), [pod(1)])
    assert subsets(one) == [(["10.1.0.2"], [], [])]
    assert (one.metadata.labels or {})["service.kubernetes.io/headless"] == ""


def test_hostname_node_and_target_of_an_address() -> None:
    one = made(service(), [pod(1, hostname="db-0", subdomain="web")])
    ((address,),) = [subset.addresses or () for subset in one.subsets or ()]
    assert (address.hostname, address.node_name) == ("db-0", "node-a")
    assert address.target_ref is not None
    assert (address.target_ref.name, address.target_ref.uid) == ("pod-0001", "uid-pod-1")


def test_it_is_updated_in_place() -> None:
    existing = made(service(), [pod(1)])
    (write,) = plan(service(), [pod(1), pod(2)], existing, at="2026-01-01T00:00:00Z").writes
    assert isinstance(write, Update)
    assert write.obj.metadata.resource_version == existing.metadata.resource_version
    assert write.obj.metadata.annotations == {TRIGGER: "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({"endpoints.kubernetes.io/managed-by": "endpoint-controller", "mine": "1"}, id="one too many"),
        pytest.param({"team": "shop"}, id="the controller's own is missing"),
        pytest.param({"endpoints.kubernetes.io/managed-by": "endpoint-controller"}, id="the Service's is missing"),
    ],
)
def test_wrong_labels_are_put_right(labels: dict[str, str]) -> None:
    of = service(labels={"team": "shop"})
    existing = made(of, [pod(1)])
    wrong = replace(existing, metadata=replace(existing.metadata, labels=labels))
    (write,) = plan(of, [pod(1)], wrong).writes
    assert write.obj.metadata.labels == existing.metadata.labels


def test_over_a_thousand_addresses_are_cut_and_said_so_once() -> None:
    pods = [pod(number) for number in range(1100)]
    cut = made(service(), pods)
    assert [len(subset.addresses or ()) for subset in cut.subsets or ()] == [1000]
    assert cut.metadata.annotations == {OVER_CAPACITY: "truncated"}
    (write,) = plan(service(), pods[:1000], cut).writes
    assert write.obj.metadata.annotations is None


@pytest.mark.parametrize("of", [service(selector=None), service(type="ExternalName", cluster_ip="")])
def test_services_that_select_no_pods_are_left_alone(of: Service) -> None:
    assert plan(of, [pod(1)], endpoints([EndpointSubset()])) == Plan()
    assert plan(of, [pod(1)]) == Plan()


def test_a_deleted_service_takes_the_object_of_its_name_along() -> None:
    mine = endpoints([])
    assert plan_departure(mine).writes == (Delete(mine),)
    assert plan_departure(None) == Plan()


def test_leader_election_records_stay() -> None:
    record = endpoints([], annotations={"control-plane.alpha.kubernetes.io/leader": "{}"})
    assert plan_departure(record) == Plan()


def test_kinds_of_writes_are_named() -> None:
    assert kinds(plan(service(), [])) == ["Create"]
