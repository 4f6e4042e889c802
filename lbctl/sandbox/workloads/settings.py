"""Settings of the sandbox's workloads."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from lbctl.model.errors import ConfigError

MAX_NODES = 200
"""So that node-200's number, 210, still ends an address of one byte."""


@dataclass(frozen=True, slots=True)
class WorkloadSettings:
    """How many hollow nodes there are, and what they look like.

    `hollow_nodes` 0 leaves nodes and Pods to somebody else (the lab) and runs Deployments only. Node N takes host 10+N
    of `node_networks` and the N-th /24 and /64 of `pod_networks`; IPv6 numbers are spelled like the decimal ones.
    `longest_grace_s` caps how long a deleted Pod keeps terminating.

    Raises: ConfigError for a number of nodes out of range, or no zone.
    """

    hollow_nodes: int = 3
    zones: tuple[str, ...] = ("a", "b", "c")
    longest_grace_s: float = 1.0
    node_networks: tuple[IPv4Network, IPv6Network] = (IPv4Network("172.18.0.0/16"), IPv6Network("fd00:172:18::/64"))
    pod_networks: tuple[IPv4Network, IPv6Network] = (IPv4Network("10.244.0.0/16"), IPv6Network("fd00:10:244::/48"))
    kubelet_version: str = "v1.34.0"

    def __post_init__(self) -> None:
        if not 0 <= self.hollow_nodes <= MAX_NODES:
            raise ConfigError(f"{self.hollow_nodes} hollow nodes are not possible: choose 0 to {MAX_NODES}")
        if not self.zones:
            raise ConfigError("hollow nodes need at least one zone")
