"""The JSONPath dialect of Kubernetes, as printer columns and selectable fields use it.

    path     = 1*( "." NAME / ".*" / ".." NAME / "[" inner "]" )
    inner    = "*" / INT / [INT] ":" [INT] [":" INT] / quoted / inner *( "," inner ) / "?(" operand [OP operand] ")"
    operand  = "@" [path] / literal

Names may hold any character but the ones that end them; a backslash takes the next character literally (`a\\.b`).
Keys that are missing yield nothing; an index beyond a list is an error, as is indexing what is no list.
Source: k8s.io/client-go/util/jsonpath.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

Step = Callable[[list[Any]], list[Any]]
"""From the values so far to the values one step on."""

_NAME_ENDS = frozenset(" \t.[]()|@\"'=!<>,}")
_COMPARISONS = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


class JsonPathError(ValueError):
    """A path that does not parse, or that does not fit the object it is asked of."""


def compile_path(text: str) -> Callable[[Any], list[Any]]:
    """What finds the values of a path in an object.

    Raises: JsonPathError; the returned function raises it too.
    """
    steps = _Parser(text).path(top=True)

    def find(value: Any) -> list[Any]:
        values = [value]
        for step in steps:
            values = step(values)
        return values

    return find


class _Parser:
    """Reads one path from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def path(self, *, top: bool = False) -> list[Step]:
        steps: list[Step] = []
        while self._at < len(self._text):
            if self._eat(".."):
                steps.append(_descendants)
                if self._peek() not in (".", "["):
                    steps.append(self._name_step())
            elif self._eat("."):
                if self._peek() != "[":
                    steps.append(self._name_step())
            elif self._peek() == "[":
                steps.append(self._bracket())
            elif top:
                raise JsonPathError(f"unexpected {self._peek()!r} in {self._text!r}")
            else:
                break
        return steps

    def _name_step(self) -> Step:
        if self._eat("*"):
            return _children
        name = ""
        while self._at < len(self._text) and self._peek() not in _NAME_ENDS:
            if self._eat("\\") and self._at == len(self._text):
                raise JsonPathError("unterminated escape")
            name += self._text[self._at]
            self._at += 1
        if not name:
            raise JsonPathError(f"a name is missing in {self._text!r}")
        return _field(name)

    def _bracket(self) -> Step:
        self._expect("[")
        if self._eat("?("):
            step = self._filter()
            self._expect(")")
        else:
            choices = [self._choice()]
            while self._eat(","):
                choices.append(self._choice())
            step = choices[0] if len(choices) == 1 else _union(choices)
        self._expect("]")
        return step

    def _choice(self) -> Step:
        self._skip_blanks()
        if self._eat("*"):
            return _children
        if self._peek() in ("'", '"'):
            return _field(self._quoted())
        start = self._at
        while self._at < len(self._text) and self._peek() not in ",]":
            self._at += 1
        return _slice(self._text[start : self._at].strip())

    def _filter(self) -> Step:
        left = self._operand()
        self._skip_blanks()
        for symbol, compare in _COMPARISONS.items():
            if self._eat(symbol):
                return _filter(left, compare, self._operand())
        return _filter(left, None, None)

    def _operand(self) -> Callable[[Any], list[Any]]:
        self._skip_blanks()
        if self._eat("@"):
            steps = self.path()
            self._skip_blanks()
            return lambda value: _walk(value, steps)
        literal = self._quoted() if self._peek() in ("'", '"') else self._bare_literal()
        self._skip_blanks()
        return lambda _: [literal]

    def _quoted(self) -> str:
        quote, text = self._text[self._at], ""
        self._at += 1
        while self._peek() != quote:
            self._eat("\\")
            if self._at >= len(self._text):
                raise JsonPathError("unterminated quoted string")
            text += self._text[self._at]
            self._at += 1
        self._at += 1
        return text

    def _bare_literal(self) -> Any:
        start = self._at
        while self._at < len(self._text) and self._peek() not in " \t)=!<>]":
            self._at += 1
        word = self._text[start : self._at]
        if word in ("true", "false"):
            return word == "true"
        try:
            return int(word)
        except ValueError:
            return _number(word)

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _eat(self, expected: str) -> bool:
        found = self._text.startswith(expected, self._at)
        self._at += len(expected) if found else 0
        return found

    def _expect(self, expected: str) -> None:
        self._skip_blanks()
        if not self._eat(expected):
            raise JsonPathError(f"{expected!r} is missing in {self._text!r}")

    def _skip_blanks(self) -> None:
        while self._peek() in (" ", "\t"):
            self._at += 1


def _number(word: str) -> float:
    try:
        return float(word)
    except ValueError as error:
        raise JsonPathError(f"unrecognized literal {word!r}") from error


def _walk(value: Any, steps: list[Step]) -> list[Any]:
    values = [value]
    for step in steps:
        values = step(values)
    return values


def _field(name: str) -> Step:
    return lambda values: [value[name] for value in values if isinstance(value, dict) and name in value]


def _children(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, dict):
            found += value.values()
        elif isinstance(value, list):
            found += value
    return found


def _descendants(values: list[Any]) -> list[Any]:
    """Every non-empty object and list below and including the values, parents first."""
    found: list[Any] = []
    for value in values:
        inner = _children([value])
        if inner:
            found += [value, *_descendants(inner)]
    return found


def _union(choices: list[Step]) -> Step:
    return lambda values: [found for choice in choices for found in choice(values)]


def _slice(text: str) -> Step:
    parts = text.split(":")
    try:
        numbers = [int(part) if part.strip() else None for part in parts]
    except ValueError as error:
        raise JsonPathError(f"invalid array index {text}") from error
    if len(numbers) > 3 or numbers == [None]:
        raise JsonPathError(f"invalid array index {text}")

    def select(values: list[Any]) -> list[Any]:
        return [found for value in values if value is not None for found in _selected(value, numbers)]

    return select


def _selected(value: Any, numbers: list[int | None]) -> list[Any]:
    if not isinstance(value, list):
        raise JsonPathError(f"{type(value).__name__} is not array or slice")
    if len(numbers) == 1:
        index = numbers[0] or 0
        if not -len(value) <= index < len(value):
            raise JsonPathError(f"array index out of bounds: index {index}, length {len(value)}")
        return [value[index]]
    if len(numbers) == 3 and numbers[2] is not None and numbers[2] <= 0:
        raise JsonPathError("step must be > 0")
    return value[slice(*numbers)]


def _filter(
    left: Callable[[Any], list[Any]],
    compare: Callable[[Any, Any], bool] | None,
    right: Callable[[Any], list[Any]] | None,
) -> Step:
    def passes(item: Any) -> bool:
        lefts = left(item)
        if compare is None or right is None:
            return bool(lefts)
        rights = right(item)
        if len(lefts) > 1 or len(rights) > 1:
            raise JsonPathError("can only compare one element at a time")
        return bool(lefts and rights) and _compared(compare, lefts[0], rights[0])

    def keep(values: list[Any]) -> list[Any]:
        if not all(isinstance(value, list) for value in values):
            raise JsonPathError("only arrays can be filtered")
        return [item for value in values for item in value if passes(item)]

    return keep


def _compared(compare: Callable[[Any, Any], bool], left: Any, right: Any) -> bool:
    try:
        return bool(compare(left, right))
    except TypeError as error:
        raise JsonPathError("incompatible types for comparison") from error
