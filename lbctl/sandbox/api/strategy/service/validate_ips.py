"""Rules among `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy`, and how they may change.

All functions take specs. Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go
(`ValidateServiceClusterIPsRelatedFields`, `validateUpgradeDowngradeClusterIPs`, `validateUpgradeDowngradeIPFamilies`).
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import FieldError, Json, duplicate, invalid, not_supported, required
from lbctl.sandbox.api.strategy.addresses import is_dual_stack, is_ipv6, legacy_ip
from lbctl.sandbox.api.strategy.service.fields import (
    EXTERNAL_NAME,
    IPV4,
    IPV6,
    NONE,
    PREFER_DUAL_STACK,
    REQUIRE_DUAL_STACK,
    SINGLE_STACK,
    cluster_ips,
    families,
    is_headless,
)

_IPS, _FAMILIES, _POLICY = "spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy"
_POLICIES = (PREFER_DUAL_STACK, REQUIRE_DUAL_STACK, SINGLE_STACK)
_FIXED = "may not change once set"


def validate_cluster_ips(spec: Json, old: Json | None) -> list[FieldError]:
    """Errors of addresses, families and policy among themselves; addresses the old spec has are always accepted."""
    if spec.get("type") == EXTERNAL_NAME:
        return []
    errors = _singular_and_plural(spec)
    errors += _families_and_policy(spec)
    misread = _addresses(spec, [] if old is None else cluster_ips(old))
    errors += misread
    ips = cluster_ips(spec)
    if len(ips) > 2:
        errors.append(invalid(_IPS, ips, "may only hold up to 2 values"))
    if misread:
        return errors
    if len(ips) > 1 and not is_dual_stack(ips):
        errors.append(invalid(_IPS, ips, "may specify no more than one IP for each IP family"))
    return errors + _addresses_against_families(spec)


def _singular_and_plural(spec: Json) -> list[FieldError]:
    single, ips = spec.get("clusterIP"), cluster_ips(spec)
    if single and not ips:
        return [required(_IPS)]
    if single and ips[0] != single:
        return [invalid(_IPS, ips, "first value must match `clusterIP`")]
    if ips and not single:
        return [invalid(_IPS, ips, "must be empty when `clusterIP` is not specified")]
    return []


def _families_and_policy(spec: Json) -> list[FieldError]:
    errors: list[FieldError] = []
    listed = families(spec)
    for index, family in enumerate(listed):
        if family not in (IPV4, IPV6):
            errors.append(not_supported(f"{_FAMILIES}[{index}]", family, (IPV4, IPV6)))
        if family in listed[:index]:
            errors.append(duplicate(f"{_FAMILIES}[{index}]", family))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _POLICIES:
        errors.append(not_supported(_POLICY, policy, _POLICIES))
    return errors


def _addresses(spec: Json, existing: list[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    ips = cluster_ips(spec)
    for index, address in enumerate(ips):
        if index == 0 and address == NONE:
            if len(ips) > 1:
                errors.append(invalid(_IPS, ips, "'None' must be the first and only value"))
            continue
        errors += legacy_ip(f"{_IPS}[{index}]", address, existing)
    return errors


def _addresses_against_families(spec: Json) -> list[FieldError]:
    if is_headless(spec):
        return []
    errors = []
    for index, (address, family) in enumerate(zip(cluster_ips(spec), families(spec), strict=False)):
        if family in (IPV4, IPV6) and (family == IPV6) != is_ipv6(address):
            why = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            errors.append(invalid(f"{_IPS}[{index}]", address, why))
    return errors


def _either_external_name(new: Json, old: Json) -> bool:
    return EXTERNAL_NAME in (new.get("type"), old.get("type"))


def validate_cluster_ips_change(new: Json, old: Json) -> list[FieldError]:
    """Errors of changed addresses: a second one may come and, with SingleStack, go; nothing else may change."""
    if _either_external_name(new, old) or (is_headless(new) and is_headless(old)):
        return []
    ips, before = cluster_ips(new), cluster_ips(old)
    shown = ips or None
    if len(ips) == len(before):
        return [
            invalid(f"{_IPS}[{index}]", shown, _FIXED)
            for index, (now, then) in enumerate(zip(ips, before, strict=True))
            if now != then
        ]
    errors = []
    if not ips:
        errors.append(invalid(f"{_IPS}[0]", shown, "primary clusterIP can not be unset"))
    elif before and ips[0] != before[0]:
        errors.append(invalid(f"{_IPS}[0]", shown, _FIXED))
    if len(ips) == 1 and len(before) > 1 and new.get("ipFamilyPolicy") != SINGLE_STACK:
        why = "must be set to 'SingleStack' when releasing the secondary clusterIP"
        errors.append(invalid(_POLICY, new.get("ipFamilyPolicy"), why))
    return errors


def validate_families_change(new: Json, old: Json) -> list[FieldError]:
    """Errors of changed families: as for addresses, but headless Services may change them freely."""
    if _either_external_name(new, old) or is_headless(new) or is_headless(old):
        return []
    now, before = families(new), families(old)
    where = f"{_FAMILIES}[0]"
    if len(now) == len(before):
        return [invalid(where, now, _FIXED) for family, then in zip(now, before, strict=True) if family != then]
    errors = []
    released = len(now) < len(before)
    if released and not cluster_ips(new):
        errors.append(invalid(where, now or None, "primary ipFamily can not be unset"))
    if now and before and now[0] != before[0]:
        errors.append(invalid(where, cluster_ips(new) or None, _FIXED))
    if released and len(now) == 1 and new.get("ipFamilyPolicy") != SINGLE_STACK:
        why = "must be set to 'SingleStack' when releasing the secondary ipFamily"
        errors.append(invalid(_POLICY, new.get("ipFamilyPolicy"), why))
    return errors
