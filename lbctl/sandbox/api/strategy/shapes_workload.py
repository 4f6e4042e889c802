"""The Go types of Pods, Deployments and Nodes, as far as a load balancer's life depends on them.

What is not listed is kept as it came: these structs are open.
Source: k8s.io/api/core/v1/types.go, k8s.io/api/apps/v1/types.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.strategy.shape import (
    BOOL,
    INT32,
    INT64,
    STRING,
    STRING_MAP,
    STRINGS,
    TIME,
    Field,
    ListOf,
    Struct,
    Type,
    always,
    fields,
    pointer,
)
from lbctl.sandbox.api.strategy.shapes_meta import LABEL_SELECTOR, OBJECT_META, condition, kind


def _open(name: str, /, *, omitted: dict[str, Type] | None = None, **listed: Field) -> Struct:
    return Struct(name, fields(omitted=omitted, **listed), open=True)


_CONTAINER = _open(
    "Container",
    omitted={
        "image": STRING,
        "command": STRINGS,
        "args": STRINGS,
        "workingDir": STRING,
        "imagePullPolicy": STRING,
        "terminationMessagePath": STRING,
        "terminationMessagePolicy": STRING,
        "ports": ListOf(
            Struct(
                "ContainerPort",
                fields(
                    omitted={"name": STRING, "hostPort": INT32, "protocol": STRING, "hostIP": STRING},
                    containerPort=always(INT32),
                ),
            )
        ),
    },
    name=always(STRING),
)

POD_SPEC = _open(
    "PodSpec",
    omitted={
        "restartPolicy": STRING,
        "dnsPolicy": STRING,
        "nodeSelector": STRING_MAP,
        "serviceAccountName": STRING,
        "nodeName": STRING,
        "hostNetwork": BOOL,
        "hostname": STRING,
        "subdomain": STRING,
        "schedulerName": STRING,
        "containers": ListOf(_CONTAINER),
        "initContainers": ListOf(_CONTAINER),
        "readinessGates": ListOf(Struct("PodReadinessGate", fields(conditionType=always(STRING)))),
        "schedulingGates": ListOf(Struct("PodSchedulingGate", fields(name=always(STRING)))),
        "tolerations": ListOf(_open("Toleration")),
    },
    terminationGracePeriodSeconds=pointer(INT64),
    activeDeadlineSeconds=pointer(INT64),
    enableServiceLinks=pointer(BOOL),
)

_POD_STATUS = _open(
    "PodStatus",
    omitted={
        "phase": STRING,
        "message": STRING,
        "reason": STRING,
        "nominatedNodeName": STRING,
        "hostIP": STRING,
        "hostIPs": ListOf(Struct("HostIP", fields(omitted={"ip": STRING}))),
        "podIP": STRING,
        "podIPs": ListOf(Struct("PodIP", fields(omitted={"ip": STRING}))),
        "startTime": TIME,
        "qosClass": STRING,
        "observedGeneration": INT64,
        "conditions": ListOf(condition("PodCondition")),
        "containerStatuses": ListOf(_open("ContainerStatus")),
    },
)

POD = kind("Pod", spec=always(POD_SPEC), status=always(_POD_STATUS))

_POD_TEMPLATE = Struct("PodTemplateSpec", fields(metadata=always(OBJECT_META), spec=always(POD_SPEC)))

DEPLOYMENT = kind(
    "Deployment",
    spec=always(
        Struct(
            "DeploymentSpec",
            fields(
                omitted={"minReadySeconds": INT32, "paused": BOOL},
                replicas=pointer(INT32),
                selector=pointer(LABEL_SELECTOR),
                template=always(_POD_TEMPLATE),
                strategy=always(_open("DeploymentStrategy", omitted={"type": STRING})),
                revisionHistoryLimit=pointer(INT32),
                progressDeadlineSeconds=pointer(INT32),
            ),
        )
    ),
    status=always(
        Struct(
            "DeploymentStatus",
            fields(
                omitted={
                    "observedGeneration": INT64,
                    "replicas": INT32,
                    "updatedReplicas": INT32,
                    "readyReplicas": INT32,
                    "availableReplicas": INT32,
                    "unavailableReplicas": INT32,
                    "conditions": ListOf(condition("DeploymentCondition")),
                },
                terminatingReplicas=pointer(INT32),
                collisionCount=pointer(INT32),
            ),
        )
    ),
)

_TAINT = Struct(
    "Taint", fields(omitted={"value": STRING, "timeAdded": TIME}, key=always(STRING), effect=always(STRING))
)

_KUBELET_ENDPOINT = Struct("DaemonEndpoint", fields(Port=always(INT32)))

_NODE_INFO = Struct(
    "NodeSystemInfo",
    dict.fromkeys(
        (
            "machineID",
            "systemUUID",
            "bootID",
            "kernelVersion",
            "osImage",
            "containerRuntimeVersion",
            "kubeletVersion",
            "kubeProxyVersion",
            "operatingSystem",
            "architecture",
        ),
        always(STRING),
    ),
    open=True,
)

NODE = kind(
    "Node",
    spec=always(
        Struct(
            "NodeSpec",
            fields(
                omitted={
                    "podCIDR": STRING,
                    "podCIDRs": STRINGS,
                    "providerID": STRING,
                    "unschedulable": BOOL,
                    "taints": ListOf(_TAINT),
                    "externalID": STRING,
                },
                configSource=pointer(_open("NodeConfigSource")),
            ),
        )
    ),
    status=always(
        _open(
            "NodeStatus",
            daemonEndpoints=always(_open("NodeDaemonEndpoints", kubeletEndpoint=always(_KUBELET_ENDPOINT))),
            nodeInfo=always(_NODE_INFO),
            omitted={
                "phase": STRING,
                "conditions": ListOf(condition("NodeCondition")),
                "addresses": ListOf(Struct("NodeAddress", fields(type=always(STRING), address=always(STRING)))),
            },
        )
    ),
)
