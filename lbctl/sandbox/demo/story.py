"""`make demo`: every kind of Service, applied with real kubectl, provisioned by the real controller."""

from __future__ import annotations

import tempfile
from ipaddress import ip_network
from pathlib import Path

from lbctl.runtime import log
from lbctl.sandbox.api.settings import ApiSettings
from lbctl.sandbox.app import Sandbox, SandboxSettings
from lbctl.sandbox.demo import chapters
from lbctl.sandbox.demo.narrator import Narrator
from lbctl.sandbox.kubectl import Kubectl

SERVICE_CIDRS = (ip_network("10.11.240.0/20"), ip_network("fd00:10:11::/112"))
"""The range that the examples' fixed cluster IPs are from."""

_CONTROLLER_CONFIG = """\
# A cloud that allows five ports per load balancer, and shows changes by hand at the next audit.
providers:
  mock:
    max_ports: 5
audit_interval_s: 5
node_quiet_s: 1
"""


def run_demo() -> None:
    """Start a sandbox, tell the story, and clean up. Raises LbctlError at the first step that fails."""
    log.configure(level="error")
    with tempfile.TemporaryDirectory(prefix="lbctl-demo-") as name:
        folder = Path(name)
        config = folder / "controller.yaml"
        config.write_text(_CONTROLLER_CONFIG)
        settings = SandboxSettings(
            api=ApiSettings(service_cidrs=SERVICE_CIDRS, storage=folder / "cluster.sqlite"),
            kubeconfig=folder / "kubeconfig",
            controller_config=config,
            logs=folder,
        )
        tell = Narrator(Kubectl(settings.kubeconfig, examples()))
        sandbox = Sandbox(settings)
        try:
            sandbox.start()
            for chapter in chapters.ALL:
                chapter(tell, sandbox)
            print(
                "\nThat was the main job. README.md says how to go on; `lbctl sandbox up` keeps such a cluster running."
            )
        finally:
            sandbox.stop()


def examples() -> Path:
    """The numbered manifests: packaged with lbctl, or in the checkout."""
    packaged = Path(__file__).parent.parent / "examples"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "deploy" / "examples"
