"""Which node a Pod is given."""

from __future__ import annotations

import pytest

from lbctl.sandbox.workloads.objects import Gate, Node, PodSpec, Taint, Toleration
from lbctl.sandbox.workloads.scheduling import Unschedulable, choose, wants_node
from tests.unit.sandbox.workloads.builders import node, pod


def nobody_full(_: Node) -> bool:
    return False


def chosen(spec: PodSpec, nodes: list[Node], last: str = "") -> str:
    choice = choose(pod(spec=spec), nodes, last, nobody_full)
    return choice.message if isinstance(choice, Unschedulable) else choice.metadata.name


@pytest.mark.parametrize(
    ("last", "expected"), [("", "node-1"), ("node-1", "node-2"), ("node-3", "node-1"), ("gone", "node-1")]
)
def test_nodes_take_turns(last: str, expected: str) -> None:
    assert chosen(PodSpec(), [node(1), node(2), node(3)], last) == expected


def test_a_cordoned_node_is_passed_over() -> None:
    assert chosen(PodSpec(), [node(1), node(2, cordoned=True), node(3)], "node-1") == "node-3"


def test_a_node_selector_is_honoured() -> None:
    assert chosen(PodSpec(node_selector={"zone": "b"}), [node(1), node(2, zone="b")]) == "node-2"


TAINT = Taint("dedicated", "db", "NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "accepted"),
    [
        (Toleration(operator="Exists"), True),
        (Toleration("dedicated", "Exists"), True),
        (Toleration("dedicated", "Equal", "db"), True),
        (Toleration("dedicated", "", "db", "NoSchedule"), True),
        (Toleration("dedicated", "Equal", "web"), False),
        (Toleration("dedicated", "Exists", effect="NoExecute"), False),
        (Toleration("other", "Exists"), False),
    ],
)
def test_a_taint_keeps_pods_away_that_do_not_tolerate_it(toleration: Toleration, accepted: bool) -> None:
    assert (chosen(PodSpec(tolerations=(toleration,)), [node(1, taints=(TAINT,))]) == "node-1") is accepted


def test_a_taint_that_only_asks_is_no_obstacle() -> None:
    assert chosen(PodSpec(), [node(1, taints=(Taint("slow", effect="PreferNoSchedule"),))]) == "node-1"


def test_the_reasons_are_those_of_the_real_scheduler() -> None:
    nodes = [node(1, cordoned=True), node(2, cordoned=True), node(3), node(4, zone="b", taints=(TAINT,))]
    assert chosen(PodSpec(node_selector={"zone": "b"}), nodes) == (
        "0/4 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint(s), 2 node(s) were unschedulable."
    )
    assert chosen(PodSpec(), []) == "no nodes available to schedule pods"


def test_a_full_node_takes_only_pods_of_the_host_network() -> None:
    refused = choose(pod(), [node(1)], "", lambda _: True)
    assert refused == Unschedulable("0/1 nodes are available: 1 Too many pods.")
    assert choose(pod(spec=PodSpec(host_network=True)), [node(1)], "", lambda _: True) == node(1)


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (PodSpec(), True),
        (PodSpec(node_name="node-1"), False),
        (PodSpec(scheduler_name="mine"), False),
        (PodSpec(scheduling_gates=(Gate(name="example.com/wait"),)), False),
    ],
)
def test_only_pods_that_wait_for_the_default_scheduler_are_scheduled(spec: PodSpec, wanted: bool) -> None:
    assert wants_node(pod(spec=spec)) is wanted


def test_a_pod_that_is_being_deleted_or_has_finished_gets_no_node() -> None:
    assert not wants_node(pod(deleting_in_s=30))
    assert not wants_node(pod(phase="Succeeded"))
