"""What a provider can do, declared; `plan.translate` refuses the rest with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lbctl.model.address import Family
from lbctl.model.loadbalancer import Wiring
from lbctl.model.service import IpMode, Protocol


class Membership(Enum):
    """Whose resource the list of nodes is."""

    PER_SERVICE = "per-service"
    """each Service's own (AWS target groups): a node change touches every Service"""
    SHARED = "shared"
    """the cluster's (GCP instance groups): a node change touches one set of resources"""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The limits of a provider.

    `max_ports` None means no limit; `max_ports_remedy` ends the sentence of the refusal. `consistency_s` is how long
    a read may still lack what was just written: so long is an absence not believed.
    """

    protocols: frozenset[Protocol]
    families: frozenset[Family]
    wiring: Wiring = Wiring.NODE_PORT
    membership: Membership = Membership.PER_SERVICE
    ip_mode: IpMode = IpMode.VIP
    mixed_protocols: bool = True
    dual_stack: bool = True
    source_ranges: bool = True
    client_ip_affinity: bool = True
    requested_addresses: bool = True
    max_ports: int | None = None
    max_ports_remedy: str = "split the Service in two"
    consistency_s: float = 0.0
