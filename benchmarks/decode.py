"""Listing every Service and EndpointSlice: our informer against the official client's typed objects.

Each runs in a process of its own: `python -m benchmarks.decode {ours|official} KUBECONFIG` prints what it took.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Ratio
from benchmarks.processes import Api

_TIMEOUT_S = 300.0


def compare(api: Api) -> list[Ratio]:
    """CPU and memory of both, transport included."""
    ours, official = (_child(way, api.kubeconfig) for way in ("ours", "official"))
    against = "the official client's typed LIST (CoreV1Api, DiscoveryV1Api)"
    return [
        Ratio("LIST Services and EndpointSlices: CPU of our informers", ours["cpu_s"], official["cpu_s"], against, "s"),
        Ratio("  memory that stays", ours["kept_mib"], official["kept_mib"], against, "MiB"),
        Ratio("  memory at the peak", ours["peak_mib"], official["peak_mib"], against, "MiB"),
    ]


def _child(way: str, kubeconfig: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.decode", way, str(kubeconfig)]
    folder = Path(__file__).parent.parent
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True)
    took: dict[str, float] = json.loads(run.stdout)
    return took


def _ours(kubeconfig: Path) -> Callable[[], object]:
    from lbctl.kube.client import KubeClient
    from lbctl.kube.connect import KubeSettings
    from lbctl.kube.informers import Informers
    from lbctl.kube.kinds import ENDPOINT_SLICES, SERVICES
    from lbctl.runtime.threads import ThreadGroup

    informers = Informers(KubeClient.connect(KubeSettings(kubeconfig)))
    kept = informers.add(SERVICES), informers.add(ENDPOINT_SLICES)
    group = ThreadGroup("decode")

    def work() -> object:
        informers.start(group)
        if not informers.wait_synced(threading.Event(), _TIMEOUT_S):
            raise TimeoutError("; ".join(informers.unsynced()))
        return kept

    return work


def _official(kubeconfig: Path) -> Callable[[], object]:
    from kubernetes.client import CoreV1Api, DiscoveryV1Api
    from kubernetes.config import new_client_from_config

    api = new_client_from_config(str(kubeconfig))
    core, discovery = CoreV1Api(api), DiscoveryV1Api(api)
    core.list_service_for_all_namespaces(limit=1)
    discovery.list_endpoint_slice_for_all_namespaces(limit=1)
    return lambda: (core.list_service_for_all_namespaces(), discovery.list_endpoint_slice_for_all_namespaces())


def _memory_mib(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":")) / 1024


def main() -> None:
    work = {"ours": _ours, "official": _official}[sys.argv[1]](Path(sys.argv[2]))
    before_mib, before_s = _memory_mib("VmRSS"), time.process_time()
    kept = work()
    took = {
        "cpu_s": time.process_time() - before_s,
        "kept_mib": _memory_mib("VmRSS") - before_mib,
        "peak_mib": _memory_mib("VmHWM") - before_mib,
    }
    print(json.dumps(took), flush=True)
    assert kept


if __name__ == "__main__":
    main()
