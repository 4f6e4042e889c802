"""How Go prints JSON values, for error texts that quote them.

Source: Go package fmt (%v, %q) over the values of encoding/json.
"""

from __future__ import annotations

import json


def plain(value: object) -> str:
    """`%v`: maps sorted by key as `map[a:1 b:2]`, lists as `[1 2]`, null as `<nil>`."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case dict():
            return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
        case list():
            return "[" + " ".join(plain(one) for one in value) + "]"
        case _:
            return str(value)


def quoted(text: str) -> str:
    """`%q`: a double-quoted string."""
    return json.dumps(text, ensure_ascii=False)


def compact_json(value: object) -> str:
    """JSON as Go writes it: no spaces, sorted keys, `<`, `>` and `&` escaped."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def type_name(value: object) -> str:
    """`%T` of a decoded JSON value."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int64"
        case float():
            return "float64"
        case str():
            return "string"
        case list():
            return "[]interface {}"
        case _:
            return "map[string]interface {}"


def literal(value: object) -> str:
    """`%#v`: Go syntax for a scalar, quoted when it is a string; other values as their Go type would print."""
    match value:
        case None:
            return "interface {}(nil)"
        case str():
            return quoted(value)
        case list():
            return "[]interface {}{" + ", ".join(literal(one) for one in value) + "}"
        case dict():
            pairs = ", ".join(f"{quoted(key)}:{literal(value[key])}" for key in sorted(value))
            return "map[string]interface {}{" + pairs + "}"
        case _:
            return plain(value)


def json_type(value: object) -> str:
    """What encoding/json calls a value it cannot unmarshal."""
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
