"""Settings of the embedded API server."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

DEFAULT_SERVICE_CIDRS: tuple[IPv4Network | IPv6Network, ...] = (
    ipaddress.IPv4Network("10.96.0.0/16"),
    ipaddress.IPv6Network("fd00:10:96::/112"),
)
DEFAULT_NODE_PORTS = range(30000, 32768)


class SettingsError(ValueError):
    """A setting the server refuses; the text says which one, why, and what to do."""


class StartError(RuntimeError):
    """The server could not start (port taken, storage in use); the text is one line for a person."""


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How one embedded API server runs.

    `address` must be a loopback address: the server speaks plain HTTP with a bearer token, so nothing but this
    machine may reach it. `port` 0 lets the kernel choose. `storage` is a SQLite file, None keeps everything in memory.
    `token` None means: the one kept in `storage`, or a new random one. `history_length` is how many changes of each
    resource type watches and paged lists can look back on before they are answered with 410.

    Raises SettingsError for an address that is not loopback, or numbers out of range.
    """

    address: str = "127.0.0.1"
    port: int = 0
    storage: Path | None = None
    token: str | None = None
    service_cidrs: tuple[IPv4Network | IPv6Network, ...] = DEFAULT_SERVICE_CIDRS
    node_ports: range = DEFAULT_NODE_PORTS
    history_length: int = 10_000
    bookmark_interval_s: float = 60.0
    reap_pods: bool = True
    """Whether a pod that is being deleted disappears after its grace period (False where a kubelet sees to it)."""

    def __post_init__(self) -> None:
        try:
            loopback = ipaddress.ip_address(self.address).is_loopback
        except ValueError as error:
            raise SettingsError(f"address {self.address!r} is not an IP address; use 127.0.0.1 or ::1") from error
        if not loopback:
            raise SettingsError(
                f"address {self.address} is not a loopback address: the embedded API server speaks plain HTTP and"
                " serves this machine only; use 127.0.0.1 or ::1"
            )
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port {self.port} is not between 0 and 65535")
        if self.history_length < 1:
            raise SettingsError(f"history_length {self.history_length} must be at least 1")
        if not self.service_cidrs:
            raise SettingsError("service_cidrs is empty: name at least one range, such as 10.96.0.0/16")
