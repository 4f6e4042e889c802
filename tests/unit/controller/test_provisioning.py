"""From a Service to its load balancer and its status."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address

import pytest

from lbctl.model.errors import TemporaryError
from lbctl.model.service import IngressPort, ObjectKey, Protocol, ServicePort, ServiceType
from lbctl.plan.claim import FINALIZER, PROVIDER_ANNOTATION
from tests.unit.controller.world import balancer, node

WEB = ObjectKey("default", "web")


def kinds(cloud) -> dict[str, int]:
    found: dict[str, int] = {}
    for record in cloud.everything():
        found[record.ref.kind] = found.get(record.ref.kind, 0) + 1
    return found


def test_a_service_gets_an_address_its_ports_a_condition_and_one_event(start) -> None:
    made, cloud = start()
    made.apply(balancer(ports=2))
    service = made.cluster.objects[WEB]
    assert [one.ip for one in service.ingress] == [ip_address("203.0.113.1")]
    assert service.ingress[0].ports == (IngressPort(8000, Protocol.TCP), IngressPort(8001, Protocol.TCP))
    assert made.cluster.condition(WEB).status == "True"
    assert made.cluster.events == [(WEB, "EnsuredLoadBalancer", "Ensured load balancer")]
    assert kinds(cloud) == {"address": 1, "balancer": 1, "pool": 2, "listener": 2}


def test_provisioning_costs_two_writes_to_the_api_and_no_read_of_the_cloud(start) -> None:
    made, cloud = start()
    before = cloud.calls
    made.apply(balancer(ports=2))
    assert made.cluster.writes == 2, "finalizer, status"
    assert cloud.calls - before == 6, "address, balancer, 2 pools, 2 listeners"


def test_the_finalizer_and_the_provider_stand_before_the_first_call(start) -> None:
    made, cloud = start()

    def faults(call):
        service = made.cluster.objects[WEB]
        assert FINALIZER in service.finalizers
        assert service.annotations[PROVIDER_ANNOTATION] == "mock"

    cloud.faults = faults
    made.apply(balancer())
    assert cloud.counts[("create", "balancer", "ok")] == 1


def test_pools_point_at_the_node_ports_of_the_eligible_nodes(start) -> None:
    made, cloud = start()
    made.cluster.nodes_["n3"] = node("n3", taints=frozenset({"ToBeDeletedByClusterAutoscaler"}))
    made.apply(balancer())
    pool = next(one for one in cloud.everything() if one.ref.kind == "pool")
    assert pool.fields["node_port"] == 30000
    assert pool.fields["targets"] == frozenset({"mock:///n1", "mock:///n2"})


def test_a_second_look_changes_nothing_anywhere(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    calls, writes, events = cloud.calls, made.cluster.writes, list(made.cluster.events)
    made.controller.queue.add(WEB)
    made.run()
    assert (cloud.calls, made.cluster.writes, made.cluster.events) == (calls, writes, events)


def test_a_restart_changes_nothing_and_reads_in_bulk(start) -> None:
    made, cloud = start()
    for index in range(20):
        made.apply(balancer(f"web-{index}"))
    calls, writes = cloud.calls, made.cluster.writes
    start(cloud=cloud, cluster=made.cluster)
    assert made.cluster.writes == writes
    assert cloud.calls == calls + 1, "one search"


def test_a_changed_port_moves_the_listener_and_keeps_the_address(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    before = made.cluster.objects[WEB].ingress[0].ip
    made.edit(WEB, ports=(ServicePort(9000, node_port=30500),))
    service = made.cluster.objects[WEB]
    assert service.ingress[0].ip == before
    assert service.ingress[0].ports == (IngressPort(9000, Protocol.TCP),)
    assert [one.fields["port"] for one in cloud.everything() if one.ref.kind == "listener"] == [9000]


def test_deleting_a_service_empties_the_cloud_before_the_finalizer_comes_off(start) -> None:
    made, cloud = start()
    made.apply(balancer(ports=2))
    made.delete(WEB)
    assert cloud.everything() == ()
    assert WEB not in made.cluster.objects
    assert made.cluster.reasons(WEB)[-2:] == ["DeletingLoadBalancer", "DeletedLoadBalancer"]


def test_a_change_to_cluster_ip_empties_the_cloud_and_the_status(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    made.edit(WEB, type=ServiceType.CLUSTER_IP, load_balancer_class=None)
    service = made.cluster.objects[WEB]
    assert cloud.everything() == ()
    assert (service.ingress, service.finalizers, service.conditions) == ((), (), ())
    assert PROVIDER_ANNOTATION not in service.annotations


def test_a_deleting_service_without_our_finalizer_is_never_provisioned(start) -> None:
    made, cloud = start()
    made.apply(balancer(deleting=True, finalizers=("example.com/other",)))
    assert cloud.everything() == ()
    assert made.cluster.writes == 0


def test_a_cleaned_up_service_that_another_finalizer_holds_is_left_alone(start) -> None:
    made, cloud = start()
    made.apply(balancer(finalizers=("example.com/other",)))
    made.delete(WEB)
    service = made.cluster.objects[WEB]
    assert service.finalizers == ("example.com/other",)
    calls = cloud.calls
    made.edit(WEB, annotations={"touched": "yes"})
    assert cloud.calls == calls


@pytest.mark.parametrize(
    ("class_", "default", "ours"),
    [
        ("lbctl.io/mock", None, True),
        (None, None, False),
        (None, "lbctl.io/mock", True),
        ("service.k8s.aws/nlb", "lbctl.io/mock", False),
        ("lbctl.io/aws", None, False),
    ],
)
def test_the_class_decides_whose_service_it_is(start, class_: str | None, default: str | None, ours: bool) -> None:
    made, _ = start(default_class=default)
    made.apply(balancer(load_balancer_class=class_))
    assert bool(made.cluster.objects[WEB].ingress) is ours
    assert bool(made.cluster.events) is ours


def test_an_unknown_class_of_ours_is_refused_by_name_once(start) -> None:
    made, _ = start()
    made.apply(balancer(load_balancer_class="lbctl.io/azure"))
    made.edit(WEB, annotations={"touched": "yes"})
    assert made.cluster.condition(WEB).reason == "UnknownLoadBalancerClass"
    assert made.cluster.events == [
        (
            WEB,
            "UnknownLoadBalancerClass",
            "Service default/web: no provider answers to loadBalancerClass lbctl.io/azure; "
            "known are lbctl.io/aws, lbctl.io/mock",
        )
    ]


def test_six_ports_on_a_five_port_provider_are_refused_and_other_services_go_on(start) -> None:
    made, cloud = start(max_ports=5)
    made.apply(balancer("six", ports=6))
    made.apply(balancer("web"))
    refused = made.cluster.condition(ObjectKey("default", "six"))
    assert (refused.status, refused.reason) == ("False", "TooManyPorts")
    assert refused.message == (
        "Service default/six: 6 ports are asked for and this provider allows 5 per load balancer; "
        "split the Service in two"
    )
    assert made.cluster.condition(WEB).status == "True"
    assert {one.tags.owner_key for one in cloud.everything()} == {"default/web"}


def test_a_working_balancer_survives_an_edit_that_cannot_be_had(start) -> None:
    made, cloud = start(max_ports=1)
    made.apply(balancer())
    before = cloud.everything()
    made.edit(WEB, ports=balancer(ports=2).ports)
    assert cloud.everything() == before
    assert made.cluster.objects[WEB].ingress
    assert made.cluster.condition(WEB).reason == "TooManyPorts"
    made.edit(WEB, ports=balancer(ports=1).ports)
    assert made.cluster.condition(WEB).status == "True"


def test_an_address_outside_the_range_is_refused_with_the_range(start) -> None:
    made, cloud = start()
    made.apply(balancer(load_balancer_ip="198.51.100.7"))
    condition = made.cluster.condition(WEB)
    assert condition.reason == "AddressOutOfRange"
    assert "203.0.113.0/24" in condition.message
    assert cloud.everything() == ()
    assert FINALIZER not in made.cluster.objects[WEB].finalizers


def test_a_requested_address_is_given(start) -> None:
    made, _ = start()
    made.apply(balancer(load_balancer_ip="203.0.113.77"))
    assert [str(one.ip) for one in made.cluster.objects[WEB].ingress] == ["203.0.113.77"]


def test_a_balancer_that_takes_its_time_is_waited_for(start) -> None:
    made, _ = start(provisioning_s=8)
    made.apply(balancer())
    assert made.cluster.condition(WEB).reason == "Provisioning"
    assert made.cluster.objects[WEB].ingress == ()
    made.run(seconds=12)
    assert made.cluster.condition(WEB).status == "True"
    assert made.cluster.reasons(WEB) == ["EnsuringLoadBalancer", "EnsuredLoadBalancer"]


def test_without_nodes_the_balancer_stands_and_says_so(start) -> None:
    made, _ = start()
    for name in ("n1", "n2"):
        made.leave(name)
    made.run(seconds=40)
    made.apply(balancer())
    assert made.cluster.condition(WEB).reason == "NoNodes"
    assert (WEB, "UnAvailableLoadBalancer", "There are no available nodes for LoadBalancer") in made.cluster.events
    made.join(node("n3"))
    made.run()
    assert made.cluster.condition(WEB).reason == "Provisioned"


def test_a_wiped_status_is_written_again(start) -> None:
    made, _ = start()
    made.apply(balancer())
    before = made.cluster.objects[WEB].ingress
    made.edit(WEB, ingress=())
    assert made.cluster.objects[WEB].ingress == before


def test_a_service_made_anew_under_the_same_name_shares_nothing_with_the_old_one(start) -> None:
    made, cloud = start()
    made.apply(balancer(uid="one"))
    made.delete(WEB)
    made.apply(balancer(uid="two"))
    assert {one.tags.owner_uid for one in cloud.everything()} == {"two"}


def test_an_api_that_refuses_the_finalizer_keeps_the_cloud_untouched(start) -> None:
    made, cloud = start()
    made.cluster.trouble = TemporaryError("ServiceUnavailable", "the API is away")
    made.apply(balancer())
    assert cloud.everything() == ()
    made.cluster.trouble = None
    made.run(seconds=5)
    assert made.cluster.condition(WEB).status == "True"


def test_a_crash_between_apply_and_publish_is_made_good(start) -> None:
    made, cloud = start()
    made.apply(balancer())
    lost = replace(made.cluster.objects[WEB], ingress=(), conditions=())
    made.cluster.put(lost)
    calls = cloud.calls
    again, _ = start(cloud=cloud, cluster=made.cluster)
    assert again.cluster.condition(WEB).status == "True"
    assert cloud.calls == calls + 1, "one search and no write"
