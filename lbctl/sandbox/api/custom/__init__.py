"""Custom resources: definitions become served resource types with structural schemas."""

from lbctl.sandbox.api.custom.definitions import Definitions
from lbctl.sandbox.api.custom.strategy import CustomStrategy

__all__ = ["CustomStrategy", "Definitions"]
