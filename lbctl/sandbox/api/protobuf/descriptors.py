"""Message classes of the google `protobuf` library, built at run time from the table of fields.

Fields are named by their numbers (`f3`), because JSON names such as `$ref` are no identifiers. Edition 2023 is the
syntax that shows whether a zero was sent, as proto2 does, and refuses strings that are not UTF-8, as proto3 does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message as WireMessage

from lbctl.sandbox.api.protobuf.table import Field, Message, Shape, messages

_PACKAGE = "lbctl.k8s"
_Proto = descriptor_pb2.FieldDescriptorProto
_SCALAR_TYPES = {
    "string": _Proto.TYPE_STRING,
    "bool": _Proto.TYPE_BOOL,
    "int32": _Proto.TYPE_INT32,
    "int64": _Proto.TYPE_INT64,
    "float64": _Proto.TYPE_DOUBLE,
    "bytes": _Proto.TYPE_BYTES,
}


def attribute(field: Field) -> str:
    """The name under which a built message holds the field."""
    return f"f{field.number}"


@cache
def message_classes() -> Mapping[str, type[WireMessage]]:
    """A class per message of the table, by full name (`core.v1.Service`)."""
    pool = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(name="kubernetes.proto", package=_PACKAGE, syntax="editions")
    file.edition = descriptor_pb2.Edition.EDITION_2023
    file.message_type.extend(_message_proto(message) for message in messages().values())
    pool.Add(file)
    return MappingProxyType(
        {
            name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{_flat(name)}"))
            for name in messages()
        }
    )


def _flat(name: str) -> str:
    return name.replace(".", "_")


def _message_proto(message: Message) -> descriptor_pb2.DescriptorProto:
    proto = descriptor_pb2.DescriptorProto(name=_flat(message.name))
    for field in message.fields:
        if field.shape is Shape.MAP:
            entry = _map_entry(field)
            proto.nested_type.append(entry)
            owner = f".{_PACKAGE}.{_flat(message.name)}.{entry.name}"
            proto.field.append(_field_proto(field.number, attribute(field), owner, repeated=True))
        else:
            repeated = field.shape is Shape.LIST
            proto.field.append(_field_proto(field.number, attribute(field), _type_of(field), repeated=repeated))
    return proto


def _map_entry(field: Field) -> descriptor_pb2.DescriptorProto:
    entry = descriptor_pb2.DescriptorProto(name=f"F{field.number}Entry")
    entry.options.map_entry = True
    entry.field.append(_field_proto(1, "key", "string", repeated=False))
    entry.field.append(_field_proto(2, "value", _type_of(field), repeated=False))
    return entry


def _type_of(field: Field) -> str:
    return f".{_PACKAGE}.{_flat(field.type)}" if field.is_message else field.type


def _field_proto(number: int, name: str, type_name: str, *, repeated: bool) -> descriptor_pb2.FieldDescriptorProto:
    label = _Proto.LABEL_REPEATED if repeated else _Proto.LABEL_OPTIONAL
    if type_name in _SCALAR_TYPES:
        return _Proto(name=name, number=number, label=label, type=_SCALAR_TYPES[type_name])
    return _Proto(name=name, number=number, label=label, type=_Proto.TYPE_MESSAGE, type_name=type_name)
