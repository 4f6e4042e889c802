"""How many calls the cloud's API gets: exact counts of the mock cloud, beside what the peers' code makes.

The controller is the real one over an in-memory cluster, with a clock that the bench moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from benchmarks.figures import Figure, Report, Table
from lbctl.model.service import ObjectKey
from lbctl.runtime.clock import FakeClock
from lbctl_mock.cloud import MockCloud
from lbctl_mock.provider import MockProvider
from lbctl_mock.settings import MockSettings
from tests.unit.controller.world import World, balancer, node, world

_NODES_QUIET_S = 40.0


@dataclass(frozen=True, slots=True)
class Size:
    """`services` of two ports each; `joining` nodes come within ten seconds."""

    services: int = 1000
    joining: int = 50


SMALL = Size(services=10, joining=5)


@dataclass(frozen=True, slots=True)
class Counts:
    """Calls to the cloud, reads and writes together."""

    create: int
    audit: int
    audit_writes: int
    one_node: int
    many_nodes: int
    restart: int
    restart_writes: int
    delete: int


def measure(size: Size) -> Report:
    """Count for both kinds of membership."""
    own, shared = _Cloud("per-service", size).count(), _Cloud("shared", size).count()
    figures = [
        Figure(f"{_words(name)}, {kind} membership", value)
        for kind, counts in (("per-Service", own), ("shared", shared))
        for name, value in asdict(counts).items()
    ]
    return Report("calls", asdict(size), tuple(figures), tables=(_beside_peers(own, shared, size),))


class _Cloud:
    """A mock cloud, and the controller in front of it."""

    def __init__(self, membership: str, size: Size) -> None:
        self._size = size
        self._clock = FakeClock()
        self._settings = MockSettings.model_validate({"ipv4_range": "10.0.0.0/8", "membership": membership})
        self._cloud = MockCloud(self._settings, self._clock, self._clock.advance)
        self._world = self._start(None)

    def count(self) -> Counts:
        for number in range(self._size.services - 1):
            self._world.apply(balancer(f"web-{number}", ports=2))
        create, _ = self._calls_of(lambda: self._world.apply(balancer("last", ports=2)))
        audit, audit_writes = self._calls_of(self._audit)
        one_node, _ = self._calls_of(lambda: self._join(1))
        many_nodes, _ = self._calls_of(lambda: self._join(self._size.joining))
        restart, restart_writes = self._calls_of(self._restart)
        delete, _ = self._calls_of(lambda: self._world.delete(ObjectKey("default", "last")))
        return Counts(create, audit, audit_writes, one_node, many_nodes, restart, restart_writes, delete)

    def _calls_of(self, act: Callable[[], None]) -> tuple[int, int]:
        """How many calls, and how many of them writes."""
        before, writes_before = self._cloud.calls, self._writes()
        act()
        return self._cloud.calls - before, self._writes() - writes_before

    def _writes(self) -> int:
        return sum(count for (verb, *_), count in self._cloud.counts.items() if verb in ("create", "update", "delete"))

    def _start(self, before: World | None) -> World:
        provider = MockProvider(self._cloud, self._settings, "bench")
        return world(provider, clock=self._clock, cluster=before.cluster if before else None)

    def _audit(self) -> None:
        self._world.controller.audit()
        self._world.run()

    def _restart(self) -> None:
        self._world = self._start(self._world)

    def _join(self, count: int) -> None:
        known = len(self._world.cluster.nodes_)
        for number in range(count):
            self._world.join(node(f"new-{known + number}"))
            self._world.run(seconds=10.0 / count)
        self._world.run(seconds=_NODES_QUIET_S)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _beside_peers(own: Counts, shared: Counts, size: Size) -> Table:
    """The peers' numbers are derived from their code (±1 a Service), for 1,000 Services of two ports each."""

    def row(what: str, ours: int, ours_shared: int, *peers: str) -> tuple[str, ...]:
        return (what, f"{ours:,}", f"{ours_shared:,}", *peers)

    many = f"{size.services:,} Services"
    return Table(
        "Calls to the cloud, two ports a Service (CPA: cloud-provider-aws, LBC: aws-load-balancer-controller, "
        "CPG: cloud-provider-gcp external, RBS: ingress-gce)",
        ("", "mock, own pools", "mock, shared nodes", "CPA (NLB)", "LBC (NLB)", "CPG", "RBS"),
        (
            row("create one", own.create, shared.create, "16", "29 to 37", "16 + 5 waits", "22 + 6 waits"),
            row(f"look at {many}", own.audit, shared.audit, "never", "~26,000 a 10 h", "never", "17,000 a 10 min"),
            row("  of these, writes", own.audit_writes, shared.audit_writes, "-", "0", "-", "2,000"),
            row(f"restart, {many}", own.restart, shared.restart, "12,000", "~26,000", "17,000", "17,000"),
            row("  of these, writes", own.restart_writes, shared.restart_writes, "0", "0", "2,000", "2,000"),
            row(f"one node joins {many}", own.one_node, shared.one_node, "15,000", "4,000", "7,000", "5"),
            row(f"{size.joining} nodes join within 10 s", own.many_nodes, shared.many_nodes, "-", "-", "-", "-"),
            row("delete one", own.delete, shared.delete, "9", "12", "-", "-"),
        ),
    )  # fmt: skip
