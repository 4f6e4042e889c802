"""Which fields of which kind a field selector may name, and how each is read.

Source: AddFieldLabelConversionFunc in k8s.io/kubernetes/pkg/apis/{core,events}/v1/conversion.go, the selectable fields
of pkg/registry/*/*/strategy.go, and ConvertFieldLabel of apiextensions-apiserver.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lbctl.sandbox.api.errors import Json

FieldReader = Callable[[Json], str]
"""Reads one field as the text a selector compares; a field that is not there is the empty text."""


@dataclass(frozen=True, slots=True)
class SupportedFields(Mapping[str, FieldReader]):
    """The selectable fields of one kind; `metadata_only` kinds refuse others in their own words."""

    readers: Mapping[str, FieldReader]
    metadata_only: bool = False

    def __getitem__(self, label: str) -> FieldReader:
        return self.readers[label]

    def __iter__(self) -> Iterator[str]:
        return iter(self.readers)

    def __len__(self) -> int:
        return len(self.readers)

    def refusal(self, label: str) -> str:
        """What the real server says of a field this kind does not offer."""
        if self.metadata_only:
            return f'"{label}" is not a known field selector: only "metadata.name", "metadata.namespace"'
        return f"field label not supported: {label}"


def supported_fields(group: str, plural: str) -> SupportedFields:
    """The selectable fields of a built-in kind."""
    special = _KINDS.get((group, plural))
    return special if special is not None else _METADATA_ONLY


def custom_resource_fields(selectable_fields: Iterable[Json], *, namespaced: bool) -> SupportedFields:
    """The fields of a custom resource: names, and those of its version's `selectableFields` (KEP-4358)."""
    readers = dict(_METADATA) if namespaced else {"metadata.name": _METADATA["metadata.name"]}
    for one in selectable_fields:
        path = str(one.get("jsonPath", "")).removeprefix(".")
        readers[path] = path_reader(path)
    return SupportedFields(MappingProxyType(readers))


def path_reader(path: str) -> FieldReader:
    """Reads `a.b.c` of nested objects; booleans are `true` and `false`."""
    steps = tuple(path.split("."))

    def read(obj: Json) -> str:
        value: object = obj
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None else str(value)

    return read


def _flag_reader(path: str) -> FieldReader:
    """A boolean that reads `false` where it is not set."""
    read = path_reader(path)
    return lambda obj: read(obj) or "false"


def _pod_ip(pod: Json) -> str:
    status = pod.get("status") or {}
    first: Json = next(iter(status.get("podIPs") or ()), {})
    return str(first.get("ip") or status.get("podIP") or "")


def _event_source(event: Json) -> str:
    source = event.get("source") or event.get("deprecatedSource") or {}
    return str(source.get("component") or event.get("reportingComponent") or event.get("reportingController") or "")


def _either(first: str, second: str) -> FieldReader:
    """The same field under the name it has in either of the two event APIs."""
    one, other = path_reader(first), path_reader(second)
    return lambda obj: one(obj) or other(obj)


_METADATA = {path: path_reader(path) for path in ("metadata.name", "metadata.namespace")}
_METADATA_ONLY = SupportedFields(MappingProxyType(_METADATA), metadata_only=True)
_REFERENCE_FIELDS = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")


def _fields(
    *paths: str, cluster_scoped: bool = False, own: Mapping[str, FieldReader] = MappingProxyType({})
) -> SupportedFields:
    readers = {"metadata.name": _METADATA["metadata.name"]} if cluster_scoped else dict(_METADATA)
    return SupportedFields(MappingProxyType(readers | {path: path_reader(path) for path in paths} | dict(own)))


def _event_fields(reference: str, reporter: str, *more: str) -> SupportedFields:
    readers: dict[str, FieldReader] = {
        f"{reference}.{name}": _either(f"involvedObject.{name}", f"regarding.{name}") for name in _REFERENCE_FIELDS
    }
    readers[reporter] = _either("reportingComponent", "reportingController")
    if "source" in more:
        readers["source"] = _event_source
    return _fields("reason", "type", own=readers)


_PODS = _fields(
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.phase",
    "status.nominatedNodeName",
    own={
        "spec.host": path_reader("spec.nodeName"),
        "spec.hostNetwork": _flag_reader("spec.hostNetwork"),
        "status.podIP": _pod_ip,
        # Accepted by the conversion, but never in the set of fields it is looked up in: always the empty text.
        "status.podIPs": lambda _: "",
    },
)
_KINDS: Mapping[tuple[str, str], SupportedFields] = MappingProxyType(
    {
        ("", "pods"): _PODS,
        ("", "nodes"): _fields(cluster_scoped=True, own={"spec.unschedulable": _flag_reader("spec.unschedulable")}),
        ("", "namespaces"): _fields("status.phase", cluster_scoped=True),
        ("", "secrets"): _fields("type"),
        ("", "services"): _fields("spec.clusterIP", "spec.type"),
        ("", "events"): _event_fields("involvedObject", "reportingComponent", "source"),
        ("events.k8s.io", "events"): _event_fields("regarding", "reportingController"),
    }
)
