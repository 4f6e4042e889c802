"""Pod rows read as on a real cluster: readiness, status and restarts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.tables import render

NOW = datetime(2026, 11, 22, 17, 0, 0, tzinfo=UTC)
CREATED = "2026-11-22T16:00:00Z"


def table(group: str, plural: str, *objects: Json, **options: Any) -> Json:
    stamped = [
        {**one, "metadata": {"creationTimestamp": CREATED, "name": "web", **one.get("metadata", {})}} for one in objects
    ]
    return render(stamped, group=group, plural=plural, now=NOW, **options)


def cells(group: str, plural: str, obj: Json, **options: Any) -> list[Any]:
    row: list[Any] = table(group, plural, obj, **options)["rows"][0]["cells"]
    return row


def state(name: str, kind: str, *, ready: bool = False, restarts: int = 0, last: str = "", **details: Any) -> Json:
    result: Json = {"name": name, "ready": ready, "restartCount": restarts, "state": {kind: details}}
    if last:
        result["lastState"] = {"terminated": {"exitCode": 1, "finishedAt": last}}
    return result


def pod(*containers: Json, init: tuple[Json, ...] = (), specs: tuple[Json, ...] = (), **status: Any) -> Json:
    spec = {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": list(specs)}
    return {
        "spec": spec,
        "status": {**status, "containerStatuses": list(containers), "initContainerStatuses": list(init)},
    }


RUNNING = state("b", "running", ready=True)
DONE = state("a", "terminated", exitCode=0, reason="Completed")
TWO_INITS = ({"name": "i"}, {"name": "j"})
SIDECAR = ({"name": "i", "restartPolicy": "Always"},)
READY = {"type": "Ready", "status": "True"}
INITIALIZED = {"type": "Initialized", "status": "True"}


@pytest.mark.parametrize(
    ("obj", "shown"),
    [
        pytest.param(pod(phase="Pending"), ["0/2", "Pending", "0"], id="pending"),
        pytest.param(
            pod(state("a", "running", ready=True, restarts=3, last="2026-11-22T15:00:00Z"), RUNNING, phase="Running"),
            ["2/2", "Running", "3 (120m ago)"],
            id="restarted",
        ),
        pytest.param(
            pod(state("a", "waiting", reason="CrashLoopBackOff", restarts=7), RUNNING, phase="Running"),
            ["1/2", "CrashLoopBackOff", "7"],
            id="crash-loop",
        ),
        pytest.param(pod(DONE, RUNNING, phase="Running"), ["1/2", "NotReady", "0"], id="half-done-not-ready"),
        pytest.param(
            pod(DONE, RUNNING, phase="Running", conditions=[READY]), ["1/2", "Running", "0"], id="half-done-but-ready"
        ),
        pytest.param(
            pod(DONE, state("b", "terminated", exitCode=3), phase="Failed"), ["0/2", "ExitCode:3", "0"], id="exit-code"
        ),
        pytest.param(
            pod(state("a", "terminated", exitCode=137, signal=9), phase="Failed"), ["0/2", "Signal:9", "0"], id="signal"
        ),
        pytest.param(pod(phase="Failed", reason="Evicted"), ["0/2", "Evicted", "0"], id="status-reason"),
        pytest.param(
            pod(
                init=(state("i", "terminated", exitCode=0), state("j", "waiting", reason="PodInitializing")),
                specs=TWO_INITS,
                phase="Pending",
            ),
            ["0/2", "Init:1/2", "0"],
            id="second-init-container",
        ),
        pytest.param(
            pod(init=(state("i", "waiting", reason="ImagePullBackOff"),), specs=TWO_INITS, phase="Pending"),
            ["0/2", "Init:ImagePullBackOff", "0"],
            id="init-image",
        ),
        pytest.param(
            pod(init=(state("i", "terminated", exitCode=2, restarts=2),), specs=TWO_INITS, phase="Pending"),
            ["0/2", "Init:ExitCode:2", "2"],
            id="init-failed",
        ),
        pytest.param(
            pod(
                state("a", "running", ready=True, restarts=1),
                RUNNING,
                init=({**state("i", "running", ready=True, restarts=4), "started": True},),
                specs=SIDECAR,
                phase="Running",
                conditions=[INITIALIZED],
            ),
            ["3/3", "Running", "5"],
            id="sidecar-counts",
        ),
        pytest.param(
            pod(phase="Pending", conditions=[{"type": "PodScheduled", "reason": "SchedulingGated"}]),
            ["0/2", "SchedulingGated", "0"],
            id="gated",
        ),
        pytest.param(
            {**pod(RUNNING, phase="Running"), "metadata": {"deletionTimestamp": CREATED}},
            ["1/2", "Terminating", "0"],
            id="terminating",
        ),
        pytest.param(
            {**pod(phase="Running", reason="NodeLost"), "metadata": {"deletionTimestamp": CREATED}},
            ["0/2", "Unknown", "0"],
            id="node-lost",
        ),
        pytest.param(
            {**pod(DONE, phase="Succeeded"), "metadata": {"deletionTimestamp": CREATED}},
            ["0/2", "Completed", "0"],
            id="deleted-after-its-end",
        ),
    ],
)
def test_pod_ready_status_and_restarts(obj: Json, shown: list[str]) -> None:
    assert cells("", "pods", obj)[1:4] == shown


def test_pod_wide_cells() -> None:
    gates = [{"conditionType": "lbctl.io/ready"}, {"conditionType": "Ready"}]
    obj: Json = {
        "spec": {"nodeName": "node-a", "readinessGates": gates},
        "status": {"podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}], "conditions": [READY]},
    }
    assert cells("", "pods", obj)[4:] == ["60m", "10.0.0.7", "node-a", "<none>", "1/2"]
    assert cells("", "pods", {})[4:] == ["60m", "<none>", "<none>", "<none>", "<none>"]


def test_row_of_a_pod_that_ended_says_so() -> None:
    row = table("", "pods", pod(phase="Succeeded"))["rows"][0]
    message = "The pod has completed successfully."
    assert row["conditions"] == [{"type": "Completed", "status": "True", "reason": "Succeeded", "message": message}]
    assert "conditions" not in table("", "pods", pod(phase="Running"))["rows"][0]
