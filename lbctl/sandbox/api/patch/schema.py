"""Which schema a kind has: the built-in tables, a CRD's structural schema, or none (maps granular, lists atomic)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from lbctl.sandbox.api.errors import Json
from lbctl.sandbox.api.patch.kinds.apiextensions import APIEXTENSIONS
from lbctl.sandbox.api.patch.kinds.apps import APPS
from lbctl.sandbox.api.patch.kinds.coordination import COORDINATION
from lbctl.sandbox.api.patch.kinds.core import CORE
from lbctl.sandbox.api.patch.kinds.discovery import DISCOVERY
from lbctl.sandbox.api.patch.kinds.events import EVENTS
from lbctl.sandbox.api.patch.kinds.meta import META
from lbctl.sandbox.api.patch.kinds.pod import POD
from lbctl.sandbox.api.patch.kinds.volume import VOLUME
from lbctl.sandbox.api.patch.notation import parse_types
from lbctl.sandbox.api.patch.structural import structural_type
from lbctl.sandbox.api.patch.types import COMMON_TYPES, DEDUCED, Atom, Path, Schema, TypeRef

_CORE_TEXTS: Final = (META, CORE, POD, VOLUME)
_BUILT_IN: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "": (
        _CORE_TEXTS,
        ("Service", "Endpoints", "Node", "Pod", "Event", "ConfigMap", "Secret", "ServiceAccount", "Namespace"),
    ),
    "apps": ((*_CORE_TEXTS, APPS), ("Deployment",)),
    "discovery.k8s.io": ((*_CORE_TEXTS, DISCOVERY), ("EndpointSlice",)),
    "events.k8s.io": ((*_CORE_TEXTS, EVENTS), ("Event",)),
    "coordination.k8s.io": ((META, COORDINATION), ("Lease",)),
    "apiextensions.k8s.io": ((META, APIEXTENSIONS), ("CustomResourceDefinition",)),
}
"""By group: the texts that define its types, and its kinds."""

_META_TYPES: Final[Mapping[str, Atom]] = {**parse_types(META), **COMMON_TYPES}

_STATUS: Final[Path] = ("status",)
_SPEC: Final[Path] = ("spec",)
_METADATA: Final[Path] = ("metadata",)
_SPEC_AND_STATUS: Final[Mapping[str, tuple[Path, ...]]] = {"": (_STATUS,), "status": (_SPEC,)}
_RESETS: Final[Mapping[str, Mapping[str, tuple[Path, ...]]]] = {
    "Service": _SPEC_AND_STATUS,
    "Node": _SPEC_AND_STATUS,
    "Namespace": {**_SPEC_AND_STATUS, "finalize": (_STATUS,)},
    "CustomResourceDefinition": _SPEC_AND_STATUS,
    "Pod": {
        "": (_STATUS,),
        "status": (_SPEC, ("metadata", "deletionTimestamp"), ("metadata", "ownerReferences")),
    },
    "Deployment": {"": (_STATUS,), "status": (_SPEC, ("metadata", "labels"))},
}
"""Source: GetResetFields in pkg/registry/{core,apps}/*/strategy.go and apiextensions' customresourcedefinition."""

_CUSTOM_RESETS: Final[Mapping[str, tuple[Path, ...]]] = {"": (_STATUS,), "status": (_METADATA, _SPEC)}
"""Source: apiextensions-apiserver/pkg/registry/customresource/{strategy,status_strategy}.go."""


def schema_for(
    group: str, kind: str, crd_schema: Json | None = None, *, status_subresource: bool | None = None
) -> Schema:
    """The schema of one kind.

    `crd_schema` is the `openAPIV3Schema` of a custom resource's version. `status_subresource` says whether a custom
    resource has one; unless told, it does when `crd_schema` is given.
    """
    if group in _BUILT_IN and kind in _BUILT_IN[group][1]:
        return _built_in(group, kind)
    has_status = crd_schema is not None if status_subresource is None else status_subresource
    resets = _CUSTOM_RESETS if has_status else {}
    if crd_schema is None:
        return Schema(group, kind, DEDUCED, COMMON_TYPES, structured=False, resets=resets)
    return Schema(group, kind, structural_type(crd_schema), _META_TYPES, structured=False, resets=resets)


@cache
def _built_in(group: str, kind: str) -> Schema:
    texts, _ = _BUILT_IN[group]
    types = {**parse_types(*texts), **COMMON_TYPES}
    return Schema(group, kind, TypeRef(kind), types, structured=True, resets=_RESETS.get(kind, {}))
