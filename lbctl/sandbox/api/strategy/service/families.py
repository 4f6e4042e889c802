"""Which IP families a Service gets, from what it asks for and what the cluster has.

Source: k8s.io/kubernetes/pkg/registry/core/service/storage/alloc.go (`initIPFamilyFields`) and storage.go
(`defaultOnReadIPFamilies`); KEP-563 "dual-stack".
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import ApiError, FieldError, Json, invalid, invalid_object
from lbctl.sandbox.api.strategy.addresses import is_ipv6
from lbctl.sandbox.api.strategy.service.fields import (
    CLUSTER_IP,
    IPV4,
    IPV6,
    LOAD_BALANCER,
    NODE_PORT,
    NONE,
    PREFER_DUAL_STACK,
    REQUIRE_DUAL_STACK,
    SINGLE_STACK,
    cluster_ips,
    families,
    needs_cluster_ip,
    spec_of,
)
from lbctl.sandbox.api.strategy.service.validate_ips import validate_cluster_ips

_POLICY = "spec.ipFamilyPolicy"


def family_of(address: str) -> str:
    """`IPv6` for an IPv6 address, `IPv4` for any other text."""
    return IPV6 if is_ipv6(address) else IPV4


def other_family(family: str) -> str:
    """The family this one is not."""
    return IPV6 if family == IPV4 else IPV4


def refused(service: Json, errors: list[FieldError]) -> ApiError:
    """422 Invalid for this Service."""
    return invalid_object("Service", "", service["metadata"].get("name", ""), errors)


def keeps_prefer_dual_stack(new: Json, old: Json | None) -> bool:
    """Whether a PreferDualStack Service (given as specs) is left as it is, even if the cluster's families changed."""
    return (
        old is not None
        and new.get("ipFamilyPolicy") == PREFER_DUAL_STACK
        and old.get("ipFamilyPolicy") in (None, PREFER_DUAL_STACK)
        and old.get("type") == new.get("type")
        and new.get("type") in (CLUSTER_IP, NODE_PORT, LOAD_BALANCER)
        and cluster_ips(old) == cluster_ips(new)
        and families(old) == families(new)
    )


class FamilyChooser:
    """Chooses `ipFamilies` and `ipFamilyPolicy` in a cluster with these families, the default one first."""

    def __init__(self, configured: tuple[str, ...]) -> None:
        self._configured = configured

    def complete_stored(self, service: Json) -> None:
        """Give families to a stored Service that is older than they are, in place."""
        spec = spec_of(service)
        if not needs_cluster_ip(spec) or families(spec):
            return
        default = self._configured[0]
        if spec.get("clusterIP") == NONE:
            dual = not spec.get("selector")
            spec["ipFamilies"] = [default, other_family(default)] if dual else [default]
        else:
            spec["ipFamilies"] = [family_of(one) for one in cluster_ips(spec)]
        spec["ipFamilyPolicy"] = REQUIRE_DUAL_STACK if len(spec["ipFamilies"]) == 2 else SINGLE_STACK

    def choose(self, service: Json, old: Json | None) -> None:
        """Set `ipFamilies` and `ipFamilyPolicy`, in place.

        Raises:
            ApiError: 422 Invalid when the addresses, families and policy contradict each other or the cluster.
        """
        spec = spec_of(service)
        stored = None if old is None else spec_of(old)
        if not needs_cluster_ip(spec) or keeps_prefer_dual_stack(spec, stored):
            return
        if spec.get("ipFamilyPolicy") is None:
            spec["ipFamilyPolicy"] = self._default_policy(spec, stored)
        if errors := validate_cluster_ips(spec, stored):
            raise refused(service, errors)
        errors = [] if stored is None else _release_secondary(spec, stored)
        errors += _policy_against_lists(spec)
        errors += self._infer_families(spec)
        if errors:
            raise refused(service, errors)
        if spec.get("clusterIP") == NONE and not spec.get("selector"):
            self._complete(spec, dual=True)
            return
        if errors := self._against_cluster(spec):
            raise refused(service, errors)
        self._complete(spec, dual=len(self._configured) == 2)

    @staticmethod
    def _default_policy(spec: Json, stored: Json | None) -> str:
        if stored is not None and stored.get("ipFamilyPolicy") is not None:
            return str(stored["ipFamilyPolicy"])
        headless_by_hand = spec.get("clusterIP") == NONE and not spec.get("selector")
        return REQUIRE_DUAL_STACK if headless_by_hand else SINGLE_STACK

    def _infer_families(self, spec: Json) -> list[FieldError]:
        """Add the families of explicit addresses that `ipFamilies` does not cover yet."""
        errors: list[FieldError] = []
        listed = list(families(spec))
        for index, address in enumerate(cluster_ips(spec)):
            if address == NONE:
                break
            if index < len(listed):
                continue
            family = family_of(address)
            if family in self._configured:
                listed.append(family)
            else:
                why = f"{family} is not configured on this cluster"
                errors.append(invalid(f"spec.clusterIPs[{index}]", cluster_ips(spec), why))
        if listed:
            spec["ipFamilies"] = listed
        return errors

    def _against_cluster(self, spec: Json) -> list[FieldError]:
        errors: list[FieldError] = []
        policy = spec["ipFamilyPolicy"]
        if policy == REQUIRE_DUAL_STACK and len(self._configured) < 2:
            errors.append(invalid(_POLICY, policy, "this cluster is not configured for dual-stack services"))
        for index, family in enumerate(families(spec)):
            if family not in self._configured:
                errors.append(invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster"))
        return errors

    def _complete(self, spec: Json, *, dual: bool) -> None:
        listed = list(families(spec)) or [self._configured[0]]
        if dual and len(listed) == 1 and spec["ipFamilyPolicy"] != SINGLE_STACK:
            listed.append(other_family(listed[0]))
        spec["ipFamilies"] = listed


def _release_secondary(spec: Json, stored: Json) -> list[FieldError]:
    """SingleStack releases the second family by itself; any other policy forbids to drop it."""
    policy = spec["ipFamilyPolicy"]
    if policy == SINGLE_STACK:
        for name in ("clusterIPs", "ipFamilies"):
            listed = spec.get(name) or []
            if len(listed) > 1 and listed == stored.get(name):
                spec[name] = listed[:1]
        return []
    errors = []
    if 0 < len(cluster_ips(spec)) < len(cluster_ips(stored)):
        errors.append(invalid(_POLICY, policy, "must be 'SingleStack' to release the secondary cluster IP"))
    if 0 < len(families(spec)) < len(families(stored)):
        errors.append(invalid(_POLICY, policy, "must be 'SingleStack' to release the secondary IP family"))
    return errors


def _policy_against_lists(spec: Json) -> list[FieldError]:
    policy, either = spec["ipFamilyPolicy"], "must be 'RequireDualStack' or 'PreferDualStack' when multiple"
    if policy != SINGLE_STACK:
        return []
    errors = []
    if len(cluster_ips(spec)) == 2:
        errors.append(invalid(_POLICY, policy, f"{either} cluster IPs are specified"))
    if len(families(spec)) == 2:
        errors.append(invalid(_POLICY, policy, f"{either} IP families are specified"))
    return errors
