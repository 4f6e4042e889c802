"""A controller whose mock cloud holds what an earlier one made: a restart, as a real cloud sees it.

The mock cloud lives in the controller's process and ends with it. So this fills a new one from the Services' present
state, as the earlier controller had done, says so, and then runs the controller on it.

    python -m benchmarks.surviving_cloud controller --config FILE
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from lbctl.cli.config import load_settings
from lbctl.controller.app import ControllerProcess
from lbctl.controller.settings import ControllerSettings
from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings
from lbctl.kube.kinds import NODES, SERVICES
from lbctl.model.loadbalancer import LoadBalancer
from lbctl.model.resource import NOTHING
from lbctl.plan.diff import diff
from lbctl.plan.translate import backends_of, translate
from lbctl.provider import registry
from lbctl.provider.contract import Provider, ProviderContext
from lbctl.runtime import log

FILLED = "the cloud is as it was left"


def filled_provider(settings: ControllerSettings) -> Provider:
    """A mock provider whose cloud has every load balancer of the cluster that has an address."""
    provider = registry.build("mock", settings.providers["mock"], ProviderContext(settings.cluster))
    client = KubeClient.open(KubeSettings(settings.kubeconfig))
    backends = backends_of(client.list_all(NODES))
    for service in client.list_all(SERVICES):
        wanted = translate(service, backends, provider.capabilities) if service.ingress else None
        if isinstance(wanted, LoadBalancer):
            for step in diff(provider.render(wanted), NOTHING).steps:
                provider.apply(step)
    client.close()
    return provider


def main() -> None:
    settings = load_settings(ControllerSettings, {}, Path(sys.argv[-1]))
    log.configure(level=settings.log_level)
    provider = filled_provider(settings)
    print(FILLED, flush=True)
    process = ControllerProcess(settings, [provider])
    signal.signal(signal.SIGTERM, lambda *_: process.group.stop.set())
    process.run()


if __name__ == "__main__":
    main()
