"""The status subresource of Services, as a load-balancer controller writes it."""

from __future__ import annotations

import pytest

from tests.api.service_room import Json, ServiceRoom, causes

INGRESS = "status.loadBalancer.ingress"


def ingress(*listed: Json) -> Json:
    return {"loadBalancer": {"ingress": list(listed)}}


def test_a_reported_address_gets_the_vip_mode(services: ServiceRoom) -> None:
    created = services.create(type="LoadBalancer")
    reported = services.patch_status("web", ingress({"ip": "203.0.113.7"}))
    assert reported.body["status"] == ingress({"ip": "203.0.113.7", "ipMode": "VIP"})
    assert reported.spec == created.spec
    assert services.get("web").body == reported.body


def test_an_update_of_the_service_cannot_touch_its_status(services: ServiceRoom) -> None:
    services.create(type="LoadBalancer")
    reported = services.patch_status("web", ingress({"hostname": "lb.example.com"})).body
    answer = services.replace({**reported, "status": {"loadBalancer": {}}})
    assert answer.body["status"] == ingress({"hostname": "lb.example.com"})


def test_the_ingress_goes_when_the_service_is_no_load_balancer_any_more(services: ServiceRoom) -> None:
    services.create(type="LoadBalancer")
    services.patch_status("web", ingress({"ip": "203.0.113.7"}))
    assert services.patch("web", {"type": "ClusterIP"}).body["status"] == {"loadBalancer": {}}


def test_conditions_are_kept(services: ServiceRoom) -> None:
    services.create(type="LoadBalancer")
    condition = {
        "type": "lbctl.io/Ready",
        "status": "True",
        "reason": "Provisioned",
        "message": "",
        "lastTransitionTime": "2026-01-02T03:04:05Z",
    }
    assert services.patch_status("web", {"conditions": [condition]}).body["status"]["conditions"] == [condition]


@pytest.mark.parametrize(
    ("kind", "reported", "expected"),
    [
        pytest.param(
            "ClusterIP",
            {"ip": "203.0.113.7", "ipMode": "VIP"},
            f"{INGRESS}: Forbidden: may only be used when `spec.type` is 'LoadBalancer'",
            id="not-a-load-balancer",
        ),
        pytest.param(
            "LoadBalancer",
            {"ip": "203.0.113.7", "ipMode": "Routed"},
            f'{INGRESS}[0].ipMode: Unsupported value: "Routed": supported values: "Proxy", "VIP"',
            id="mode",
        ),
        pytest.param(
            "LoadBalancer",
            {"hostname": "lb.example.com", "ipMode": "VIP"},
            f"{INGRESS}[0].ipMode: Forbidden: may not be specified when `ip` is not set",
            id="mode-without-address",
        ),
        pytest.param(
            "LoadBalancer",
            {"hostname": "203.0.113.7"},
            f'{INGRESS}[0].hostname: Invalid value: "203.0.113.7": must be a DNS name, not an IP address',
            id="address-as-hostname",
        ),
    ],
)
def test_a_wrong_ingress_is_refused(services: ServiceRoom, kind: str, reported: Json, expected: str) -> None:
    services.create(type=kind)
    assert causes(services.patch_status("web", ingress(reported))) == [expected]
