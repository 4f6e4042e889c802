"""Nodes come and go; the cloud is told once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lbctl.model.node import EXCLUDE_LABEL
from lbctl.model.service import ObjectKey
from tests.unit.controller.world import balancer, node

WEB = ObjectKey("default", "web")


def targets(cloud) -> set[frozenset[str]]:
    found = [one.fields["targets"] for one in cloud.everything() if one.ref.kind in ("pool", "node-group")]
    return {one for one in found if one}


def test_fifty_nodes_within_ten_seconds_cost_each_pool_one_update(start) -> None:
    made, cloud = start()
    for index in range(10):
        made.apply(balancer(f"web-{index}", ports=2))
    before, writes = cloud.calls, made.cluster.writes
    for index in range(50):
        made.join(node(f"new-{index}"))
        made.run(seconds=0.2)
    made.run(seconds=40)
    assert cloud.calls - before == 20, "10 Services with 2 pools each"
    assert {len(one) for one in targets(cloud)} == {52}
    assert made.cluster.writes == writes, "a node costs no write per Service"


def test_one_node_joining_a_thousand_services_costs_one_call_per_pool(start) -> None:
    made, cloud = start(ipv4_range="10.0.0.0/16")
    for index in range(1000):
        made.apply(balancer(f"web-{index}", ports=2))
    before = cloud.calls
    made.join(node("n3"))
    made.run(seconds=40)
    assert cloud.calls - before == 2000


def test_with_shared_membership_a_node_costs_one_call(start) -> None:
    made, cloud = start(membership="shared")
    for index in range(10):
        made.apply(balancer(f"web-{index}", ports=2))
    before = cloud.calls
    made.join(node("n3"))
    made.run(seconds=40)
    assert cloud.calls - before == 1
    assert targets(cloud) == {frozenset({"mock:///n1", "mock:///n2", "mock:///n3"})}


def test_shared_resources_go_with_the_last_service(start) -> None:
    made, cloud = start(membership="shared")
    made.apply(balancer())
    made.delete(WEB)
    made.run()
    assert cloud.everything() == ()


def test_a_steady_trickle_of_nodes_does_not_put_off_the_change_for_ever(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    for index in range(40):
        made.join(node(f"new-{index}"))
        made.run(seconds=1)
    assert {len(one) for one in targets(cloud)} != {2}


@pytest.mark.parametrize(
    ("change", "eligible"),
    [
        ({"ready": False}, True),
        ({"unschedulable": True}, True),
        ({"labels": {EXCLUDE_LABEL: ""}}, False),
        ({"labels": {EXCLUDE_LABEL: "true"}}, False),
        ({"labels": {EXCLUDE_LABEL: "garbage"}}, False),
        ({"labels": {EXCLUDE_LABEL: "false"}}, True),
        ({"taints": frozenset({"ToBeDeletedByClusterAutoscaler"})}, False),
        ({"taints": frozenset({"dedicated"})}, True),
        ({"deleting": True}, False),
    ],
    ids=str,
)
def test_eligibility_is_that_of_kep_3458(start, change: dict[str, object], eligible: bool) -> None:
    made, cloud = start()
    made.apply(balancer())
    made.join(replace(made.cluster.nodes_["n2"], **change))
    made.run(seconds=10)
    assert (frozenset({"mock:///n1", "mock:///n2"}) in targets(cloud)) is eligible


def test_a_heartbeat_of_a_node_asks_for_nothing(start) -> None:
    made, _ = start()
    made.apply(balancer())
    made.join(replace(made.cluster.nodes_["n2"], resource_version="99", ready=False))
    assert made.controller.queue.stats().delayed == 0
