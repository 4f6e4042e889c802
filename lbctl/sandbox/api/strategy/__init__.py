"""Defaulting, validation and allocation of every built-in kind.

`build_strategies` gives one `Strategy` per resource; `meta` has the metadata rules custom resources share.
"""

from lbctl.sandbox.api.strategy.registry import build_strategies
from lbctl.sandbox.api.strategy.settings import ServiceSettings

__all__ = ["ServiceSettings", "build_strategies"]
