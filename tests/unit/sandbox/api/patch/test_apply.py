"""Server-side apply: merging, pruning, conflicts and shared ownership."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.patch import apply, schema_for, track
from lbctl.sandbox.api.patch.apply import LAST_APPLIED

SERVICE = schema_for("", "Service")
T0, T1, T2 = "2026-01-01T00:00:00Z", "2026-01-01T00:00:10Z", "2026-01-01T00:00:20Z"


def config(labels: Json | None = None, **spec: Any) -> Json:
    metadata: Json = {"name": "web", "namespace": "shop"}
    if labels is not None:
        metadata["labels"] = labels
    body: Json = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    return {**body, "spec": spec} if spec else body


def applied(
    live: Json | None, body: Json, manager: str = "one", *, force: bool = False, now: str = T0, subresource: str = ""
) -> Json:
    return apply(
        live,
        body,
        manager=manager,
        force=force,
        schema=SERVICE,
        api_version="v1",
        subresource=subresource,
        now=now,
    )


def updated(live: Json | None, new: Json, manager: str, *, now: str = T0) -> Json:
    new = copy.deepcopy(new)
    track(new, live, manager=manager, schema=SERVICE, api_version="v1", subresource="", now=now)
    return new


def owned(obj: Json, manager: str) -> Json:
    found = [entry for entry in obj["metadata"]["managedFields"] if entry["manager"] == manager]
    assert len(found) == 1
    fields: Json = found[0]["fieldsV1"]
    return fields


def managers(obj: Json) -> list[str]:
    return [entry["manager"] for entry in obj["metadata"].get("managedFields", [])]


HTTP = {"name": "http", "port": 80}
DNS = {"name": "dns", "port": 53, "protocol": "UDP"}
DNS_TCP = {"name": "dns-tcp", "port": 53}


class TestMerging:
    def test_a_first_apply_creates_the_object_with_one_entry(self) -> None:
        service = applied(None, config({"a": "1"}, ports=[HTTP], selector={"app": "web"}))
        assert service["spec"] == {"ports": [HTTP], "selector": {"app": "web"}}
        assert service["metadata"]["managedFields"] == [
            {
                "manager": "one",
                "operation": "Apply",
                "apiVersion": "v1",
                "time": T0,
                "fieldsType": "FieldsV1",
                "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:a": {}}},
                    "f:spec": {
                        "f:ports": {'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}}},
                        "f:selector": {},
                    },
                },
            }
        ]

    def test_a_second_identical_apply_changes_nothing_not_even_the_time(self) -> None:
        first = applied(None, config({"a": "1"}, ports=[HTTP]))
        assert applied(first, config({"a": "1"}, ports=[HTTP]), now=T1) == first

    def test_ports_of_one_number_differ_by_protocol_and_the_default_counts(self) -> None:
        first = applied(None, config(ports=[DNS, DNS_TCP]))
        again = applied(first, config(ports=[DNS, {**DNS_TCP, "protocol": "TCP", "targetPort": 5353}]), now=T1)
        assert [port.get("targetPort") for port in again["spec"]["ports"]] == [None, 5353]

    def test_a_port_left_out_is_removed(self) -> None:
        first = applied(None, config(ports=[HTTP, DNS]))
        assert applied(first, config(ports=[DNS]), now=T1)["spec"]["ports"] == [DNS]

    def test_a_changed_port_number_replaces_the_port(self) -> None:
        first = applied(None, config(ports=[HTTP]))
        moved = {"name": "http", "port": 8080}
        assert applied(first, config(ports=[moved]), now=T1)["spec"]["ports"] == [moved]

    def test_a_label_left_out_is_removed(self) -> None:
        first = applied(None, config({"a": "1", "b": "2"}))
        assert applied(first, config({"a": "1"}), now=T1)["metadata"]["labels"] == {"a": "1"}

    def test_fields_of_nobody_stay(self) -> None:
        first = applied(None, config({"a": "1"}, ports=[HTTP]))
        first["spec"]["clusterIP"] = "10.96.0.7"
        again = applied(first, config(ports=[HTTP]), now=T1)
        assert again["spec"]["clusterIP"] == "10.96.0.7"

    def test_what_a_user_adds_to_a_port_of_mine_stays_until_the_port_goes(self) -> None:
        first = applied(None, config(ports=[HTTP, DNS]))
        second = updated(first, {**first, "spec": {"ports": [{**HTTP, "nodePort": 30080}, DNS]}}, "admin", now=T1)
        third = applied(second, config(ports=[{**HTTP, "targetPort": 8080}, DNS]), now=T2)
        assert third["spec"]["ports"][0] == {**HTTP, "nodePort": 30080, "targetPort": 8080}

    def test_lists_take_the_order_of_the_configuration(self) -> None:
        first = applied(None, config(ports=[HTTP, DNS]))
        assert applied(first, config(ports=[DNS, HTTP]), now=T1)["spec"]["ports"] == [DNS, HTTP]

    def test_the_arguments_stay_as_they_were(self) -> None:
        first = applied(None, config({"a": "1"}, ports=[HTTP]))
        before, body = copy.deepcopy(first), config({"b": "2"}, ports=[DNS])
        result = applied(first, body, now=T1)
        result["metadata"]["labels"]["c"] = result["spec"]["ports"][0]["name"] = "x"
        assert first == before
        assert body == config({"b": "2"}, ports=[DNS])


class TestOwnership:
    def test_the_same_value_is_shared_and_stays_while_one_of_both_wants_it(self) -> None:
        first = applied(None, config({"a": "1"}))
        shared = applied(first, config({"a": "1"}), "two", now=T1)
        assert owned(shared, "one") == owned(shared, "two") == {"f:metadata": {"f:labels": {"f:a": {}}}}
        left = applied(shared, config({}), "one", now=T2)
        assert left["metadata"]["labels"] == {"a": "1"}
        gone = applied(left, config({}), "two", now=T2)
        assert not gone["metadata"].get("labels")

    def test_a_different_value_is_a_conflict(self) -> None:
        live = updated(None, config({"a": "1"}, ports=[HTTP], type="ClusterIP"), "kubectl-client-side-apply")
        with pytest.raises(ApiError) as caught:
            applied(live, config(type="NodePort"))
        assert caught.value.status() == {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": 'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .spec.type',
            "reason": "Conflict",
            "code": 409,
            "details": {
                "causes": [
                    {
                        "reason": "FieldManagerConflict",
                        "message": 'conflict with "kubectl-client-side-apply" using v1',
                        "field": ".spec.type",
                    }
                ]
            },
        }

    def test_several_conflicts_are_listed_by_manager(self) -> None:
        first = applied(None, config({"a": "1"}, ports=[HTTP]), "zoe")
        second = updated(first, {**first, "spec": {**first["spec"], "type": "NodePort"}}, "adam", now=T1)
        with pytest.raises(ApiError) as caught:
            applied(second, config({"a": "2"}, type="ClusterIP", ports=[{"name": "web", "port": 80}]))
        assert caught.value.message == (
            "Apply failed with 3 conflicts: "
            'conflicts with "adam" using v1:\n- .spec.type\n'
            'conflicts with "zoe":\n- .metadata.labels.a\n- .spec.ports[port=80,protocol="TCP"].name'
        )

    def test_force_takes_the_field(self) -> None:
        first = applied(None, config({"a": "1", "b": "2"}))
        second = applied(first, config({"a": "9"}), "two", force=True, now=T1)
        assert second["metadata"]["labels"] == {"a": "9", "b": "2"}
        assert owned(second, "one") == {"f:metadata": {"f:labels": {"f:b": {}}}}
        assert owned(second, "two") == {"f:metadata": {"f:labels": {"f:a": {}}}}

    def test_an_entry_that_lost_everything_goes(self) -> None:
        first = applied(None, config({"a": "1"}))
        assert managers(applied(first, config({"a": "2"}), "two", force=True)) == ["two"]

    def test_an_atomic_map_is_owned_as_a_whole(self) -> None:
        first = applied(None, config(selector={"app": "web"}))
        with pytest.raises(ApiError, match=r'conflict with "one": \.spec\.selector$'):
            applied(first, config(selector={"app": "web", "tier": "front"}), "two")

    def test_an_untracked_object_belongs_to_before_first_apply(self) -> None:
        live = {**config({"a": "1"}), "spec": {"type": "ClusterIP"}}
        live["metadata"]["uid"] = "u"
        with pytest.raises(ApiError, match=r'conflict with "before-first-apply" using v1: \.metadata\.labels\.a$'):
            applied(live, config({"a": "2"}))

    def test_a_nameless_manager_is_called_unknown(self) -> None:
        assert managers(applied(None, config({"a": "1"}), "")) == ["unknown"]

    def test_the_status_subresource_has_an_entry_of_its_own_without_spec(self) -> None:
        first = applied(None, config({"a": "1"}))
        body = {**config(type="NodePort"), "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
        second = applied(first, body, subresource="status", now=T1)
        entry = second["metadata"]["managedFields"][1]
        assert (entry["manager"], entry["subresource"]) == ("one", "status")
        assert entry["fieldsV1"] == {"f:status": {"f:loadBalancer": {"f:ingress": {}}}}

    def test_the_main_resource_does_not_own_status(self) -> None:
        body = {**config({"a": "1"}), "status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
        assert owned(applied(None, body), "one") == {"f:metadata": {"f:labels": {"f:a": {}}}}


class TestKubectlUpgrade:
    """From client-side apply to server-side apply, as kubectl 1.26 and later do it, and as older ones rely on."""

    def live(self) -> Json:
        body = config({"a": "1"}, ports=[HTTP], type="ClusterIP")
        body["metadata"]["annotations"] = {LAST_APPLIED: json.dumps(body) + "\n"}
        return updated(None, body, "kubectl-client-side-apply")

    def test_kubectl_takes_what_its_annotation_says_it_set(self) -> None:
        after = applied(self.live(), config({"a": "2"}, ports=[HTTP], type="ClusterIP"), "kubectl", now=T1)
        assert after["metadata"]["labels"] == {"a": "2"}

    def test_another_manager_does_not(self) -> None:
        with pytest.raises(ApiError, match=r"\.metadata\.labels\.a$"):
            applied(self.live(), config({"a": "2"}, ports=[HTTP]), "somebody")

    def test_what_was_changed_since_stays_a_conflict(self) -> None:
        live = self.live()
        changed = copy.deepcopy(live)
        changed["metadata"]["labels"]["a"] = "edited"
        changed = updated(live, changed, "editor", now=T1)
        with pytest.raises(ApiError, match=r'1 conflict: conflict with "editor" using v1: \.metadata\.labels\.a$'):
            applied(changed, config({"a": "2"}, ports=[HTTP], type="NodePort"), "kubectl")

    def test_the_annotation_follows_the_applied_configuration(self) -> None:
        body = config({"a": "2"}, ports=[HTTP], type="ClusterIP")
        after = applied(self.live(), body, "kubectl", now=T1)
        text = after["metadata"]["annotations"][LAST_APPLIED]
        assert json.loads(text) == body
        assert text.startswith('{"apiVersion":"v1","kind":"Service"')
        assert text.endswith("}\n")


REFUSED: dict[str, tuple[Json, int, str]] = {
    "another kind": ({**config(), "kind": "Pod"}, 400, "invalid object type: /v1, Kind=Pod"),
    "another version": ({**config(), "apiVersion": "apps/v1"}, 400, "invalid object type: apps/v1, Kind=Service"),
    "no kind at all": ({"metadata": {}}, 400, "invalid object type: /, Kind="),
    "managedFields": (
        {**config(), "metadata": {"name": "web", "managedFields": []}},
        400,
        "metadata.managedFields must be nil",
    ),
    "an unknown field": (
        config(prots=[]),
        500,
        "failed to create typed patch object (shop/web; /v1, Kind=Service): .spec.prots: field not declared in schema",
    ),
    "wrong types": (
        config(type=4, publishNotReadyAddresses="yes", ports=[{"port": "http"}]),
        500,
        "failed to create typed patch object (shop/web; /v1, Kind=Service): errors:\n"
        '  .spec.ports[port="http",protocol="TCP"].port: expected numeric (int or float), got string\n'
        "  .spec.publishNotReadyAddresses: expected boolean, got &{yes}\n"
        "  .spec.type: expected string, got &value.valueUnstructured{Value:4}",
    ),
    "a port twice": (
        config(ports=[{"port": 80}, {"port": 80, "protocol": "TCP"}]),
        500,
        "failed to create typed patch object (shop/web; /v1, Kind=Service): "
        '.spec.ports: duplicate entries for key [port=80,protocol="TCP"]',
    ),
    "a list that is a map": (
        config(ports={"a": 1}),
        500,
        "failed to create typed patch object (shop/web; /v1, Kind=Service): "
        ".spec.ports: expected list, got &{map[a:1]}",
    ),
}


@pytest.mark.parametrize(("body", "code", "message"), REFUSED.values(), ids=REFUSED)
def test_a_bad_configuration_gets_the_real_servers_code_and_text(body: Json, code: int, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        applied(None, body)
    assert (caught.value.code, caught.value.message) == (code, message)


_LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("12"), max_size=3)
_PORTS = st.lists(
    st.fixed_dictionaries(
        {"port": st.integers(1, 4)},
        optional={"protocol": st.sampled_from(["TCP", "UDP"]), "name": st.sampled_from("xy")},
    ),
    max_size=4,
    unique_by=lambda port: (port["port"], port.get("protocol", "TCP")),
)
_CONFIGS = st.builds(lambda labels, ports: config(labels, ports=ports, type="ClusterIP"), _LABELS, _PORTS)


def _contains(value: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(value, dict) and all(key in value and _contains(value[key], part[key]) for key in part)
    if isinstance(part, list):
        return all(any(_contains(one, item) for one in value) for item in part)
    return bool(value == part)


@given(earlier=_CONFIGS, other=_CONFIGS, body=_CONFIGS)
def test_applying_a_configuration_twice_is_applying_it_once(earlier: Json, other: Json, body: Json) -> None:
    live = applied(applied(None, earlier), other, "two", force=True, now=T1)
    once = applied(live, body, force=True, now=T2)
    assert applied(once, body, now="2027-01-01T00:00:00Z") == once


@given(earlier=_CONFIGS, other=_CONFIGS, body=_CONFIGS)
def test_the_object_contains_what_was_applied_last(earlier: Json, other: Json, body: Json) -> None:
    live = applied(applied(None, earlier), other, "two", force=True, now=T1)
    after = applied(live, body, force=True, now=T2)
    assert _contains(after["metadata"].get("labels", {}), body["metadata"]["labels"])
    assert _contains(after["spec"].get("ports", []), body["spec"]["ports"])


@given(earlier=_CONFIGS, body=_CONFIGS)
def test_alone_an_applier_gets_exactly_its_configuration(earlier: Json, body: Json) -> None:
    after = applied(applied(None, earlier), body, now=T1)
    assert (after["metadata"].get("labels") or {}) == body["metadata"]["labels"]
    assert (after["spec"].get("ports") or []) == body["spec"]["ports"]
