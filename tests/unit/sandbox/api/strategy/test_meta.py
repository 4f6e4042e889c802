"""Metadata rules, the same for every kind."""

from __future__ import annotations

import pytest

from lbctl.sandbox.api.errors import FieldErrorType, Json
from lbctl.sandbox.api.strategy.meta import (
    ANNOTATIONS_LIMIT_BYTES,
    carry_over,
    validate_core_finalizers,
    validate_object_meta,
    validate_object_meta_update,
)
from lbctl.sandbox.api.strategy.names import dns_label, dns_subdomain

OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u", "controller": True}


def of(meta: Json, *, namespaced: bool = True) -> list[str]:
    full = {"name": "web", "namespace": "default", **meta}
    return [str(one) for one in validate_object_meta(full, namespaced=namespaced, name_rule=dns_subdomain)]


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        pytest.param({}, [], id="plain"),
        pytest.param(
            {"name": "", "generateName": ""},
            ["metadata.name: Required value: name or generateName is required"],
            id="nameless",
        ),
        pytest.param({"namespace": ""}, ["metadata.namespace: Required value"], id="no-namespace"),
        pytest.param({"generateName": "web-"}, [], id="generated-with-dash"),
        pytest.param(
            {"generation": -1},
            ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
            id="generation",
        ),
        pytest.param(
            {"labels": {"/x": "ok"}},
            ['metadata.labels: Invalid value: "/x": prefix part must be non-empty'],
            id="empty-label-prefix",
        ),
        pytest.param(
            {"labels": {"a": "x" * 64}},
            [f'metadata.labels: Invalid value: "{"x" * 64}": must be no more than 63 bytes'],
            id="long-label",
        ),
        pytest.param({"annotations": {"Example.com/Key": "anything at all"}}, [], id="annotation-case-does-not-matter"),
        pytest.param(
            {"annotations": {"a": "x" * ANNOTATIONS_LIMIT_BYTES}},
            ["metadata.annotations: Too long: may not be more than 262144 bytes"],
            id="large-annotations",
        ),
        pytest.param(
            {"finalizers": ["orphan", "foregroundDeletion"]},
            [
                'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: '
                "finalizer orphan and foregroundDeletion cannot be both set"
            ],
            id="two-policies",
        ),
        pytest.param(
            {"ownerReferences": [{"apiVersion": "v1"}]},
            [
                'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
                'metadata.ownerReferences.name: Invalid value: "": must not be empty',
                'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
            ],
            id="owner",
        ),
        pytest.param({"managedFields": [{}]}, [], id="managed-fields-reset"),
        pytest.param(
            {"managedFields": [{"operation": "Patch"}]},
            ['metadata.managedFields[0].operation: Invalid value: "Patch": must be `Apply` or `Update`'],
            id="managed-fields",
        ),
    ],
)
def test_new_metadata(meta: Json, expected: list[str]) -> None:
    assert of(meta) == expected


def test_only_one_owner_is_the_controller() -> None:
    errors = of({"ownerReferences": [OWNER, OWNER | {"name": "q"}]})
    assert len(errors) == 1
    assert errors[0].endswith('Found "true" in references for Pod/p and Pod/q')


def test_a_cluster_wide_kind_has_no_namespace() -> None:
    assert of({}, namespaced=False) == ["metadata.namespace: Forbidden: not allowed on this type"]


def test_a_generated_prefix_may_end_in_a_dash_but_a_name_may_not() -> None:
    meta = {"name": "web-", "generateName": "web-", "namespace": "default"}
    errors = validate_object_meta(meta, namespaced=True, name_rule=dns_label)
    assert [(one.field, one.type) for one in errors] == [("metadata.name", FieldErrorType.INVALID)]


def test_finalizers_of_built_in_kinds_are_standard_or_have_a_domain() -> None:
    errors = validate_core_finalizers(["kubernetes", "lbctl.io/load-balancer", "mine"], "metadata.finalizers")
    assert [str(one) for one in errors] == [
        'metadata.finalizers[2]: Invalid value: "mine": '
        "name is neither a standard finalizer name nor is it fully qualified"
    ]


STORED = {"name": "web", "namespace": "default", "uid": "u1", "resourceVersion": "5", "creationTimestamp": "t"}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        pytest.param({}, {}, [], id="same"),
        pytest.param(
            {"resourceVersion": ""},
            {},
            ['metadata.resourceVersion: Invalid value: "": must be specified for an update'],
            id="no-version",
        ),
        pytest.param({"name": "x"}, {}, ['metadata.name: Invalid value: "x": field is immutable'], id="name"),
        pytest.param({"uid": "x"}, {}, ['metadata.uid: Invalid value: "x": field is immutable'], id="uid"),
        pytest.param(
            {"generation": 1},
            {"generation": 2},
            ["metadata.generation: Invalid value: 1: must not be decremented"],
            id="generation",
        ),
        pytest.param(
            {"finalizers": ["a/b", "c/d"], "deletionTimestamp": "t"},
            {"finalizers": ["a/b"], "deletionTimestamp": "t"},
            [
                "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, "
                'found new finalizers []string{"c/d"}'
            ],
            id="new-finalizer-while-deleted",
        ),
        pytest.param({"finalizers": ["a/b"]}, {}, [], id="new-finalizer"),
    ],
)
def test_updated_metadata(new: Json, old: Json, expected: list[str]) -> None:
    assert [str(one) for one in validate_object_meta_update(STORED | new, STORED | old)] == expected


def test_an_update_keeps_the_identity_it_leaves_out() -> None:
    old = {"metadata": STORED | {"generation": 3, "deletionTimestamp": "d"}}
    new: Json = {"metadata": {"name": "web", "creationTimestamp": "other", "generation": 9}}
    carry_over(new, old)
    kept = {name: new["metadata"][name] for name in ("uid", "creationTimestamp", "deletionTimestamp", "generation")}
    assert kept == {"uid": "u1", "creationTimestamp": "t", "deletionTimestamp": "d", "generation": 3}
