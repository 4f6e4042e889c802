"""Protobuf bodies become the objects their senders meant, and nothing else gets through."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message as WireMessage
from hypothesis import given, settings
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.protobuf import MAGIC, accepted_kinds, decode
from lbctl.sandbox.api.protobuf.descriptors import attribute, message_classes
from lbctl.sandbox.api.protobuf.table import Field, Presence, Shape, messages, parse

BODIES = {
    command: base64.b64decode(body)
    for command, body in json.loads(Path(__file__).with_name("kubectl_bodies.json").read_text()).items()
}
"""What kubectl 1.33 sent."""

EMPTY_STATUS: Json = {"loadBalancer": {}}
SERVICE_OF: dict[str, Json] = {
    "create service clusterip": {
        "metadata": {"name": "c33", "labels": {"app": "c33"}},
        "spec": {
            "ports": [{"name": "80-8080", "protocol": "TCP", "port": 80, "targetPort": 8080}],
            "selector": {"app": "c33"},
            "type": "ClusterIP",
        },
        "status": EMPTY_STATUS,
    },
    "create service loadbalancer": {
        "metadata": {"name": "l33", "labels": {"app": "l33"}},
        "spec": {
            "ports": [{"name": "80-http", "protocol": "TCP", "port": 80, "targetPort": "http"}],
            "selector": {"app": "l33"},
            "type": "LoadBalancer",
        },
        "status": EMPTY_STATUS,
    },
    "create service externalname": {
        "metadata": {"name": "e33", "labels": {"app": "e33"}},
        "spec": {"selector": {"app": "e33"}, "type": "ExternalName", "externalName": "a.example.com"},
        "status": EMPTY_STATUS,
    },
}


def enveloped(message: WireMessage, api_version: str, kind: str) -> bytes:
    envelope: Any = message_classes()["wire.Unknown"]()
    envelope.f1.f1, envelope.f1.f2, envelope.f2 = api_version, kind, message.SerializeToString()
    return MAGIC + bytes(envelope.SerializeToString())


def new(name: str) -> Any:
    return message_classes()[name]()


@pytest.mark.parametrize("command", SERVICE_OF)
def test_service_as_kubectl_sends_it(command: str) -> None:
    assert decode(BODIES[command]) == {"kind": "Service", "apiVersion": "v1", **SERVICE_OF[command]}


def test_deployment_as_kubectl_sends_it() -> None:
    pod_template = {
        "metadata": {"labels": {"app": "d33"}},
        "spec": {
            "containers": [
                {"name": "nginx", "image": "nginx", "ports": [{"containerPort": 80}], "resources": {}},
            ]
        },
    }
    assert decode(BODIES["create deployment"]) == {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": "d33", "labels": {"app": "d33"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "d33"}},
            "template": pod_template,
            "strategy": {},
        },
        "status": {},
    }


@pytest.mark.parametrize("command", BODIES)
def test_every_kind_that_kubectl_sends_is_accepted(command: str) -> None:
    decoded = decode(BODIES[command])
    assert (decoded["apiVersion"], decoded["kind"]) in accepted_kinds()


def test_binary_data_is_base64() -> None:
    data = decode(BODIES["create configmap"])["binaryData"]["x"]
    assert len(base64.b64decode(data, validate=True)) == 20


def test_zero_that_was_sent_for_a_pointer_is_kept_and_other_zeros_are_not() -> None:
    deployment = new("apps.v1.Deployment")
    deployment.f2.f1, deployment.f2.f5 = 0, 0
    assert decode(enveloped(deployment, "apps/v1", "Deployment"))["spec"] == {"replicas": 0}


def test_field_without_omitempty_is_written_even_if_not_sent() -> None:
    service = new("core.v1.Service")
    service.f2.f1.add().f1 = "http"
    assert decode(enveloped(service, "v1", "Service"))["spec"]["ports"][0] == {"name": "http", "port": 0}


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (0, 0, "1970-01-01T00:00:00Z"),
        (1_700_000_000, 999_999_999, "2023-11-14T22:13:20Z"),
        (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        (253_402_300_799, 0, "9999-12-31T23:59:59Z"),
    ],
)
def test_time_has_whole_seconds(seconds: int, nanos: int, text: str) -> None:
    pod = new("core.v1.Pod")
    pod.f1.f8.f1, pod.f1.f8.f2 = seconds, nanos
    assert decode(enveloped(pod, "v1", "Pod"))["metadata"] == {"creationTimestamp": text}


def test_zero_time_is_left_out() -> None:
    pod = new("core.v1.Pod")
    pod.f1.f1 = "web"
    pod.f1.f8.SetInParent()
    assert decode(enveloped(pod, "v1", "Pod"))["metadata"] == {"name": "web"}


def test_micro_time_keeps_microseconds() -> None:
    lease = new("coordination.v1.Lease")
    lease.f2.f3.f1, lease.f2.f3.f2 = 1_700_000_000, 123_456_789
    acquired = decode(enveloped(lease, "coordination.k8s.io/v1", "Lease"))["spec"]["acquireTime"]
    assert acquired == "2023-11-14T22:13:20.123456Z"


def test_inlined_structs_lose_their_wrapper() -> None:
    pod = new("core.v1.Pod")
    volume = pod.f2.f1.add()
    volume.f1 = "config"
    volume.f2.f19.f1.f1 = "settings"
    volumes = decode(enveloped(pod, "v1", "Pod"))["spec"]["volumes"]
    assert volumes == [{"name": "config", "configMap": {"name": "settings"}}]


def test_quantities_are_strings() -> None:
    node = new("core.v1.Node")
    node.f3.f1["cpu"].f1 = "500m"
    assert decode(enveloped(node, "v1", "Node"))["status"]["capacity"] == {"cpu": "500m"}


def test_delete_options_come_with_any_group() -> None:
    options = new("meta.v1.DeleteOptions")
    options.f4 = "Foreground"
    decoded = decode(enveloped(options, "example.com/v1beta9", "DeleteOptions"))
    assert decoded == {"kind": "DeleteOptions", "apiVersion": "example.com/v1beta9", "propagationPolicy": "Foreground"}


def test_schema_of_a_custom_resource_definition_keeps_its_json_values() -> None:
    definition = new("apiextensions.v1.CustomResourceDefinition")
    schema = definition.f2.f7.add().f4.f1
    schema.f8.f1 = b'{"a": [1, null]}'
    schema.f30.f1 = True
    schema.f24.f1.f5 = "string"
    body = enveloped(definition, "apiextensions.k8s.io/v1", "CustomResourceDefinition")
    assert decode(body)["spec"]["versions"][0]["schema"]["openAPIV3Schema"] == {
        "default": {"a": [1, None]},
        "additionalProperties": True,
        "items": {"type": "string"},
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "expected prefix"),
        (b"{}", "expected prefix"),
        (b"k8s\x00", "Object 'Kind' is missing"),
        (b"k8s\x00\xff\xff", "wire.Unknown|wire_Unknown"),
        (enveloped(message_classes()["core.v1.Pod"](), "", ""), "Object 'Kind' is missing"),
    ],
    ids=["empty", "json", "nothing-inside", "garbage-inside", "no-kind"],
)
def test_bytes_that_are_no_body_are_a_bad_request(body: bytes, message: str) -> None:
    with pytest.raises(ApiError, match=message) as caught:
        decode(body)
    assert (caught.value.code, caught.value.reason) == (400, "BadRequest")


def break_time(pod: Any) -> None:
    pod.f1.f8.f1 = 2**62


def break_quantity(pod: Any) -> None:
    pod.f2.f2.add().f8.f1["cpu"].f1 = "five"


def break_port(pod: Any) -> None:
    pod.f2.f2.add().f10.f1.f2.f2.f1 = 7


@pytest.mark.parametrize("damage", [break_time, break_quantity, break_port])
def test_values_that_no_object_may_hold_are_a_bad_request(damage: Any) -> None:
    pod = new("core.v1.Pod")
    damage(pod)
    with pytest.raises(ApiError) as caught:
        decode(enveloped(pod, "v1", "Pod"))
    assert caught.value.code == 400


def test_text_that_is_not_utf8_is_a_bad_request() -> None:
    pod = new("core.v1.Pod")
    pod.f1.f1 = "XX"
    body = enveloped(pod, "v1", "Pod")
    with pytest.raises(ApiError) as caught:
        decode(body.replace(b"XX", b"\xff\xfe"))
    assert caught.value.code == 400


def test_kind_that_has_to_be_json_is_an_unsupported_media_type() -> None:
    with pytest.raises(ApiError) as caught:
        decode(enveloped(new("core.v1.Pod"), "batch/v1", "Job"))
    assert (caught.value.code, caught.value.reason) == (415, "UnsupportedMediaType")


def test_table_of_fields_refuses_a_message_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match=re.escape("field spec of package core.v1: no message Nowhere")):
        parse("package core.v1 v1\nPod kind\n  2 spec Nowhere\n")


@given(st.sampled_from(sorted(BODIES)), st.data())
def test_damaged_body_is_decoded_or_refused(command: str, data: st.DataObject) -> None:
    body = bytearray(BODIES[command])
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(len(MAGIC), len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(len(MAGIC), len(body)))
    outcome_is_sane(bytes(body[:cut]))


@given(st.sampled_from(sorted(accepted_kinds())), st.binary(max_size=200))
def test_any_bytes_in_an_envelope_are_decoded_or_refused(kind: tuple[str, str], content: bytes) -> None:
    envelope: Any = message_classes()["wire.Unknown"]()
    envelope.f1.f1, envelope.f1.f2, envelope.f2 = *kind, content
    outcome_is_sane(MAGIC + bytes(envelope.SerializeToString()))


def outcome_is_sane(body: bytes) -> None:
    try:
        outcome = json.dumps(decode(body), allow_nan=False)
    except ApiError as error:
        outcome = str(error.code)
    assert outcome in ("400", "415") or outcome.startswith("{")


TEXT = st.text(alphabet="ab/é", min_size=1, max_size=4)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "bool": st.just(True),
    "int32": st.integers(-(2**31), 2**31 - 1).filter(bool),
    "int64": st.integers(-(2**63), 2**63 - 1).filter(bool),
    "float64": st.floats(0.5, 2**40),
    "bytes": st.binary(min_size=1, max_size=4),
}


def filled(draw: st.DrawFn, name: str, depth: int) -> tuple[Any, Json]:
    """A message with some fields set, and the JSON object it has to become."""
    message = new(name)
    expected: Json = {}
    for field in messages()[name].fields:
        wanted = field.presence is Presence.ALWAYS and not field.is_message and field.shape is Shape.ONE
        if field.inline:
            inner, value = filled(draw, field.type, depth)
            getattr(message, attribute(field)).CopyFrom(inner)
            expected |= value
        elif field.is_message and (depth == 0 or field.type.startswith("wire.")):
            continue
        elif wanted or draw(st.booleans()):
            expected[field.name] = fill(draw, message, field, depth)
    return message, expected


def fill(draw: st.DrawFn, message: Any, field: Field, depth: int) -> Any:
    """Set one field; answers what JSON says of it."""
    inner: Any
    value: Any
    if field.is_message:
        inner, value = filled(draw, field.type, depth - 1)
    else:
        inner = draw(SCALARS[field.type])
        value = base64.b64encode(inner).decode() if field.type == "bytes" else inner
    held = attribute(field)
    match field.shape:
        case Shape.LIST:
            getattr(message, held).append(inner)
            return [value]
        case Shape.MAP if field.is_message:
            getattr(message, held)["key"].CopyFrom(inner)
            return {"key": value}
        case Shape.MAP:
            getattr(message, held)["key"] = inner
            return {"key": value}
    if field.is_message:
        getattr(message, held).CopyFrom(inner)
        getattr(message, held).SetInParent()
    else:
        setattr(message, held, inner)
    return value


@settings(max_examples=60)
@given(st.sampled_from(sorted(accepted_kinds())), st.data())
def test_what_was_set_is_what_comes_out(kind: tuple[str, str], data: st.DataObject) -> None:
    name = next(one.name for one in messages().values() if one.kind and (one.api_version, one.short_name) == kind)
    message, expected = data.draw(st.composite(lambda draw: filled(draw, name, 2))())
    assert decode(enveloped(message, *kind)) == {"kind": kind[1], "apiVersion": kind[0], **expected}
