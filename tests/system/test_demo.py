"""`make demo` tells its story to the end."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.kubectl
@pytest.mark.timeout(180)
def test_the_demo_passes_and_shows_what_a_real_cluster_would_print() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lbctl", "sandbox", "demo"], capture_output=True, text=True, timeout=170
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {line.split()[1]: line.split() for line in done.stdout.splitlines() if line.startswith("     default  ")}
    assert rows["my-ap-service"][2:4] == ["LoadBalancer", "10.11.241.93"]
    assert rows["my-ap-service"][5] == "50000:30641/TCP"
    assert rows["my-tp-service"][5] == "60000:31233/TCP,60001:31081/TCP"
    assert rows["my-xn-service"][2:6] == ["ExternalName", "<none>", "example.com", "<none>"]
    assert rows["nginx"][2:6] == ["ClusterIP", "None", "<none>", "80/TCP"]
    assert rows["frontend"][5] == "80:30080/TCP"
    assert rows["web"][4].startswith("203.0.113.")
    assert done.stderr == ""
