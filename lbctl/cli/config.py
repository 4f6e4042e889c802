"""Flags, environment and file, merged: a flag beats `LBCTL_…`, which beats the YAML file, which beats the default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsError

from lbctl.model.errors import ConfigError

S = TypeVar("S", bound=BaseSettings)


def load_settings(model: type[S], flags: Mapping[str, object], file: Path | None) -> S:
    """The settings of one command; flags that are None were not given. Raises ConfigError in one line."""
    given = {name: value for name, value in flags.items() if value is not None}
    _check_environment(model)
    try:
        merged = _merge(_read(file) if file else {}, EnvSettingsSource(model)(), given)
        return model(**merged)
    except SettingsError as failure:
        raise ConfigError(f"environment: {failure}") from failure
    except ValidationError as failure:
        wrong = "; ".join(_sentence(error["loc"], error["msg"], model) for error in failure.errors())
        raise ConfigError(f"{file}: {wrong}" if file else wrong) from failure


def _read(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text())
    except OSError as failure:
        raise ConfigError(f"cannot read the configuration file {file}: {failure.strerror}") from failure
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        raise ConfigError(f"the configuration file {file} is not YAML: {' '.join(str(failure).split())}") from failure
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ConfigError(f"the configuration file {file} must hold settings by name, for example: workers: 8")
    return found


def _merge(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Later layers win, key by key, in nested mappings too."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            known = merged.get(name)
            merged[name] = _merge(known, value) if isinstance(known, dict) and isinstance(value, Mapping) else value
    return merged


def _check_environment(model: type[BaseSettings]) -> None:
    """A misspelt variable would be ignored in silence."""
    prefix = str(model.model_config.get("env_prefix") or "")
    for name in sorted(os.environ):
        setting = name.removeprefix(prefix).lower().partition("__")[0]
        if (
            name.startswith(prefix)
            and setting not in {*model.model_fields, "config"}
            and not setting.startswith("test_")
        ):
            raise ConfigError(f"environment: {name} sets nothing; known are {_known(model, prefix)}")


def _known(model: type[BaseSettings], prefix: str = "") -> str:
    return ", ".join(f"{prefix}{name.upper()}" if prefix else name for name in model.model_fields)


def _sentence(location: tuple[int | str, ...], message: str, model: type[BaseSettings]) -> str:
    name = ".".join(map(str, location))
    if message == "Extra inputs are not permitted":
        return f"there is no setting {name!r}" + ("" if len(location) > 1 else f"; known are {_known(model)}")
    return f"setting {name!r}: {message.removeprefix('Value error, ')}"
