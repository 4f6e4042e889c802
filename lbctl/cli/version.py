"""`lbctl version`."""

from __future__ import annotations

import platform

from lbctl import __version__
from lbctl.provider import registry


def run() -> None:
    """Print the version, and which providers are installed."""
    providers = ", ".join(sorted(registry.installed())) or "none"
    print(f"lbctl {__version__}  (Python {platform.python_version()}; providers: {providers})")
