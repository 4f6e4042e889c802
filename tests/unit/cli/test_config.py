"""Where a setting comes from, and what a wrong one looks like."""

from __future__ import annotations

from pathlib import Path

import pytest

from lbctl.cli.config import load_settings
from lbctl.controller.settings import ControllerSettings
from lbctl.model.errors import ConfigError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "lbctl.yaml"
    file.write_text("workers: 3\ncluster: from-file\nleader_election: {enabled: false, name: mine}\n")
    return file


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_settings(ControllerSettings, {}, None).workers == 8
    assert load_settings(ControllerSettings, {}, file).workers == 3
    monkeypatch.setenv("LBCTL_WORKERS", "4")
    assert load_settings(ControllerSettings, {}, file).workers == 4
    assert load_settings(ControllerSettings, {"workers": 5}, file).workers == 5
    assert load_settings(ControllerSettings, {"workers": None}, file).workers == 4


def test_nested_settings_merge_key_by_key(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LBCTL_LEADER_ELECTION__NAMESPACE", "lbctl-system")
    election = load_settings(ControllerSettings, {}, file).leader_election
    assert (election.enabled, election.name, election.namespace) == (False, "mine", "lbctl-system")


def test_several_providers_are_named_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(ControllerSettings, {"provider": "mock, aws"}, None).provider == ("mock", "aws")
    monkeypatch.setenv("LBCTL_PROVIDER", "mock")
    assert load_settings(ControllerSettings, {}, None).provider == ("mock",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("workres: 3", "there is no setting 'workres'"),
        ("workers: many", "setting 'workers': Input should be a valid integer"),
        ("workers: 0", "setting 'workers': Input should be greater than or equal to 1"),
        ("default_class: mock", "setting 'default_class': write it as lbctl.io/PROVIDER"),
        ("cluster: Not_Valid", "setting 'cluster': "),
        ("[1, 2]", "must hold settings by name"),
        ("a: [", "is not YAML"),
    ],
    ids=lambda text: text[:12],
)
def test_a_wrong_file_is_one_line_that_names_the_setting(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "lbctl.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message.replace("(", r"\(")) as refusal:
        load_settings(ControllerSettings, {}, file)
    assert "\n" not in refusal.value.message


def test_a_file_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the configuration file .*nope\.yaml: No such file"):
        load_settings(ControllerSettings, {}, tmp_path / "nope.yaml")


def test_a_variable_that_sets_nothing_is_named_with_those_that_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LBCTL_LEADER_ELECT", "maybe")
    with pytest.raises(ConfigError, match=r"LBCTL_LEADER_ELECT sets nothing; known are .*LBCTL_LEADER_ELECTION"):
        load_settings(ControllerSettings, {}, None)


def test_a_section_for_a_provider_that_is_not_installed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lbctl.yaml"
    file.write_text("providers: {nope: {}}")
    with pytest.raises(ConfigError, match=r"lbctl\.yaml: setting 'providers': there is no provider 'nope'"):
        load_settings(ControllerSettings, {}, file)


def test_a_wrong_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LBCTL_PROVIDERS", "{broken")
    with pytest.raises(ConfigError, match=r"environment: .*providers"):
        load_settings(ControllerSettings, {}, None)
