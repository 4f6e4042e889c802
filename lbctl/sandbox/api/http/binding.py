"""`pods/binding`: a scheduler gives a Pod its node.

Source: k8s.io/kubernetes/pkg/registry/core/pod/storage/storage.go (BindingREST), validation.ValidatePodBinding.
"""

from __future__ import annotations

from aiohttp import web

from lbctl.sandbox.api.bodies import read_object
from lbctl.sandbox.api.errors import ApiError, Json, bad_request, conflict
from lbctl.sandbox.api.http.answers import value_answer
from lbctl.sandbox.api.http.query import change_options
from lbctl.sandbox.api.http.writes import Call
from lbctl.sandbox.api.metadata import timestamp

_KINDS = ("", "Node")


def bind_pod(call: Call) -> web.Response:
    """The answer to POST …/pods/NAME/binding. Raises ApiError: 404, 400, 409 for a Pod that is not free."""
    change = change_options(call.query, call.user_agent, kind="CreateOptions")
    binding: Json = read_object(call.content_type, call.body).value
    metadata, target, name = binding.get("metadata") or {}, binding.get("target") or {}, call.key[1]
    if metadata.get("name") != name:
        raise bad_request("name in URL does not match name in Binding object")
    _check_target(target)
    pod = call.objects.get(call.served, call.key)
    uid = metadata.get("uid")
    if uid and uid != pod["metadata"]["uid"]:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {pod['metadata']['uid']}"
        raise conflict("pods", "", name, why)
    refusal = _refusal(pod, name)
    if refusal:
        raise conflict("pods/binding", "", name, refusal)
    if not change.dry_run:
        call.objects.rewrite(call.served, call.key, _bound(pod, metadata, target["name"]))
    done = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return value_answer(done, 201, call.clause)


def _check_target(target: Json) -> None:
    """The real server answers these with 500, as its validation's errors are no API errors."""
    errors = []
    if target.get("kind", "") not in _KINDS:
        errors.append(f'target.kind: Unsupported value: "{target["kind"]}": supported values: "Node", "<empty>"')
    if not target.get("name"):
        errors.append("target.name: Required value")
    if errors:
        raise ApiError(500, "", errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")


def _refusal(pod: Json, name: str) -> str:
    spec = pod["spec"]
    if pod["metadata"].get("deletionTimestamp"):
        return f"pod {name} is being deleted, cannot be assigned to a host"
    if spec.get("nodeName"):
        return f'pod {name} is already assigned to node "{spec["nodeName"]}"'
    return f"pod {name} has non-empty .spec.schedulingGates" if spec.get("schedulingGates") else ""


def _bound(pod: Json, metadata: Json, node: str) -> Json:
    own, status = pod["metadata"], pod.setdefault("status", {})
    pod["spec"]["nodeName"] = node
    for part in ("annotations", "labels"):
        if metadata.get(part):
            own[part] = {**(own.get(part) or {}), **metadata[part]}
    status.pop("nominatedNodeName", None)
    others = [one for one in status.get("conditions") or [] if one.get("type") != "PodScheduled"]
    scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": timestamp()}
    status["conditions"] = [*others, scheduled]
    return pod
