"""What a Deployment needs next: ReplicaSets, revisions, status."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from lbctl.sandbox.workloads.deployment_status import Rollout, deadline_s, status_of
from lbctl.sandbox.workloads.deployments import plan_deployment
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.objects import Condition, Deployment, DeploymentStatus, ReplicaSet, condition_of
from lbctl.sandbox.workloads.templates import same_template, template_hash, with_label
from lbctl.sandbox.workloads.writes import NOTHING, Create, Patch, Plan, Remove
from tests.unit.sandbox.workloads.builders import EARLIER, NOW, NOW_TEXT, deployment, pod, replica_set, template

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"
CURRENT = {REVISION: "1"}


def plan(one: Deployment, *sets: ReplicaSet) -> Plan:
    return plan_deployment(one, sets, (), NOW)


def created(step: Plan) -> Any:
    return next((one.document for one in step.writes if isinstance(one, Create)), None)


def patches(step: Plan, kind: Kind, subresource: str = "") -> list[Any]:
    found = (one for one in step.writes if isinstance(one, Patch))
    return [one.document for one in found if (one.kind, one.subresource) == (kind, subresource)]


def test_a_new_deployment_gets_a_replica_set_with_hash_owner_and_revision() -> None:
    made = created(
        plan(deployment(3, annotations={"team": "a", "kubectl.kubernetes.io/last-applied-configuration": "x"}))
    )
    digest = template_hash(template())
    metadata, spec = made["metadata"], made["spec"]
    assert metadata["name"] == f"web-{digest}"
    assert metadata["annotations"] == {"team": "a", REVISION: "1"}
    (owner,) = metadata["ownerReferences"]
    assert (owner["kind"], owner["uid"], owner["controller"]) == ("Deployment", "uid-web", True)
    assert spec["replicas"] == 3
    assert spec["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": digest}
    assert spec["template"]["metadata"]["labels"] == {"app": "web", "pod-template-hash": digest}


def test_a_replica_set_just_created_is_announced_in_the_status() -> None:
    (status,) = patches(plan(deployment(3)), Kind.DEPLOYMENT, "status")
    progressing = next(one for one in status["status"]["conditions"] if one["type"] == "Progressing")
    assert (progressing["status"], progressing["reason"]) == ("True", "NewReplicaSetCreated")
    assert progressing["message"].startswith('Created new replica set "web-')


def test_the_hash_follows_the_template_and_ignores_nothing_else() -> None:
    assert template_hash(template("nginx:1")) == template_hash(template("nginx:1"))
    assert template_hash(template("nginx:1")) != template_hash(template("nginx:2"))
    assert same_template(with_label(template(), "pod-template-hash", "abc"), template())
    assert not same_template(with_label(template(), "tier", "abc"), template())


def test_a_changed_template_brings_the_next_revision() -> None:
    made = created(plan(deployment(3, image="nginx:2"), replica_set(has=3, revision=4)))
    assert made["metadata"]["annotations"][REVISION] == "5"
    assert made["spec"]["replicas"] == 1


def test_going_back_renumbers_the_earlier_replica_set_and_remembers_its_number() -> None:
    old = replica_set("web-2", 3, has=3, image="nginx:2", revision=2)
    step = plan(deployment(3, annotations={REVISION: "2"}), replica_set("web-1", 0, revision=1), old)
    renumbered, scaled = patches(step, Kind.REPLICA_SET)
    assert renumbered["metadata"]["annotations"] == {REVISION: "3", HISTORY: "1"}
    assert scaled["spec"] == {"replicas": 1}
    assert patches(step, Kind.DEPLOYMENT)[0]["metadata"]["annotations"] == {REVISION: "3"}


def test_scaling_changes_one_number() -> None:
    step = plan(deployment(5, annotations=CURRENT), replica_set(has=3))
    assert patches(step, Kind.REPLICA_SET) == [{"spec": {"replicas": 5}}]


def test_a_settled_deployment_needs_nothing() -> None:
    settled = deployment(3, annotations=CURRENT)
    sets = [replica_set(has=3)]
    status = status_of(Rollout(settled, sets, sets[0]), NOW)
    assert plan(deployment(3, annotations=CURRENT, status=status), *sets) == NOTHING


def test_a_deployment_that_is_being_deleted_is_left_to_garbage_collection() -> None:
    assert plan(deployment(deleting=True), replica_set()) == NOTHING


def test_orphans_that_match_are_adopted_before_anything_is_created() -> None:
    step = plan(deployment(3), replica_set(has=3, owned=False))
    (adopted,) = step.writes
    assert isinstance(adopted, Patch)
    assert "uid-web" in str(adopted.document)


def test_recreate_waits_for_the_last_old_pod() -> None:
    target = deployment(3, kind="Recreate", image="nginx:2")
    assert patches(plan(target, replica_set(has=3)), Kind.REPLICA_SET) == [{"spec": {"replicas": 0}}]
    emptied = replica_set(replicas=0)
    last = pod(on="node-1", phase="Running", owned_by="web-1", deleting_in_s=30)
    assert created(plan_deployment(target, [emptied], [last], NOW)) is None
    assert created(plan_deployment(target, [emptied], [], NOW))["spec"]["replicas"] == 3


def test_a_paused_deployment_does_not_roll() -> None:
    step = plan(deployment(3, paused=True, image="nginx:2"), replica_set(has=3))
    assert created(step) is None
    assert patches(step, Kind.REPLICA_SET) == []


def test_old_replica_sets_beyond_the_history_are_forgotten_once_the_rollout_is_done() -> None:
    olds = [replica_set(f"web-{number}", 0, image=f"nginx:{number}", revision=number) for number in range(1, 5)]
    target = deployment(3, image="nginx:9", history=2, annotations={REVISION: "9"})
    current = replica_set("web-9", 3, has=3, image="nginx:9", revision=9)
    step = plan(target, current, *olds)
    assert [one.key.name for one in step.writes if isinstance(one, Remove)] == ["web-1", "web-2"]
    unfinished = replica_set("web-9", 3, has=3, available=1, image="nginx:9", revision=9)
    assert not any(isinstance(one, Remove) for one in plan(target, unfinished, *olds).writes)


def test_min_ready_seconds_reach_the_replica_set() -> None:
    target = deployment(3, annotations=CURRENT)
    target = msgspec.structs.replace(target, spec=msgspec.structs.replace(target.spec, min_ready_seconds=5))
    assert {"spec": {"minReadySeconds": 5}} in patches(plan(target, replica_set(has=3)), Kind.REPLICA_SET)


def status(one: Deployment, *sets: ReplicaSet, created_name: str = "") -> DeploymentStatus:
    new = next((each for each in sets if same_template(each.spec.template, one.spec.template)), None)
    return status_of(Rollout(one, sets, new, created_name), NOW)


def condition(of: DeploymentStatus, wanted: str) -> Condition:
    found = condition_of(of.conditions, wanted)
    assert found is not None
    return found


def test_counts_add_up_over_the_replica_sets() -> None:
    target = deployment(3, image="nginx:2")
    told = status(target, replica_set("web-1", 2, has=2), replica_set("web-2", 2, has=2, available=1, image="nginx:2"))
    assert (told.replicas, told.updated_replicas, told.ready_replicas) == (4, 2, 3)
    assert (told.available_replicas, told.unavailable_replicas, told.observed_generation) == (3, 1, 1)


@pytest.mark.parametrize(("available", "expected"), [(3, "True"), (2, "False")])
def test_availability_is_judged_by_max_unavailable(available: int, expected: str) -> None:
    assert condition(status(deployment(3), replica_set(has=3, available=available)), "Available").status == expected


def seen(reason: str, state: str = "True", updated: str = EARLIER) -> DeploymentStatus:
    progressing = Condition("Progressing", state, reason, last_update_time=updated, last_transition_time=EARLIER)
    return DeploymentStatus(1, 3, 3, 1, 1, 2, (progressing,))


@pytest.mark.parametrize(
    ("before", "has", "available", "expected"),
    [
        pytest.param(seen("ReplicaSetUpdated"), 3, 3, "NewReplicaSetAvailable", id="complete"),
        pytest.param(seen("NewReplicaSetCreated"), 3, 2, "ReplicaSetUpdated", id="one more is available"),
        pytest.param(seen("ReplicaSetUpdated"), 3, 1, "ProgressDeadlineExceeded", id="stuck for over ten minutes"),
        pytest.param(seen("ReplicaSetUpdated", updated=NOW_TEXT), 3, 1, "ReplicaSetUpdated", id="waiting"),
        pytest.param(
            seen("NewReplicaSetAvailable"), 3, 1, "NewReplicaSetAvailable", id="later unreadiness is no rollout"
        ),
        pytest.param(seen("DeploymentPaused", "Unknown"), 3, 1, "DeploymentResumed", id="resumed"),
        pytest.param(DeploymentStatus(1, 3, 3, 1, 1, 2), 3, 1, "FoundNewReplicaSet", id="first seen"),
    ],
)
def test_the_reason_of_progressing(before: DeploymentStatus, has: int, available: int, expected: str) -> None:
    told = status(deployment(3, status=before), replica_set(has=has, available=available))
    assert condition(told, "Progressing").reason == expected


def test_progress_moves_the_update_time_but_not_the_transition() -> None:
    told = condition(
        status(deployment(3, status=seen("ReplicaSetUpdated")), replica_set(has=3, available=2)), "Progressing"
    )
    assert (told.last_update_time, told.last_transition_time) == (NOW_TEXT, EARLIER)


def test_without_a_deadline_there_is_no_progressing_condition() -> None:
    told = status(deployment(3, deadline_s=None), replica_set(has=3))
    assert condition_of(told.conditions, "Progressing") is None


def test_a_paused_deployment_says_so_and_is_never_late() -> None:
    paused = deployment(3, paused=True)
    told = status(paused, replica_set(has=3, available=1))
    assert (condition(told, "Progressing").status, condition(told, "Progressing").reason) == (
        "Unknown",
        "DeploymentPaused",
    )
    assert deadline_s(paused, told, NOW) is None


def test_a_rollout_is_looked_at_again_when_its_deadline_has_passed() -> None:
    before = seen("ReplicaSetUpdated", updated=NOW_TEXT)
    assert deadline_s(deployment(3), before, NOW + timedelta(seconds=100)) == 501.0


def test_conditions_of_others_are_kept() -> None:
    foreign = Condition("example.com/Checked", "True")
    told = status(deployment(3, status=DeploymentStatus(conditions=(foreign,))), replica_set(has=3))
    assert foreign in (told.conditions or ())
