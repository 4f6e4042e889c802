"""The mock provider: an in-memory cloud, and the shortest complete example of the provider contract.

    lbctl controller --provider mock

Read `provider.py` to write a provider of your own, `cloud.py` for what the cloud behind it does and can be made to do
(latency, asynchronous states, eventual consistency, quotas, throttling, faults), `settings.py` for the switches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lbctl.provider.contract import ProviderContext, ProviderPlugin
from lbctl_mock.settings import MockSettings

if TYPE_CHECKING:
    from lbctl_mock.provider import MockProvider


def build(settings: MockSettings, context: ProviderContext) -> MockProvider:
    """A provider with a new, empty cloud that lives as long as the process."""
    from lbctl_mock.cloud import MockCloud
    from lbctl_mock.provider import MockProvider

    return MockProvider(MockCloud(settings, context.clock), settings, context.cluster)


PROVIDER: ProviderPlugin[MockSettings] = ProviderPlugin(
    name="mock",
    summary="an in-memory cloud for demos and tests; nothing outside this process is touched",
    settings=MockSettings,
    build=build,
)
