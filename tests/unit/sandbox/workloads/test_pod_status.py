"""What hollow kubelets report."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lbctl.sandbox.workloads.objects import Condition, Container, Gate, Node, Pod, PodSpec, condition_of
from lbctl.sandbox.workloads.pod_status import plan_running, plan_unschedulable
from tests.unit.sandbox.workloads.builders import EARLIER, NOW, NOW_TEXT, node, pod

IPS = ("10.244.1.2", "fd00:10:244:1::2")
QUIET = {"lbctl.io/hollow-ready": "false"}


def reported(before: Pod, on: Node | None = None) -> Pod:
    """The Pod as the API would have it after the patch."""
    patch = plan_running(before, on or node(1), IPS, NOW)
    assert patch is not None
    document: Any = patch.document
    status = document["status"]
    stored: dict[str, Any] = {**msgspec.to_builtins(before.status), **status}
    others = [
        one for one in before.status.conditions or () if one.type not in {c["type"] for c in status["conditions"]}
    ]
    shown = [{name: value for name, value in one.items() if value is not None} for one in status["conditions"]]
    stored["conditions"] = shown + msgspec.to_builtins(others)
    body = {"metadata": msgspec.to_builtins(before.metadata), "spec": msgspec.to_builtins(before.spec)}
    return msgspec.convert({**body, "status": stored}, Pod)


def state_of(one: Pod, wanted: str) -> tuple[str, str, str]:
    condition = condition_of(one.status.conditions, wanted)
    assert condition is not None
    return condition.status, condition.reason, condition.message


def test_a_new_pod_runs_and_is_ready_at_once() -> None:
    after = reported(pod(on="node-1"))
    assert (after.status.phase, after.ips, after.status.host_ip) == ("Running", IPS, "172.18.0.11")
    assert after.ready
    assert {one.type: one.status for one in after.status.conditions or ()} == dict.fromkeys(
        ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"), "True"
    )
    (container,) = after.status.container_statuses or ()
    assert (container.name, container.ready, container.started, container.image) == ("nginx", True, True, "nginx:1")


def test_what_is_reported_already_is_not_reported_again() -> None:
    assert plan_running(reported(pod(on="node-1")), node(1), IPS, NOW) is None


def test_the_annotation_keeps_a_pod_not_ready_and_says_which_containers() -> None:
    after = reported(pod(on="node-1", annotations=QUIET))
    why = ("False", "ContainersNotReady", "containers with unready status: [nginx]")
    assert state_of(after, "Ready") == state_of(after, "ContainersReady") == why
    assert state_of(after, "Initialized")[0] == "True"


def test_taking_the_annotation_away_makes_it_ready_and_leaves_no_reason() -> None:
    quiet = reported(pod(on="node-1", annotations=QUIET))
    loud = msgspec.structs.replace(quiet, metadata=msgspec.structs.replace(quiet.metadata, annotations=None))
    assert state_of(reported(loud), "Ready") == ("True", "", "")


def test_only_a_change_of_state_moves_the_transition_time() -> None:
    before = pod(on="node-1", ready=True, ready_since=EARLIER)
    moments = {one.type: one.last_transition_time for one in reported(before).status.conditions or ()}
    assert moments["Ready"] == EARLIER
    assert moments["ContainersReady"] == NOW_TEXT


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (None, ("False", "ReadinessGatesNotReady",
                'corresponding condition of pod readiness gate "example.com/lb" does not exist.')),
        (Condition("example.com/lb", "False"), (
            "False", "ReadinessGatesNotReady",
            'the status of pod readiness gate "example.com/lb" is not "True", but False')),
        (Condition("example.com/lb", "True"), ("True", "", "")),
    ],
)  # fmt: skip
def test_readiness_gates_hold_a_pod_back(gate: Condition | None, expected: tuple[str, str, str]) -> None:
    spec = PodSpec("node-1", containers=(Container("nginx"),), readiness_gates=(Gate("example.com/lb"),))
    before = pod(spec=spec)
    conditions = (gate,) if gate is not None else ()
    before = msgspec.structs.replace(before, status=msgspec.structs.replace(before.status, conditions=conditions))
    after = reported(before)
    assert state_of(after, "Ready") == expected
    assert state_of(after, "ContainersReady")[0] == "True"


def test_a_node_that_is_not_ready_takes_its_pods_along() -> None:
    quiet = node(1)
    quiet = msgspec.structs.replace(quiet, metadata=msgspec.structs.replace(quiet.metadata, annotations=QUIET))
    assert not reported(pod(on="node-1"), quiet).ready


def test_init_containers_have_finished_and_sidecars_run() -> None:
    spec = PodSpec(
        "node-1",
        containers=(Container("nginx"),),
        init_containers=(Container("prepare"), Container("proxy", restart_policy="Always")),
    )
    patch = plan_running(pod(spec=spec), node(1), IPS, NOW)
    assert patch is not None
    status: Any = patch.document["status"]
    states = {one["name"]: (next(iter(one["state"])), one["started"]) for one in status["initContainerStatuses"]}
    assert states == {"prepare": ("terminated", False), "proxy": ("running", True)}


def test_a_pod_nobody_can_take_says_why_once() -> None:
    patch = plan_unschedulable(pod(), "0/0 nodes", NOW)
    assert patch is not None
    status: Any = patch.document["status"]
    assert status["conditions"] == [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/0 nodes",
         "lastTransitionTime": NOW_TEXT}
    ]  # fmt: skip
    told = pod()
    conditions = (Condition("PodScheduled", "False", "Unschedulable", "0/0 nodes"),)
    told = msgspec.structs.replace(told, status=msgspec.structs.replace(told.status, conditions=conditions))
    assert plan_unschedulable(told, "0/0 nodes", NOW) is None
