"""A cluster for controller tests: frozen Services and Nodes, writes applied as the API would, Events kept.

It refuses what a real cluster never shows, so that a test cannot pass on an impossible state.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from lbctl.controller.loop import Controller, Timing
from lbctl.controller.telemetry import Telemetry
from lbctl.controller.triggers import NODES, shared_key
from lbctl.model.node import Node
from lbctl.model.service import Condition, ObjectKey, Service, ServicePort, ServiceType, Uid
from lbctl.plan.claim import FINALIZER, PROVIDER_ANNOTATION
from lbctl.plan.status import READY, ServiceStatus
from lbctl.provider.contract import Provider
from lbctl.runtime.clock import FakeClock
from lbctl.runtime.metrics import Metrics


@dataclass
class FakeCluster:
    """View, Writer and Recorder in one; `writes` counts requests that a real API would have seen."""

    objects: dict[ObjectKey, Service] = field(default_factory=dict)
    nodes_: dict[str, Node] = field(default_factory=dict)
    events: list[tuple[ObjectKey, str, str]] = field(default_factory=list)
    writes: int = 0
    is_synced: bool = True
    trouble: Exception | None = None
    _version: int = 0

    def synced(self) -> bool:
        return self.is_synced

    def service(self, key: ObjectKey) -> Service | None:
        return self.objects.get(key)

    def services(self) -> Iterable[Service]:
        return tuple(self.objects.values())

    def nodes(self) -> Iterable[Node]:
        return tuple(self.nodes_.values())

    def latest(self, service: Service) -> Service:
        return self.objects.get(service.key, service)

    def hold(self, service: Service, provider: str) -> Service:
        annotations = {**service.annotations, PROVIDER_ANNOTATION: provider}
        finalizers = tuple(dict.fromkeys((*service.finalizers, FINALIZER)))
        return self._write(service, replace(service, annotations=annotations, finalizers=finalizers))

    def release(self, service: Service) -> Service:
        annotations = {name: text for name, text in service.annotations.items() if name != PROVIDER_ANNOTATION}
        finalizers = tuple(one for one in service.finalizers if one != FINALIZER)
        return self._write(service, replace(service, annotations=annotations, finalizers=finalizers))

    def publish(self, service: Service, status: ServiceStatus) -> Service:
        others = tuple(one for one in service.conditions if one.type != READY)
        conditions = (*others, status.condition) if status.condition else others
        ingress = service.ingress if status.ingress is None else status.ingress
        return self._write(service, replace(service, conditions=conditions, ingress=ingress))

    def normal(self, service: Service, reason: str, message: str) -> None:
        self.events.append((service.key, reason, message))

    def warning(self, service: Service, reason: str, message: str) -> None:
        self.events.append((service.key, reason, message))

    def put(self, service: Service) -> Service:
        """What a user's write does: a new version of the object."""
        if service.type is ServiceType.LOAD_BALANCER and not service.ports:
            raise AssertionError("the API refuses a LoadBalancer without ports")
        if not service.uid:
            raise AssertionError("the API gives every object a UID")
        self._version += 1
        self.objects[service.key] = replace(service, resource_version=str(self._version))
        return self.objects[service.key]

    def delete(self, key: ObjectKey) -> None:
        """What `kubectl delete` does: gone at once without finalizers, else marked."""
        service = self.objects[key]
        if service.finalizers:
            self.put(replace(service, deleting=True))
        else:
            del self.objects[key]

    def reasons(self, key: ObjectKey) -> list[str]:
        return [reason for known, reason, _ in self.events if known == key]

    def condition(self, key: ObjectKey) -> Condition:
        condition = self.objects[key].condition(READY)
        assert condition is not None, f"{key} has no condition {READY}"
        return condition

    def _write(self, before: Service, after: Service) -> Service:
        if self.trouble is not None:
            raise self.trouble
        current = self.objects.get(before.key)
        if current is None or current.uid != before.uid or after == current:
            return before
        self.writes += 1
        if after.deleting and not after.finalizers:
            del self.objects[before.key]
            return after
        return self.put(after)


def node(name: str, **more: object) -> Node:
    return Node(name, provider_id=f"mock:///{name}", ready=True, internal_ips=(ip_address("10.0.0.1"),), **more)  # type: ignore[arg-type]


def balancer(name: str = "web", uid: str = "", ports: int = 1, **more: object) -> Service:
    """A Service of type LoadBalancer as the API hands it out, with the class lbctl.io/mock."""
    listed = tuple(ServicePort(8000 + i, name=f"p{i}", node_port=30000 + i, target_port=8080) for i in range(ports))
    base = Service(
        ObjectKey("default", name),
        Uid(uid or f"uid-{name}"),
        type=ServiceType.LOAD_BALANCER,
        ports=listed,
        cluster_ips=(ip_address("10.96.0.10"),),
        load_balancer_class="lbctl.io/mock",
    )
    return replace(base, **more)  # type: ignore[arg-type]


@dataclass
class World:
    """A controller over a fake cluster and real providers; `run` is time passing until nothing is left to do."""

    cluster: FakeCluster
    providers: Mapping[str, Provider]
    clock: FakeClock
    controller: Controller

    def run(self, *, seconds: float = 0.0) -> None:
        """Handle every key that is or falls due within `seconds`."""
        end_s = self.clock.monotonic_s() + seconds
        for _ in range(10_000):
            taken = self.controller.queue.get(timeout_s=0)
            if taken is not None:
                self.controller.handle(taken[0])
                self.controller.queue.done(taken[0])
            elif self.clock.monotonic_s() < end_s:
                self.clock.advance(min(0.5, end_s - self.clock.monotonic_s()))
            else:
                return
        raise AssertionError("the controller does not come to rest")

    def apply(self, service: Service) -> None:
        """A user's write, seen by the informer, worked off."""
        old = self.cluster.objects.get(service.key)
        self.controller.service_changed(old, self.cluster.put(service))
        self.run()

    def edit(self, key: ObjectKey, **changes: object) -> None:
        self.apply(replace(self.cluster.objects[key], **changes))  # type: ignore[arg-type]

    def delete(self, key: ObjectKey) -> None:
        old = self.cluster.objects[key]
        self.cluster.delete(key)
        self.controller.service_changed(old, self.cluster.objects.get(key))
        self.run()

    def join(self, *nodes: Node) -> None:
        for one in nodes:
            old = self.cluster.nodes_.get(one.name)
            self.cluster.nodes_[one.name] = one
            self.controller.node_changed(old, one)

    def leave(self, name: str) -> None:
        self.controller.node_changed(self.cluster.nodes_.pop(name), None)


def world(
    *providers: Provider,
    clock: FakeClock,
    cluster: FakeCluster | None = None,
    default_class: str | None = None,
    installed: frozenset[str] = frozenset({"mock", "aws"}),
    **options: object,
) -> World:
    """A started controller (its threads are the test's own hands)."""
    cluster = cluster or FakeCluster(nodes_={name: node(name) for name in ("n1", "n2")})
    controller = Controller(
        cluster,
        cluster,
        cluster,
        providers,
        installed=installed,
        default_class=default_class,
        clock=clock,
        telemetry=Telemetry(Metrics()),
        timing=Timing(),
        **options,  # type: ignore[arg-type]
    )
    controller.prepare(stop=_NEVER)
    made = World(cluster, {one.name: one for one in providers}, clock, controller)
    for service in cluster.services():
        controller.service_changed(None, service)
    made.run()
    return made


class _Never:
    def is_set(self) -> bool:
        return False

    def wait(self, timeout: float | None = None) -> bool:
        raise AssertionError("the clouds of these tests can be read")


_NEVER = _Never()

__all__ = ["NODES", "FakeCluster", "World", "balancer", "node", "shared_key", "world"]
