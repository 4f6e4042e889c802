"""The Go types every kind shares. Source: k8s.io/apimachinery/pkg/apis/meta/v1/types.go."""

from __future__ import annotations

from lbctl.sandbox.api.strategy.shape import (
    ANYTHING,
    BOOL,
    INT64,
    STRING,
    STRING_MAP,
    STRINGS,
    TIME,
    Field,
    ListOf,
    Struct,
    Type,
    always,
    fields,
    pointer,
)

OWNER_REFERENCE = Struct(
    "OwnerReference",
    fields(
        omitted={"apiVersion": STRING, "kind": STRING, "name": STRING, "uid": STRING},
        controller=pointer(BOOL),
        blockOwnerDeletion=pointer(BOOL),
    ),
)

MANAGED_FIELDS_ENTRY = Struct(
    "ManagedFieldsEntry",
    fields(
        omitted={
            "manager": STRING,
            "operation": STRING,
            "apiVersion": STRING,
            "time": TIME,
            "fieldsType": STRING,
            "subresource": STRING,
        },
        fieldsV1=pointer(ANYTHING),
    ),
)

OBJECT_META = Struct(
    "ObjectMeta",
    fields(
        omitted={
            "name": STRING,
            "generateName": STRING,
            "namespace": STRING,
            "selfLink": STRING,
            "uid": STRING,
            "resourceVersion": STRING,
            "generation": INT64,
            "creationTimestamp": TIME,
            "deletionTimestamp": TIME,
            "labels": STRING_MAP,
            "annotations": STRING_MAP,
            "ownerReferences": ListOf(OWNER_REFERENCE),
            "finalizers": STRINGS,
            "managedFields": ListOf(MANAGED_FIELDS_ENTRY),
        },
        deletionGracePeriodSeconds=pointer(INT64),
    ),
)

OBJECT_REFERENCE = Struct(
    "ObjectReference",
    fields(
        omitted=dict.fromkeys(
            ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"), STRING
        )
    ),
)

LABEL_SELECTOR = Struct(
    "LabelSelector",
    fields(
        omitted={
            "matchLabels": STRING_MAP,
            "matchExpressions": ListOf(
                Struct(
                    "LabelSelectorRequirement", fields(omitted={"key": STRING, "operator": STRING, "values": STRINGS})
                )
            ),
        }
    ),
)


CONDITION = Struct(
    "Condition",
    fields(
        omitted={"observedGeneration": INT64},
        type=always(STRING),
        status=always(STRING),
        lastTransitionTime=always(TIME),
        reason=always(STRING),
        message=always(STRING),
    ),
)


def condition(name: str) -> Struct:
    """A status condition older than the common one: only its type and status are always there."""
    times = ("lastTransitionTime", "lastHeartbeatTime", "lastProbeTime", "lastUpdateTime")
    omitted: dict[str, Type] = {"reason": STRING, "message": STRING, "observedGeneration": INT64}
    return Struct(
        name, fields(omitted=omitted | dict.fromkeys(times, TIME), type=always(STRING), status=always(STRING))
    )


def kind(name: str, /, *, omitted: dict[str, Type] | None = None, **listed: Field) -> Struct:
    """A top-level kind: type and object metadata, and its own fields."""
    return Struct(
        name,
        {**fields(omitted={"apiVersion": STRING, "kind": STRING}), "metadata": always(OBJECT_META)}
        | fields(omitted=omitted, **listed),
    )
