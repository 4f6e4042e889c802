"""The embedded Kubernetes-compatible API server: `ApiServer(ApiSettings()).start()`."""

from lbctl.sandbox.api.server import ApiServer
from lbctl.sandbox.api.settings import ApiSettings, SettingsError, StartError

__all__ = ["ApiServer", "ApiSettings", "SettingsError", "StartError"]
