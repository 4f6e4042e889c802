"""The ranges a cluster's Services live in."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What `--service-cluster-ip-range` and `--service-node-port-range` say in a real cluster.

    `service_cidrs` holds one network, or one per family; the family of the first is the default of new Services.

    Raises:
        ValueError: no network, more than one of a family, a network too small, or node ports outside 1-65535.
    """

    service_cidrs: tuple[Network, ...] = (IPv4Network("10.96.0.0/16"), IPv6Network("fd00:10:96::/112"))
    node_ports: range = range(30000, 32768)

    def __post_init__(self) -> None:
        versions = [cidr.version for cidr in self.service_cidrs]
        if not versions or len(set(versions)) != len(versions):
            raise ValueError(f"service ranges must be one per IP family, not {self.describe_cidrs() or 'none'}")
        for cidr in self.service_cidrs:
            if cidr.num_addresses < 4:
                raise ValueError(f"service range {cidr} is too small: at least 4 addresses are needed")
        ports = self.node_ports
        if not ports or ports.step != 1 or ports[0] < 1 or ports[-1] > 65535:
            raise ValueError(f"node ports {ports} must be a range within 1-65535")

    def describe_cidrs(self) -> str:
        """The networks as one comma-separated text."""
        return ",".join(str(cidr) for cidr in self.service_cidrs)
