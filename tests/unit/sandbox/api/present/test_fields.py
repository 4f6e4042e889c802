"""Field selectors select by the fields of each kind, and are refused in the real server's words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.selectors import custom_resource_fields, exact_name, parse_fields, supported_fields

POD: Json = {
    "metadata": {"name": "web-0", "namespace": "shop"},
    "spec": {"nodeName": "node-a"},
    "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}]},
}
CORE_EVENT: Json = {
    "metadata": {"name": "web.1", "namespace": "shop"},
    "involvedObject": {"kind": "Service", "name": "web", "uid": "u-1"},
    "reason": "EnsuredLoadBalancer",
    "source": {"component": "lbctl"},
    "type": "Normal",
}
EVENTS_EVENT: Json = {
    "metadata": {"name": "web.2", "namespace": "shop"},
    "regarding": {"kind": "Service", "name": "web"},
    "reportingController": "lbctl.io/controller",
}


@pytest.mark.parametrize(
    ("kind", "obj", "selector", "selected"),
    [
        pytest.param(("", "pods"), POD, "", True, id="empty"),
        pytest.param(("", "pods"), POD, "metadata.name=web-0", True, id="name"),
        pytest.param(("", "pods"), POD, "metadata.name==web-0,metadata.namespace!=shop", False, id="all-must-hold"),
        pytest.param(("", "pods"), POD, "spec.nodeName=node-a", True, id="node"),
        pytest.param(("", "pods"), POD, "spec.host=node-a", True, id="old-name-of-node"),
        pytest.param(("", "pods"), POD, "spec.hostNetwork=false", True, id="unset-flag-is-false"),
        pytest.param(("", "pods"), POD, "status.podIP=10.0.0.7", True, id="first-pod-ip"),
        pytest.param(("", "pods"), POD, "status.podIPs=10.0.0.7", False, id="pod-ips-accepted-but-always-empty"),
        pytest.param(("", "pods"), POD, "status.nominatedNodeName=", True, id="missing-is-empty"),
        pytest.param(("", "nodes"), {"spec": {"unschedulable": True}}, "spec.unschedulable=true", True, id="cordoned"),
        pytest.param(("", "nodes"), {}, "spec.unschedulable=false", True, id="not-cordoned"),
        pytest.param(("", "secrets"), {"type": "Opaque"}, "type!=Opaque", False, id="secret-type"),
        pytest.param(("", "services"), {"spec": {"type": "NodePort"}}, "spec.type=NodePort", True, id="service-type"),
        pytest.param(("", "services"), {"spec": {"clusterIP": "None"}}, "spec.clusterIP!=None", False, id="headless"),
        pytest.param(("", "events"), CORE_EVENT, "involvedObject.name=web,source=lbctl", True, id="event"),
        pytest.param(
            ("", "events"), EVENTS_EVENT, "involvedObject.name=web", True, id="event-written-in-the-other-api"
        ),
        pytest.param(
            ("events.k8s.io", "events"), CORE_EVENT, "regarding.uid=u-1", True, id="other-api-reads-core-event"
        ),
        pytest.param(
            ("events.k8s.io", "events"), EVENTS_EVENT, "reportingController=lbctl.io/controller", True, id="controller"
        ),
    ],
)
def test_selector_semantics(kind: tuple[str, str], obj: Json, selector: str, selected: bool) -> None:
    assert parse_fields(selector, supported_fields(*kind))(obj) is selected


@pytest.mark.parametrize(
    ("kind", "selector", "message"),
    [
        (("", "pods"), "foo=bar", "field label not supported: foo"),
        (("", "nodes"), "metadata.namespace=x", "field label not supported: metadata.namespace"),
        (
            ("", "configmaps"),
            "data.x=y",
            '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        (("", "pods"), "metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'"),
        (("", "pods"), "metadata.name=a,b", "invalid selector: 'metadata.name=a,b'; can't understand 'b'"),
        (("", "pods"), "metadata.name=a=b", "invalid field selector: unescaped character in value: 61"),
        (("", "pods"), r"metadata.name=a\b", r"invalid field selector: invalid escape sequence: \b"),
        (("", "pods"), "metadata.name=a\\", "invalid field selector: invalid escape sequence: \\"),
    ],
)
def test_refusal_is_worded_as_the_real_servers(kind: tuple[str, str], selector: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_fields(selector, supported_fields(*kind))
    assert (caught.value.code, caught.value.message) == (400, message)


def test_custom_resource_offers_its_selectable_fields() -> None:
    fields = custom_resource_fields([{"jsonPath": ".spec.color"}], namespaced=False)
    assert parse_fields("spec.color=blue", fields)({"spec": {"color": "blue"}})
    with pytest.raises(ApiError, match=r"field label not supported: metadata\.namespace"):
        parse_fields("metadata.namespace=x", fields)


@pytest.mark.parametrize(
    ("selector", "name"),
    [("metadata.name=a", "a"), ("spec.nodeName=n,metadata.name==a", "a"), ("metadata.name!=a", None), ("", None)],
)
def test_exact_name_is_the_one_name_a_selector_demands(selector: str, name: str | None) -> None:
    assert exact_name(selector) == name


@given(st.text())
def test_escaped_value_is_compared_as_it_was(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")
    selects = parse_fields(f"metadata.name={escaped}", supported_fields("", "configmaps"))
    assert selects({"metadata": {"name": value}})
    assert not selects({"metadata": {"name": value + "x"}})


@given(st.text(alphabet="metadata.name=!,\\ ", max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        outcome: int | bool = parse_fields(text, supported_fields("", "pods"))(POD)
    except ApiError as error:
        outcome = error.code
    assert outcome in (True, False, 400)
