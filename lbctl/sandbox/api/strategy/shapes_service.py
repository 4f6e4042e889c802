"""The Go types of Services and what they are served by.

Source: k8s.io/api/core/v1/types.go, k8s.io/api/discovery/v1/types.go.
"""

from __future__ import annotations

from lbctl.sandbox.api.strategy.shape import (
    BOOL,
    INT32,
    INT_OR_STRING,
    STRING,
    STRING_MAP,
    STRINGS,
    ListOf,
    Struct,
    always,
    fields,
    pointer,
)
from lbctl.sandbox.api.strategy.shapes_meta import CONDITION, OBJECT_REFERENCE, kind

SERVICE_PORT = Struct(
    "ServicePort",
    fields(
        omitted={"name": STRING, "protocol": STRING, "nodePort": INT32},
        port=always(INT32),
        targetPort=always(INT_OR_STRING),
        appProtocol=pointer(STRING),
    ),
)

SESSION_AFFINITY_CONFIG = Struct(
    "SessionAffinityConfig",
    fields(clientIP=pointer(Struct("ClientIPConfig", fields(timeoutSeconds=pointer(INT32))))),
)

SERVICE_SPEC = Struct(
    "ServiceSpec",
    fields(
        omitted={
            "ports": ListOf(SERVICE_PORT),
            "selector": STRING_MAP,
            "clusterIP": STRING,
            "clusterIPs": STRINGS,
            "type": STRING,
            "externalIPs": STRINGS,
            "sessionAffinity": STRING,
            "loadBalancerIP": STRING,
            "loadBalancerSourceRanges": STRINGS,
            "externalName": STRING,
            "externalTrafficPolicy": STRING,
            "healthCheckNodePort": INT32,
            "publishNotReadyAddresses": BOOL,
            "ipFamilies": STRINGS,
        },
        sessionAffinityConfig=pointer(SESSION_AFFINITY_CONFIG),
        ipFamilyPolicy=pointer(STRING),
        allocateLoadBalancerNodePorts=pointer(BOOL),
        loadBalancerClass=pointer(STRING),
        internalTrafficPolicy=pointer(STRING),
        trafficDistribution=pointer(STRING),
    ),
)

LOAD_BALANCER_INGRESS = Struct(
    "LoadBalancerIngress",
    fields(
        omitted={
            "ip": STRING,
            "hostname": STRING,
            "ports": ListOf(
                Struct("PortStatus", fields(port=always(INT32), protocol=always(STRING), error=pointer(STRING)))
            ),
        },
        ipMode=pointer(STRING),
    ),
)

SERVICE_STATUS = Struct(
    "ServiceStatus",
    fields(
        omitted={"conditions": ListOf(CONDITION)},
        loadBalancer=always(
            Struct("LoadBalancerStatus", fields(omitted={"ingress": ListOf(LOAD_BALANCER_INGRESS)})),
        ),
    ),
)

SERVICE = kind("Service", spec=always(SERVICE_SPEC), status=always(SERVICE_STATUS))

_ENDPOINT_ADDRESS = Struct(
    "EndpointAddress",
    fields(
        omitted={"hostname": STRING},
        ip=always(STRING),
        nodeName=pointer(STRING),
        targetRef=pointer(OBJECT_REFERENCE),
    ),
)

_ENDPOINT_SUBSET_PORT = Struct(
    "EndpointPort",
    fields(omitted={"name": STRING, "protocol": STRING}, port=always(INT32), appProtocol=pointer(STRING)),
)

ENDPOINTS = kind(
    "Endpoints",
    omitted={
        "subsets": ListOf(
            Struct(
                "EndpointSubset",
                fields(
                    omitted={
                        "addresses": ListOf(_ENDPOINT_ADDRESS),
                        "notReadyAddresses": ListOf(_ENDPOINT_ADDRESS),
                        "ports": ListOf(_ENDPOINT_SUBSET_PORT),
                    }
                ),
            )
        )
    },
)

_NAMED_HINT = ListOf(Struct("ForZone", fields(name=always(STRING))))

_ENDPOINT = Struct(
    "Endpoint",
    fields(
        omitted={"deprecatedTopology": STRING_MAP},
        addresses=always(STRINGS),
        conditions=always(
            Struct(
                "EndpointConditions",
                fields(ready=pointer(BOOL), serving=pointer(BOOL), terminating=pointer(BOOL)),
            )
        ),
        hostname=pointer(STRING),
        targetRef=pointer(OBJECT_REFERENCE),
        nodeName=pointer(STRING),
        zone=pointer(STRING),
        hints=pointer(
            Struct("EndpointHints", fields(omitted={"forZones": _NAMED_HINT, "forNodes": _NAMED_HINT})),
        ),
    ),
)

ENDPOINT_SLICE = kind(
    "EndpointSlice",
    ports=always(
        ListOf(
            Struct(
                "EndpointPort",
                fields(
                    name=pointer(STRING),
                    protocol=pointer(STRING),
                    port=pointer(INT32),
                    appProtocol=pointer(STRING),
                ),
            )
        )
    ),
    addressType=always(STRING),
    endpoints=always(ListOf(_ENDPOINT)),
)
