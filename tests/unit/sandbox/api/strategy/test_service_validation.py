"""The complaints about a new Service, word for word those of a real API server (1.36)."""

from __future__ import annotations

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.strategy.settings import ServiceSettings
from tests.unit.sandbox.api.strategy.room import complaints, service, services

LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
KEY = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
PORT_RANGE = "must be between 1 and 65535, inclusive"
EITHER = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"


def case(name: str, expected: str | list[str], /, **spec: object) -> object:
    return pytest.param(spec, [expected] if isinstance(expected, str) else expected, id=name)


PORTS = [
    case("no-ports", "spec.ports: Required value", ports=None),
    case(
        "port-zero",
        [
            f"spec.ports[0].port: Invalid value: 0: {PORT_RANGE}",
            f"spec.ports[0].targetPort: Invalid value: 0: {PORT_RANGE}",
        ],
        ports=[{"port": 0}],
    ),
    case(
        "port-65536",
        f"spec.ports[0].port: Invalid value: 65536: {PORT_RANGE}",
        ports=[{"port": 65536, "targetPort": 1}],
    ),
    case(
        "two-ports-without-names",
        ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
        ports=[{"port": 80}, {"port": 81}],
    ),
    case(
        "same-name",
        'spec.ports[1].name: Duplicate value: "a"',
        ports=[{"name": "a", "port": 80}, {"name": "a", "port": 81}],
    ),
    case("bad-name", f'spec.ports[0].name: Invalid value: "A_b": {LABEL}', ports=[{"name": "A_b", "port": 80}]),
    case(
        "dotted-name",
        'spec.ports[0].name: Invalid value: "a.b": must not contain dots',
        ports=[{"name": "a.b", "port": 80}],
    ),
    case(
        "same-port-and-protocol",
        'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,'
        '"TargetPort":0,"NodePort":0}',
        ports=[{"name": "a", "port": 80}, {"name": "b", "port": 80}],
    ),
    case(
        "lower-case-protocol",
        'spec.ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
        ports=[{"port": 80, "protocol": "tcp"}],
    ),
    case(
        "long-target-name",
        'spec.ports[0].targetPort: Invalid value: "aaaaaaaaaaaaaaaa": must be no more than 15 characters',
        ports=[{"port": 80, "targetPort": "a" * 16}],
    ),
    case(
        "target-name-of-digits",
        'spec.ports[0].targetPort: Invalid value: "8080": must contain at least one letter (a-z)',
        ports=[{"port": 80, "targetPort": "8080"}],
    ),
    case(
        "target-name-with-two-dashes",
        'spec.ports[0].targetPort: Invalid value: "a--b": must not contain consecutive hyphens',
        ports=[{"port": 80, "targetPort": "a--b"}],
    ),
    case(
        "app-protocol",
        f'spec.ports[0].appProtocol: Invalid value: "bad protocol!": {KEY}',
        ports=[{"port": 80, "appProtocol": "bad protocol!"}],
    ),
    case(
        "node-port-of-cluster-ip",
        "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
        ports=[{"port": 80, "nodePort": 30080}],
    ),
    case(
        "same-node-port",
        "spec.ports[1].nodePort: Duplicate value: 30080",
        type="NodePort",
        ports=[{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 81, "nodePort": 30080}],
    ),
]

TYPES = [
    case(
        "unknown",
        'spec.type: Unsupported value: "Foo": supported values: '
        '"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
        type="Foo",
    ),
    case(
        "headless-load-balancer",
        "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer services",
        type="LoadBalancer",
        clusterIP="None",
    ),
    case("external-name-missing", "spec.externalName: Required value", type="ExternalName"),
    case(
        "external-name-bad",
        f'spec.externalName: Invalid value: "-bad_name": {SUBDOMAIN}',
        type="ExternalName",
        externalName="-bad_name",
    ),
    case(
        "external-name-with-address",
        "spec.clusterIPs: Forbidden: may not be set for ExternalName services",
        type="ExternalName",
        externalName="example.com",
        clusterIP="10.96.0.9",
    ),
    case(
        "external-name-with-families",
        [
            "spec.ipFamilies: Forbidden: may not be set for ExternalName services",
            "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services",
        ],
        type="ExternalName",
        externalName="example.com",
        ipFamilies=["IPv4"],
        ipFamilyPolicy="SingleStack",
    ),
    case(
        "class-without-load-balancer",
        "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
        loadBalancerClass="lbctl.io/mock",
    ),
    case(
        "bad-class",
        f'spec.loadBalancerClass: Invalid value: "a b": {KEY}',
        type="LoadBalancer",
        loadBalancerClass="a b",
    ),
    case(
        "allocation-without-load-balancer",
        "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
        type="NodePort",
        allocateLoadBalancerNodePorts=False,
    ),
]

ADDRESSES = [
    case(
        "garbage",
        'spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
        clusterIP="x",
    ),
    case(
        "leading-zeros",
        'spec.clusterIPs[0]: Invalid value: "010.96.0.5": must not have leading 0s',
        clusterIP="010.96.0.5",
    ),
    case(
        "mapped",
        'spec.clusterIPs[0]: Invalid value: "::ffff:10.96.0.5": must not be an IPv4-mapped IPv6 address',
        clusterIP="::ffff:10.96.0.5",
    ),
    case(
        "plural-disagrees",
        'spec.clusterIPs: Invalid value: ["10.96.0.6"]: first value must match `clusterIP`',
        clusterIP="10.96.0.5",
        clusterIPs=["10.96.0.6"],
    ),
    case(
        "plural-alone",
        'spec.clusterIPs: Invalid value: ["10.96.0.6"]: must be empty when `clusterIP` is not specified',
        clusterIPs=["10.96.0.6"],
    ),
    case(
        "two-of-a-family",
        'spec.clusterIPs: Invalid value: ["10.96.0.5","10.96.0.6"]: may specify no more than one IP for each IP family',
        clusterIP="10.96.0.5",
        clusterIPs=["10.96.0.5", "10.96.0.6"],
    ),
    case(
        "none-and-more",
        'spec.clusterIPs: Invalid value: ["None","10.96.0.6"]: \'None\' must be the first and only value',
        clusterIP="None",
        clusterIPs=["None", "10.96.0.6"],
    ),
    case(
        "address-of-the-other-family",
        'spec.clusterIPs[0]: Invalid value: "10.96.0.5": expected an IPv6 value as indicated by `ipFamilies[0]`',
        clusterIP="10.96.0.5",
        ipFamilies=["IPv6"],
    ),
    case(
        "unknown-family",
        'spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"',
        ipFamilies=["IPv5"],
    ),
    case(
        "family-twice",
        'spec.ipFamilies[1]: Duplicate value: "IPv4"',
        ipFamilies=["IPv4", "IPv4"],
        ipFamilyPolicy="RequireDualStack",
    ),
    case(
        "unknown-policy",
        'spec.ipFamilyPolicy: Unsupported value: "Dual": supported values: "PreferDualStack", "RequireDualStack", '
        '"SingleStack"',
        ipFamilyPolicy="Dual",
    ),
    case(
        "two-families-in-a-single-stack",
        f'spec.ipFamilyPolicy: Invalid value: "SingleStack": {EITHER} IP families are specified',
        ipFamilies=["IPv4", "IPv6"],
    ),
    case(
        "external-ip-loopback",
        'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        externalIPs=["127.0.0.1"],
    ),
    case(
        "external-ip-link-local",
        'spec.externalIPs[0]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
        externalIPs=["fe80::1"],
    ),
]

POLICIES = [
    case(
        "affinity-unknown",
        'spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"',
        sessionAffinity="Cookie",
    ),
    *(
        case(
            f"affinity-timeout-{timeout}",
            f"spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: {timeout}: "
            "must be greater than 0 and less than 86400",
            sessionAffinity="ClientIP",
            sessionAffinityConfig={"clientIP": {"timeoutSeconds": timeout}},
        )
        for timeout in (-1, 0, 86401)
    ),
    case(
        "external-policy-of-cluster-ip",
        'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
        externalTrafficPolicy="Local",
    ),
    case(
        "external-policy-unknown",
        'spec.externalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
        type="NodePort",
        externalTrafficPolicy="Near",
    ),
    case(
        "internal-policy-unknown",
        'spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"',
        internalTrafficPolicy="Near",
    ),
    case(
        "health-check-port-without-need",
        "spec.healthCheckNodePort: Invalid value: 30123: may only be set when `type` is 'LoadBalancer' and "
        "`externalTrafficPolicy` is 'Local'",
        type="LoadBalancer",
        healthCheckNodePort=30123,
    ),
    case(
        "distribution-unknown",
        'spec.trafficDistribution: Unsupported value: "Far": supported values: "PreferClose", "PreferSameZone", '
        '"PreferSameNode"',
        trafficDistribution="Far",
    ),
    case(
        "source-ranges-without-load-balancer",
        "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'",
        loadBalancerSourceRanges=["10.0.0.0/8"],
    ),
    case(
        "source-range-garbage",
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, '
        "(e.g. 10.9.8.0/24 or 2001:db8::/64)",
        type="LoadBalancer",
        loadBalancerSourceRanges=["10.0.0.0"],
    ),
    case(
        "source-range-with-host-bits",
        'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": '
        "must not have bits set beyond the prefix length",
        type="LoadBalancer",
        loadBalancerSourceRanges=["10.0.0.1/8"],
    ),
    case("selector", f'spec.selector: Invalid value: "bad key!": {KEY}', selector={"bad key!": "x"}),
]


@pytest.mark.parametrize(("spec", "expected"), [*PORTS, *TYPES, *ADDRESSES, *POLICIES])
def test_a_wrong_service_is_refused_in_the_words_of_the_real_server(spec: Json, expected: list[str]) -> None:
    with pytest.raises(ApiError) as refusal:
        services().create(service(**spec))
    assert complaints(refusal.value) == expected
    assert (refusal.value.code, refusal.value.reason) == (422, "Invalid")
    assert refusal.value.details["kind"] == "Service"


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"ports": [{"name": "a", "port": 53}, {"name": "b", "port": 53, "protocol": "UDP"}]}, id="mixed"),
        pytest.param({"type": "ExternalName", "externalName": "example.com."}, id="trailing-dot"),
        pytest.param({"type": "ExternalName", "externalName": "example.com", "ports": None}, id="name-without-ports"),
        pytest.param({"clusterIP": "None", "ports": None}, id="headless-without-ports"),
        pytest.param({"type": "LoadBalancer", "loadBalancerSourceRanges": [" 10.0.0.0/8 "]}, id="padded-range"),
        pytest.param({"ports": [{"port": 80, "targetPort": "http", "appProtocol": "kubernetes.io/h2c"}]}, id="names"),
        pytest.param({"publishNotReadyAddresses": True}, id="not-ready"),
        pytest.param({"sessionAffinity": "ClientIP"}, id="affinity"),
        pytest.param({"trafficDistribution": "PreferSameNode"}, id="distribution"),
        pytest.param({"clusterIP": "fd00:10:96:0::77"}, id="uncanonical-address"),
    ],
)
def test_a_right_service_is_accepted(spec: Json) -> None:
    assert services().create(service(**spec))["metadata"]["name"] == "web"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Web", f'metadata.name: Invalid value: "Web": {LABEL}', id="upper-case"),
        pytest.param("a.b", 'metadata.name: Invalid value: "a.b": must not contain dots', id="dots"),
        pytest.param(
            "a" * 64, f'metadata.name: Invalid value: "{"a" * 64}": must be no more than 63 characters', id="long"
        ),
        pytest.param("", "metadata.name: Required value: name or generateName is required", id="missing"),
    ],
)
def test_a_service_name_is_a_label(name: str, expected: str) -> None:
    with pytest.raises(ApiError) as refusal:
        services().create(service(name))
    assert complaints(refusal.value) == [expected]


def test_a_service_name_may_start_with_a_digit() -> None:
    assert services().create(service("1st"))["metadata"]["name"] == "1st"


def test_several_complaints_are_joined_in_the_message() -> None:
    with pytest.raises(ApiError) as refusal:
        services().create(service(type="Foo", internalTrafficPolicy="Near"))
    assert refusal.value.message.startswith('Service "web" is invalid: [spec.type: Unsupported value: "Foo"')
    assert refusal.value.message.endswith('"Cluster", "Local"]')


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(
            {"clusterIP": "fd00::1"},
            'spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster',
            id="address",
        ),
        pytest.param(
            {"ipFamilies": ["IPv6"]},
            'spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
            id="family",
        ),
        pytest.param(
            {"ipFamilyPolicy": "RequireDualStack"},
            'spec.ipFamilyPolicy: Invalid value: "RequireDualStack": '
            "this cluster is not configured for dual-stack services",
            id="policy",
        ),
    ],
)
def test_a_single_stack_cluster_refuses_the_other_family(spec: Json, expected: str) -> None:
    ipv4_only = ServiceSettings(ServiceSettings().service_cidrs[:1])
    with pytest.raises(ApiError) as refusal:
        services(ipv4_only).create(service(**spec))
    assert complaints(refusal.value) == [expected]
