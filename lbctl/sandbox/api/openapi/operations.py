"""What can be asked of a resource over HTTP: its paths, their methods, and the parameters those take.

kubectl looks here for the query parameters `fieldValidation` and `dryRun` of a kind's PATCH before it uses them.
Source: k8s.io/apiserver/pkg/endpoints/installer.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from lbctl.sandbox.api.openapi.well_known import DELETE_OPTIONS, PATCH, STATUS


class Resource(Protocol):
    """What has to be known of a resource; `ResourceType` is one."""

    @property
    def group(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def plural(self) -> str: ...
    @property
    def list_kind(self) -> str: ...
    @property
    def namespaced(self) -> bool: ...
    @property
    def subresources(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `where` is `query` or `path`."""

    name: str
    type: str
    description: str
    where: str = "query"


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `body` and `response` are (group, version, kind), None for no body."""

    method: str
    action: str
    id: str
    description: str
    kind: tuple[str, str, str]
    parameters: tuple[Parameter, ...]
    body: str | tuple[str, str, str] | None
    response: str | tuple[str, str, str]


_PATH_PARAMETERS = {
    "name": Parameter("name", "string", "name of the object", "path"),
    "namespace": Parameter("namespace", "string", "object name and auth scope, such as for teams and projects", "path"),
}
PRETTY = Parameter("pretty", "string", "If 'true', then the output is pretty printed.")
_DRY_RUN = Parameter("dryRun", "string", "With 'All', every stage runs but nothing is persisted.")
_FIELD_MANAGER = Parameter("fieldManager", "string", "The name of the actor that makes these changes.")
_FIELD_VALIDATION = Parameter(
    "fieldValidation", "string", "How to handle unknown or duplicate fields: Ignore, Warn or Strict."
)
_FORCE = Parameter("force", "boolean", "With an apply patch: take fields over from other managers.")
_WRITE = (_DRY_RUN, _FIELD_MANAGER, _FIELD_VALIDATION)
_LIST = (
    Parameter("allowWatchBookmarks", "boolean", "Whether a watch may send BOOKMARK events."),
    Parameter("continue", "string", "Where the last page of this list ended."),
    Parameter("fieldSelector", "string", "Restricts the objects by their fields."),
    Parameter("labelSelector", "string", "Restricts the objects by their labels."),
    Parameter("limit", "integer", "The most objects that one response may hold."),
    Parameter("resourceVersion", "string", "How new the data has to be, or where a watch starts."),
    Parameter("resourceVersionMatch", "string", "How resourceVersion is understood: Exact or NotOlderThan."),
    Parameter("sendInitialEvents", "boolean", "Whether a watch begins with the present state."),
    Parameter("timeoutSeconds", "integer", "How long a list or watch may take."),
    Parameter("watch", "boolean", "Watch for changes instead of listing."),
)
_DELETE = (
    _DRY_RUN,
    Parameter("gracePeriodSeconds", "integer", "How long the object may take to end."),
    Parameter("orphanDependents", "boolean", "Deprecated: use propagationPolicy."),
    Parameter("propagationPolicy", "string", "What happens to dependents: Orphan, Background or Foreground."),
)


def path_parameters(path: str) -> list[Parameter]:
    """The parameters in the braces of a path, and `pretty`."""
    return [one for name, one in _PATH_PARAMETERS.items() if f"{{{name}}}" in path] + [PRETTY]


def paths(resource: Resource) -> dict[str, list[Operation]]:
    """Every path of a resource and what can be done there."""
    base = f"/apis/{resource.group}/{resource.version}" if resource.group else f"/api/{resource.version}"
    collection = (
        f"{base}/namespaces/{{namespace}}/{resource.plural}" if resource.namespaced else f"{base}/{resource.plural}"
    )
    item = f"{collection}/{{name}}"
    result = {collection: list(_collection(resource)), item: list(_item(resource, ""))}
    for subresource in resource.subresources:
        if subresource == "binding":
            continue
        result[f"{item}/{subresource}"] = list(_item(resource, subresource))
    if resource.namespaced:
        result[f"{base}/{resource.plural}"] = [_list(resource, everywhere=True)]
    return result


def _collection(resource: Resource) -> Iterator[Operation]:
    kind = _kind(resource)
    yield _list(resource, everywhere=False)
    name = _camel(resource)
    yield Operation("post", "post", f"create{name}", f"create {_an(kind[2])}", kind, _WRITE, kind, kind)
    removed = (*_LIST[1:7], *_DELETE)
    described = f"delete collection of {kind[2]}"
    action, operation = "deletecollection", f"delete{_camel(resource, 'Collection')}"
    yield Operation("delete", action, operation, described, kind, removed, DELETE_OPTIONS, STATUS)


def _list(resource: Resource, *, everywhere: bool) -> Operation:
    kind = _kind(resource)
    listed = (resource.group, resource.version, resource.list_kind)
    group = _group_word(resource)
    name = f"{group}{kind[2]}ForAllNamespaces" if everywhere else _camel(resource)
    return Operation(
        "get", "list", f"list{name}", f"list or watch objects of kind {kind[2]}", kind, _LIST, None, listed
    )


def _item(resource: Resource, subresource: str) -> Iterator[Operation]:
    kind = ("autoscaling", "v1", "Scale") if subresource == "scale" else _kind(resource)
    name = f"{_camel(resource)}{subresource.capitalize()}"
    what = f"{subresource} of the specified {resource.kind}" if subresource else f"the specified {resource.kind}"
    yield Operation("get", "get", f"read{name}", f"read {what}", kind, (), None, kind)
    yield Operation("put", "put", f"replace{name}", f"replace {what}", kind, _WRITE, kind, kind)
    patched = f"partially update {what}"
    yield Operation("patch", "patch", f"patch{name}", patched, kind, (*_WRITE, _FORCE), PATCH, kind)
    if not subresource:
        described = f"delete {_an(resource.kind)}"
        yield Operation("delete", "delete", f"delete{name}", described, kind, _DELETE, DELETE_OPTIONS, STATUS)


def _kind(resource: Resource) -> tuple[str, str, str]:
    return resource.group, resource.version, resource.kind


def _group_word(resource: Resource) -> str:
    first = resource.group.removesuffix(".k8s.io").split(".")[0] or "core"
    return f"{first[0].upper()}{first[1:]}{resource.version.capitalize()}"


def _camel(resource: Resource, middle: str = "") -> str:
    return f"{_group_word(resource)}{middle}{'Namespaced' if resource.namespaced else ''}{resource.kind}"


def _an(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"
