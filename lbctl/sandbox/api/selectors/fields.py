"""Field selectors: `metadata.name=web,status.phase!=Running`.

In values, backslash, comma and equals sign are written with a backslash before them.
Source: k8s.io/apimachinery/pkg/fields/selector.go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lbctl.sandbox.api.errors import Json, bad_request
from lbctl.sandbox.api.selectors.supported import FieldReader, SupportedFields

FieldTest = Callable[[Json], bool]
"""Says whether an object is selected."""

_OPERATORS = ("!=", "==", "=")
"""In the order they are looked for, so that `==` is not taken for `=` and a value that starts with `=`."""
_ESCAPED = "\\,="


@dataclass(frozen=True, slots=True)
class _Term:
    label: str
    negated: bool
    value: str


def parse_fields(text: str, supported: SupportedFields) -> FieldTest:
    """What the fieldSelector query parameter asks of an object of a kind with these fields; empty selects everything.

    Raises: ApiError 400 with the words of the real server, for bad syntax and for fields the kind does not offer.
    """
    terms = [_term(part, text) for part in sorted(_split(text)) if part]
    tests: list[tuple[FieldReader, bool, str]] = []
    for term in terms:
        if not term.label and not term.value:
            continue
        if term.label not in supported:
            raise bad_request(supported.refusal(term.label))
        tests.append((supported[term.label], term.negated, term.value))
    return lambda obj: all((read(obj) == value) is not negated for read, negated, value in tests)


def exact_name(text: str) -> str | None:
    """The value of `metadata.name=VALUE` when the selector demands one name (what watches of single objects ask)."""
    for part in _split(text):
        if part:
            term = _term(part, text)
            if term.label == "metadata.name" and not term.negated:
                return term.value
    return None


def _split(text: str) -> list[str]:
    """The terms between commas that have no backslash before them."""
    parts, start, escaped = [], 0, False
    for index, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == ",":
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _term(part: str, text: str) -> _Term:
    for index in range(len(part)):
        for operator in _OPERATORS:
            if part.startswith(operator, index):
                return _Term(part[:index], operator == "!=", _unescaped(part[index + len(operator) :]))
    raise bad_request(f"invalid selector: '{text}'; can't understand '{part}'")


def _unescaped(value: str) -> str:
    plain, escaped = [], False
    for char in value:
        if escaped and char not in _ESCAPED:
            raise bad_request(f"invalid field selector: invalid escape sequence: \\{char}")
        if not escaped and char in ",=":
            raise bad_request(f"invalid field selector: unescaped character in value: {ord(char)}")
        escaped = not escaped and char == "\\"
        if not escaped:
            plain.append(char)
    if escaped:
        raise bad_request("invalid field selector: invalid escape sequence: \\")
    return "".join(plain)
