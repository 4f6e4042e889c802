"""Plans carried out against an API in memory."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from lbctl.kube.client import PatchKind
from lbctl.kube.errors import Conflict, Forbidden, KubeApiError, NotFound, Unavailable
from lbctl.sandbox.workloads.kinds import PODS, Kind
from lbctl.sandbox.workloads.objects import Pod
from lbctl.sandbox.workloads.view import ClusterView
from lbctl.sandbox.workloads.writer import Writer
from lbctl.sandbox.workloads.writes import Bind, Create, Plan, patch, remove
from tests.unit.sandbox.workloads.builders import pod


class ScriptedApi:
    """Notes each request; answers with `answer`, or raises what `failures` holds for the path."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any]] = []
        self.failures: dict[str, KubeApiError] = {}
        self.answer: bytes = msgspec.json.encode(moved(pod(), 50))

    def create(self, path: str, body: bytes) -> bytes:
        return self._asked("create", path, body)

    def patch(self, path: str, body: bytes, kind: PatchKind) -> bytes:
        return self._asked(f"patch {kind.name}", path, body)

    def delete(self, path: str, body: bytes | None = None) -> bytes:
        return self._asked("delete", path, body or b"null")

    def _asked(self, verb: str, path: str, body: bytes) -> bytes:
        self.requests.append((verb, path, json.loads(body)))
        if path in self.failures:
            raise self.failures[path]
        return self.answer


def moved(one: Pod, version: int, **changes: Any) -> Pod:
    meta = msgspec.structs.replace(one.metadata, resource_version=str(version), **changes)
    return msgspec.structs.replace(one, metadata=meta)


PATH = PODS.path_of(pod().key)


def known() -> tuple[ScriptedApi, ClusterView, Writer]:
    api, view = ScriptedApi(), ClusterView()
    view.put(pod())
    return api, view, Writer(api, view)


def test_a_patch_names_the_object_it_means_and_the_answer_is_known() -> None:
    api, view, writer = known()
    outcome = writer.carry_out(Plan((patch(Kind.POD, pod(), {"spec": {}}),)))
    assert api.requests == [("patch MERGE", PATH, {"spec": {}, "metadata": {"uid": "uid-web-1"}})]
    assert {str(one) for one in outcome.affected} == {"Pod shop/web-1"}
    stored = view.pods.get(pod().key)
    assert stored is not None
    assert stored.version == 50


def test_a_create_says_what_it_is() -> None:
    api, _, writer = known()
    writer.carry_out(Plan((Create(Kind.REPLICA_SET, "shop", {"metadata": {}}),)))
    verb, path, body = api.requests[0]
    assert (verb, path) == ("create", "/apis/apps/v1/namespaces/shop/replicasets")
    assert (body["apiVersion"], body["kind"]) == ("apps/v1", "ReplicaSet")


def test_a_bind_goes_to_the_subresource() -> None:
    api, _, writer = known()
    writer.carry_out(Plan((Bind(pod().key, pod().uid, "node-1"),)))
    _, path, body = api.requests[0]
    assert path == f"{PATH}/binding"
    assert (body["metadata"]["uid"], body["target"]["name"]) == ("uid-web-1", "node-1")


def test_a_deletion_names_uid_and_grace_and_is_known_at_once() -> None:
    api, view, writer = known()
    api.answer = b'{"kind":"Status","status":"Success"}'
    writer.carry_out(Plan((remove(Kind.POD, pod(), 0),)))
    _, _, body = api.requests[0]
    assert (body["preconditions"], body["gracePeriodSeconds"]) == ({"uid": "uid-web-1"}, 0)
    assert view.pods.get(pod().key) is None


def test_an_object_that_waits_for_its_grace_is_still_there() -> None:
    api, view, writer = known()
    going = moved(pod(), 51, deletion_timestamp="2026-01-01T12:00:30Z", deletion_grace_period_seconds=30)
    api.answer = msgspec.json.encode({"kind": "Pod", **msgspec.to_builtins(going)})
    writer.carry_out(Plan((remove(Kind.POD, pod()),)))
    stored = view.pods.get(pod().key)
    assert stored is not None
    assert stored.deleting


def test_gone_already_is_success() -> None:
    api, view, writer = known()
    api.failures[PATH] = Conflict(409, "Conflict", "the UID in the precondition does not match")
    assert writer.carry_out(Plan((remove(Kind.POD, pod()),))).failure is None
    assert view.pods.get(pod().key) is None


def test_a_patch_of_what_is_gone_ends_the_plan_without_failure() -> None:
    api, view, writer = known()
    api.failures[PATH] = NotFound(404, "NotFound", "pods not found")
    outcome = writer.carry_out(Plan((patch(Kind.POD, pod(), {}), patch(Kind.POD, pod(), {}))))
    assert (outcome.done, outcome.failure, len(api.requests)) == (0, None, 1)
    assert view.pods.get(pod().key) is None


def test_a_namespace_that_goes_is_no_failure_but_a_missing_permission_is() -> None:
    api, _, writer = known()
    path, create = "/api/v1/namespaces/shop/pods", Create(Kind.POD, "shop", {"metadata": {}})
    api.failures[path] = Forbidden(403, "Forbidden", "namespace shop is being terminated")
    assert writer.carry_out(Plan((create,))).failure is None
    api.failures[path] = Forbidden(403, "Forbidden", 'pods is forbidden: User "x" cannot create resource')
    assert isinstance(writer.carry_out(Plan((create,))).failure, Forbidden)


def test_a_server_that_cannot_bind_is_reported() -> None:
    api, _, writer = known()
    api.failures[f"{PATH}/binding"] = NotFound(404, "NotFound", "the server could not find the requested resource")
    assert isinstance(writer.carry_out(Plan((Bind(pod().key, pod().uid, "node-1"),))).failure, NotFound)


def test_what_was_done_before_a_failure_still_wakes_others() -> None:
    api, _, writer = known()
    api.failures["/api/v1/namespaces/shop/pods"] = Unavailable(503, "ServiceUnavailable", "overloaded")
    outcome = writer.carry_out(Plan((patch(Kind.POD, pod(), {}), Create(Kind.POD, "shop", {"metadata": {}}))))
    assert outcome.done == 1
    assert {str(one) for one in outcome.affected} == {"Pod shop/web-1"}
    assert isinstance(outcome.failure, Unavailable)
