"""The Service kind."""

from lbctl.sandbox.api.strategy.service.strategy import ServiceStrategy

__all__ = ["ServiceStrategy"]
