"""Decoding as Go does it: types are checked, empty values vanish, unknown fields are dropped and named."""

from __future__ import annotations

from copy import deepcopy

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.strategy.shape import decode
from lbctl.sandbox.api.strategy.shapes_service import ENDPOINT_SLICE, SERVICE
from lbctl.sandbox.api.strategy.shapes_small import LEASE, SECRET


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        pytest.param(
            {"spec": {"ports": [{"port": "80"}]}},
            "cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
            id="text-for-number",
        ),
        pytest.param(
            {"spec": {"ports": [{"port": 80.5}]}},
            "cannot unmarshal number 80.5 into Go struct field ServicePort.spec.ports.port of type int32",
            id="fraction",
        ),
        pytest.param(
            {"spec": {"ports": [{"port": 99999999999}]}},
            "cannot unmarshal number 99999999999 into Go struct field ServicePort.spec.ports.port of type int32",
            id="overflow",
        ),
        pytest.param(
            {"spec": {"ports": {}}},
            "cannot unmarshal object into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort",
            id="object-for-list",
        ),
        pytest.param(
            {"spec": "x"},
            "cannot unmarshal string into Go struct field Service.spec of type v1.ServiceSpec",
            id="text-for-struct",
        ),
        pytest.param(
            {"spec": {"clusterIP": 5}},
            "cannot unmarshal number into Go struct field ServiceSpec.spec.clusterIP of type string",
            id="number-for-text",
        ),
        pytest.param(
            {"metadata": {"labels": {"a": True}}},
            "cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
            id="flag-for-label",
        ),
        pytest.param(
            {"spec": {"ports": [{"port": True}]}},
            "cannot unmarshal bool into Go struct field ServicePort.spec.ports.port of type int32",
            id="flag-for-number",
        ),
        pytest.param(
            {"spec": {"publishNotReadyAddresses": "yes"}},
            "cannot unmarshal string into Go struct field ServiceSpec.spec.publishNotReadyAddresses of type bool",
            id="text-for-flag",
        ),
    ],
)
def test_a_wrong_type_is_a_bad_request_that_names_the_field(obj: Json, expected: str) -> None:
    with pytest.raises(ApiError) as refusal:
        decode(obj | {"apiVersion": "v1"}, SERVICE)
    assert (refusal.value.code, refusal.value.reason) == (400, "BadRequest")
    assert refusal.value.message == f'Service in version "v1" cannot be handled as a Service: json: {expected}'


def test_bad_base64_names_the_byte() -> None:
    with pytest.raises(ApiError, match="illegal base64 data at input byte 3"):
        decode({"data": {"key": "abc!"}}, SECRET)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        pytest.param("2026-01-02T03:04:05.000006Z", True, id="micro"),
        pytest.param("2026-01-02T03:04:05.000006+02:00", True, id="zone"),
        pytest.param("2026-01-02T03:04:05Z", False, id="no-fraction"),
        pytest.param("yesterday", False, id="words"),
    ],
)
def test_a_micro_time_has_six_digits(text: str, accepted: bool) -> None:
    lease = {"spec": {"renewTime": text}}
    if accepted:
        assert decode(lease, LEASE) == []
    else:
        with pytest.raises(ApiError, match="parsing time"):
            decode(lease, LEASE)


def test_unknown_fields_are_dropped_and_named_where_they_stand() -> None:
    obj: Json = {"spec": {"ports": [{"port": 80, "prot": "TCP"}], "bar": 1}, "foo": 2}
    assert decode(obj, SERVICE) == ["spec.ports[0].prot", "spec.bar", "foo"]
    assert obj["spec"] == {"ports": [{"port": 80, "targetPort": 0}]}


def test_empty_values_vanish_pointers_stay_and_structs_appear() -> None:
    obj: Json = {"spec": {"clusterIP": "", "selector": {}, "externalIPs": None, "loadBalancerClass": ""}}
    assert decode(obj, SERVICE) == []
    assert obj == {"metadata": {}, "spec": {"loadBalancerClass": ""}, "status": {"loadBalancer": {}}}


def test_an_empty_slice_list_reads_null_as_from_a_real_store() -> None:
    obj: Json = {"addressType": "IPv4", "endpoints": []}
    decode(obj, ENDPOINT_SLICE)
    assert obj == {"metadata": {}, "addressType": "IPv4", "endpoints": None, "ports": None}


def test_decoding_twice_changes_nothing_more() -> None:
    obj: Json = {"spec": {"ports": [{"port": 80}], "type": ""}, "status": {"conditions": [{"type": "Ready"}]}}
    decode(obj, SERVICE)
    first = deepcopy(obj)
    assert decode(obj, SERVICE) == []
    assert obj == first
