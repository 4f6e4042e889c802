"""The specification of the provider contract, as tests that every provider passes. Needs pytest.

    from lbctl.provider.conformance import ProviderConformance, World

    class TestMyCloud(ProviderConformance):
        def make_world(self) -> World:
            return MyFakeCloudWorld()

A `World` is your provider before a cloud that can be broken on purpose: a fake, or a real API behind a proxy.
What your provider's capabilities do not claim is skipped with the reason. Read the files as chapters:

    lifecycle     create, update, delete; the second plan is empty; everything can be said twice
    naming        render is pure and deterministic; names carry the UID; nobody's resources meet
    crashes       the process dies before and after every call: no leak, no duplicate, no foreign delete
    faults        throttling, server errors and lost answers at every call
    drift         what was changed or removed by hand is repaired; what already exists is adopted
    waiting       asynchronous provisioning, reads that lag behind writes
    capabilities  what is claimed works, what is not is refused
    scale         one read for a thousand Services; shared nodes; two threads
"""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{chapter}"
        for chapter in ("lifecycle", "naming", "crashes", "faults", "drift", "waiting", "capabilities", "scale", "base")
    )
)

from lbctl.provider.conformance.suite import ProviderConformance  # noqa: E402 - after the rewriting is registered
from lbctl.provider.conformance.world import CLUSTER, OTHER_CLUSTER, Fault, World  # noqa: E402

__all__ = ["CLUSTER", "OTHER_CLUSTER", "Fault", "ProviderConformance", "World"]
