"""Finding providers by name, without importing the ones that are not used."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from pydantic import ValidationError

from lbctl.model.errors import ConfigError
from lbctl.provider.contract import Provider, ProviderContext, ProviderPlugin

GROUP = "lbctl.providers"


def installed() -> frozenset[str]:
    """The names of all providers that are installed; nothing of theirs is imported."""
    return frozenset(one.name for one in entry_points(group=GROUP))


def load(name: str) -> ProviderPlugin[Any]:
    """Import one provider's plug-in. Raises ConfigError when there is none, or when its extra is not installed."""
    found = _find(name)
    try:
        plugin = found.load()
    except ImportError as failure:
        raise ConfigError(
            f"provider {name!r} cannot be imported ({failure}); install it with: pip install 'lbctl[{name}]'"
        ) from failure
    if not isinstance(plugin, ProviderPlugin):
        raise ConfigError(f"the entry point {found.value!r} of provider {name!r} is not a ProviderPlugin")
    return plugin


def build(name: str, settings: Mapping[str, Any], context: ProviderContext) -> Provider:
    """A provider from its part of the configuration. Raises ConfigError that names each wrong setting."""
    plugin = load(name)
    try:
        parsed = plugin.settings.model_validate(dict(settings))
    except ValidationError as failure:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in failure.errors())
        raise ConfigError(f"provider {name!r} is misconfigured: {wrong}") from failure
    return plugin.build(parsed, context)


def _find(name: str) -> EntryPoint:
    for one in entry_points(group=GROUP, name=name):
        return one
    known = ", ".join(sorted(installed())) or "none"
    raise ConfigError(f"there is no provider {name!r}; installed are: {known}")
