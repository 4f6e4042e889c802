"""The OpenAPI documents hold what kubectl looks for in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lbctl.sandbox.api import openapi
from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.openapi import Documents, generate, gnostic
from lbctl.sandbox.api.openapi.definitions import definitions
from lbctl.sandbox.api.resources import BUILT_IN

SERVICES = "/api/v1/namespaces/{namespace}/services"
SERVICE_GVK = {"group": "", "version": "v1", "kind": "Service"}
POOL_SCHEMA: Json = {
    "type": "object",
    "description": "A pool of addresses.",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "note": {"type": "string", "nullable": True},
                "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
            },
        }
    },
}
POOLS: Json = {
    "spec": {
        "group": "lbctl.io",
        "scope": "Namespaced",
        "names": {"plural": "pools", "kind": "Pool"},
        "versions": [
            {"name": "v1", "served": True, "schema": {"openAPIV3Schema": POOL_SCHEMA}, "subresources": {"status": {}}},
            {"name": "v0", "served": False},
        ],
    }
}


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(BUILT_IN)


@pytest.fixture(scope="module")
def core(documents: Documents) -> Json:
    document = documents.v3_document("api/v1")
    assert document is not None
    return document


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref" and isinstance(inner, str):
                yield inner
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_definitions_file_is_what_the_generator_writes() -> None:
    assert generate.TARGET.read_text(encoding="utf-8") == generate.text(), (
        "run python -m lbctl.sandbox.api.openapi.generate"
    )


def test_index_lists_every_group_version_with_a_hash(documents: Documents) -> None:
    index = documents.v3_index()["paths"]
    assert set(index) == {f"apis/{one.group}/{one.version}" if one.group else f"api/{one.version}" for one in BUILT_IN}
    assert index["api/v1"]["serverRelativeURL"].startswith("/openapi/v3/api/v1?hash=")


def test_index_hash_changes_with_the_schema_of_a_custom_resource(documents: Documents) -> None:
    def address(definition: Json) -> str:
        paths = documents.with_definitions([definition]).v3_index()["paths"]
        return str(paths["apis/lbctl.io/v1"]["serverRelativeURL"])

    changed: Json = {"spec": {**POOLS["spec"], "versions": [{"name": "v1", "served": True}]}}
    assert address(POOLS) != address(changed)
    assert address(POOLS) == address(POOLS)


def test_group_version_that_is_not_served_has_no_document(documents: Documents) -> None:
    assert documents.v3_document("apis/lbctl.io/v1") is None
    assert documents.with_definitions([POOLS]).v3_document("apis/lbctl.io/v0") is None


@pytest.mark.parametrize("path", sorted(openapi.documents().v3_index()["paths"]))
def test_v3_references_resolve(documents: Documents, path: str) -> None:
    document = documents.v3_document(path)
    assert document is not None
    schemas = document["components"]["schemas"]
    assert {ref.removeprefix("#/components/schemas/") for ref in references(document)} <= set(schemas)


def test_v2_references_resolve(documents: Documents) -> None:
    document = documents.with_definitions([POOLS]).v2_document()
    assert {ref.removeprefix("#/definitions/") for ref in references(document)} <= set(document["definitions"])


@pytest.mark.parametrize(
    ("path", "method", "parameters"),
    [
        (f"{SERVICES}/{{name}}", "patch", {"dryRun", "fieldManager", "fieldValidation", "force"}),
        (f"{SERVICES}/{{name}}", "put", {"dryRun", "fieldManager", "fieldValidation"}),
        (SERVICES, "post", {"dryRun", "fieldManager", "fieldValidation"}),
    ],
)
def test_write_operations_name_their_kind_and_parameters(
    core: Json, path: str, method: str, parameters: set[str]
) -> None:
    operation = core["paths"][path][method]
    assert operation["x-kubernetes-group-version-kind"] == SERVICE_GVK
    assert operation["x-kubernetes-action"] == method
    assert {one["name"] for one in operation["parameters"] if one["in"] == "query"} == parameters


def test_scale_speaks_of_the_autoscaling_kind(documents: Documents) -> None:
    document = documents.v3_document("apis/apps/v1")
    assert document is not None
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"]["patch"]
    assert operation["x-kubernetes-group-version-kind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    assert "io.k8s.api.autoscaling.v1.Scale" in document["components"]["schemas"]


def test_lists_hold_the_merge_keys_that_kubectl_apply_patches_by() -> None:
    ports = definitions()["io.k8s.api.core.v1.ServiceSpec"]["properties"]["ports"]
    assert {key: value for key, value in ports.items() if key.startswith("x-")} == {
        "x-kubernetes-list-map-keys": ["port", "protocol"],
        "x-kubernetes-list-type": "map",
        "x-kubernetes-patch-merge-key": "port",
        "x-kubernetes-patch-strategy": "merge",
    }
    volumes = definitions()["io.k8s.api.core.v1.PodSpec"]["properties"]["volumes"]
    assert volumes["x-kubernetes-patch-strategy"] == "merge,retainKeys"


def test_v3_says_what_v2_cannot(core: Json) -> None:
    schemas = core["components"]["schemas"]
    target = schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]
    assert (target["format"], target["oneOf"]) == ("int-or-string", [{"type": "integer"}, {"type": "string"}])
    metadata = schemas["io.k8s.api.core.v1.Service"]["properties"]["metadata"]
    assert metadata["allOf"] == [{"$ref": "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}]


def test_property_that_is_named_ref_is_no_reference(documents: Documents) -> None:
    document = documents.v3_document("apis/apiextensions.k8s.io/v1")
    assert document is not None
    name = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
    assert document["components"]["schemas"][name]["properties"]["$ref"] == {"type": "string"}


def test_custom_resource_is_documented_by_its_own_schema(documents: Documents) -> None:
    document = documents.with_definitions([POOLS]).v3_document("apis/lbctl.io/v1")
    assert document is not None
    pool = document["components"]["schemas"]["io.lbctl.v1.Pool"]
    assert pool["description"] == "A pool of addresses."
    assert pool["x-kubernetes-group-version-kind"] == [{"group": "lbctl.io", "kind": "Pool", "version": "v1"}]
    assert set(pool["properties"]) == {"apiVersion", "kind", "metadata", "spec"}
    assert pool["properties"]["spec"] == POOL_SCHEMA["properties"]["spec"]
    patch = document["paths"]["/apis/lbctl.io/v1/namespaces/{namespace}/pools/{name}/status"]["patch"]
    assert "application/strategic-merge-patch+json" not in patch["requestBody"]["content"]


def test_custom_schema_in_v2_says_only_what_v2_can(documents: Documents) -> None:
    pool = documents.with_definitions([POOLS]).v2_document()["definitions"]["io.lbctl.v1.Pool"]
    spec = pool["properties"]["spec"]["properties"]
    assert spec["port"] == {"x-kubernetes-int-or-string": True, "type": "string", "format": "int-or-string"}
    assert spec["note"] == {}
    assert spec["free"] == {"x-kubernetes-preserve-unknown-fields": True}


def wire_fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protobuf message; fails on malformed bytes."""
    position = 0
    while position < len(content):
        tag, position = varint(content, position)
        length, position = varint(content, position)
        if tag & 7 == 0:
            continue
        assert tag & 7 == 2
        assert position + length <= len(content)
        yield tag >> 3, content[position : position + length]
        position += length


def varint(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while content[position] & 0x80:
        value |= (content[position] & 0x7F) << shift
        position, shift = position + 1, shift + 7
    return value | content[position] << shift, position + 1


def only(number: int, content: bytes) -> bytes:
    return next(inner for found, inner in wire_fields(content) if found == number)


def named(content: bytes, number: int) -> dict[str, bytes]:
    """A list of NamedX messages as a dict."""
    return {only(1, one).decode(): only(2, one) for found, one in wire_fields(content) if found == number}


def test_v2_protobuf_holds_the_definitions_and_their_extensions(documents: Documents) -> None:
    content = documents.v2_protobuf()
    assert only(1, content) == b"2.0"
    schemas = named(only(9, content), 1)
    assert set(schemas) == set(definitions())
    ports = named(only(25, schemas["io.k8s.api.core.v1.ServiceSpec"]), 1)["ports"]
    assert only(22, ports) == b"\x0a\x05array"
    assert only(1, only(1, only(23, ports))) == b"#/definitions/io.k8s.api.core.v1.ServicePort"
    assert only(2, named(ports, 31)["x-kubernetes-patch-merge-key"]) == b'"port"'


def test_v2_protobuf_holds_the_paths_and_their_parameters(documents: Documents) -> None:
    paths = named(only(8, documents.v2_protobuf()), 2)
    patch = only(8, paths[f"{SERVICES}/{{name}}"])
    kind = only(2, named(patch, 13)["x-kubernetes-group-version-kind"])
    assert kind == b'{"group": "", "version": "v1", "kind": "Service"}'
    queries = [only(2, only(1, one)) for found, one in wire_fields(patch) if found == 8 and one[2:3] == b"\x12"]
    assert b"dryRun" in {only(4, only(3, one)) for one in queries}


def test_v2_protobuf_of_an_empty_schema_is_an_empty_message() -> None:
    document: Json = {"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {}, "definitions": {"a": {}}}
    assert gnostic.encode(document) == b"\x0a\x032.0\x12\x06\x0a\x01t\x12\x011\x42\x00\x4a\x07\x0a\x05\x0a\x01a\x12\x00"
