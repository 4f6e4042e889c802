"""Which strategy belongs to which resource."""

from __future__ import annotations

from lbctl.sandbox.api.strategy.base import Strategy
from lbctl.sandbox.api.strategy.configuration import ConfigMapStrategy, SecretStrategy, ServiceAccountStrategy
from lbctl.sandbox.api.strategy.crd import CustomResourceDefinitionStrategy
from lbctl.sandbox.api.strategy.deployment import DeploymentStrategy
from lbctl.sandbox.api.strategy.endpoints import EndpointsStrategy
from lbctl.sandbox.api.strategy.endpointslice import EndpointSliceStrategy
from lbctl.sandbox.api.strategy.event import CORE_EVENT, EVENTS_API, EventStrategy
from lbctl.sandbox.api.strategy.lease import LeaseStrategy
from lbctl.sandbox.api.strategy.namespace import NamespaceStrategy
from lbctl.sandbox.api.strategy.node import NodeStrategy
from lbctl.sandbox.api.strategy.pod import PodStrategy
from lbctl.sandbox.api.strategy.service import ServiceStrategy
from lbctl.sandbox.api.strategy.settings import ServiceSettings


def build_strategies(settings: ServiceSettings) -> dict[tuple[str, str], Strategy]:
    """Strategies of one cluster by (group, plural); the core group is the empty string."""
    return {
        ("", "namespaces"): NamespaceStrategy(),
        ("", "services"): ServiceStrategy(settings),
        ("", "endpoints"): EndpointsStrategy(),
        ("", "nodes"): NodeStrategy(),
        ("", "pods"): PodStrategy(),
        ("", "configmaps"): ConfigMapStrategy(),
        ("", "secrets"): SecretStrategy(),
        ("", "serviceaccounts"): ServiceAccountStrategy(),
        ("", "events"): EventStrategy(CORE_EVENT),
        ("events.k8s.io", "events"): EventStrategy(EVENTS_API),
        ("discovery.k8s.io", "endpointslices"): EndpointSliceStrategy(),
        ("coordination.k8s.io", "leases"): LeaseStrategy(),
        ("apps", "deployments"): DeploymentStrategy(),
        ("apiextensions.k8s.io", "customresourcedefinitions"): CustomResourceDefinitionStrategy(),
    }
