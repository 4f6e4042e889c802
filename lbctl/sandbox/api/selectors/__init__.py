"""Label and field selectors: parse the query parameter once, then ask it of many objects."""

from lbctl.sandbox.api.selectors.fields import FieldTest, exact_name, parse_fields
from lbctl.sandbox.api.selectors.labels import LabelTest, parse_labels
from lbctl.sandbox.api.selectors.supported import FieldReader, SupportedFields, custom_resource_fields, supported_fields

__all__ = [
    "FieldReader",
    "FieldTest",
    "LabelTest",
    "SupportedFields",
    "custom_resource_fields",
    "exact_name",
    "parse_fields",
    "parse_labels",
    "supported_fields",
]
