"""Nodes as values, and which of them stand behind a load balancer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lbctl.model.address import IPAddress, IPNetwork
from lbctl.model.service import NO_LABELS

EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"
AUTOSCALER_TAINT = "ToBeDeletedByClusterAutoscaler"
ZONE_LABEL = "topology.kubernetes.io/zone"

_FALSE_WORDS = frozenset({"0", "f", "F", "false", "FALSE", "False"})


@dataclass(frozen=True, slots=True)
class Node:
    """A Node; `taints` are its taints' keys."""

    name: str
    provider_id: str = ""
    internal_ips: tuple[IPAddress, ...] = ()
    external_ips: tuple[IPAddress, ...] = ()
    pod_cidrs: tuple[IPNetwork, ...] = ()
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    taints: frozenset[str] = frozenset()
    ready: bool = False
    unschedulable: bool = False
    deleting: bool = False
    resource_version: str = ""

    @property
    def zone(self) -> str:
        return self.labels.get(ZONE_LABEL, "")


def is_backend(node: Node) -> bool:
    """Whether a load balancer may send traffic to this node.

    Readiness and cordon are not looked at: the balancer's own health check decides, so that an API outage which
    turns every node NotReady does not empty every load balancer. The label counts unless its value reads false.
    Source: KEP-3458; k8s.io/cloud-provider controllers/service (stableNodeSetPredicates).
    """
    if node.deleting or AUTOSCALER_TAINT in node.taints:
        return False
    excluded = node.labels.get(EXCLUDE_LABEL)
    return excluded is None or excluded in _FALSE_WORDS
