"""What holds for every Service and every history of its pods."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lbctl.sandbox.endpoints.objects import ContainerPort, EndpointSlice, Pod, Service, ServicePort
from lbctl.sandbox.endpoints.pods import belongs_in_endpoints
from lbctl.sandbox.endpoints.slices import plan_slices
from tests.unit.sandbox.endpoints.builders import applied, endpoints_in, node, pod, service

NODES = {"node-a": node(zone="eu-1"), "node-b": node("node-b", zone="eu-2")}
NAMED = ServicePort(name="http", port=80, target_port="web")
SHARES = {"eu-1": 0.6, "eu-2": 0.4}

services = st.builds(
    service,
    ports=st.sampled_from([(), (NAMED,), (ServicePort(port=80, target_port=8080),)]),
    families=st.sampled_from([("IPv4",), ("IPv6",), ("IPv4", "IPv6")]),
    labels=st.sampled_from([None, {"a": "1"}, {"a": "2"}]),
    annotations=st.sampled_from([None, {"service.kubernetes.io/topology-mode": "Auto"}]),
    distribution=st.sampled_from([None, "PreferClose", "PreferSameNode"]),
    publish_not_ready=st.booleans(),
    cluster_ip=st.sampled_from(["10.96.0.1", "None"]),
)


@st.composite
def pod_sets(draw: st.DrawFn) -> list[Pod]:
    """Up to 350 pods, most of them alike (drawn by number, so that big sets stay cheap)."""
    numbers = draw(st.sets(st.integers(0, 400), max_size=12))
    first, last = sorted((draw(st.integers(0, 350)), draw(st.integers(0, 350))))
    many = [pod(number, ips=_ips(number)) for number in range(first, last) if number not in numbers]
    odd = [
        pod(
            number,
            ips=draw(st.sampled_from([_ips(number), _ips(number)[:1], []])),
            ready=draw(st.booleans()),
            deleted=draw(st.booleans()),
            phase=draw(st.sampled_from(["Running", "Succeeded"])),
            node=draw(st.sampled_from(["node-a", "node-b", "ghost"])),
            ports=draw(st.sampled_from([(), (ContainerPort(8080, "web"),), (ContainerPort(9090, "web"),)])),
        )
        for number in sorted(numbers)
    ]
    return [*many, *odd]


def _ips(number: int) -> list[str]:
    return [f"10.0.{number // 250}.{number % 250 + 1}", f"fd00::{number + 1:x}"]


def expected(of: Service, pods: list[Pod], family: str) -> set[str]:
    index = 0 if family == "IPv4" else 1
    return {
        one.metadata.name
        for one in pods
        if belongs_in_endpoints(one, include_terminating=True)
        and len(one.status.pod_ips or ()) > index
        and (one.spec.node_name in NODES or of.spec.publish_not_ready_addresses)
    }


def in_family(slices: list[EndpointSlice], family: str) -> list[EndpointSlice]:
    return [one for one in slices if one.address_type == family]


histories = st.lists(st.tuples(services, pod_sets()), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(histories)
def test_after_any_history_slices_hold_exactly_the_pods(history: list[tuple[Service, list[Pod]]]) -> None:
    slices: list[EndpointSlice] = []
    for of, pods in history:
        slices = applied(plan_slices(of, pods, NODES, slices, None, SHARES), slices)
        for family in of.spec.ip_families or ():
            assert set(endpoints_in(in_family(slices, family))) == expected(of, pods, family)
            assert in_family(slices, family), "a family has no slice at all"
        assert {one.address_type for one in slices} <= set(of.spec.ip_families or ())
        assert all(len(one.endpoints or ()) <= 100 for one in slices)


@settings(max_examples=60, deadline=None)
@given(histories)
def test_after_any_history_a_second_look_writes_nothing(history: list[tuple[Service, list[Pod]]]) -> None:
    slices: list[EndpointSlice] = []
    for of, pods in history:
        slices = applied(plan_slices(of, pods, NODES, slices, None, SHARES), slices)
        assert plan_slices(of, pods, NODES, slices, "2026-01-01T00:00:00Z", SHARES).writes == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.data())
def test_one_changed_pod_is_one_write(count: int, data: st.DataObject) -> None:
    of, pods = service(), [pod(number) for number in range(count)]
    slices = applied(plan_slices(of, pods, NODES, [], None))
    index = data.draw(st.integers(0, count - 1))
    change = data.draw(st.sampled_from(["ready", "gone", "terminating", "new", "moved", "readdressed"]))
    match change:
        case "ready":
            pods[index] = pod(index, ready=False)
        case "gone":
            del pods[index]
        case "terminating":
            pods[index] = pod(index, deleted=True)
        case "new":
            pods.append(pod(900))
        case "moved":
            pods[index] = pod(index, node="node-b")
        case "readdressed":
            pods[index] = pod(index, ips=["10.9.9.9"])
    assert len(plan_slices(of, pods, NODES, slices, None).writes) == 1


@settings(max_examples=40, deadline=None)
@given(pod_sets())
def test_slices_are_as_few_as_the_first_fill_allows(pods: list[Pod]) -> None:
    of = service()
    slices = applied(plan_slices(of, pods, NODES, [], None))
    assert len(slices) == max(1, -(-len(expected(of, pods, "IPv4")) // 100))
