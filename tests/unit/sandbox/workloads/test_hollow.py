"""The life of Pods on hollow nodes."""

from __future__ import annotations

import msgspec

from lbctl.sandbox.workloads.hollow import HollowPods
from lbctl.sandbox.workloads.objects import Container, Node, Pod, PodSpec
from lbctl.sandbox.workloads.settings import WorkloadSettings
from lbctl.sandbox.workloads.writes import NOTHING, Bind, Patch, Plan, Remove
from tests.unit.sandbox.workloads.builders import NOW, node, pod

NODES = {"node-1": node(1), "node-2": node(2)}


def hollow(longest_grace_s: float = 1.0) -> HollowPods:
    return HollowPods(WorkloadSettings(hollow_nodes=2, longest_grace_s=longest_grace_s))


def plan(pods: HollowPods, one: Pod, nodes: dict[str, Node] = NODES, at_s: float = 0.0) -> Plan:
    return pods.plan(one, nodes, NOW, at_s)


def ips_in(step: Plan) -> list[str]:
    (patch,) = (one for one in step.writes if isinstance(one, Patch))
    status = patch.document["status"]
    assert isinstance(status, dict)
    return [one["ip"] for one in status["podIPs"]]


def is_removed(step: Plan) -> bool:
    return any(isinstance(one, Remove) and one.grace_s == 0 for one in step.writes)


def test_a_new_pod_is_bound_and_then_reported() -> None:
    pods = hollow()
    step = plan(pods, pod("a"))
    assert step.writes[0] == Bind(pod("a").key, "uid-a", "node-1")
    assert ips_in(step) == ["10.244.1.2", "fd00:10:244:1::2"]
    assert isinstance(plan(pods, pod("b")).writes[0], Bind)
    assert ips_in(plan(pods, pod("c"))) == ["10.244.1.3", "fd00:10:244:1::3"]


def test_a_pod_with_a_node_is_only_reported() -> None:
    step = plan(hollow(), pod("a", on="node-2"))
    assert len(step.writes) == 1
    assert ips_in(step) == ["10.244.2.2", "fd00:10:244:2::2"]


def test_a_pod_of_the_host_network_has_its_nodes_addresses() -> None:
    spec = PodSpec("node-2", host_network=True, containers=(Container("nginx"),))
    assert ips_in(plan(hollow(), pod(spec=spec))) == ["172.18.0.12", "fd00:172:18::12"]


def test_pods_on_other_nodes_are_nobodys_business_here() -> None:
    assert plan(hollow(), pod(on="worker")) == NOTHING
    assert plan(hollow(), pod(on="worker", deleting_in_s=30)) == NOTHING


def test_a_pod_whose_node_left_is_deleted_once_it_had_run() -> None:
    assert is_removed(plan(hollow(), pod(on="node-1", ips=("10.244.1.2",), phase="Running"), {}))
    assert plan(hollow(), pod(on="node-1"), {}) == NOTHING


def test_a_deleted_pod_goes_after_its_grace_capped_by_the_settings() -> None:
    pods = hollow(longest_grace_s=2.0)
    running = pod(on="node-1", ips=("10.244.1.2",), phase="Running", ready=True, deleting_in_s=30)
    first = plan(pods, running, at_s=100.0)
    assert not is_removed(first)
    assert first.again_s == 2.0
    assert plan(pods, running, at_s=101.5).again_s == 0.5
    assert is_removed(plan(pods, running, at_s=102.0))


def test_a_grace_below_the_cap_is_kept_and_a_shortened_one_counts() -> None:
    pods = hollow(longest_grace_s=10.0)
    running = pod(on="node-1", ips=("10.244.1.2",), phase="Running", deleting_in_s=5)
    assert plan(pods, running, at_s=0.0).again_s == 5.0
    hurried = pod(on="node-1", ips=("10.244.1.2",), phase="Running", deleting_in_s=1)
    assert plan(pods, hurried, at_s=1.0).again_s == 1.0


def test_a_terminating_pod_still_follows_its_annotation() -> None:
    quiet = pod(
        on="node-1", ips=("10.244.1.2",), phase="Running", ready=True, deleting_in_s=30,
        annotations={"lbctl.io/hollow-ready": "false"},
    )  # fmt: skip
    (write,) = plan(hollow(), quiet).writes
    assert isinstance(write, Patch)


def test_a_pod_that_never_ran_goes_at_once() -> None:
    assert is_removed(plan(hollow(), pod(on="node-1", deleting_in_s=30)))


def test_a_pod_held_by_finalizers_is_not_deleted_over_and_over() -> None:
    assert plan(hollow(), pod(on="node-1", phase="Running", deleting_in_s=0)) == NOTHING


def test_the_addresses_of_a_pod_that_is_gone_or_finished_are_free() -> None:
    pods = hollow()
    plan(pods, pod("a", on="node-1"))
    pods.gone(pod("a").key)
    plan(pods, pod("b", on="node-1"))
    plan(pods, pod("b", on="node-1", phase="Succeeded"))
    given_out = {ips_in(plan(pods, pod(f"p{number}", on="node-1")))[0] for number in range(253)}
    assert len(given_out) == 253


def test_a_pod_of_the_same_name_is_another_pod() -> None:
    pods = hollow()
    first = ips_in(plan(pods, pod("a", on="node-1")))
    again = pod("a", on="node-1")
    again = msgspec.structs.replace(again, metadata=msgspec.structs.replace(again.metadata, uid="uid-second"))
    assert ips_in(plan(pods, again)) != first


def test_after_a_restart_addresses_are_not_given_out_twice() -> None:
    pods = hollow()
    pods.adopt(pod("old", on="node-1", ips=("10.244.1.2", "fd00:10:244:1::2"), phase="Running"), NODES)
    assert ips_in(plan(pods, pod("new", on="node-1"))) == ["10.244.1.3", "fd00:10:244:1::3"]


def test_a_pod_no_node_can_take_says_so_and_waits() -> None:
    step = plan(hollow(), pod(), {"node-1": node(1, cordoned=True)})
    (write,) = step.writes
    assert isinstance(write, Patch)
    assert "1 node(s) were unschedulable" in str(write.document)
