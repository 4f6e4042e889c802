"""What is written to a Service, and what is left alone."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from lbctl.kube.errors import Conflict, Invalid, Unavailable
from lbctl.kube.kinds import SERVICES
from lbctl.kube.patches import finalizer_patch, status_patch
from lbctl.kube.writer import ATTEMPTS, ServiceWriter
from lbctl.model.service import Condition, Ingress, IngressPort, IpMode, ObjectKey, Protocol, Service, Uid
from lbctl.runtime.clock import FakeClock
from tests.unit.kube.scripted import Answer, Asked, Json, ScriptedServer, document, in_turn, status

KEY = ObjectKey("default", "web")
OURS = "lbctl.io/load-balancer"
NOW = "2026-01-01T00:00:00Z"
CLOCK = FakeClock()
VIP = Ingress(ip=ip_address("203.0.113.7"), ip_mode=IpMode.VIP)
READY = Condition("lbctl.io/Ready", "True", "Provisioned", "all is well", 1)
KNOWN = Service(KEY, uid=Uid("u1"), resource_version="5")


def live(version: int = 5, uid: str = "u1", finalizers: list[str] | None = None, **status_: object) -> Json:
    meta = {"name": "web", "namespace": "default", "uid": uid, "resourceVersion": str(version)}
    return {"metadata": {**meta, "finalizers": finalizers}, "spec": {}, "status": status_}


@pytest.mark.parametrize(
    ("have", "present", "expected"),
    [
        ((), True, [OURS]),
        (("x",), True, ["x", OURS]),
        (("x", OURS), False, ["x"]),
        ((OURS,), False, None),
    ],
    ids=["first", "beside another", "another stays", "last"],
)
def test_a_finalizer_patch_keeps_the_others_and_is_guarded(
    have: tuple[str, ...], present: bool, expected: list[str] | None
) -> None:
    patch = finalizer_patch(replace(KNOWN, finalizers=have), OURS, present=present)
    assert patch == {"metadata": {"resourceVersion": "5", "finalizers": expected}}


def test_no_finalizer_patch_when_nothing_changes() -> None:
    assert finalizer_patch(KNOWN, OURS, present=False) is None
    assert finalizer_patch(replace(KNOWN, finalizers=(OURS,)), OURS, present=True) is None


def test_annotations_travel_with_the_finalizer_guarded_by_the_uid() -> None:
    held = replace(KNOWN, finalizers=(OURS,), annotations={"a": "1", "b": "2"})
    assert finalizer_patch(held, OURS, present=True, annotations={"a": "1"}) is None
    assert finalizer_patch(held, OURS, present=True, annotations={"a": "9"}) == {
        "metadata": {"uid": KNOWN.uid, "annotations": {"a": "9"}}
    }
    assert finalizer_patch(held, OURS, present=False, annotations={"a": None, "absent": None}) == {
        "metadata": {
            "resourceVersion": "5",
            "finalizers": None,
            "uid": KNOWN.uid,
            "annotations": {"a": None},
        }
    }


def test_ingress_and_new_conditions_go_in_one_patch_without_a_version_guard() -> None:
    ports = (IngressPort(80, Protocol.TCP), IngressPort(53, Protocol.UDP, "PortBusy"))
    patch = status_patch(KNOWN, (replace(VIP, ports=ports), Ingress(hostname="a.example")), (READY,), (), CLOCK.now())
    assert patch == {
        "metadata": {"uid": "u1"},
        "status": {
            "loadBalancer": {
                "ingress": [
                    {
                        "ip": "203.0.113.7",
                        "ipMode": "VIP",
                        "ports": [
                            {"port": 80, "protocol": "TCP"},
                            {"port": 53, "protocol": "UDP", "error": "PortBusy"},
                        ],
                    },
                    {"hostname": "a.example"},
                ]
            },
            "conditions": [
                {
                    "type": "lbctl.io/Ready",
                    "status": "True",
                    "reason": "Provisioned",
                    "message": "all is well",
                    "observedGeneration": 1,
                    "lastTransitionTime": NOW,
                }
            ],
        },
    }


def test_a_condition_whose_status_stays_keeps_its_transition_time_and_is_guarded() -> None:
    known = replace(KNOWN, conditions=(replace(READY, message="before"),))
    patch = status_patch(known, (), (READY,), (), CLOCK.now())
    assert patch is not None
    assert patch["metadata"] == {"uid": "u1", "resourceVersion": "5"}
    [entry] = patch["status"]["conditions"]  # type: ignore[index]
    assert "lastTransitionTime" not in entry
    assert entry["message"] == "all is well"


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (replace(KNOWN, ingress=(VIP,)), {"loadBalancer": {"ingress": None}}),
        (replace(KNOWN, conditions=(READY,)), {"conditions": [{"$patch": "delete", "type": READY.type}]}),
    ],
    ids=["ingress", "condition"],
)
def test_withdrawing_clears_only_what_is_there(known: Service, expected: Json) -> None:
    patch = status_patch(known, (), (), (READY.type,), CLOCK.now())
    assert patch == {"metadata": {"uid": "u1"}, "status": expected}


@pytest.mark.parametrize(
    "written", [VIP, replace(VIP, ip_mode=None)], ids=["as written", "the server's default mode applied"]
)
def test_no_status_patch_when_nothing_changes(written: Ingress) -> None:
    known = replace(KNOWN, ingress=(VIP,), conditions=(READY, Condition("Foreign", "True", "x")))
    assert status_patch(known, (written,), (READY,), ("Other",), CLOCK.now()) is None


Act = Callable[[ServiceWriter, Service], Service | None]
ACTS: dict[str, Act] = {
    "hold": lambda writer, service: writer.hold(service, OURS, {}),
    "release": lambda writer, service: writer.release(replace(service, finalizers=(OURS,)), OURS),
    "publish": lambda writer, service: writer.publish(service, ingress=(VIP,), conditions=(READY,)),
}


def writing(folder: Path, act: Act, *answers: Answer, known: Service = KNOWN) -> tuple[Service | None, list[Asked]]:
    with ScriptedServer(in_turn(*answers)) as server:
        result = act(ServiceWriter(server.client(folder), CLOCK), known)
        return result, server.asked()


@pytest.mark.parametrize(
    ("act", "path", "content_type"),
    [
        (ACTS["hold"], "/api/v1/namespaces/default/services/web", "application/merge-patch+json"),
        (ACTS["release"], "/api/v1/namespaces/default/services/web", "application/merge-patch+json"),
        (ACTS["publish"], "/api/v1/namespaces/default/services/web/status", "application/strategic-merge-patch+json"),
    ],
    ids=list(ACTS),
)
def test_each_write_is_one_patch_to_the_right_place(tmp_path: Path, act: Act, path: str, content_type: str) -> None:
    result, asked = writing(tmp_path, act, document(live(6)))
    assert [(one.method, one.path, one.headers["content-type"]) for one in asked] == [("PATCH", path, content_type)]
    assert result is not None
    assert result.resource_version == "6"


def test_nothing_is_sent_when_nothing_changed(tmp_path: Path) -> None:
    known = replace(KNOWN, finalizers=(OURS,), ingress=(VIP,), conditions=(READY,))

    def all_of_them(writer: ServiceWriter, service: Service) -> Service | None:
        assert writer.hold(service, OURS, {}) is service
        assert writer.release(service, "absent") is service
        return writer.publish(service, ingress=(VIP,), conditions=(READY,))

    result, asked = writing(tmp_path, all_of_them, status(500, "InternalError"), known=known)
    assert result is known
    assert asked == []


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_service_that_is_gone_is_no_error(tmp_path: Path, act: Act) -> None:
    result, asked = writing(tmp_path, act, status(404, "NotFound"))
    assert result is None
    assert len(asked) == 1


@pytest.mark.parametrize("refusal", [status(409, "Conflict"), status(422, "Invalid")], ids=["409", "422"])
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_service_created_anew_under_the_same_name_is_not_touched(tmp_path: Path, act: Act, refusal: Answer) -> None:
    result, asked = writing(tmp_path, act, refusal, document(live(9, uid="u2")))
    assert result is None
    assert [one.method for one in asked] == ["PATCH", "GET"]


def test_a_conflict_is_resolved_with_a_fresh_read_that_keeps_the_others_entries(tmp_path: Path) -> None:
    fresh = live(8, finalizers=["foreign/one"])
    result, asked = writing(tmp_path, ACTS["hold"], status(409, "Conflict"), document(fresh), document(live(9)))
    assert [one.method for one in asked] == ["PATCH", "GET", "PATCH"]
    assert asked[2].json() == {"metadata": {"resourceVersion": "8", "finalizers": ["foreign/one", OURS]}}
    assert result is not None


def test_a_conflict_over_what_somebody_else_already_did_ends_without_another_write(tmp_path: Path) -> None:
    result, asked = writing(tmp_path, ACTS["hold"], status(409, "Conflict"), document(live(8, finalizers=[OURS])))
    assert [one.method for one in asked] == ["PATCH", "GET"]
    assert result is not None
    assert result.finalizers == (OURS,)


def test_a_finalizer_is_not_added_to_a_service_under_deletion(tmp_path: Path) -> None:
    dying = copy.deepcopy(live(8, finalizers=["foreign/one"]))
    dying["metadata"]["deletionTimestamp"] = NOW
    result, asked = writing(tmp_path, ACTS["hold"], status(409, "Conflict"), document(dying))
    assert [one.method for one in asked] == ["PATCH", "GET"]
    assert result is not None
    assert result.deleting


def test_endless_conflicts_end_as_a_temporary_error(tmp_path: Path) -> None:
    def respond(asked: Asked) -> Answer:
        return document(live(8)) if asked.method == "GET" else status(409, "Conflict")

    with ScriptedServer(respond) as server:
        with pytest.raises(Conflict):
            ServiceWriter(server.client(tmp_path), CLOCK).hold(KNOWN, OURS, {})
        assert len(server.asked(lambda asked: asked.method == "PATCH")) == ATTEMPTS


@pytest.mark.parametrize(
    ("refusal", "error"),
    [(status(422, "Invalid", "spec.ports: Required value"), Invalid), (status(503, "ServiceUnavailable"), Unavailable)],
    ids=["422", "503"],
)
def test_other_refusals_reach_the_caller(tmp_path: Path, refusal: Answer, error: type[Exception]) -> None:
    with pytest.raises(error, match="PATCH /api/v1/namespaces/default/services/web"):
        writing(tmp_path, ACTS["hold"], refusal, document(live()))


def test_the_written_status_reads_back_as_what_was_wanted() -> None:
    patch = status_patch(KNOWN, (VIP,), (READY,), (), CLOCK.now())
    assert patch is not None
    read = SERVICES.decode(document({**live(), "status": patch["status"]}).body)
    assert status_patch(read, (VIP,), (READY,), (), CLOCK.now()) is None
