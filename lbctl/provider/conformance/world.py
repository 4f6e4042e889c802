"""What a provider author supplies: the provider, and a cloud that can be watched and broken."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_address

from lbctl.model.address import Family, IPAddress
from lbctl.model.loadbalancer import Owner
from lbctl.model.node import Node
from lbctl.model.resource import Resource, Resources
from lbctl.provider.contract import Provider

CLUSTER = "cluster-a"
OTHER_CLUSTER = "cluster-b"


class Fault(Enum):
    """How one call of the cloud's API goes wrong."""

    CRASH_BEFORE = "the process dies before the call"
    CRASH_AFTER = "the process dies when the cloud has acted, before it reads the answer"
    THROTTLED = "the cloud refuses the call: too many"
    SERVER_ERROR = "the cloud fails and does nothing"
    LOST_RESPONSE = "the cloud acts, and the answer is lost"


class World(ABC):
    """One cloud account, empty at the start, and all the time there is.

    Set `crash` to the exception that stands for the death of the process (a BaseException which is no Exception);
    `asynchronous` if a new load balancer is at work for a while before it has its address.
    """

    crash: type[BaseException]
    asynchronous: bool = False

    @abstractmethod
    def provider(self, cluster: str = CLUSTER) -> Provider:
        """A new provider instance on the same cloud: what a restart of lbctl leads to."""

    @abstractmethod
    def now_s(self) -> float:
        """The monotonic time that cloud and provider go by."""

    @abstractmethod
    def wait(self, seconds: float) -> None:
        """Let time pass: move the fake clock, or sleep."""

    @abstractmethod
    def calls(self) -> int:
        """How many API calls the cloud has received so far."""

    @abstractmethod
    def snapshot_calls(self, seen: Resources) -> int:
        """How many API calls a snapshot with this result costs exactly. The suite holds you to it."""

    @abstractmethod
    def inventory(self) -> Mapping[str, str]:
        """The bare truth: everything in the account, whosoever, by an identity of your choice, with its content."""

    @abstractmethod
    def inject(self, fault: Fault, at: int, times: int = 1) -> None:
        """Break the `at`-th API call from now (1 = the next) and the `times - 1` after it; replaces earlier faults."""

    @abstractmethod
    def injected(self) -> bool:
        """Whether the injected fault has happened at least once."""

    @abstractmethod
    def remove(self, seen: Resource) -> None:
        """Delete a resource by hand, past the provider, visible at once."""

    @abstractmethod
    def tamper(self, seen: Resource) -> bool:
        """Change one managed field by hand, visible at once; False where the kind has nothing that can be changed."""

    @abstractmethod
    def plant(self, resource: Resource, cluster: str, owner: Owner | None) -> None:
        """Put a resource of that name and content there by hand, marked as belonging to that cluster and owner."""

    @abstractmethod
    def requestable(self, family: Family) -> IPAddress | None:
        """A free address that a Service can ask for; None where there is none of that family."""

    def nodes(self, count: int) -> tuple[Node, ...]:
        """Nodes as this cloud would have them; override it for the form of `provider_id`."""
        return tuple(
            Node(
                name=f"node-{number}",
                provider_id=f"fake://node-{number}",
                internal_ips=(ip_address(f"10.0.0.{number}"), ip_address(f"fd00::{number:x}")),
                ready=True,
            )
            for number in range(1, count + 1)
        )

    def unavailable(self, family: Family) -> IPAddress:
        """An address that this cloud can never give."""
        return ip_address("192.0.2.1" if family is Family.IPV4 else "2001:db8:ffff::1")

    def close(self) -> None:  # noqa: B027 - few worlds have anything to close
        """Called at the end of each test."""
