"""API discovery: the legacy documents and the aggregated ones (KEP-3352), made from the registry.

Source: k8s.io/apiserver/pkg/endpoints/discovery; k8s.io/api/apidiscovery/v2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.registry import Registry
from lbctl.sandbox.api.resources import ALL_VERBS, ResourceType

AGGREGATED_GROUP = "apidiscovery.k8s.io"
AGGREGATED_KIND = "APIGroupDiscoveryList"
AGGREGATED_VERSIONS = ("v2", "v2beta1")
_SUBRESOURCE_VERBS = {"binding": ("create",), "finalize": ("update",)}


@dataclass(frozen=True, slots=True)
class Review:
    """A kind that is answered, never stored."""

    group: str
    kind: str
    plural: str
    namespaced: bool = False


REVIEWS = (
    Review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews"),
    Review("authentication.k8s.io", "TokenReview", "tokenreviews"),
    Review("authorization.k8s.io", "LocalSubjectAccessReview", "localsubjectaccessreviews", namespaced=True),
    Review("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews"),
    Review("authorization.k8s.io", "SelfSubjectRulesReview", "selfsubjectrulesreviews"),
    Review("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews"),
)


def core_versions(server_address: str) -> Json:
    """The answer to GET /api."""
    cidrs = [{"clientCIDR": "0.0.0.0/0", "serverAddress": server_address}]
    return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": cidrs}


def group_list(registry: Registry) -> Json:
    """The answer to GET /apis."""
    groups = [group_document(registry, group) for group in _groups(registry) if group]
    bare = [{name: value for name, value in one.items() if name not in ("kind", "apiVersion")} for one in groups if one]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": bare}


def group_document(registry: Registry, group: str) -> Json | None:
    """The answer to GET /apis/{group}, None when it is not served."""
    versions = _versions(registry, group)
    if not versions:
        return None
    listed = [{"groupVersion": f"{group}/{version}", "version": version} for version in versions]
    return {"kind": "APIGroup", "apiVersion": "v1", "name": group, "versions": listed, "preferredVersion": listed[0]}


def resource_list(registry: Registry, group: str, version: str) -> Json | None:
    """The answer to GET /api/v1 or /apis/{group}/{version}, None when it is not served."""
    if version not in _versions(registry, group):
        return None
    resources: list[Json] = []
    for rt in _types(registry, group, version):
        resources += _legacy_resource(rt)
    resources += [_legacy_review(one) for one in REVIEWS if one.group == group]
    resources.sort(key=lambda one: str(one["name"]))
    api_version = f"{group}/{version}" if group else version
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": api_version, "resources": resources}


def aggregated(registry: Registry, *, core: bool, version: str) -> Json:
    """The aggregated document of /api (`core`) or /apis in one of AGGREGATED_VERSIONS."""
    groups = [group for group in _groups(registry) if (not group) is core]
    return {
        "kind": AGGREGATED_KIND,
        "apiVersion": f"{AGGREGATED_GROUP}/{version}",
        "metadata": {},
        "items": [_aggregated_group(registry, group) for group in groups],
    }


def verbs_of(rt: ResourceType) -> tuple[str, ...]:
    """What may be done with the resource itself."""
    if rt.bucket == "namespaces":
        return tuple(verb for verb in ALL_VERBS if verb != "deletecollection")
    return ALL_VERBS


def _aggregated_group(registry: Registry, group: str) -> Json:
    versions = []
    for version in _versions(registry, group):
        resources = [_aggregated_resource(rt) for rt in _types(registry, group, version)]
        resources += [_aggregated_review(one) for one in REVIEWS if one.group == group]
        versions.append({"version": version, "resources": resources, "freshness": "Current"})
    metadata: Json = {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None}
    return {"metadata": metadata, "versions": versions}


def _aggregated_resource(rt: ResourceType) -> Json:
    resource: Json = {
        "resource": rt.plural,
        "responseKind": {"group": rt.group, "version": rt.version, "kind": rt.kind},
        "scope": "Namespaced" if rt.namespaced else "Cluster",
        "singularResource": rt.singular,
        "verbs": list(verbs_of(rt)),
    }
    if rt.short_names:
        resource["shortNames"] = list(rt.short_names)
    if rt.categories:
        resource["categories"] = list(rt.categories)
    if rt.subresources:
        resource["subresources"] = [
            {"subresource": name, "responseKind": _response_kind(rt, name), "verbs": list(_subresource_verbs(name))}
            for name in rt.subresources
        ]
    return resource


def _aggregated_review(review: Review) -> Json:
    return {
        "resource": review.plural,
        "responseKind": {"group": review.group, "version": "v1", "kind": review.kind},
        "scope": "Namespaced" if review.namespaced else "Cluster",
        "singularResource": review.kind.lower(),
        "verbs": ["create"],
    }


def _legacy_resource(rt: ResourceType) -> list[Json]:
    resource: Json = {
        "name": rt.plural,
        "singularName": rt.singular,
        "namespaced": rt.namespaced,
        "kind": rt.kind,
        "verbs": list(verbs_of(rt)),
    }
    if rt.short_names:
        resource["shortNames"] = list(rt.short_names)
    if rt.categories:
        resource["categories"] = list(rt.categories)
    subresources = [
        {
            "name": f"{rt.plural}/{name}",
            "singularName": "",
            "namespaced": rt.namespaced,
            **({"group": "autoscaling", "version": "v1"} if name == "scale" else {}),
            "kind": _response_kind(rt, name)["kind"],
            "verbs": list(_subresource_verbs(name)),
        }
        for name in rt.subresources
    ]
    return [resource, *subresources]


def _legacy_review(review: Review) -> Json:
    return {
        "name": review.plural,
        "singularName": review.kind.lower(),
        "namespaced": review.namespaced,
        "kind": review.kind,
        "verbs": ["create"],
    }


def _response_kind(rt: ResourceType, subresource: str) -> Json:
    if subresource == "scale":
        return {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    kind = "Binding" if subresource == "binding" else rt.kind
    return {"group": rt.group, "version": rt.version, "kind": kind}


def _subresource_verbs(name: str) -> tuple[str, ...]:
    return _SUBRESOURCE_VERBS.get(name, ("get", "patch", "update"))


def _types(registry: Registry, group: str, version: str) -> Iterable[ResourceType]:
    return (one.rt for one in registry.all() if (one.rt.group, one.rt.version) == (group, version))


def _groups(registry: Registry) -> list[str]:
    stored = [one.rt.group for one in registry.all()]
    return list(dict.fromkeys([*stored, *(review.group for review in REVIEWS)]))


def _versions(registry: Registry, group: str) -> list[str]:
    found = dict.fromkeys(one.rt.version for one in registry.all() if one.rt.group == group)
    if any(review.group == group for review in REVIEWS):
        found["v1"] = None
    return sorted(found, key=version_priority, reverse=True)


def version_priority(version: str) -> tuple[int, int, int]:
    """Orders API versions: v2 after v1, both after v1beta1, that after v1alpha1.

    Source: k8s.io/apimachinery/pkg/version/helpers.go (CompareKubeAwareVersionStrings).
    """
    for rank, mark in ((1, "beta"), (0, "alpha")):
        major, found, minor = version.removeprefix("v").partition(mark)
        if found and major.isdigit():
            return rank, int(major), int(minor) if minor.isdigit() else 0
    number = version.removeprefix("v")
    return (2, int(number), 0) if number.isdigit() else (-1, 0, 0)
