"""What a URL path names.

Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

_NAMESPACE_SUBRESOURCES = ("status", "finalize")


@dataclass(frozen=True, slots=True)
class Target:
    """A resource path: empty parts are those the path does not have."""

    group: str
    version: str
    plural: str
    namespace: str = ""
    name: str = ""
    subresource: str = ""


@lru_cache(maxsize=4096)
def parse_path(path: str) -> Target | None:
    """The resource a raw path names, None for every other path (discovery, /version, …)."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    match parts:
        case ["api", version, *rest] if rest:
            return _target("", version, rest)
        case ["apis", group, version, *rest] if rest:
            return _target(group, version, rest)
    return None


def _target(group: str, version: str, rest: list[str]) -> Target | None:
    match rest:
        case ["namespaces", name, subresource] if subresource in _NAMESPACE_SUBRESOURCES and not group:
            return Target(group, version, "namespaces", "", name, subresource)
        case ["namespaces", namespace, plural]:
            return Target(group, version, plural, namespace)
        case ["namespaces", namespace, plural, name]:
            return Target(group, version, plural, namespace, name)
        case ["namespaces", namespace, plural, name, subresource]:
            return Target(group, version, plural, namespace, name, subresource)
        case [plural]:
            return Target(group, version, plural)
        case [plural, name]:
            return Target(group, version, plural, "", name)
        case [plural, name, subresource]:
            return Target(group, version, plural, "", name, subresource)
    return None
