"""The window against a whole API server: the embedded one, or the cluster of LBCTL_TEST_KUBECONFIG."""

from __future__ import annotations

import json
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from lbctl.kube.client import KubeClient, PatchKind
from lbctl.kube.connect import KubeSettings
from lbctl.kube.errors import Conflict, Expired, NotFound, error_from
from lbctl.kube.event_ledger import EventLimits, EventType, service_ref
from lbctl.kube.events import EventRecorder
from lbctl.kube.informer import Informer
from lbctl.kube.informers import Informers
from lbctl.kube.kinds import LEASES, SERVICES
from lbctl.kube.lease import LeaderElector, LeaseSettings
from lbctl.kube.objects import json_resource
from lbctl.kube.writer import ServiceWriter
from lbctl.model.service import Condition, Ingress, IngressPort, IpMode, ObjectKey, Protocol, Service
from lbctl.runtime.threads import ThreadGroup
from lbctl.sandbox.api.server import ApiServer
from lbctl.sandbox.api.settings import ApiSettings

pytestmark = pytest.mark.api

OURS = "lbctl.io/load-balancer"
VIP = Ingress(ip=ip_address("203.0.113.7"), ip_mode=IpMode.VIP, ports=(IngressPort(80, Protocol.TCP),))
READY = Condition("lbctl.io/Ready", "False", "Pending", "waits", 1)


@dataclass(frozen=True)
class Cluster:
    client: KubeClient
    namespace: str

    def make_service(self, name: str, kind: str = "LoadBalancer") -> Service:
        spec = {"type": kind, "ports": [{"port": 80}], "selector": {"app": name}}
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}
        path = SERVICES.path(self.namespace)
        return SERVICES.decode(self.client.create(path, json.dumps(body).encode()))

    def merge(self, key: ObjectKey, patch: dict[str, object], subresource: str = "") -> None:
        path = SERVICES.path_of(key, subresource)
        self.client.patch(path, json.dumps(patch).encode(), PatchKind.MERGE)


@pytest.fixture(scope="module")
def kubeconfig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    if given := os.environ.get("LBCTL_TEST_KUBECONFIG"):
        yield Path(given)
        return
    path = tmp_path_factory.mktemp("cluster") / "kubeconfig"
    with ApiServer(ApiSettings()) as server:
        server.write_kubeconfig(path)
        yield path


@pytest.fixture
def cluster(kubeconfig: Path) -> Iterator[Cluster]:
    client = KubeClient.connect(KubeSettings(kubeconfig=kubeconfig, user_agent="lbctl/test"))
    namespace = f"window-{uuid.uuid4().hex[:8]}"
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    client.create("/api/v1/namespaces", json.dumps(body).encode())
    yield Cluster(client, namespace)
    client.delete(f"/api/v1/namespaces/{namespace}")


class Listener:
    """The latest state of one Service as the informer's handlers tell it."""

    def __init__(self, informer: Informer[Service]) -> None:
        self._changed = threading.Condition()
        self._latest: dict[str, Service | None] = {}
        informer.on_change(self._heard)

    def _heard(self, old: Service | None, new: Service | None) -> None:
        one = new or old
        assert one is not None
        with self._changed:
            self._latest[one.key.name] = new
            self._changed.notify_all()

    def await_version(self, service: Service) -> Service:
        def is_there() -> bool:
            seen = self._latest.get(service.key.name)
            return seen is not None and seen.resource_version == service.resource_version

        with self._changed:
            assert self._changed.wait_for(is_there, 10)
            seen = self._latest[service.key.name]
            assert seen is not None
            return seen

    def await_gone(self, name: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: name in self._latest and self._latest[name] is None, 10)


def test_a_services_whole_life_as_the_controller_sees_it(cluster: Cluster) -> None:
    """Finalizer on, status published, deletion seen, finalizer off: every write one request, every change watched."""
    informers, group, writer = Informers(cluster.client), ThreadGroup("test"), ServiceWriter(cluster.client)
    informer = informers.add(SERVICES, namespace=cluster.namespace)
    listener = Listener(informer)
    before = cluster.make_service("before")
    informers.start(group)
    assert informers.wait_synced(group.stop, 10)
    assert informer.store.values() == (before,)

    service = cluster.make_service("web")
    assert listener.await_version(service) == service
    writes = cluster.client.writes()
    held = writer.hold(service, OURS, {})
    assert held is not None
    published = writer.publish(held, ingress=(VIP,), conditions=(READY,))
    assert published is not None
    assert cluster.client.writes() == writes + 2
    seen = listener.await_version(published)
    assert (seen.finalizers[-1], seen.ingress, seen.conditions) == (OURS, (VIP,), (READY,))
    assert writer.publish(seen, ingress=(VIP,), conditions=(READY,)) is seen
    assert cluster.client.writes() == writes + 2

    cluster.client.delete(SERVICES.path_of(service.key))
    dying = cluster.client.read(SERVICES, service.key)
    assert dying.deleting
    writer.release(dying, OURS)
    # A cloud controller of a real cluster may hold its own finalizer; without one the object is gone now.
    listener.await_gone("web")
    assert writer.publish(dying, ingress=()) is None
    group.stop.set()
    group.join(10)


def test_conditions_of_others_and_transition_times_survive_our_writes(cluster: Cluster) -> None:
    service = cluster.make_service("web")
    writer = ServiceWriter(cluster.client)
    then = "2026-01-01T00:00:00Z"
    foreign = {"type": "Foreign", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": then}
    ours = {"type": READY.type, "status": "False", "reason": "Old", "message": "", "lastTransitionTime": then}
    cluster.merge(service.key, {"status": {"conditions": [foreign, ours]}}, "status")

    first = writer.publish(cluster.client.read(SERVICES, service.key), ingress=(VIP,), conditions=(READY,))
    assert first is not None
    by_type = _conditions(cluster, service)
    assert by_type["Foreign"] == foreign
    assert (by_type[READY.type]["reason"], by_type[READY.type]["lastTransitionTime"]) == ("Pending", then)

    second = writer.publish(first, ingress=(VIP,), conditions=(replace(READY, status="True"),))
    assert second is not None
    assert _conditions(cluster, service)[READY.type]["lastTransitionTime"] != then

    third = writer.publish(second, ingress=(), withdrawn=(READY.type,))
    assert third is not None
    assert third.ingress == ()
    assert _conditions(cluster, service) == {"Foreign": foreign}


def _conditions(cluster: Cluster, service: Service) -> dict[str, dict[str, object]]:
    document = json.loads(cluster.client.get(SERVICES.path_of(service.key)))
    return {one["type"]: one for one in document["status"].get("conditions", ())}


def test_a_stale_view_is_refreshed_and_a_new_service_of_the_name_left_alone(cluster: Cluster) -> None:
    stale = cluster.make_service("web", "ClusterIP")
    writer = ServiceWriter(cluster.client)
    cluster.merge(stale.key, {"metadata": {"finalizers": ["example.com/foreign"]}})
    merged = writer.hold(stale, OURS, {})
    assert merged is not None
    assert merged.finalizers == ("example.com/foreign", OURS)

    cluster.merge(stale.key, {"metadata": {"finalizers": None}})
    cluster.client.delete(SERVICES.path_of(stale.key))
    with pytest.raises(NotFound):
        cluster.client.read(SERVICES, stale.key)
    cluster.make_service("web")
    assert writer.hold(stale, OURS, {}) is None
    assert writer.publish(stale, ingress=(VIP,)) is None
    fresh = cluster.client.read(SERVICES, stale.key)
    assert OURS not in fresh.finalizers
    assert fresh.ingress == ()


def test_events_are_found_by_kubectls_selector_with_their_count(cluster: Cluster) -> None:
    service = cluster.make_service("web", "ClusterIP")
    group = ThreadGroup("test")
    limits = EventLimits(refresh_s=3600)
    recorder = EventRecorder(cluster.client, controller="lbctl.io/controller", instance="test-1", limits=limits)
    group.spawn("events", lambda: recorder.run(group.stop))
    for _ in range(3):
        recorder.record(service_ref(service), EventType.WARNING, "SyncLoadBalancerFailed", "Sync", "no quota left")
        assert recorder.flush(10)
    stats = recorder.stats()
    assert (stats.created, stats.refreshed, stats.dropped_refused) == (1, 2, 0)
    selector = {"fieldSelector": f"involvedObject.name=web,involvedObject.uid={service.uid}"}
    path = f"/api/v1/namespaces/{cluster.namespace}/events"
    [event] = json.loads(cluster.client.get(path, selector))["items"]
    assert (event["reason"], event["message"], event["type"]) == ("SyncLoadBalancerFailed", "no quota left", "Warning")
    assert event["reportingComponent"] == "lbctl.io/controller"
    assert event["series"]["count"] == 3
    group.stop.set()
    group.join(10)


def test_a_lease_is_taken_renewed_released_and_taken_over(cluster: Cluster) -> None:
    key = ObjectKey(cluster.namespace, "lbctl")
    for number, identity in enumerate(("one", "two")):
        started, stop = threading.Event(), threading.Event()
        settings = LeaseSettings(key, identity, retry_s=0.05)
        elector = LeaderElector(cluster.client, settings, on_started=started.set, on_lost=pytest.fail)
        thread = threading.Thread(target=elector.run, args=(stop,), daemon=True)
        thread.start()
        assert started.wait(10)
        held = cluster.client.read(LEASES, key)
        assert (held.holder, held.transitions) == (identity, number)
        stop.set()
        thread.join(10)
        assert cluster.client.read(LEASES, key).holder == ""


def test_a_paged_list_gives_everything_once(cluster: Cluster) -> None:
    maps = json_resource("", "v1", "configmaps", "ConfigMap")
    for number in range(5):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"page-{number}"}}
        cluster.client.create(maps.path(cluster.namespace), json.dumps(body).encode())
    pages = list(cluster.client.list_pages(maps, namespace=cluster.namespace, page_limit=2))
    assert all(len(page.items) <= 2 for page in pages)
    names = [item.key.name for page in pages for item in page.items if item.key.name.startswith("page-")]
    assert names == [f"page-{number}" for number in range(5)]


def test_a_version_older_than_the_servers_history_is_expired_and_bookmarks_keep_a_quiet_informer_fresh(
    tmp_path: Path,
) -> None:
    """With the embedded server only: a real one compacts by its own clock."""
    path = tmp_path / "kubeconfig"
    with ApiServer(ApiSettings(history_length=5, bookmark_interval_s=0.05)) as server:
        server.write_kubeconfig(path)
        cluster = Cluster(KubeClient.connect(KubeSettings(path)), "default")
        informers, group = Informers(cluster.client), ThreadGroup("test")
        informer = informers.add(SERVICES, field_selector="metadata.name=quiet")
        listener = Listener(informer)
        informers.start(group)
        assert informers.wait_synced(group.stop, 10)
        before = informer.resource_version
        for number in range(20):
            cluster.make_service(f"web-{number}", "ClusterIP")
        quiet = cluster.make_service("quiet", "ClusterIP")
        listener.await_version(quiet)
        with pytest.raises(Expired):
            _watch_from(cluster.client, before)
        while informer.stats().bookmarks == 0:
            assert not group.stop.wait(0.01)
        assert informer.stats().lists == 1
        group.stop.set()
        group.join(10)


def _watch_from(client: KubeClient, version: str) -> None:
    """Raise what the server answers, as HTTP status or as its first event."""
    with client.stream(SERVICES.path(), query={"resourceVersion": version}, silence_s=10) as stream:
        event = json.loads(next(stream.batches())[0])
        assert event["type"] == "ERROR", event
        raise error_from(0, json.dumps(event["object"]).encode(), doing="WATCH")


def test_a_stale_replace_is_a_conflict(cluster: Cluster) -> None:
    service = cluster.make_service("web", "ClusterIP")
    path = SERVICES.path_of(service.key)
    document = cluster.client.get(path)
    cluster.merge(service.key, {"metadata": {"labels": {"a": "b"}}})
    with pytest.raises(Conflict, match="the object has been modified; please apply your changes to the latest version"):
        cluster.client.replace(path, document)
