"""What hollow nodes say of themselves."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lbctl.model.errors import ConfigError
from lbctl.sandbox.workloads.nodes import describe, plan_node, register
from lbctl.sandbox.workloads.objects import Condition, NodeStatus, Taint
from lbctl.sandbox.workloads.settings import WorkloadSettings
from lbctl.sandbox.workloads.writes import Create, Remove
from tests.unit.sandbox.workloads.builders import NOW, node

SETTINGS = WorkloadSettings(hollow_nodes=2)
NOT_READY = Taint("node.kubernetes.io/not-ready", effect="NoSchedule")


@pytest.mark.parametrize(
    ("number", "zone", "addresses", "cidrs"),
    [
        (1, "a", ["172.18.0.11", "fd00:172:18::11"], ["10.244.1.0/24", "fd00:10:244:1::/64"]),
        (5, "b", ["172.18.0.15", "fd00:172:18::15"], ["10.244.5.0/24", "fd00:10:244:5::/64"]),
        (12, "c", ["172.18.0.22", "fd00:172:18::22"], ["10.244.12.0/24", "fd00:10:244:12::/64"]),
        (200, "b", ["172.18.0.210", "fd00:172:18::210"], ["10.244.200.0/24", "fd00:10:244:200::/64"]),
    ],
)
def test_addresses_ranges_and_zone_follow_from_the_number(
    number: int, zone: str, addresses: list[str], cidrs: list[str]
) -> None:
    document: Any = describe(number, SETTINGS, NOW)
    listed = [one["address"] for one in document["status"]["addresses"] if one["type"] == "InternalIP"]
    assert (listed, document["spec"]["podCIDRs"]) == (addresses, cidrs)
    assert document["metadata"]["labels"]["topology.kubernetes.io/zone"] == zone
    assert document["metadata"]["labels"]["kubernetes.io/hostname"] == f"node-{number}"
    assert document["spec"]["providerID"] == f"mock:///node-{number}"


def test_missing_nodes_are_created_and_surplus_ones_removed() -> None:
    worker = msgspec.structs.replace(node(9), spec=msgspec.structs.replace(node(9).spec, provider_id="aws:///i-1"))
    writes = register(SETTINGS, [node(1), node(3), worker], NOW)
    created = [one.document["metadata"] for one in writes if isinstance(one, Create)]
    assert [one["name"] for one in created if isinstance(one, dict)] == ["node-2"]
    assert [one.key.name for one in writes if isinstance(one, Remove)] == ["node-3"]


def test_without_hollow_nodes_nobodys_nodes_are_touched() -> None:
    assert register(WorkloadSettings(hollow_nodes=0), [node(1)], NOW) == []


def test_a_node_that_is_as_it_should_be_is_left_alone() -> None:
    assert plan_node(node(1), NOW) == []


def test_the_annotation_makes_a_node_not_ready_and_taints_it() -> None:
    quiet = node(1, taints=(Taint("other", effect="NoSchedule"),))
    meta = msgspec.structs.replace(quiet.metadata, annotations={"lbctl.io/hollow-ready": "false"})
    taint, status = (one.document for one in plan_node(msgspec.structs.replace(quiet, metadata=meta), NOW))
    assert taint["spec"] == {"taints": msgspec.to_builtins((*(quiet.spec.taints or ()), NOT_READY))}
    conditions: Any = status["status"]
    assert conditions["conditions"][0]["status"] == "False"


def test_the_taint_a_real_server_gives_every_new_node_is_taken_off() -> None:
    (taint,) = plan_node(node(1, taints=(NOT_READY,)), NOW)
    assert taint.document["spec"] == {"taints": None}


def test_a_node_without_condition_reports_ready() -> None:
    silent = msgspec.structs.replace(node(1), status=NodeStatus(conditions=(Condition("MemoryPressure", "False"),)))
    (write,) = plan_node(silent, NOW)
    assert write.subresource == "status"


@pytest.mark.parametrize("wrong", [{"hollow_nodes": -1}, {"hollow_nodes": 201}, {"zones": ()}])
def test_impossible_settings_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        WorkloadSettings(**wrong)
