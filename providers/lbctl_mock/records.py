"""What the mock cloud keeps: kinds, records, and the marks of ownership on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from lbctl.model.address import IPAddress
from lbctl.model.resource import NO_FIELDS, Ref, Value

ADDRESS = "address"
BALANCER = "balancer"
POOL = "pool"
LISTENER = "listener"
FIREWALL = "firewall"
NODE_GROUP = "node-group"

PROVISIONING = "provisioning"
ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class Kind:
    """The form of one kind: the fields it must have, and (field, kind) where one names resources."""

    fields: frozenset[str]
    references: tuple[tuple[str, str], ...] = ()


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        ADDRESS: Kind(frozenset({"family", "requested"})),
        BALANCER: Kind(frozenset({"addresses"}), (("addresses", ADDRESS),)),
        POOL: Kind(
            frozenset(
                {
                    "protocol",
                    "node_port",
                    "targets",
                    "node_group",
                    "health_port",
                    "health_path",
                    "health_interval_s",
                    "healthy_threshold",
                    "unhealthy_threshold",
                    "affinity_s",
                    "preserve_client_ip",
                }
            ),
            (("node_group", NODE_GROUP),),
        ),
        LISTENER: Kind(
            frozenset({"balancer", "port", "protocol", "pool"}),
            (("balancer", BALANCER), ("pool", POOL)),
        ),
        FIREWALL: Kind(frozenset({"balancer", "sources"}), (("balancer", BALANCER),)),
        NODE_GROUP: Kind(frozenset({"targets"})),
    }
)


class Tags(NamedTuple):
    """The marks that every resource carries. `owner_uid` and `owner_key` are empty on what all Services share."""

    cluster: str
    owner_uid: str = ""
    owner_key: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One resource of the cloud as a read returns it; `ip` is the address that the cloud assigned."""

    ref: Ref
    tags: Tags
    fields: Mapping[str, Value] = field(default_factory=lambda: NO_FIELDS)
    ip: IPAddress | None = None
    state: str = ACTIVE
    active_at_s: float = 0.0


def references(kind: str, fields: Mapping[str, Value]) -> tuple[Ref, ...]:
    """The resources that one with these fields names; an empty name is none."""
    found: list[Ref] = []
    for name, target in KINDS[kind].references:
        value = fields.get(name)
        if isinstance(value, tuple):
            found.extend(Ref(target, str(one)) for one in value)
        elif value:
            found.append(Ref(target, str(value)))
    return tuple(found)
