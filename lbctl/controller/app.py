"""`lbctl controller`: the loop with its real edges, from start to the last thread's end."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable

from lbctl.controller.loop import Controller, Timing
from lbctl.controller.settings import ControllerSettings
from lbctl.controller.telemetry import Telemetry
from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.kube.events import EventRecorder
from lbctl.kube.informer import Informer
from lbctl.kube.informers import Informers
from lbctl.kube.kinds import NODES, SERVICES
from lbctl.kube.lease import LeaderElector, LeaseTiming
from lbctl.kube.telemetry import watch_client
from lbctl.kube.writer import ServiceWriter
from lbctl.model.node import Node
from lbctl.model.service import ObjectKey, Service
from lbctl.provider import registry
from lbctl.provider.contract import Provider, ProviderContext
from lbctl.runtime.clock import Clock, SystemClock
from lbctl.runtime.health import Health, HealthServer
from lbctl.runtime.log import logger
from lbctl.runtime.metrics import Metrics
from lbctl.runtime.threads import ThreadGroup

log = logger(__name__)


class InformerView:
    """The cluster as two informers know it."""

    def __init__(self, services: Informer[Service], nodes: Informer[Node]) -> None:
        self._services = services
        self._nodes = nodes

    def synced(self) -> bool:
        return self._services.synced.is_set() and self._nodes.synced.is_set()

    def service(self, key: ObjectKey) -> Service | None:
        return self._services.store.get(key)

    def services(self) -> Iterable[Service]:
        return self._services.store.values()

    def nodes(self) -> Iterable[Node]:
        return self._nodes.store.values()
