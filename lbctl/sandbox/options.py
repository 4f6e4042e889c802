"""Text from the command line, turned into the sandbox's settings."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path

from lbctl.model.address import IPNetwork
from lbctl.model.errors import ConfigError
from lbctl.sandbox.api.settings import ApiSettings, SettingsError
from lbctl.sandbox.api.strategy.settings import ServiceSettings


def api_settings(port: int, data: Path | None, cidrs: str, node_ports: str, token: str | None) -> ApiSettings:
    """The API server's settings. Raises ConfigError that names the option."""
    ranges = tuple(_network(one.strip()) for one in cidrs.split(","))
    ports = _ports(node_ports)
    try:
        ServiceSettings(ranges, ports)
        return ApiSettings(port=port, storage=data, token=token, service_cidrs=ranges, node_ports=ports)
    except (SettingsError, ValueError) as failure:
        raise ConfigError(str(failure)) from failure


def _network(text: str) -> IPNetwork:
    try:
        return ip_network(text)
    except ValueError as failure:
        raise ConfigError(f"--service-cidr {text!r}: {failure}; write it like 10.96.0.0/16") from failure


def _ports(text: str) -> range:
    match = re.fullmatch(r"(\d+)-(\d+)", text)
    if match is None or int(match[1]) > int(match[2]):
        raise ConfigError(f"--node-ports {text!r} is not a range; write it like 30000-32767")
    return range(int(match[1]), int(match[2]) + 1)
