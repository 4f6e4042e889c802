"""Pods and the Pods that Deployments describe."""

from __future__ import annotations

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.strategy.deployment import DeploymentStrategy, selector_matches
from lbctl.sandbox.api.strategy.pod import PodStrategy, quality_of_service
from lbctl.sandbox.api.strategy.pod_spec import image_tag
from tests.unit.sandbox.api.strategy.room import Room, complaints


def pod(*ports: Json, **spec: object) -> Json:
    container = {"name": "c", "image": "example.com/app:1", **({"ports": list(ports)} if ports else {})}
    return {"metadata": {"name": "p", "namespace": "default"}, "spec": {"containers": [container], **spec}}


def pods() -> Room:
    return Room(PodStrategy(), "Pod")


def test_a_pod_gets_the_defaults_of_a_real_cluster() -> None:
    created = pods().create(pod({"containerPort": 80}))
    assert created["spec"] == {
        "containers": [
            {
                "name": "c",
                "image": "example.com/app:1",
                "imagePullPolicy": "IfNotPresent",
                "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "resources": {},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }
        ],
        "dnsPolicy": "ClusterFirst",
        "enableServiceLinks": True,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    }
    assert created["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    assert created["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(pod(containers=[]), ["spec.containers: Required value"], id="no-containers"),
        pytest.param(
            pod(containers=[{}]),
            ["spec.containers[0].name: Required value", "spec.containers[0].image: Required value"],
            id="empty-container",
        ),
        pytest.param(
            pod({"name": "a", "containerPort": 1}, {"name": "a", "containerPort": 2}),
            ['spec.containers[0].ports[1].name: Duplicate value: "a"'],
            id="port-name-twice",
        ),
        pytest.param(pod({"name": "a"}), ["spec.containers[0].ports[0].containerPort: Required value"], id="no-port"),
        pytest.param(
            pod({"containerPort": 70000}),
            ["spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"],
            id="port-range",
        ),
        pytest.param(
            pod({"containerPort": 1, "hostPort": 9}, {"containerPort": 2, "hostPort": 9}),
            ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//9"'],
            id="host-port-twice",
        ),
        pytest.param(
            pod(restartPolicy="Sometimes"),
            ['spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
            id="restart-policy",
        ),
        pytest.param(
            pod(hostname="a.b"), ['spec.hostname: Invalid value: "a.b": must not contain dots'], id="hostname"
        ),
    ],
)
def test_a_wrong_pod_is_refused(obj: Json, expected: list[str]) -> None:
    with pytest.raises(ApiError) as refusal:
        pods().create(obj)
    assert complaints(refusal.value) == expected


def test_only_the_image_of_a_running_pod_may_change() -> None:
    room = pods()
    created = room.create(pod())
    created["spec"]["containers"][0]["image"] = "example.com/app:2"
    assert room.update(created)["metadata"]["generation"] == 2
    with pytest.raises(ApiError) as refusal:
        room.update(room.stored["p"] | {"spec": {**room.stored["p"]["spec"], "nodeName": "n1"}})
    assert complaints(refusal.value)[0].startswith(
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
    )
    with pytest.raises(ApiError) as refusal:
        room.update(pod(containers=[{"name": "a", "image": "x"}, {"name": "b", "image": "x"}]))
    assert complaints(refusal.value) == ["spec.containers: Forbidden: pod updates may not add or remove containers"]


def test_a_pod_status_is_written_by_its_subresource_only_and_keeps_its_quality() -> None:
    room = pods()
    created = room.create(pod() | {"status": {"podIP": "10.0.0.1"}})
    assert "podIP" not in created["status"]
    status = {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}, {"ip": "fd00::1"}]}
    assert room.update_status(created | {"status": status})["status"] == status | {"qosClass": "BestEffort"}
    twice = {"podIPs": [{"ip": "10.0.0.1"}, {"ip": "10.0.0.2"}]}
    with pytest.raises(ApiError, match="may specify no more than one IP for each IP family"):
        room.update_status(created | {"status": twice})


@pytest.mark.parametrize(
    ("image", "tag"),
    [
        pytest.param("app", "latest", id="bare"),
        pytest.param("app:1", "1", id="tag"),
        pytest.param("host:5000/app", "latest", id="registry-port"),
        pytest.param("host:5000/app:2", "2", id="registry-port-and-tag"),
        pytest.param("app@sha256:abc", "", id="digest"),
    ],
)
def test_image_tag(image: str, tag: str) -> None:
    assert image_tag(image) == tag


def resources(requests: Json, limits: Json) -> Json:
    return {"containers": [{"resources": {"requests": requests, "limits": limits}}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(resources({}, {}), "BestEffort", id="nothing"),
        pytest.param(resources({"cpu": "100m"}, {}), "Burstable", id="request"),
        pytest.param(
            resources({"cpu": "0.5", "memory": "1Gi"}, {"cpu": "500m", "memory": "1024Mi"}), "Guaranteed", id="equal"
        ),
        pytest.param(resources({"cpu": "1"}, {"cpu": "1"}), "Burstable", id="no-memory"),
    ],
)
def test_quality_of_service(spec: Json, expected: str) -> None:
    assert quality_of_service(spec) == expected


def deployment(labels: Json, **spec: object) -> Json:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": pod()["spec"]}
    full = {"selector": {"matchLabels": labels}, "template": template, **spec}
    return {"metadata": {"name": "web", "namespace": "default"}, "spec": full}


def test_a_deployment_defaults_to_one_replica_and_counts_generations() -> None:
    room = Room(DeploymentStrategy(), "Deployment", "apps")
    created = room.create(deployment({"app": "web"}))
    assert created["spec"]["replicas"] == 1
    assert created["spec"]["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
    }
    scaled = room.update(created | {"spec": {**created["spec"], "replicas": 3}})
    assert (scaled["spec"]["replicas"], scaled["metadata"]["generation"]) == (3, 2)


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            deployment({"app": "other"}),
            [
                'spec.template.metadata.labels: Invalid value: {"app":"web"}: '
                "`selector` does not match template `labels`"
            ],
            id="labels",
        ),
        pytest.param(
            deployment({}),
            ["spec.selector: Invalid value: {}: empty selector is invalid for deployment"],
            id="empty-selector",
        ),
        pytest.param(
            deployment({"app": "web"}, replicas=-1),
            ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
            id="replicas",
        ),
    ],
)
def test_a_wrong_deployment_is_refused(obj: Json, expected: list[str]) -> None:
    with pytest.raises(ApiError) as refusal:
        Room(DeploymentStrategy(), "Deployment", "apps").create(obj)
    assert complaints(refusal.value) == expected


def test_a_deployments_selector_never_changes() -> None:
    room = Room(DeploymentStrategy(), "Deployment", "apps")
    created = room.create(deployment({"app": "web"}))
    created["spec"]["selector"] = {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
    with pytest.raises(ApiError) as refusal:
        room.update(created)
    assert complaints(refusal.value)[0].endswith("field is immutable")


@pytest.mark.parametrize(
    ("expression", "matches"),
    [
        pytest.param({"key": "app", "operator": "In", "values": ["web"]}, True, id="in"),
        pytest.param({"key": "app", "operator": "NotIn", "values": ["web"]}, False, id="not-in"),
        pytest.param({"key": "tier", "operator": "NotIn", "values": ["x"]}, True, id="not-in-absent"),
        pytest.param({"key": "tier", "operator": "Exists"}, False, id="exists"),
        pytest.param({"key": "tier", "operator": "DoesNotExist"}, True, id="absent"),
    ],
)
def test_selector_expressions(expression: Json, matches: bool) -> None:
    assert selector_matches({"matchExpressions": [expression]}, {"app": "web"}) is matches
