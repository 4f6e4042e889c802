"""Every bench runs at a tiny size, so that none can rot; what it measures there means nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import apiserver, calls, scale
from benchmarks.calls import _Cloud
from benchmarks.figures import Figure, Ratio, Report, quantile

ROOT = Path(__file__).parents[3]


def named(report: Report) -> dict[str, float]:
    return {one.name.strip(): one.value for one in report.figures}


def test_the_scale_bench_measures_every_figure_and_nobody_writes_in_vain(tmp_path: Path) -> None:
    report = scale.measure(tmp_path, scale.SMALL)
    found = named(report)
    assert found["Kubernetes writes per Service"] == 3
    assert found["restart: provider writes"] == 0
    assert found["restart: Kubernetes writes"] == 0
    assert found["at rest, 1 audits: Kubernetes requests of any kind"] == 0
    assert found["controller, peak memory"] > 0
    assert all(one.baseline > 0 for one in report.ratios)


def test_the_api_server_bench_reads_every_answer_and_every_event(tmp_path: Path) -> None:
    report = apiserver.measure(tmp_path, apiserver.SMALL)
    assert named(report)["POST, 1 kB answer"] > 0
    assert len(report.ratios) == 4


@pytest.mark.parametrize(
    ("membership", "one_node"), [("per-service", calls.SMALL.services * 2), ("shared", 1)], ids=["own pools", "shared"]
)
def test_calls_to_the_cloud_are_counted_exactly(membership: str, one_node: int) -> None:
    counts = _Cloud(membership, calls.SMALL).count()
    assert counts.create == 6, "address, balancer, and a pool and a listener for each of two ports"
    assert (counts.one_node, counts.many_nodes) == (one_node, one_node), "nodes that join together cost what one costs"
    assert (counts.audit_writes, counts.restart_writes) == (0, 0)
    assert counts.delete == 7, "six deletes, and a look that nothing is left"


def test_the_command_prints_a_report_and_keeps_nothing_of_a_small_run() -> None:
    results = ROOT / "benchmarks" / "results"
    before = {file.name: file.stat().st_mtime_ns for file in results.glob("*")}
    command = [sys.executable, "benchmarks/run.py", "--small", "calls"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert "one node joins" in run.stdout
    assert {file.name: file.stat().st_mtime_ns for file in results.glob("*")} == before


def test_an_unknown_bench_is_named_with_those_there_are() -> None:
    command = [sys.executable, "benchmarks/run.py", "nonsense"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "no bench nonsense; there are calls, apiserver, scale" in run.stderr


@pytest.mark.parametrize(
    ("value", "aim", "met"), [(99.0, 100.0, True), (100.0, 100.0, True), (100.1, 100.0, False), (5.0, None, None)]
)
def test_an_aim_is_met_up_to_its_value(value: float, aim: float | None, met: bool | None) -> None:
    assert Figure("reaction", value, "ms", aim).met is met


def test_a_quantile_is_a_sample_and_the_99th_of_many_is_not_the_worst() -> None:
    samples = [float(one) for one in range(200)]
    assert quantile(samples, 0.5) == 100.0
    assert quantile(samples, 0.99) == 198.0
    assert quantile([7.0], 0.99) == 7.0


def test_a_report_as_json_names_no_host_and_says_which_aims_are_missed() -> None:
    report = Report("x", {"services": 1}, (Figure("slow", 2.0, "s", 1.0),), (Ratio("rate", 1.0, 4.0, "nothing"),))
    document = report.to_json()
    assert document["figures"] == [{"name": "slow", "value": 2.0, "unit": "s", "at_most": 1.0, "met": False}]
    assert json.loads(json.dumps(document))["ratios"][0]["value"] == 0.25
    machine = document["machine"]
    assert isinstance(machine, dict)
    assert set(machine) == {"cores", "cpu", "memory_gib", "kernel", "python"}
