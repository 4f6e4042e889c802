"""What the API server alone can take: the controller's three writes a Service, sent by a raw load generator."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks import manifests
from benchmarks.http_load import Answer, Target, run_load
from benchmarks.processes import Api

_CONNECTIONS = 8
_MERGE, _STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"


def services_per_second(api: Api, count: int) -> float:
    """How many Services a second can be given a finalizer, a status and an Event when nothing else is to be done."""
    target, names = api.target, [f"floor-{number}" for number in range(count)]
    found: dict[str, tuple[str, str]] = {}

    def remember(answer: Answer) -> None:
        metadata = json.loads(answer.body)["metadata"]
        found[metadata["name"]] = (metadata["uid"], metadata["resourceVersion"])

    foreign = manifests.FOREIGN_CLASS
    run_load(target, (manifests.service(target, name, foreign) for name in names), _CONNECTIONS, remember)
    requests = [one for name in names for one in _three_writes(target, name, *found[name])]
    # All finalizers, then all statuses, then all Events: of one Service they follow each other.
    phases = [requests[phase::3] for phase in range(3)]
    seconds = sum(run_load(target, phase, _CONNECTIONS).seconds for phase in phases)
    return count / seconds


def _three_writes(target: Target, name: str, uid: str, version: str) -> Iterator[bytes]:
    path = f"{manifests.SERVICES_PATH}/{name}"
    hold = {
        "resourceVersion": version,
        "uid": uid,
        "finalizers": ["lbctl.io/load-balancer"],
        "annotations": {"lbctl.io/provider": "mock"},
    }
    yield target.request("PATCH", path, json.dumps({"metadata": hold}).encode(), _MERGE)
    condition = {
        "type": "LoadBalancerReady",
        "status": "True",
        "reason": "Provisioned",
        "message": "the mock load balancer stands",
        "observedGeneration": 0,
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    ingress = [{"ip": "10.0.0.1", "ipMode": "VIP", "ports": [{"port": 80, "protocol": "TCP"}]}]
    status = {"metadata": {"uid": uid}, "status": {"loadBalancer": {"ingress": ingress}, "conditions": [condition]}}
    yield target.request("PATCH", f"{path}/status", json.dumps(status).encode(), _STRATEGIC)
    yield target.request("POST", f"/apis/events.k8s.io/v1/namespaces/{manifests.NAMESPACE}/events", _event(name, uid))


def _event(name: str, uid: str) -> bytes:
    document = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"name": f"{name}.1", "namespace": manifests.NAMESPACE},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "type": "Normal",
        "reason": "EnsuredLoadBalancer",
        "action": "SyncLoadBalancer",
        "note": "Ensured load balancer",
        "regarding": {"apiVersion": "v1", "kind": "Service", "namespace": "default", "name": name, "uid": uid},
        "reportingController": "lbctl.io/controller",
        "reportingInstance": "benchmark",
    }
    return json.dumps(document).encode()
