"""Request bodies: JSON, YAML and protobuf to JSON values, with the duplicate fields a strict decoder complains about.

Source: sigs.k8s.io/json, sigs.k8s.io/yaml, k8s.io/apimachinery/pkg/runtime/serializer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from lbctl.sandbox.api import protobuf
from lbctl.sandbox.api.errors import Json, unsupported_media_type

JSON, YAML, PROTOBUF = "application/json", "application/yaml", "application/vnd.kubernetes.protobuf"
_SUMMARY_BYTES = 30
_NO_KIND = "couldn't get version/kind; json parse error"
_TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
_PLACES = {
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
}
_MERGE_TAG = "tag:yaml.org,2002:merge"
_TIMESTAMP_TAG = "tag:yaml.org,2002:timestamp"


@dataclass(frozen=True, slots=True)
class Body:
    """A decoded body, and the paths of fields that were there twice (the last one wins)."""

    value: Any
    duplicates: list[str] = field(default_factory=list)


class _Loader(yaml.CSafeLoader):
    """YAML as JSON knows it: a timestamp is a string."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own way to say it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP_TAG]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


class Malformed(ValueError):
    """A body that is not what its content type says; the text is the decoder's complaint."""


def read_object(content_type: str, data: bytes) -> Body:
    """A request body that holds one API object.

    Raises Malformed, and ApiError: 415 for a content type we do not read, 400 for protobuf that is none.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media in (YAML, "text/yaml", "application/x-yaml"):
        body = read_yaml(data)
    elif media == PROTOBUF:
        body = Body(protobuf.decode(data))
    elif media in ("", JSON, "*/*"):
        try:
            body = read_json(data)
        except Malformed as error:
            raise Malformed(f"{_NO_KIND}: {error}") from error
    else:
        raise unsupported_media_type([JSON, YAML, PROTOBUF])
    if body.value is None:
        return Body({})
    if not isinstance(body.value, dict):
        raise Malformed(f"{_NO_KIND}: json: cannot unmarshal {_word(body.value)} into Go value of type {_TYPE_META}")
    for name in ("apiVersion", "kind"):
        if not isinstance(body.value.get(name, ""), str):
            word = _word(body.value[name])
            raise Malformed(f"{_NO_KIND}: json: cannot unmarshal {word} into Go struct field .{name} of type string")
    return body


def read_json(data: bytes) -> Body:
    """A JSON value. Raises Malformed."""
    repeated = False

    def fold(pairs: list[tuple[str, Any]]) -> Json:
        nonlocal repeated
        folded = dict(pairs)
        repeated = repeated or len(folded) != len(pairs)
        return folded

    try:
        value = json.loads(data, object_pairs_hook=fold)
    except json.JSONDecodeError as error:
        raise Malformed(_syntax(error)) from error
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    return Body(value, list(_duplicates(json.loads(data, object_pairs_hook=tuple), "")) if repeated else [])


def read_yaml(data: bytes) -> Body:
    """A YAML document as a JSON value. Raises Malformed."""
    try:
        node = yaml.compose(data, Loader=_Loader)
        value = None if node is None else _Loader(b"").construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line
        raise Malformed(f"yaml: {f'line {line}: ' if line else ''}{error.problem}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Malformed(f"yaml: {error}") from error
    return Body(_json_keys(value), list(_yaml_duplicates(node)) if node is not None else [])


def summary(data: bytes) -> str:
    """How an error shows the beginning of a body. Source: apiserver/pkg/endpoints/handlers/rest.go (summarizeData)."""
    if not data:
        return "<empty>"
    shown = data[:_SUMMARY_BYTES].decode(errors="replace") if data.startswith(b"{") else data[:_SUMMARY_BYTES].hex()
    return f"{shown} ..." if len(data) > _SUMMARY_BYTES else shown


def _syntax(error: json.JSONDecodeError) -> str:
    """Python's complaint about JSON in the words of Go's encoding/json."""
    before, rest = error.doc[: error.pos], error.doc[error.pos :].lstrip()
    if not rest or error.msg.startswith("Unterminated"):
        return "unexpected end of JSON input"
    place = _PLACES.get(error.msg, "looking for beginning of value")
    if error.msg == "Expecting ',' delimiter":
        place = "after array element" if _inside_list(before) else "after object key:value pair"
    return f"invalid character '{rest[0]}' {place}"


def _inside_list(text: str) -> bool:
    """Whether the innermost bracket that JSON text leaves open is that of a list."""
    opened: list[str] = []
    for bracket in re.sub(r'"(?:[^"\\]|\\.)*"', "", text):
        if bracket in "[{":
            opened.append(bracket)
        elif bracket in "]}":
            opened.pop()
    return opened[-1:] == ["["]


def _word(value: object) -> str:
    return {list: "array", dict: "object", str: "string", bool: "bool"}.get(type(value), "number")


def _duplicates(value: Any, path: str) -> Iterator[str]:
    """Paths given twice, in a value whose objects are tuples of pairs."""
    if isinstance(value, tuple):
        seen: set[str] = set()
        for name, inner in value:
            where = f"{path}.{name}" if path else name
            if name in seen:
                yield where
            seen.add(name)
            yield from _duplicates(inner, where)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _duplicates(inner, f"{path}[{index}]")


def _yaml_duplicates(node: yaml.Node) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen and key.tag != _MERGE_TAG:
                yield f'line {key.start_mark.line + 1}: key "{name}" already set in map'
            seen.add(name)
            yield from _yaml_duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for one in node.value:
            yield from _yaml_duplicates(one)


def _json_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {_json_key(key): _json_keys(inner) for key, inner in value.items()}
    return [_json_keys(one) for one in value] if isinstance(value, list) else value


def _json_key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return str(key)
