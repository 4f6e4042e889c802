"""Switches and their errors: `lbctl_mock.settings`, and the plug-in that uses them."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from lbctl.model.address import Family
from lbctl.model.loadbalancer import Wiring
from lbctl.model.service import Protocol
from lbctl.plan.capabilities import Capabilities, Membership
from lbctl.provider.contract import ProviderContext
from lbctl_mock import PROVIDER
from lbctl_mock.settings import MockSettings


def test_without_settings_everything_is_offered() -> None:
    assert MockSettings().capabilities() == Capabilities(protocols=frozenset(Protocol), families=frozenset(Family))


def test_settings_are_written_as_in_a_configuration_file() -> None:
    can = MockSettings.model_validate(
        {
            "ipv4_range": "198.18.0.0/15",
            "membership": "shared",
            "wiring": "vip",
            "protocols": ["TCP"],
            "families": ["IPv4"],
            "max_ports": 5,
            "consistency_s": 3,
            "throttle": {"rate": 10},
        }
    ).capabilities()
    assert (can.membership, can.wiring, can.max_ports, can.consistency_s) == (Membership.SHARED, Wiring.VIP, 5, 3)
    assert (can.protocols, can.families) == (frozenset({Protocol.TCP}), frozenset({Family.IPV4}))
    assert not can.dual_stack, "one family makes no dual stack"


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        ({"ipv4_range": "203.0.113.1/24"}, "ipv4_range", "IPv4 network"),
        ({"ipv4_range": "203.0.113.4/31"}, "ipv4_range", "give a /30 or larger"),
        ({"ipv6_range": "2001:db8::/127"}, "ipv6_range", "give a /126 or larger"),
        ({"latency_s": -1}, "latency_s", "greater than or equal to 0"),
        ({"families": []}, "families", "name at least one"),
        ({"protocols": ["HTTP"]}, "protocols", "'TCP', 'UDP' or 'SCTP'"),
        ({"wiring": "pod"}, "wiring", "choose nodePort or vip"),
        ({"throttle": {"rate": 0}}, "throttle", "greater than 0"),
        ({"quotas": {"pools": 1}}, "quotas", "Extra inputs"),
        ({"colour": "red"}, "colour", "Extra inputs"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_right(settings: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MockSettings.model_validate(settings)
    (failure,) = caught.value.errors()
    assert failure["loc"][0] == field
    assert words in failure["msg"]


def test_each_build_has_a_cloud_of_its_own() -> None:
    context = ProviderContext(cluster="c")
    first, second = PROVIDER.build(MockSettings(), context), PROVIDER.build(MockSettings(), context)
    assert first.name == "mock"
    assert getattr(first, "cloud", 1) is not getattr(second, "cloud", 2)


def test_naming_the_plug_in_loads_neither_cloud_nor_provider() -> None:
    code = "import sys, lbctl_mock; sys.exit('lbctl_mock.cloud' in sys.modules or 'lbctl_mock.render' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False)
    assert done.returncode == 0
