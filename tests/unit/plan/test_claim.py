"""Whose a Service is: `lbctl.plan.claim`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lbctl.model.service import Service, ServiceType
from lbctl.plan.claim import FINALIZER, PROVIDER_ANNOTATION, Claim, claim, holder_of, provider_of
from tests.unit.plan.services import WEB

OURS = replace(WEB, load_balancer_class="lbctl.io/mock")
PLAIN = replace(WEB, type=ServiceType.CLUSTER_IP)


def held(service: Service, provider: str = "mock") -> Service:
    return replace(service, finalizers=("other.example/x", FINALIZER), annotations={PROVIDER_ANNOTATION: provider})


@pytest.mark.parametrize(
    ("service", "default", "expected"),
    [
        pytest.param(OURS, None, Claim.PROVISION, id="our class"),
        pytest.param(held(OURS), None, Claim.PROVISION, id="our class, in hand already"),
        pytest.param(held(OURS, ""), None, Claim.PROVISION, id="our class, held by nobody in particular"),
        pytest.param(held(OURS, "arp"), None, Claim.WAIT_FOR_RELEASE, id="our class, still held by another lbctl"),
        pytest.param(WEB, "mock", Claim.PROVISION, id="no class, and we are the default"),
        pytest.param(WEB, None, Claim.IGNORE_CLASS, id="no class, and there is no default"),
        pytest.param(WEB, "arp", Claim.IGNORE_CLASS, id="no class, and the default is another lbctl"),
        pytest.param(
            replace(WEB, load_balancer_class="lbctl.io/arp"), "mock", Claim.IGNORE_CLASS, id="another lbctl's class"
        ),
        pytest.param(
            replace(WEB, load_balancer_class="lbctl.io/moc"), None, Claim.UNKNOWN_CLASS, id="a misspelt class of ours"
        ),
        pytest.param(
            replace(WEB, load_balancer_class="service.k8s.aws/nlb"), "mock", Claim.IGNORE_CLASS, id="a stranger's class"
        ),
        pytest.param(PLAIN, "mock", Claim.IGNORE_TYPE, id="ClusterIP"),
        pytest.param(held(PLAIN), "mock", Claim.CLEAN_UP_RELEASED, id="ClusterIP by now, with our finalizer"),
        pytest.param(held(PLAIN, "arp"), "mock", Claim.IGNORE_TYPE, id="ClusterIP by now, held by another lbctl"),
        pytest.param(held(WEB), "arp", Claim.CLEAN_UP_RELEASED, id="the default is another one by now"),
        pytest.param(
            held(replace(OURS, deleting=True)), None, Claim.CLEAN_UP_DELETED, id="being deleted, with our finalizer"
        ),
        pytest.param(
            replace(OURS, deleting=True), None, Claim.IGNORE_DELETING, id="being deleted, and never provisioned again"
        ),
        pytest.param(
            held(replace(OURS, deleting=True), "arp"), None, Claim.IGNORE_DELETING, id="being deleted, another lbctl's"
        ),
        pytest.param(
            held(replace(PLAIN, deleting=True)), None, Claim.CLEAN_UP_DELETED, id="ClusterIP by now and being deleted"
        ),
    ],
)
def test_the_claim_on(service: Service, default: str | None, expected: Claim) -> None:
    assert claim(service, {"mock"}, {"mock", "arp"}, default) is expected


def test_only_the_two_ways_of_cleaning_up_clean_up() -> None:
    assert {one for one in Claim if one.cleans_up} == {Claim.CLEAN_UP_DELETED, Claim.CLEAN_UP_RELEASED}


def test_the_annotation_without_the_finalizer_holds_nothing() -> None:
    assert holder_of(replace(OURS, annotations={PROVIDER_ANNOTATION: "mock"})) is None


@pytest.mark.parametrize(
    ("class_", "provider"),
    [(None, "the-default"), ("lbctl.io/aws", "aws"), ("lbctl.io/", ""), ("lbctl.iox/aws", None), ("aws", None)],
)
def test_the_class_names_the_provider(class_: str | None, provider: str | None) -> None:
    assert provider_of(replace(WEB, load_balancer_class=class_), "the-default") == provider
