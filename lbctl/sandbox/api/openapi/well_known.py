"""Schemas of the types whose JSON form is not an object of their fields, in OpenAPI v2 and where v3 says it better.

Source: OpenAPISchemaType, OpenAPISchemaFormat and OpenAPIV3OneOfTypes of k8s.io/apimachinery and apiextensions/v1.
"""

from __future__ import annotations

from lbctl.sandbox.api.errors import Json

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_CRD = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
OBJECT_META = f"{_META}.ObjectMeta"
LIST_META = f"{_META}.ListMeta"
DELETE_OPTIONS = f"{_META}.DeleteOptions"
PATCH = f"{_META}.Patch"
STATUS = f"{_META}.Status"
SCALE = "io.k8s.api.autoscaling.v1.Scale"

WIRE_SCHEMA_NAMES = {
    "FieldsV1": f"{_META}.FieldsV1",
    "IntOrString": INT_OR_STRING,
    "JSON": f"{_CRD}.JSON",
    "JSONSchemaPropsOrArray": f"{_CRD}.JSONSchemaPropsOrArray",
    "JSONSchemaPropsOrBool": f"{_CRD}.JSONSchemaPropsOrBool",
    "JSONSchemaPropsOrStringArray": f"{_CRD}.JSONSchemaPropsOrStringArray",
    "MicroTime": f"{_META}.MicroTime",
    "Quantity": QUANTITY,
    "RawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
    "Time": f"{_META}.Time",
}
"""The schema names of messages of the `wire` package of the table of fields."""

WIRE_SCHEMAS: dict[str, Json] = {
    f"{_META}.FieldsV1": {"description": "A set of fields in a trie, as managedFields holds it.", "type": "object"},
    f"{_META}.MicroTime": {"description": "A time with microseconds.", "type": "string", "format": "date-time"},
    f"{_META}.Time": {"description": "A time with seconds.", "type": "string", "format": "date-time"},
    PATCH: {
        "description": "Patch is provided to give a concrete name and type to the body of PATCH.",
        "type": "object",
    },
    QUANTITY: {"description": 'A fixed-point number with a suffix, such as "500m" or "1Gi".', "type": "string"},
    INT_OR_STRING: {
        "description": "IntOrString is a type that can hold an int32 or a string, such as a port's number or name.",
        "type": "string",
        "format": "int-or-string",
    },
    "io.k8s.apimachinery.pkg.runtime.RawExtension": {"description": "Any object.", "type": "object"},
    f"{_CRD}.JSON": {"description": "Any JSON value: bool, int64, float64, string, list, object or null."},
    f"{_CRD}.JSONSchemaPropsOrArray": {"description": "A schema, or a list of schemas."},
    f"{_CRD}.JSONSchemaPropsOrBool": {"description": "A schema, or a boolean."},
    f"{_CRD}.JSONSchemaPropsOrStringArray": {"description": "A schema, or a list of strings."},
}
"""Their definitions, as OpenAPI v2 can say them."""

V3_TYPES: dict[str, Json] = {
    INT_OR_STRING: {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]},
    QUANTITY: {"oneOf": [{"type": "string"}, {"type": "number"}]},
}
"""What replaces `type` in OpenAPI v3."""
