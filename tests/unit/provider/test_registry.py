"""Finding providers: `lbctl.provider.registry`."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest

from lbctl.model.errors import ConfigError
from lbctl.provider import registry
from lbctl.provider.contract import ProviderContext

PLUGIN = """
    from pydantic import BaseModel
    from lbctl.provider.contract import ProviderPlugin
    from lbctl_mock import build, MockSettings

    PROVIDER = ProviderPlugin("acme", "a test's cloud", MockSettings, build)
    NOT_ONE = object()
"""
ENTRY_POINTS = """
    [lbctl.providers]
    acme = acme_cloud:PROVIDER
    broken = acme_cloud_that_needs_more:PROVIDER
    odd = acme_cloud:NOT_ONE
"""


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with three entry points, one good and two bad."""
    (tmp_path / "acme_cloud.py").write_text(dedent(PLUGIN))
    (tmp_path / "acme_cloud_that_needs_more.py").write_text("import acme_sdk\n")
    info = tmp_path / "acme_cloud-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-cloud\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(dedent(ENTRY_POINTS))
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.fixture(autouse=True)
def _forget_modules() -> object:
    yield
    sys.modules.pop("acme_cloud", None)
    sys.modules.pop("acme_cloud_that_needs_more", None)


def test_installed_names_are_known_without_importing_anything() -> None:
    assert {"acme", "broken", "odd"} <= registry.installed()
    assert "acme_cloud" not in sys.modules


def test_a_provider_is_built_from_its_settings() -> None:
    provider = registry.build("acme", {"max_ports": 5}, ProviderContext(cluster="c"))
    assert provider.capabilities.max_ports == 5


def test_an_unknown_provider_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"there is no provider 'azure'; installed are: acme"):
        registry.load("azure")


def test_a_provider_whose_library_is_missing_says_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"acme_sdk.*pip install 'lbctl\[broken\]'"):
        registry.load("broken")


def test_an_entry_point_that_is_no_plugin_is_refused() -> None:
    with pytest.raises(ConfigError, match="is not a ProviderPlugin"):
        registry.load("odd")


def test_every_wrong_setting_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        registry.build("acme", {"latency_s": -1, "colour": "red"}, ProviderContext(cluster="c"))
    message = caught.value.message
    assert message.startswith("provider 'acme' is misconfigured: ")
    assert "latency_s: Input should be greater than or equal to 0" in message
    assert "colour: Extra inputs are not permitted" in message
