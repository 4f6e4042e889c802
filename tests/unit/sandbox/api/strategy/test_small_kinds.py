"""Namespaces, ConfigMaps, Secrets, ServiceAccounts, Leases, Events and CustomResourceDefinitions."""

from __future__ import annotations

import base64

import pytest

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.strategy import ServiceSettings, build_strategies
from lbctl.sandbox.api.strategy.configuration import ConfigMapStrategy, SecretStrategy, ServiceAccountStrategy
from lbctl.sandbox.api.strategy.crd import CustomResourceDefinitionStrategy
from lbctl.sandbox.api.strategy.event import CORE_EVENT, EVENTS_API, EventStrategy
from lbctl.sandbox.api.strategy.lease import LeaseStrategy
from lbctl.sandbox.api.strategy.namespace import NamespaceStrategy
from tests.unit.sandbox.api.strategy.room import Room, complaints


def named(name: str = "x", /, **fields: object) -> Json:
    return {"metadata": {"name": name, "namespace": "default"}, **fields}


def refusal_of(room: Room, obj: Json) -> list[str]:
    with pytest.raises(ApiError) as refusal:
        room.create(obj)
    return complaints(refusal.value)


def test_a_namespace_carries_its_name_a_phase_and_a_finalizer_that_updates_cannot_take() -> None:
    room = Room(NamespaceStrategy(), "Namespace")
    created = room.create({"metadata": {"name": "team-a"}})
    assert created["metadata"]["labels"] == {"kubernetes.io/metadata.name": "team-a"}
    assert created["spec"] == {"finalizers": ["kubernetes"]}
    assert created["status"] == {"phase": "Active"}
    assert room.update(created | {"spec": {}, "status": {"phase": "Terminating"}})["spec"] == created["spec"]
    with pytest.raises(ApiError) as refusal:
        room.update_status(created | {"status": {"phase": "Terminating"}})
    assert complaints(refusal.value) == [
        "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"
    ]


KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({"data": {"a b": "x"}}, [f'data[a b]: Invalid value: "a b": {KEY}'], id="key"),
        pytest.param({"data": {"..": "x"}}, ["data[..]: Invalid value: \"..\": must not be '..'"], id="parent"),
        pytest.param(
            {"data": {"a": "x"}, "binaryData": {"a": "eA=="}},
            ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
            id="both",
        ),
        pytest.param(
            {"data": {"a": "x" * (1024 * 1024 + 1)}}, [": Too long: may not be more than 1048576 bytes"], id="size"
        ),
    ],
)
def test_a_wrong_config_map_is_refused(fields: Json, expected: list[str]) -> None:
    assert refusal_of(Room(ConfigMapStrategy(), "ConfigMap"), named(**fields)) == expected


@pytest.mark.parametrize(
    ("strategy", "data"),
    [
        pytest.param(ConfigMapStrategy(), {"a": "x"}, id="config-map"),
        pytest.param(SecretStrategy(), {"a": "eA=="}, id="secret"),
    ],
)
def test_an_immutable_object_stays_as_it_is(strategy: ConfigMapStrategy | SecretStrategy, data: Json) -> None:
    room = Room(strategy, "Thing")
    created = room.create(named(data=data, immutable=True))
    with pytest.raises(ApiError) as refusal:
        room.update({**created, "data": {"b": "eA=="}, "immutable": False})
    why = "Forbidden: field is immutable when `immutable` is set"
    assert complaints(refusal.value) == [f"immutable: {why}", f"data: {why}"]


def test_a_secret_folds_its_plain_text_is_opaque_by_default_and_keeps_its_type() -> None:
    room = Room(SecretStrategy(), "Secret")
    created = room.create(named(stringData={"user": "päul"}, data={"user": "eA=="}))
    assert "stringData" not in created
    assert base64.b64decode(created["data"]["user"]).decode() == "päul"
    assert created["type"] == "Opaque"
    with pytest.raises(ApiError) as refusal:
        room.update(created | {"type": "other"})
    assert complaints(refusal.value) == ['type: Invalid value: "other": field is immutable']


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"type": "kubernetes.io/tls"},
            ["data[tls.crt]: Required value", "data[tls.key]: Required value"],
            id="tls",
        ),
        pytest.param(
            {"type": "kubernetes.io/service-account-token"},
            ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
            id="token",
        ),
        pytest.param({"type": "kubernetes.io/ssh-auth"}, ["data[ssh-privatekey]: Required value"], id="ssh"),
        pytest.param(
            {"type": "kubernetes.io/dockerconfigjson"}, ["data[.dockerconfigjson]: Required value"], id="docker"
        ),
    ],
)
def test_a_secret_of_a_known_type_needs_its_keys(fields: Json, expected: list[str]) -> None:
    assert refusal_of(Room(SecretStrategy(), "Secret"), named(**fields)) == expected


def test_a_service_account_keeps_only_the_names_of_its_secrets() -> None:
    room = Room(ServiceAccountStrategy(), "ServiceAccount")
    assert room.create(named(secrets=[{"name": "a", "kind": "Secret"}]))["secrets"] == [{"name": "a"}]


def test_a_lease_has_positive_numbers_and_is_updated_only_by_version() -> None:
    room = Room(LeaseStrategy(), "Lease", "coordination.k8s.io")
    assert refusal_of(room, named(spec={"leaseDurationSeconds": 0, "leaseTransitions": -1})) == [
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
        "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
    ]
    created = room.create(named(spec={"holderIdentity": "", "strategy": "Foo"}))
    assert created["spec"] == {"holderIdentity": ""}
    assert not room.strategy.allow_unconditional_update
    with pytest.raises(ApiError, match="must be specified for an update"):
        room.update(named(spec={"holderIdentity": "me"}))


MISMATCH = "does not match event.namespace"


def test_a_core_event_is_about_something_in_its_namespace() -> None:
    room = Room(EventStrategy(CORE_EVENT), "Event")
    stored = room.create(named(involvedObject={"namespace": "default", "name": "web"}, reason="R", count=1))
    assert (stored["eventTime"], stored["reportingComponent"]) == (None, "")
    assert refusal_of(room, named("y", involvedObject={"namespace": "other"})) == [
        f'involvedObject.namespace: Invalid value: "other": {MISMATCH}'
    ]


NEW_EVENT: Json = {
    "regarding": {"namespace": "default", "name": "web"},
    "eventTime": "2026-01-02T03:04:05.000000Z",
    "reportingController": "lbctl.io/controller",
    "reportingInstance": "c-0",
    "action": "Ensure",
    "reason": "EnsuredLoadBalancer",
    "type": "Normal",
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"type": "Info"}, ['type: Invalid value: "": has invalid value: Info'], id="type"),
        pytest.param({"action": ""}, ["action: Required value"], id="action"),
        pytest.param(
            {"note": "x" * 1025}, ['message: Invalid value: "": can have at most 1024 characters'], id="long-note"
        ),
        pytest.param({"deprecatedCount": 2}, ['count: Invalid value: "": needs to be unset'], id="old-field"),
        pytest.param(
            {"series": {"count": 1, "lastObservedTime": "2026-01-02T03:04:05.000000Z"}},
            ['series.count: Invalid value: "": should be at least 2'],
            id="series",
        ),
    ],
)
def test_the_events_api_is_strict(change: Json, expected: list[str]) -> None:
    room = Room(EventStrategy(EVENTS_API), "Event")
    assert refusal_of(room, named(**NEW_EVENT | change)) == expected


def test_a_repeated_event_may_grow_its_series_but_not_change_its_reason() -> None:
    room = Room(EventStrategy(EVENTS_API), "Event")
    created = room.create(named(**NEW_EVENT))
    series = {"count": 2, "lastObservedTime": "2026-01-02T03:05:05.000000Z"}
    assert room.update(created | {"series": series})["series"] == series
    with pytest.raises(ApiError) as refusal:
        room.update(room.stored["x"] | {"reason": "Other"})
    assert complaints(refusal.value) == ['reason: Invalid value: "Other": field is immutable']


def definition(name: str = "widgets.example.com", **spec: object) -> Json:
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": {"type": "object"}}}}
    full: Json = {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
    }
    return {"metadata": {"name": name}, "spec": full | spec}


def test_a_definition_gets_its_names_and_remembers_its_storage_version() -> None:
    created = Room(CustomResourceDefinitionStrategy(), "CustomResourceDefinition").create(definition())
    assert created["spec"]["names"] == {
        "plural": "widgets", "kind": "Widget", "singular": "widget", "listKind": "WidgetList"
    }  # fmt: skip
    assert created["status"]["storedVersions"] == ["v1"]
    assert created["metadata"]["generation"] == 1


@pytest.mark.parametrize(
    ("crd", "expected"),
    [
        pytest.param(
            definition("wrong.example.com"),
            ['metadata.name: Invalid value: "wrong.example.com": must be spec.names.plural+"."+spec.group'],
            id="name",
        ),
        pytest.param(
            definition(scope="Foo"),
            ['spec.scope: Unsupported value: "Foo": supported values: "Cluster", "Namespaced"'],
            id="scope",
        ),
        pytest.param(
            definition(versions=[{"name": "v1", "served": True, "storage": True}]),
            ["spec.versions[0].schema.openAPIV3Schema: Required value"],
            id="schema",
        ),
        pytest.param(
            definition(versions=[]),
            [
                "spec.versions: Invalid value: []: must have exactly one version marked as storage version",
                "status.storedVersions: Invalid value: null: must have at least one stored version",
            ],
            id="no-version",
        ),
        pytest.param(
            definition(
                versions=[
                    {
                        "name": "v1",
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": {}}}},
                    }
                ]
            ),
            [
                "spec.validation.openAPIV3Schema.properties[spec].type: Required value: "
                "must not be empty for specified object fields"
            ],
            id="untyped",
        ),
    ],
)
def test_a_wrong_definition_is_refused(crd: Json, expected: list[str]) -> None:
    room = Room(CustomResourceDefinitionStrategy(), "CustomResourceDefinition", "apiextensions.k8s.io")
    assert refusal_of(room, crd) == expected


def test_every_built_in_kind_has_a_strategy() -> None:
    assert set(build_strategies(ServiceSettings())) == {
        ("", "configmaps"),
        ("", "endpoints"),
        ("", "events"),
        ("", "namespaces"),
        ("", "nodes"),
        ("", "pods"),
        ("", "secrets"),
        ("", "serviceaccounts"),
        ("", "services"),
        ("apiextensions.k8s.io", "customresourcedefinitions"),
        ("apps", "deployments"),
        ("coordination.k8s.io", "leases"),
        ("discovery.k8s.io", "endpointslices"),
        ("events.k8s.io", "events"),
    }
