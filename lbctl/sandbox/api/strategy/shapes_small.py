"""The Go types of the small kinds: namespaces, configuration, accounts, leases, events and custom definitions.

Source: k8s.io/api/{core,coordination,events}/v1/types.go, k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.
"""

from __future__ import annotations

from lbctl.sandbox.api.strategy.shape import (
    ANYTHING,
    BOOL,
    BYTES,
    INT32,
    MICRO_TIME,
    STRING,
    STRING_MAP,
    STRINGS,
    TIME,
    Field,
    ListOf,
    MapOf,
    Struct,
    Type,
    always,
    fields,
    pointer,
)
from lbctl.sandbox.api.strategy.shapes_meta import OBJECT_REFERENCE, condition, kind

NAMESPACE = kind(
    "Namespace",
    spec=always(Struct("NamespaceSpec", fields(omitted={"finalizers": STRINGS}))),
    status=always(
        Struct(
            "NamespaceStatus",
            fields(omitted={"phase": STRING, "conditions": ListOf(condition("NamespaceCondition"))}),
        )
    ),
)

CONFIG_MAP = kind("ConfigMap", omitted={"data": STRING_MAP, "binaryData": MapOf(BYTES)}, immutable=pointer(BOOL))

SECRET = kind(
    "Secret",
    omitted={"data": MapOf(BYTES), "stringData": STRING_MAP, "type": STRING},
    immutable=pointer(BOOL),
)

SERVICE_ACCOUNT = kind(
    "ServiceAccount",
    omitted={
        "secrets": ListOf(OBJECT_REFERENCE),
        "imagePullSecrets": ListOf(Struct("LocalObjectReference", fields(omitted={"name": STRING}))),
    },
    automountServiceAccountToken=pointer(BOOL),
)

LEASE = kind(
    "Lease",
    spec=always(
        Struct(
            "LeaseSpec",
            fields(
                omitted={"acquireTime": MICRO_TIME, "renewTime": MICRO_TIME},
                holderIdentity=pointer(STRING),
                leaseDurationSeconds=pointer(INT32),
                leaseTransitions=pointer(INT32),
                strategy=pointer(STRING),
                preferredHolder=pointer(STRING),
            ),
        )
    ),
)

_EVENT_SOURCE = Struct("EventSource", fields(omitted={"component": STRING, "host": STRING}))
_EVENT_COMMON: dict[str, Type] = {
    "reason": STRING,
    "type": STRING,
    "action": STRING,
}


def _series(last: str) -> Field:
    return pointer(Struct("EventSeries", fields(omitted={"count": INT32, last: MICRO_TIME})))


EVENT = kind(
    "Event",
    omitted={
        **_EVENT_COMMON,
        "message": STRING,
        "count": INT32,
    },
    eventTime=always(MICRO_TIME),
    firstTimestamp=always(TIME),
    lastTimestamp=always(TIME),
    reportingComponent=always(STRING),
    reportingInstance=always(STRING),
    involvedObject=always(OBJECT_REFERENCE),
    source=always(_EVENT_SOURCE),
    series=_series("lastObservedTime"),
    related=pointer(OBJECT_REFERENCE),
)

NEW_EVENT = kind(
    "Event",
    omitted={
        **_EVENT_COMMON,
        "note": STRING,
        "reportingController": STRING,
        "reportingInstance": STRING,
        "deprecatedCount": INT32,
    },
    eventTime=always(MICRO_TIME),
    deprecatedFirstTimestamp=always(TIME),
    deprecatedLastTimestamp=always(TIME),
    regarding=always(OBJECT_REFERENCE),
    deprecatedSource=always(_EVENT_SOURCE),
    series=_series("lastObservedTime"),
    related=pointer(OBJECT_REFERENCE),
)

_CRD_NAMES = Struct(
    "CustomResourceDefinitionNames",
    fields(
        omitted={"singular": STRING, "shortNames": STRINGS, "listKind": STRING, "categories": STRINGS},
        plural=always(STRING),
        kind=always(STRING),
    ),
)

_CRD_COLUMN = Struct(
    "CustomResourceColumnDefinition",
    fields(
        omitted={"format": STRING, "description": STRING, "priority": INT32},
        name=always(STRING),
        type=always(STRING),
        jsonPath=always(STRING),
    ),
)

_CRD_VERSION = Struct(
    "CustomResourceDefinitionVersion",
    fields(
        omitted={"deprecated": BOOL, "additionalPrinterColumns": ListOf(_CRD_COLUMN)},
        name=always(STRING),
        served=always(BOOL),
        storage=always(BOOL),
        deprecationWarning=pointer(STRING),
        schema=pointer(Struct("CustomResourceValidation", fields(openAPIV3Schema=pointer(ANYTHING)))),
        subresources=pointer(
            Struct("CustomResourceSubresources", fields(status=pointer(ANYTHING), scale=pointer(ANYTHING)))
        ),
        selectableFields=pointer(ListOf(Struct("SelectableField", fields(jsonPath=always(STRING))))),
    ),
)

CUSTOM_RESOURCE_DEFINITION = kind(
    "CustomResourceDefinition",
    spec=always(
        Struct(
            "CustomResourceDefinitionSpec",
            fields(
                omitted={"preserveUnknownFields": BOOL},
                group=always(STRING),
                names=always(_CRD_NAMES),
                scope=always(STRING),
                versions=always(ListOf(_CRD_VERSION)),
                conversion=pointer(Struct("CustomResourceConversion", fields(strategy=always(STRING)), open=True)),
            ),
        )
    ),
    status=always(
        Struct(
            "CustomResourceDefinitionStatus",
            fields(
                conditions=always(ListOf(condition("CustomResourceDefinitionCondition"))),
                acceptedNames=always(_CRD_NAMES),
                storedVersions=always(STRINGS),
            ),
        )
    ),
)
