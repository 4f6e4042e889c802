"""The view: which state of an object counts, and who is woken."""

from __future__ import annotations

import msgspec

from lbctl.sandbox.objects import Object
from lbctl.sandbox.workloads.kinds import Kind
from lbctl.sandbox.workloads.view import ClusterView, WorkKey
from tests.unit.sandbox.workloads.builders import deployment, node, pod, replica_set


def version(one: Object, number: int) -> Object:
    return msgspec.structs.replace(one, metadata=msgspec.structs.replace(one.metadata, resource_version=str(number)))


def woken(keys: set[WorkKey]) -> set[str]:
    return {str(one) for one in keys}


def test_an_echo_of_our_own_write_and_older_news_wake_nobody() -> None:
    view = ClusterView()
    view.put(version(pod(), 20))
    assert view.put(version(pod(), 20)) == set()
    assert view.put(version(pod(), 19)) == set()
    assert woken(view.put(version(pod(), 21))) == {"Pod shop/web-1"}


def test_what_we_deleted_does_not_come_back_with_older_news() -> None:
    view = ClusterView()
    view.put(pod())
    view.drop(Kind.POD, pod().key, pod().uid, heard=False)
    assert view.put(version(pod(), 30)) == set()
    assert view.pods.get(pod().key) is None


def test_the_deletion_of_an_earlier_object_does_not_take_its_successor_away() -> None:
    view = ClusterView()
    view.put(pod())
    assert view.drop(Kind.POD, pod().key, "uid-earlier", heard=True) == set()
    assert view.pods.get(pod().key) is not None


def test_a_pod_wakes_its_replica_set_and_its_end_the_deployment_too() -> None:
    view = ClusterView()
    view.put(replica_set())
    child = pod("web-1-x", owned_by="web-1")
    assert woken(view.put(child)) == {"Pod shop/web-1-x", "ReplicaSet shop/web-1"}
    assert woken(view.drop(Kind.POD, child.key, child.uid, heard=True)) == {
        "Pod shop/web-1-x",
        "ReplicaSet shop/web-1",
        "Deployment shop/web",
    }


def test_an_orphan_wakes_those_that_would_take_it() -> None:
    view = ClusterView()
    view.put(replica_set())
    view.put(deployment())
    assert "ReplicaSet shop/web-1" in woken(view.put(pod("stray")))
    assert "ReplicaSet shop/web-1" not in woken(view.put(pod("other", labels={"app": "db"})))
    assert "Deployment shop/web" in woken(view.put(replica_set("web-0", owned=False)))


def test_a_replica_set_wakes_its_deployment() -> None:
    assert woken(ClusterView().put(replica_set())) == {"ReplicaSet shop/web-1", "Deployment shop/web"}


def test_a_node_wakes_its_pods_and_those_that_wait() -> None:
    view = ClusterView()
    view.put(pod("here", on="node-1", ips=("10.244.1.2",)))
    view.put(pod("there", on="node-2", ips=("10.244.2.2",)))
    view.put(pod("waiting"))
    assert woken(view.put(node(1))) == {"Node node-1", "Pod shop/here", "Pod shop/waiting"}


def test_an_address_that_comes_free_wakes_those_that_wait() -> None:
    view = ClusterView()
    view.put(pod("old", on="node-1", ips=("10.244.1.2",)))
    view.put(pod("waiting"))
    assert "Pod shop/waiting" in woken(view.drop(Kind.POD, pod("old").key, "uid-old", heard=True))


def test_lookups_follow_owners_and_forget_what_left() -> None:
    view = ClusterView()
    view.put(deployment())
    view.put(replica_set())
    child = pod("web-1-x", owned_by="web-1")
    view.put(child)
    assert [one.metadata.name for one in view.pods_for(replica_set())] == ["web-1-x"]
    assert [one.metadata.name for one in view.pods_below(deployment())] == ["web-1-x"]
    assert [one.metadata.name for one in view.replica_sets_for(deployment())] == ["web-1"]
    view.put(version(pod("web-1-x", owned_by="web-2"), 11))
    assert view.pods_for(replica_set()) == ()
