"""All chapters in one class."""

from __future__ import annotations

from lbctl.provider.conformance.capabilities import CapabilityConformance
from lbctl.provider.conformance.crashes import CrashConformance
from lbctl.provider.conformance.drift import DriftConformance
from lbctl.provider.conformance.faults import FaultConformance
from lbctl.provider.conformance.lifecycle import LifecycleConformance
from lbctl.provider.conformance.naming import NamingConformance
from lbctl.provider.conformance.scale import ScaleConformance
from lbctl.provider.conformance.waiting import WaitingConformance


class ProviderConformance(
    LifecycleConformance,
    NamingConformance,
    CrashConformance,
    FaultConformance,
    DriftConformance,
    WaitingConformance,
    CapabilityConformance,
    ScaleConformance,
):
    """Subclass it, name the subclass `Test…`, and give it `make_world`."""
