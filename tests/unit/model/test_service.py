"""Services as values: `lbctl.model.service`, `address`, `errors`."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from lbctl.model.address import Family, family_of
from lbctl.model.errors import ConfigError, LbctlError, PermanentError, TemporaryError, UnsafePlan
from lbctl.model.service import Condition, ObjectKey, Service, parse_networks


def test_keys_print_as_kubectl_users_write_them() -> None:
    assert str(ObjectKey("shop", "web")) == "shop/web"
    assert str(ObjectKey("", "node-1")) == "node-1"


def test_conditions_are_found_by_type() -> None:
    ready = Condition("Ready", "True", "Fine")
    service = Service(ObjectKey("shop", "web"), conditions=(Condition("Other", "False", "No"), ready))
    assert service.condition("Ready") is ready
    assert service.condition("Missing") is None


def test_networks_are_split_into_good_and_bad() -> None:
    assert parse_networks((" 10.1.2.3/8", "fd00::/8", "ten", "10.0.0.0/33")) == (
        (ip_network("10.0.0.0/8"), ip_network("fd00::/8")),
        ("ten", "10.0.0.0/33"),
    )


def test_families_of_addresses_and_networks() -> None:
    assert family_of(ip_address("10.0.0.1")) is Family.IPV4
    assert family_of(ip_network("fd00::/8")) is Family.IPV6


def test_errors_carry_a_reason_for_machines_and_a_message_for_people() -> None:
    failure = TemporaryError("Throttled", "too many calls", retry_after_s=2.0)
    assert (failure.reason, failure.message, str(failure), failure.retry_after_s) == (
        "Throttled",
        "too many calls",
        "too many calls",
        2.0,
    )
    assert ConfigError("no such file").reason == "InvalidConfiguration"
    assert issubclass(ConfigError, PermanentError)
    assert issubclass(UnsafePlan, PermanentError)
    assert not issubclass(PermanentError, TemporaryError)
    assert issubclass(TemporaryError, LbctlError)
