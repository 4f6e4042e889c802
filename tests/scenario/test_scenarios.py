"""Every scenario file of this folder, on one sandbox of real processes, driven by real kubectl."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lbctl.model.errors import ConfigError, PermanentError
from lbctl.sandbox.scenario import Runner, Scenario, Step, fresh_runner, matches, read_scenario

FILES = sorted(Path(__file__).parent.glob("*.yaml"))

pytestmark = pytest.mark.xdist_group("scenarios")


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with fresh_runner() as made:
        yield made


@pytest.mark.kubectl
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_scenario(file: Path, runner: Runner) -> None:
    runner.run(read_scenario(file), f"s-{file.stem}")


@pytest.mark.kubectl
def test_a_scenario_whose_expectation_does_not_hold_fails_by_name(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lbctl.sandbox.scenario.WAIT_S", 0.2)
    wrong = Scenario(name="wrong", steps=(Step(expect="configmap/kube-root-ca.crt", has={"data": {"no": "such"}}),))
    with pytest.raises(PermanentError, match="wrong: step 1: after 0 s"):
        runner.run(wrong, "s-wrong")


@pytest.mark.parametrize(
    ("wanted", "seen", "holds"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": {"b": [1]}}, {"a": {"b": [1]}}, True),
        ([1, 2], [1], False),
        ([{"a": 1}], [{"a": 1, "b": 1}], True),
        ({"a": None}, {}, True),
        ({"a": None}, {"a": []}, True),
        ({"a": None}, {"a": [1]}, False),
        ({"a": 1}, None, False),
    ],
)
def test_matching_asks_for_at_least_what_is_named(wanted: object, seen: object, holds: bool) -> None:
    assert matches(wanted, seen) is holds


@pytest.mark.parametrize(
    ("text", "part"),
    [("name: x", "steps"), ("{{", "not YAML"), ("name: x\nsteps: [{aply: {}}]", "aply")],
    ids=["no-steps", "no-yaml", "unknown-step"],
)
def test_a_malformed_scenario_is_one_clear_line(tmp_path: Path, text: str, part: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=part):
        read_scenario(file)
