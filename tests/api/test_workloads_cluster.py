"""Hollow nodes and Deployments against the embedded API server: Pods become Ready, so Services get endpoints.

Not for a real cluster: its nodes and controllers would fight with these.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.runtime.threads import ThreadGroup
from lbctl.sandbox.api import ApiServer, ApiSettings
from lbctl.sandbox.endpoints.app import EndpointsController
from lbctl.sandbox.workloads.app import Workloads
from lbctl.sandbox.workloads.settings import WorkloadSettings
from tests.api.client import Answer, Api

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("LBCTL_TEST_KUBECONFIG")), reason="hollow nodes need the embedded API server"
)

Json = dict[str, Any]
NODES = "/api/v1/nodes"


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running embedded cluster with hollow nodes."""

    api: Api
    client: KubeClient
    workloads: Workloads
    kubeconfig: Path


@dataclass(frozen=True, slots=True)
class Room:
    """One namespace of it, and the words these tests speak in."""

    cluster: Cluster
    name: str

    def path(self, plural: str, name: str = "", subresource: str = "") -> str:
        group = {"deployments": "/apis/apps/v1", "replicasets": "/apis/apps/v1"}.get(plural, "/api/v1")
        group = "/apis/discovery.k8s.io/v1" if plural == "endpointslices" else group
        return "/".join(part for part in (group, "namespaces", self.name, plural, name, subresource) if part)

    def post(self, plural: str, obj: Json) -> Json:
        created: Json = self.cluster.api.post(self.path(plural), obj).expect(201)
        return created

    def patch(self, plural: str, name: str, body: Json) -> None:
        self.cluster.api.patch(self.path(plural, name), body).expect(200)

    def items(self, plural: str) -> list[Json]:
        found: list[Json] = self.cluster.api.get(self.path(plural)).expect(200)["items"]
        return found

    def pods(self) -> list[Json]:
        """Those that are not being deleted."""
        return [one for one in self.items("pods") if "deletionTimestamp" not in one["metadata"]]

    def await_rollout(self, name: str) -> Json:
        """Wait as `kubectl rollout status` does. Source: kubectl pkg/polymorphichelpers/rollout_status.go."""

        def done(answer: Answer) -> bool:
            one = answer.body
            wanted, status = one["spec"]["replicas"], one.get("status") or {}
            counts = [status.get(count, 0) for count in ("updatedReplicas", "replicas", "availableReplicas")]
            return status.get("observedGeneration", 0) >= one["metadata"]["generation"] and counts == [wanted] * 3

        finished: Json = self.cluster.api.await_answer(self.path("deployments", name), done).body
        return finished

    def await_pod(self, name: str, *, ready: bool) -> Json:
        path, wanted = self.path("pods", name), "True" if ready else "False"
        pod: Json = self.cluster.api.await_answer(path, lambda answer: condition(answer.body, "Ready") == wanted).body
        return pod


def condition(obj: Json, wanted: str) -> str:
    listed = obj.get("status", {}).get("conditions") or []
    return next((str(one["status"]) for one in listed if one["type"] == wanted), "")


def pod(name: str, **spec: Any) -> Json:
    return {
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": [{"name": "nginx", "image": "nginx"}], **spec},
    }


def deployment(name: str, replicas: int, image: str = "nginx:1") -> Json:
    labels = {"app": name}
    return {
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "nginx", "image": image, "ports": [{"containerPort": 80}]}]},
            },
        },
    }


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    kubeconfig = tmp_path_factory.mktemp("workloads") / "kubeconfig"
    with ApiServer(ApiSettings(reap_pods=False)) as server:
        server.write_kubeconfig(kubeconfig)
        configuration = kubernetes_client.Configuration()
        kubernetes_config.load_kube_config(str(kubeconfig), client_configuration=configuration)
        client = KubeClient.connect(KubeSettings(kubeconfig))
        with ThreadGroup("workloads-test") as group:
            workloads = Workloads(client, WorkloadSettings(longest_grace_s=0.2))
            workloads.start(group)
            EndpointsController(client).start(group)
            assert workloads.started.wait(15)
            yield Cluster(_binding(Api(configuration)), client, workloads, kubeconfig)


def _binding(api: Api) -> Api:
    """The server, once it is known that Pods can be bound there; else every test here would wait in vain."""
    refused = api.post(
        "/api/v1/namespaces/default/pods/nobody/binding", {"metadata": {"name": "nobody"}, "target": {"name": "node-1"}}
    )
    assert refused.message == 'pods "nobody" not found', f"pods/binding is not served: {refused.message}"
    return api


@pytest.fixture
def room(cluster: Cluster) -> Iterator[Room]:
    created = cluster.api.post("/api/v1/namespaces", {"metadata": {"generateName": "workloads-"}}).expect(201)
    name = created["metadata"]["name"]
    yield Room(cluster, name)
    cluster.api.delete(f"/api/v1/namespaces/{name}")
    cluster.api.await_code(f"/api/v1/namespaces/{name}", 404)


def test_the_nodes_are_registered_ready_and_spread_over_zones(cluster: Cluster) -> None:
    nodes = cluster.api.get(NODES).expect(200)["items"]
    zones = {one["metadata"]["name"]: one["metadata"]["labels"]["topology.kubernetes.io/zone"] for one in nodes}
    assert zones == {"node-1": "a", "node-2": "b", "node-3": "c"}
    assert {condition(one, "Ready") for one in nodes} == {"True"}


def test_a_deployment_runs_and_its_service_gets_endpoints(room: Room) -> None:
    room.post("deployments", deployment("web", 3))
    room.post("services", {"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]}})
    room.await_rollout("web")
    pods = room.pods()
    assert {one["spec"]["nodeName"] for one in pods} == {"node-1", "node-2", "node-3"}
    (replica_set,) = room.items("replicasets")
    assert {one["metadata"]["ownerReferences"][0]["uid"] for one in pods} == {replica_set["metadata"]["uid"]}
    assert all(one["metadata"]["name"].startswith(f"{replica_set['metadata']['name']}-") for one in pods)

    def serves_all(answer: Answer) -> bool:
        endpoints = [one for piece in answer.body["items"] for one in piece["endpoints"] or []]
        ready = {one["addresses"][0] for one in endpoints if one["conditions"]["ready"]}
        return ready == {one["status"]["podIP"] for one in pods}

    room.cluster.api.await_answer(room.path("endpointslices"), serves_all)


def test_scaling_up_and_down(room: Room) -> None:
    room.post("deployments", deployment("web", 1))
    room.await_rollout("web")
    room.cluster.api.patch(room.path("deployments", "web", "scale"), {"spec": {"replicas": 5}}).expect(200)
    room.await_rollout("web")
    assert len(room.pods()) == 5
    room.patch("deployments", "web", {"spec": {"replicas": 2}})
    room.await_rollout("web")
    assert len(room.pods()) == 2


def test_a_changed_template_is_rolled_and_can_be_rolled_back(room: Room) -> None:
    room.post("deployments", deployment("web", 3))
    room.await_rollout("web")
    room.patch("deployments", "web", {"spec": deployment("web", 3, "nginx:2")["spec"]})
    told = room.await_rollout("web")
    assert {one["spec"]["containers"][0]["image"] for one in room.pods()} == {"nginx:2"}
    assert (condition(told, "Available"), condition(told, "Progressing")) == ("True", "True")
    room.patch("deployments", "web", {"spec": deployment("web", 3, "nginx:1")["spec"]})
    room.await_rollout("web")
    revisions = {
        one["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: one["spec"]["replicas"]
        for one in room.items("replicasets")
    }
    assert revisions == {"2": 0, "3": 3}


def test_everything_of_a_deleted_deployment_goes(room: Room) -> None:
    room.post("deployments", deployment("web", 2))
    room.await_rollout("web")
    room.cluster.api.delete(room.path("deployments", "web")).expect(200)
    for plural in ("replicasets", "pods"):
        room.cluster.api.await_answer(room.path(plural), lambda answer: not answer.body["items"])


def test_a_deleted_pod_is_replaced_and_its_address_is_another(room: Room) -> None:
    room.post("deployments", deployment("web", 1))
    room.await_rollout("web")
    (first,) = room.pods()
    room.cluster.api.delete(room.path("pods", first["metadata"]["name"])).expect(200)
    room.cluster.api.await_code(room.path("pods", first["metadata"]["name"]), 404)
    room.await_rollout("web")
    (second,) = room.pods()
    assert second["status"]["podIP"] != first["status"]["podIP"]


def test_the_annotation_turns_readiness_off_and_on(room: Room) -> None:
    room.post("pods", pod("one"))
    room.await_pod("one", ready=True)
    room.patch("pods", "one", {"metadata": {"annotations": {"lbctl.io/hollow-ready": "false"}}})
    quiet = room.await_pod("one", ready=False)
    assert quiet["status"]["containerStatuses"][0]["ready"] is False
    room.patch("pods", "one", {"metadata": {"annotations": {"lbctl.io/hollow-ready": None}}})
    room.await_pod("one", ready=True)


def test_addresses_come_from_the_node(room: Room) -> None:
    room.post("pods", pod("one", nodeName="node-2"))
    one = room.await_pod("one", ready=True)
    v4, v6 = (entry["ip"] for entry in one["status"]["podIPs"])
    assert v4.startswith("10.244.2.")
    assert v6.startswith("fd00:10:244:2::")
    room.post("pods", pod("host", nodeName="node-2", hostNetwork=True))
    host = room.await_pod("host", ready=True)
    assert [entry["ip"] for entry in host["status"]["podIPs"]] == ["172.18.0.12", "fd00:172:18::12"]


def test_cordoned_nodes_get_no_pods_until_they_are_uncordoned(room: Room) -> None:
    api = room.cluster.api
    api.patch(f"{NODES}/node-3", {"spec": {"unschedulable": True}}).expect(200)
    room.post("pods", pod("waits", nodeSelector={"topology.kubernetes.io/zone": "c"}))
    refused = api.await_answer(room.path("pods", "waits"), lambda one: condition(one.body, "PodScheduled") == "False")
    (why,) = (one for one in refused.body["status"]["conditions"] if one["type"] == "PodScheduled")
    assert why["reason"] == "Unschedulable"
    api.patch(f"{NODES}/node-3", {"spec": {"unschedulable": None}}).expect(200)
    assert room.await_pod("waits", ready=True)["spec"]["nodeName"] == "node-3"


def test_a_change_that_concerns_no_pod_touches_none(room: Room) -> None:
    room.post("deployments", deployment("web", 3))
    room.await_rollout("web")
    room.cluster.api.await_answer(room.path("deployments", "web"), lambda _: room.cluster.workloads.idle())
    before = [one["metadata"]["resourceVersion"] for one in (*room.items("pods"), *room.items("replicasets"))]
    room.patch("deployments", "web", {"spec": {"progressDeadlineSeconds": 700}})
    room.await_rollout("web")
    after = [one["metadata"]["resourceVersion"] for one in (*room.items("pods"), *room.items("replicasets"))]
    assert after == before


def test_a_second_start_finds_everything_as_it_should_be(room: Room) -> None:
    room.post("deployments", deployment("web", 3))
    room.await_rollout("web")
    client = KubeClient.connect(KubeSettings(room.cluster.kubeconfig))
    with ThreadGroup("second-start") as group:
        again = Workloads(client, WorkloadSettings())
        again.start(group)
        assert again.started.wait(15)
        room.cluster.api.await_answer(room.path("pods"), lambda _: again.idle())
    assert client.writes() == 0
