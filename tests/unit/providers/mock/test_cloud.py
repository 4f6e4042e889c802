"""The manners of the in-memory cloud: `lbctl_mock.cloud`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lbctl.model.resource import Ref, Value
from lbctl.runtime.clock import FakeClock
from lbctl_mock import errors
from lbctl_mock.cloud import MockCloud
from lbctl_mock.errors import CloudError, Crash
from lbctl_mock.faults import Call, Fault, FaultAt, RandomFaults
from lbctl_mock.records import ADDRESS, BALANCER, LISTENER, NODE_GROUP, POOL, Record, Tags
from lbctl_mock.settings import MockSettings, Quotas, Throttle

OURS = Tags("c1", "uid-1", "shop/web")
THEIRS = Tags("c2", "uid-9", "bank/vault")
IP, LB, GROUP = Ref(ADDRESS, "ip"), Ref(BALANCER, "lb"), Ref(NODE_GROUP, "group")
ANY: dict[str, Value] = {"family": "IPv4", "requested": ""}
POOL_FIELDS: dict[str, Value] = {
    "protocol": "TCP",
    "node_port": 30080,
    "targets": frozenset({"node-1"}),
    "node_group": "",
    "health_port": 10256,
    "health_path": "/healthz",
    "health_interval_s": 10,
    "healthy_threshold": 2,
    "unhealthy_threshold": 2,
    "affinity_s": 0,
    "preserve_client_ip": False,
}


def with_balancer(settings: MockSettings | None = None, clock: FakeClock | None = None) -> MockCloud:
    cloud = MockCloud(settings, clock or FakeClock())
    cloud.create(IP, OURS, ANY)
    cloud.create(LB, OURS, {"addresses": ("ip",)})
    return cloud


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(CloudError) as caught:
        act()
    return caught.value.code


def test_a_name_can_be_taken_once() -> None:
    cloud = with_balancer()
    assert code_of(lambda: cloud.create(IP, THEIRS, ANY)) == errors.ALREADY_EXISTS


def test_what_does_not_exist_cannot_be_named() -> None:
    assert code_of(lambda: MockCloud().create(LB, OURS, {"addresses": ("ip",)})) == errors.MISSING_REFERENCE


def test_what_is_in_use_cannot_be_deleted() -> None:
    cloud = with_balancer()
    assert code_of(lambda: cloud.delete(IP, OURS)) == errors.IN_USE
    cloud.update(LB, OURS, {"addresses": ()})
    cloud.delete(IP, OURS)
    assert code_of(lambda: cloud.delete(IP, OURS)) == errors.NOT_FOUND


@pytest.mark.parametrize("tags", [THEIRS, Tags("c1", "uid-2"), Tags("c2", "uid-1"), Tags("c1")])
def test_tags_guard_updates_and_deletes(tags: Tags) -> None:
    cloud = with_balancer()
    assert code_of(lambda: cloud.update(LB, tags, {"addresses": ()})) == errors.NOT_YOURS
    assert code_of(lambda: cloud.delete(LB, tags)) == errors.NOT_YOURS


@pytest.mark.parametrize("fields", [{"family": "IPv4"}, {**ANY, "colour": "red"}, {"family": "IPv5", "requested": ""}])
def test_wrong_fields_are_refused(fields: dict[str, Value]) -> None:
    assert code_of(lambda: MockCloud().create(IP, OURS, fields)) == errors.INVALID


def test_quotas_are_kept() -> None:
    cloud = with_balancer(MockSettings(quotas=Quotas(balancers=1, listeners_per_balancer=1, targets_per_pool=1)))
    cloud.create(Ref(POOL, "p"), OURS, POOL_FIELDS)
    listener: dict[str, Value] = {"balancer": "lb", "port": 80, "protocol": "TCP", "pool": "p"}
    cloud.create(Ref(LISTENER, "l1"), OURS, listener)
    cloud.update(Ref(LISTENER, "l1"), OURS, {"pool": "p"})
    assert code_of(lambda: cloud.create(Ref(BALANCER, "lb2"), OURS, {"addresses": ()})) == errors.QUOTA
    assert code_of(lambda: cloud.create(Ref(LISTENER, "l2"), OURS, {**listener, "port": 81})) == errors.QUOTA
    two = frozenset({"node-1", "node-2"})
    assert code_of(lambda: cloud.update(Ref(POOL, "p"), OURS, {"targets": two})) == errors.QUOTA
    assert code_of(lambda: cloud.create(GROUP, Tags("c1"), {"targets": two})) == errors.QUOTA


def test_a_full_range_is_said_to_be_full() -> None:
    cloud = MockCloud(MockSettings.model_validate({"ipv4_range": "203.0.113.0/30"}))
    for name in "ab":
        cloud.create(Ref(ADDRESS, name), OURS, ANY)
    assert code_of(lambda: cloud.create(IP, OURS, ANY)) == errors.NO_FREE_ADDRESS


def test_a_balancer_is_provisioning_until_its_time() -> None:
    clock = FakeClock()
    cloud = with_balancer(MockSettings(provisioning_s=30), clock)
    clock.advance(29)
    assert cloud.get(LB).state == "provisioning"
    clock.advance(1)
    assert cloud.get(LB).state == "active"
    assert [one.state for one in cloud.search("c1").records] == ["active", "active"]


def test_searches_lag_writes_and_reads_by_name_do_not() -> None:
    clock = FakeClock()
    cloud = with_balancer(MockSettings(consistency_s=5), clock)
    assert cloud.search("c1").records == ()
    assert cloud.get(IP).ip is not None
    clock.advance(5)
    assert [one.ref for one in cloud.search("c1").records] == [IP, LB]
    cloud.update(LB, OURS, {"addresses": ()})
    clock.advance(2)
    cloud.delete(LB, OURS)
    assert [one.fields["addresses"] for one in cloud.search("c1", "uid-1").records if one.ref == LB] == [("ip",)]
    clock.advance(3)
    assert [one.fields["addresses"] for one in cloud.search("c1", "uid-1").records if one.ref == LB] == [()]
    clock.advance(2)
    assert [one.ref for one in cloud.search("c1").records] == [IP]


def test_searches_find_by_cluster_and_owner_in_pages() -> None:
    cloud = MockCloud(MockSettings(page_size=2))
    for name, tags in (("a", OURS), ("b", OURS), ("c", OURS), ("d", Tags("c1")), ("e", THEIRS)):
        cloud.create(Ref(ADDRESS, name), tags, ANY)
    assert [one.ref.name for one in cloud.search("c1", "").records] == ["d"]
    assert [one.ref.name for one in cloud.search("c2").records] == ["e"]
    first = cloud.search("c1", "uid-1")
    assert first.next is not None
    cloud.delete(Ref(ADDRESS, "c"), OURS)
    second = cloud.search("c1", "uid-1", first.next)
    assert [one.ref.name for one in (*first.records, *second.records)] == ["a", "b", "c"], "one listing, one moment"
    assert second.next is None


def test_a_bucket_of_tokens_throttles_and_says_for_how_long() -> None:
    clock = FakeClock()
    cloud = MockCloud(MockSettings(throttle=Throttle(rate=2, burst=2)), clock)
    cloud.search("c1")
    cloud.search("c1")
    with pytest.raises(CloudError) as caught:
        cloud.search("c1")
    assert (caught.value.code, caught.value.retry_after_s) == (errors.THROTTLED, 0.5)
    clock.advance(0.5)
    cloud.search("c1")


def test_latency_is_spent_before_each_call() -> None:
    clock = FakeClock()
    cloud = MockCloud(MockSettings(latency_s=0.25), clock, pause=clock.advance)
    cloud.search("c1")
    cloud.create(IP, OURS, ANY)
    assert clock.monotonic_s() == 0.5


@pytest.mark.parametrize(
    ("fault", "outcome", "happened"),
    [
        (Fault.CRASH_BEFORE, "Crash", False),
        (Fault.CRASH_AFTER, "Crash", True),
        (Fault.THROTTLED, "Throttled", False),
        (Fault.SERVER_ERROR, "ServerError", False),
        (Fault.LOST_RESPONSE, "Timeout", True),
    ],
)
def test_a_fault_hits_its_call_and_no_other(fault: Fault, outcome: str, happened: bool) -> None:
    cloud = MockCloud()
    cloud.faults = FaultAt(fault, at=2)
    cloud.create(Ref(ADDRESS, "before"), OURS, ANY)
    with pytest.raises((CloudError, Crash)):
        cloud.create(IP, OURS, ANY)
    assert bool([one for one in cloud.everything() if one.ref == IP]) is happened
    cloud.create(Ref(ADDRESS, "after"), OURS, ANY)
    assert [one.outcome for one in cloud.log()] == ["ok", outcome, "ok"]


def test_random_faults_repeat_with_their_seed() -> None:
    def run(seed: int) -> list[Fault | None]:
        plan = RandomFaults({Fault.THROTTLED: 0.2, Fault.SERVER_ERROR: 0.2}, seed)
        return [plan(Call(0, "get", "", "")) for _ in range(200)]

    assert run(1) == run(1) != run(2)
    assert 20 < run(1).count(Fault.THROTTLED) < 60
    assert 20 < run(1).count(Fault.SERVER_ERROR) < 60


def test_every_call_is_logged_and_counted() -> None:
    cloud = with_balancer()
    code_of(lambda: cloud.get(GROUP))
    assert [(one.number, one.verb, one.kind, one.name, one.outcome) for one in cloud.log(since=1)] == [
        (2, "create", "balancer", "lb", "ok"),
        (3, "get", "node-group", "group", "NotFound"),
    ]
    assert cloud.calls == 3
    assert cloud.counts["create", "address", "ok"] == 1


def test_hands_reach_past_everything_and_leave_no_trace_in_the_log() -> None:
    cloud = with_balancer(MockSettings(consistency_s=60), FakeClock())
    before = cloud.calls
    cloud.plant(Record(GROUP, THEIRS, {"targets": frozenset()}))
    cloud.tamper(LB, {"addresses": ("nowhere",)})
    cloud.vanish(IP)
    assert [(one.ref, one.tags) for one in cloud.everything()] == [(LB, OURS), (GROUP, THEIRS)]
    assert cloud.calls == before
    assert [one.fields for one in cloud.search("c1").records] == [{"addresses": ("nowhere",)}]
    assert cloud.search("c2").records[0].ref == GROUP


def test_an_address_that_vanished_is_free_again() -> None:
    cloud = with_balancer()
    had = cloud.get(IP).ip
    cloud.vanish(IP)
    assert cloud.create(Ref(ADDRESS, "new"), OURS, ANY).ip == had
