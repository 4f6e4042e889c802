"""Services and capabilities that the tables of this folder vary."""

from __future__ import annotations

from lbctl.model.address import Family
from lbctl.model.service import ObjectKey, Protocol, Service, ServicePort, ServiceType, Uid
from lbctl.plan.capabilities import Capabilities

WEB = Service(
    key=ObjectKey("shop", "web"),
    uid=Uid("uid-1"),
    generation=4,
    type=ServiceType.LOAD_BALANCER,
    ports=(ServicePort(80, name="http", node_port=30080), ServicePort(443, name="https", node_port=30443)),
)
"""A plain LoadBalancer Service with two TCP ports."""

ALL = Capabilities(protocols=frozenset(Protocol), families=frozenset(Family))
"""A provider that can do everything."""
