"""What a ReplicaSet needs next, and which Pods it gives up first."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.objects import Pod, ReplicaSetStatus
from lbctl.sandbox.workloads.replica_sets import plan_replica_set
from lbctl.sandbox.workloads.victims import in_order_of_deletion
from lbctl.sandbox.workloads.writes import NOTHING, Create, Patch, Plan, Remove
from tests.unit.sandbox.workloads.builders import APP, NOW, NOW_TEXT, pod, replica_set

LABELS = {**APP, "pod-template-hash": "web-1"}


def mine(name: str, *, on: str = "node-1", ready: bool = True, **rest: Any) -> Pod:
    phase = rest.pop("phase", "Running")
    return pod(name, on=on, phase=phase, ready=ready, owned_by="web-1", labels=rest.pop("labels", LABELS), **rest)


def removed(step: Plan) -> list[str]:
    return [one.key.name for one in step.writes if isinstance(one, Remove)]


def status_in(step: Plan) -> Any:
    (patch,) = (one for one in step.writes if isinstance(one, Patch) and one.kind is Kind.REPLICA_SET)
    return patch.document["status"]


def test_missing_pods_are_made_from_the_template() -> None:
    step = plan_replica_set(replica_set(replicas=3), [mine("a")], NOW)
    made: list[Any] = [one.document for one in step.writes if isinstance(one, Create)]
    assert len(made) == 2
    metadata = made[0]["metadata"]
    assert metadata["generateName"] == "web-1-"
    assert metadata["labels"] == LABELS
    assert metadata["ownerReferences"][0]["kind"] == "ReplicaSet"
    assert made[0]["spec"] == {"containers": [{"name": "nginx", "image": "nginx:1"}]}


def test_surplus_pods_are_deleted_with_their_own_grace() -> None:
    step = plan_replica_set(replica_set(replicas=1), [mine("a"), mine("b", ready=False)], NOW)
    assert removed(step) == ["b"]
    assert all(one.grace_s is None for one in step.writes if isinstance(one, Remove))


def test_pods_that_are_going_or_have_finished_are_replaced() -> None:
    pods = [mine("a", deleting_in_s=30), mine("b", phase="Failed"), mine("c")]
    assert sum(isinstance(one, Create) for one in plan_replica_set(replica_set(replicas=3), pods, NOW).writes) == 2


def test_a_settled_replica_set_needs_nothing() -> None:
    pods = [mine(name) for name in "abc"]
    assert plan_replica_set(replica_set(replicas=3, has=3), pods, NOW) == NOTHING


def test_a_pod_whose_label_was_taken_off_is_let_go_and_replaced() -> None:
    step = plan_replica_set(replica_set(replicas=1), [mine("a", labels={"pod-template-hash": "web-1"})], NOW)
    released = step.writes[0]
    assert isinstance(released, Patch)
    assert released.document["metadata"] == {"ownerReferences": None, "resourceVersion": "10"}
    assert isinstance(step.writes[1], Create)


def test_a_pod_that_matches_and_has_no_owner_is_taken_in() -> None:
    step = plan_replica_set(replica_set(replicas=1), [pod("stray", labels=LABELS)], NOW)
    adopted = step.writes[0]
    assert isinstance(adopted, Patch)
    assert "uid-web-1" in str(adopted.document)
    assert not any(isinstance(one, Create) for one in step.writes)


def test_pods_of_other_owners_are_not_touched() -> None:
    foreign = pod("other", labels=LABELS, owned_by="db-1")
    step = plan_replica_set(replica_set(replicas=0), [foreign], NOW)
    assert step == NOTHING


def test_the_status_counts_what_there_is() -> None:
    pods = [mine("a"), mine("b", ready=False), mine("c", labels=APP)]
    told = status_in(plan_replica_set(replica_set(replicas=3), pods, NOW))
    assert told == {
        "replicas": 3, "fullyLabeledReplicas": 2, "readyReplicas": 2, "availableReplicas": 2, "observedGeneration": 0,
    }  # fmt: skip


def test_a_pod_counts_as_available_after_min_ready_seconds() -> None:
    waiting = replica_set(replicas=1, min_ready_s=10)
    step = plan_replica_set(waiting, [mine("a", ready_since=NOW_TEXT)], NOW)
    assert (status_in(step)["readyReplicas"], status_in(step)["availableReplicas"]) == (1, 0)
    assert step.again_s == 10.0
    assert status_in(plan_replica_set(waiting, [mine("a")], NOW))["availableReplicas"] == 1


def test_a_deleted_replica_set_makes_no_pods() -> None:
    going = replica_set(replicas=3)
    meta = msgspec.structs.replace(going.metadata, deletion_timestamp=NOW_TEXT)
    going = msgspec.structs.replace(going, metadata=meta, status=ReplicaSetStatus())
    assert plan_replica_set(going, [], NOW) == NOTHING


COST = "controller.kubernetes.io/pod-deletion-cost"
LATER = "2026-01-01T11:30:00Z"


@pytest.mark.parametrize(
    ("goes", "stays"),
    [
        pytest.param(mine("b", on=""), mine("a"), id="without a node before with one"),
        pytest.param(mine("b", phase="Pending"), mine("a"), id="pending before running"),
        pytest.param(mine("b", ready=False), mine("a"), id="not ready before ready"),
        pytest.param(mine("b", annotations={COST: "-1"}), mine("a"), id="cheap before dear"),
        pytest.param(mine("b", ready_since=LATER), mine("a"), id="ready since lately before ready since long"),
        pytest.param(mine("b", created=LATER), mine("a"), id="young before old"),
        pytest.param(mine("a"), mine("b"), id="by name when all is equal"),
        pytest.param(mine("b", annotations={COST: "nonsense"}, created=LATER), mine("a"), id="no cost is cost 0"),
    ],
)
def test_which_pod_goes_first(goes: Pod, stays: Pod) -> None:
    assert in_order_of_deletion([stays, goes], [stays, goes]) == [goes, stays]


def test_a_pod_that_shares_its_node_goes_before_one_that_does_not() -> None:
    pods = [mine("a", on="node-1"), mine("b", on="node-2"), mine("c", on="node-2")]
    assert [one.metadata.name for one in in_order_of_deletion(pods, pods)] == ["b", "c", "a"]
