"""Crashes, faults, drift and orphans: nothing leaks, nothing foreign is touched, every Service converges."""

from __future__ import annotations

import pytest

from lbctl.model.resource import Ref
from lbctl.model.service import ObjectKey, ServicePort, ServiceType
from lbctl_mock.faults import Fault, FaultAt, RandomFaults
from lbctl_mock.gate import Crash
from lbctl_mock.records import Record, Tags
from tests.unit.controller.world import balancer

WEB = ObjectKey("default", "web")


def create(made) -> None:
    made.apply(balancer(ports=2))


def update(made) -> None:
    made.edit(WEB, ports=(ServicePort(9000, node_port=30500), ServicePort(8001, name="p1", node_port=30777)))


def retype(made) -> None:
    made.edit(WEB, type=ServiceType.CLUSTER_IP, load_balancer_class=None)


def delete(made) -> None:
    made.delete(WEB)


ACTIONS = {"create": [create], "update": [create, update], "retype": [create, retype], "delete": [create, delete]}


@pytest.mark.parametrize("lag_s", [0, 3])
@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_crash_at_any_call_leaves_no_leak_and_no_double(start, action: str, fault: Fault, lag_s: float) -> None:
    *before, last = ACTIONS[action]
    for at in range(1, 30):
        made, cloud = start(consistency_s=lag_s)
        for step in before:
            step(made)
        made.run(seconds=2 * lag_s)
        plan = FaultAt(fault, at)
        cloud.faults = plan
        try:
            last(made)
            made.run(seconds=3 * lag_s)
        except Crash:
            pass
        if not plan.fired:
            assert at > 2, "the action made no calls: this test would prove nothing"
            return
        cloud.faults = lambda _: None
        again, _ = start(cloud=cloud, cluster=made.cluster, consistency_s=lag_s)
        again.run(seconds=3 * lag_s + 5)
        service = again.cluster.objects.get(WEB)
        if service is not None and service.type is ServiceType.LOAD_BALANCER:
            ports = sorted(one.port for one in service.ports)
            assert sorted(one.fields["port"] for one in cloud.everything() if one.ref.kind == "listener") == ports
            assert len(cloud.everything()) == 2 + 2 * len(ports)
            assert service.ingress
        else:
            assert cloud.everything() == ()
            assert service is None or not service.finalizers
    raise AssertionError("the action never ran without the fault")


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.SERVER_ERROR, Fault.LOST_RESPONSE])
@pytest.mark.parametrize("action", ACTIONS)
def test_a_fault_at_any_call_is_healed_by_retrying(start, action: str, fault: Fault) -> None:
    *before, last = ACTIONS[action]
    for at in range(1, 30):
        made, cloud = start()
        for step in before:
            step(made)
        plan = FaultAt(fault, at)
        cloud.faults = plan
        last(made)
        made.run(seconds=30)
        service = made.cluster.objects.get(WEB)
        if service is not None and service.type is ServiceType.LOAD_BALANCER:
            assert made.cluster.condition(WEB).status == "True"
            assert len(cloud.everything()) == 6
        else:
            assert cloud.everything() == ()
        if not plan.fired:
            return
        assert "SyncLoadBalancerFailed" in made.cluster.reasons(WEB)
    raise AssertionError("the action never ran without the fault")


def test_a_storm_of_faults_ends_with_every_service_served(start) -> None:
    made, cloud = start()
    rates = {Fault.THROTTLED: 0.1, Fault.SERVER_ERROR: 0.1, Fault.LOST_RESPONSE: 0.1}
    cloud.faults = RandomFaults(rates, seed=7)
    for index in range(20):
        made.apply(balancer(f"web-{index}", ports=2))
    made.run(seconds=3600)
    assert len(cloud.everything()) == 20 * 6
    addresses = {made.cluster.objects[key].ingress[0].ip for key in made.cluster.objects}
    assert len(addresses) == 20


def test_a_failure_is_told_on_the_service_and_others_are_served(start) -> None:
    made, cloud = start()
    cloud.faults = lambda call: Fault.SERVER_ERROR if "uid-bad" in call.name else None
    made.apply(balancer("bad"))
    made.apply(balancer("web"))
    bad = ObjectKey("default", "bad")
    assert made.cluster.condition(bad).status == "False"
    assert any(
        reason == "SyncLoadBalancerFailed" and message.startswith("Error syncing load balancer: ")
        for key, reason, message in made.cluster.events
        if key == bad
    )
    assert made.cluster.condition(WEB).status == "True"


def test_a_resource_deleted_by_hand_comes_back_and_the_repair_is_told(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    listener = next(one.ref for one in cloud.everything() if one.ref.kind == "listener")
    cloud.vanish(listener)
    made.controller.audit()
    made.run()
    assert listener in {one.ref for one in cloud.everything()}
    assert "LoadBalancerRepaired" in made.cluster.reasons(WEB)


def test_a_resource_changed_by_hand_is_set_right(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    pool = next(one.ref for one in cloud.everything() if one.ref.kind == "pool")
    cloud.tamper(pool, {"node_port": 1})
    made.controller.audit()
    made.run()
    assert next(one for one in cloud.everything() if one.ref == pool).fields["node_port"] == 30000


def test_an_audit_of_a_thousand_services_makes_two_calls_and_no_write(start) -> None:
    made, cloud = start(ipv4_range="10.0.0.0/16", page_size=2500)
    for index in range(1000):
        made.apply(balancer(f"web-{index}"))
    calls, writes = cloud.calls, made.cluster.writes
    made.controller.audit()
    made.run()
    assert cloud.calls - calls == 2, "4,000 resources on pages of 2,500"
    assert made.cluster.writes == writes


def lose(made, key: ObjectKey) -> None:
    """Somebody strips the finalizer and deletes the Service while nobody looks."""
    old = made.cluster.objects.pop(key)
    made.controller.service_changed(old, None)


def test_orphans_are_reported_and_kept_unless_told_otherwise(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    lose(made, WEB)
    for _ in range(3):
        made.controller.audit()
    assert [one.owner.key for one in made.controller.auditors["mock"].orphans] == [WEB]
    assert len(cloud.everything()) == 4


def test_orphans_are_removed_with_gc_after_two_audits_and_nothing_else_is(start) -> None:
    made, cloud = start(collect_orphans=True)
    made.apply(balancer("gone"))
    made.apply(balancer("web"))
    stranger = Record(Ref("balancer", "other-uid-x"), Tags("other", "uid-x", "default/x"), {"addresses": ()})
    cloud.plant(stranger)
    lose(made, ObjectKey("default", "gone"))
    made.controller.audit()
    assert len(cloud.everything()) == 9
    made.controller.audit()
    assert {one.tags.owner_key for one in cloud.everything()} == {"default/web", "default/x"}


def test_gc_refuses_to_remove_most_of_what_there_is(start) -> None:
    made, cloud = start(collect_orphans=True)
    for index in range(5):
        made.apply(balancer(f"web-{index}"))
    for index in range(4):
        lose(made, ObjectKey("default", f"web-{index}"))
    for _ in range(3):
        made.controller.audit()
    assert len(cloud.everything()) == 20


def test_a_foreign_resource_under_our_name_is_neither_taken_nor_changed(start) -> None:
    made, cloud = start()
    stranger = Record(Ref("balancer", "test-uid-web"), Tags("other", "uid-web", "default/web"), {"addresses": ()})
    cloud.plant(stranger)
    made.apply(balancer())
    assert made.cluster.condition(WEB).status == "False"
    made.delete(WEB)
    assert cloud.everything() == (stranger,)
    assert WEB not in made.cluster.objects


def test_nothing_is_touched_before_services_and_nodes_are_known(start) -> None:
    made, cloud = start()
    made.cluster.is_synced = False
    made.apply(balancer())
    assert cloud.everything() == ()
    made.cluster.is_synced = True
    made.run(seconds=5)
    assert made.cluster.condition(WEB).status == "True"


def test_a_service_deleted_while_reads_still_lag_its_creation_leaks_nothing(start) -> None:
    made, cloud = start(provisioning_s=30, consistency_s=5)
    made.run(seconds=10)
    made.apply(balancer())
    made.run(seconds=1)
    made.delete(WEB)
    made.run(seconds=60)
    assert cloud.everything() == ()
    assert WEB not in made.cluster.objects


def test_an_audit_right_after_a_write_takes_the_lag_for_no_drift(start) -> None:
    made, cloud = start(consistency_s=5)
    made.run(seconds=10)
    made.apply(balancer())
    made.run(seconds=1)
    calls = cloud.calls
    made.controller.audit()
    made.run()
    assert cloud.calls == calls + 1, "one search"
    assert "LoadBalancerRepaired" not in made.cluster.reasons(WEB)


def test_an_edit_taken_back_at_once_is_not_lost_to_a_lagging_read(start) -> None:
    made, cloud = start(provisioning_s=4, consistency_s=3)
    made.run(seconds=10)
    made.apply(balancer())
    made.run(seconds=10)
    made.edit(WEB, ports=(ServicePort(9000, node_port=30500),))
    made.edit(WEB, ports=balancer().ports)
    made.run(seconds=20)
    assert [one.fields["port"] for one in cloud.everything() if one.ref.kind == "listener"] == [8000]


def test_throttled_clouds_are_not_asked_in_lockstep(start) -> None:
    made, cloud = start(throttle={"rate": 2, "burst": 3})
    for index in range(5):
        made.apply(balancer(f"web-{index}", ports=2))
    made.run(seconds=900)
    assert len(cloud.everything()) == 5 * 6


def test_a_quota_that_is_freed_serves_who_waited_for_it_at_once(start) -> None:
    made, _ = start(quotas={"balancers": 1})
    made.apply(balancer("first"))
    made.apply(balancer("web"))
    assert made.cluster.condition(WEB).reason == "QuotaExceeded"
    assert "QuotaExceeded" in made.cluster.reasons(WEB)
    made.delete(ObjectKey("default", "first"))
    made.run(seconds=1)
    assert made.cluster.condition(WEB).status == "True"
