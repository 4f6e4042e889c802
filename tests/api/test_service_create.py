"""Creating Services: defaults, and the words in which wrong ones are refused."""

from __future__ import annotations

import pytest

from tests.api.service_room import Json, ServiceRoom, causes

PORT_RANGE = "must be between 1 and 65535, inclusive"


def test_a_minimal_service_gets_defaults_and_an_address(services: ServiceRoom) -> None:
    created = services.create()
    assert created.code == 201
    spec = created.spec
    assert spec["clusterIPs"] == [spec["clusterIP"]]
    assert spec["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    assert (spec["type"], spec["sessionAffinity"]) == ("ClusterIP", "None")
    assert (spec["internalTrafficPolicy"], spec["ipFamilyPolicy"]) == ("Cluster", "SingleStack")
    assert len(spec["ipFamilies"]) == 1
    assert created.body["status"] == {"loadBalancer": {}}
    assert services.get("web").body == created.body


@pytest.mark.parametrize(
    ("spec", "field", "expected"),
    [
        pytest.param({"type": "NodePort"}, "externalTrafficPolicy", "Cluster", id="external-policy"),
        pytest.param({"type": "LoadBalancer"}, "allocateLoadBalancerNodePorts", True, id="allocation"),
        pytest.param(
            {"sessionAffinity": "ClientIP"},
            "sessionAffinityConfig",
            {"clientIP": {"timeoutSeconds": 10800}},
            id="affinity-timeout",
        ),
        pytest.param({"clusterIP": "None"}, "clusterIPs", ["None"], id="headless"),
        pytest.param({"type": "ExternalName", "externalName": "example.com"}, "clusterIP", None, id="external-name"),
    ],
)
def test_defaults_follow_the_type(services: ServiceRoom, spec: Json, field: str, expected: object) -> None:
    assert services.create(**spec).spec.get(field) == expected


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param({"ports": None}, ["spec.ports: Required value"], id="no-ports"),
        pytest.param(
            {"ports": [{"port": 65536, "targetPort": 1}]},
            [f"spec.ports[0].port: Invalid value: 65536: {PORT_RANGE}"],
            id="port-65536",
        ),
        pytest.param(
            {"ports": [{"port": 80}, {"port": 81}]},
            ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
            id="names-needed",
        ),
        pytest.param(
            {"ports": [{"name": "a", "port": 80}, {"name": "a", "port": 81}]},
            ['spec.ports[1].name: Duplicate value: "a"'],
            id="name-twice",
        ),
        pytest.param(
            {"ports": [{"port": 80, "protocol": "tcp"}]},
            ['spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"'],
            id="protocol",
        ),
        pytest.param(
            {"ports": [{"port": 80, "nodePort": 30999}]},
            ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
            id="node-port-of-a-cluster-ip",
        ),
        pytest.param({"type": "ExternalName"}, ["spec.externalName: Required value"], id="external-name"),
        pytest.param(
            {"type": "LoadBalancer", "clusterIP": "None"},
            ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services"],
            id="headless-load-balancer",
        ),
        pytest.param(
            {"sessionAffinity": "ClientIP", "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 86401}}},
            [
                "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: "
                "must be greater than 0 and less than 86400"
            ],
            id="affinity-timeout",
        ),
        pytest.param(
            {"type": "LoadBalancer", "healthCheckNodePort": 30999},
            [
                "spec.healthCheckNodePort: Invalid value: 30999: may only be set when `type` is 'LoadBalancer' and "
                "`externalTrafficPolicy` is 'Local'"
            ],
            id="health-check-port",
        ),
        pytest.param(
            {"loadBalancerSourceRanges": ["10.0.0.0/8"]},
            ["spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"],
            id="source-ranges",
        ),
        pytest.param(
            {"loadBalancerClass": "lbctl.io/mock"},
            ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
            id="class",
        ),
        pytest.param(
            {"ipFamilies": ["IPv4", "IPv4"], "ipFamilyPolicy": "PreferDualStack"},
            ['spec.ipFamilies[1]: Duplicate value: "IPv4"'],
            id="family-twice",
        ),
    ],
)
def test_a_wrong_service_is_refused_with_a_cause_per_field(
    services: ServiceRoom, spec: Json, expected: list[str]
) -> None:
    answer = services.create(**spec)
    assert causes(answer) == expected
    assert (answer.body["reason"], answer.body["details"]["kind"]) == ("Invalid", "Service")
    assert answer.message.startswith('Service "web" is invalid: ')
    assert services.get("web").code == 404


def test_a_value_of_the_wrong_type_is_a_bad_request(services: ServiceRoom) -> None:
    answer = services.create(ports=[{"port": "http"}])
    assert answer.code == 400
    assert "cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32" in answer.message


def test_a_name_that_exists_is_a_conflict(services: ServiceRoom) -> None:
    services.create()
    answer = services.create()
    assert (answer.code, answer.body["reason"]) == (409, "AlreadyExists")
    assert answer.message == 'services "web" already exists'


def test_status_cannot_be_set_on_create(services: ServiceRoom) -> None:
    created = services.create(type="LoadBalancer")
    again = {
        **created.body,
        "metadata": {"name": "other"},
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.1"}]}},
    }
    again["spec"] = {"type": "LoadBalancer", "ports": [{"port": 80}]}
    answer = services.replace(again)
    assert answer.code == 201
    assert answer.body["status"] == {"loadBalancer": {}}
