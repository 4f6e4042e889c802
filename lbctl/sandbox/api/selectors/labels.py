"""Label selectors: `app=web`, `tier in (a,b)`, `!legacy`, `shard>3`.

A key that an object lacks satisfies `!=`, `notin` and `!key`, and nothing else.
Source: k8s.io/apimachinery/pkg/labels/selector.go (Parser, Requirement).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lbctl.sandbox.api.errors import bad_request
from lbctl.sandbox.api.selectors.lexer import Token, TokenKind, tokenize
from lbctl.sandbox.api.selectors.syntax import label_key_errors, label_value_errors

LabelTest = Callable[[Mapping[str, str]], bool]
"""Says whether an object with these labels is selected."""

_OPERATORS = {
    TokenKind.IN,
    TokenKind.NOT_IN,
    TokenKind.EQUALS,
    TokenKind.DOUBLE_EQUALS,
    TokenKind.NOT_EQUALS,
    TokenKind.GREATER,
    TokenKind.LESS,
}
_EXPECTED_OPERATORS = "in, notin, =, ==, !=, gt, lt"
_NOT_AN_INTEGER = "for 'Gt', 'Lt' operators, the value must be an integer"
_INT64 = re.compile(r"[+-]?\d+", re.ASCII)


class _Refused(ValueError):
    """One requirement does not parse; the text is the reason without its prefix."""


@dataclass(frozen=True, slots=True)
class _Requirement:
    key: str
    operator: TokenKind | None
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        match self.operator:
            case None:
                return self.key in labels
            case TokenKind.NOT:
                return self.key not in labels
            case TokenKind.NOT_IN | TokenKind.NOT_EQUALS:
                return labels.get(self.key) not in self.values
            case TokenKind.GREATER | TokenKind.LESS:
                return self._compares(labels.get(self.key))
        return labels.get(self.key) in self.values

    def _compares(self, held: str | None) -> bool:
        number, limit = _int64(held or ""), _int64(self.values[0])
        if number is None or limit is None:
            return False
        return number > limit if self.operator is TokenKind.GREATER else number < limit


def parse_labels(text: str) -> LabelTest:
    """What the labelSelector query parameter asks of an object's labels; an empty text selects everything.

    Raises: ApiError 400 with the words of the real server.
    """
    requirements = _Parser(tokenize(text)).selector()
    return lambda labels: all(one.matches(labels) for one in requirements)


@dataclass(slots=True)
class _Parser:
    tokens: list[Token]
    position: int = 0

    def selector(self) -> tuple[_Requirement, ...]:
        requirements: list[_Requirement] = []
        while True:
            token = self._peek()
            if token.kind is TokenKind.END:
                return tuple(requirements)
            if not (token.is_word or token.kind is TokenKind.NOT):
                raise bad_request(f"found '{token.text}', expected: !, identifier, or 'end of string'")
            try:
                requirements.append(self._requirement())
            except _Refused as why:
                raise bad_request(f"unable to parse requirement: {why}") from why
            self._separator()

    def _separator(self) -> None:
        """Step over the comma after a requirement; something has to follow it."""
        token = self._take()
        if token.kind is TokenKind.END:
            return
        if token.kind is not TokenKind.COMMA:
            raise bad_request(f"found '{token.text}', expected: ',' or 'end of string'")
        if not (self._peek().is_word or self._peek().kind is TokenKind.NOT):
            raise bad_request(f"found '{self._peek().text}', expected: identifier after ','")

    def _requirement(self) -> _Requirement:
        negated = self._peek().kind is TokenKind.NOT
        if negated:
            self._take()
        key = self._take()
        if not key.is_word:
            raise _Refused(f"found '{key.text}', expected: identifier")
        if errors := label_key_errors(key.text):
            raise _Refused(f"<nil>: Invalid value: {_quoted(key.text)}: {'; '.join(errors)}")
        if negated:
            return _Requirement(key.text, TokenKind.NOT)
        if self._peek().kind in (TokenKind.END, TokenKind.COMMA):
            return _Requirement(key.text, None)
        operator = self._take()
        if operator.kind not in _OPERATORS:
            raise _Refused(f"found '{operator.text}', expected: {_EXPECTED_OPERATORS}")
        is_set = operator.kind in (TokenKind.IN, TokenKind.NOT_IN)
        values = self._values() if is_set else {self._exact_value()}
        return _checked(_Requirement(key.text, operator.kind, tuple(sorted(values))))

    def _exact_value(self) -> str:
        if self._peek().kind in (TokenKind.END, TokenKind.COMMA):
            return ""
        token = self._take()
        if not token.is_word:
            raise _Refused(f"found '{token.text}', expected: identifier")
        return token.text

    def _values(self) -> set[str]:
        opening = self._take()
        if opening.kind is not TokenKind.OPEN:
            raise _Refused(f"found '{opening.text}' expected: '('")
        first = self._peek()
        if first.kind is TokenKind.CLOSE:
            self._take()
            return {""}
        if not (first.is_word or first.kind is TokenKind.COMMA):
            raise _Refused(f"found '{first.text}', expected: ',', ')' or identifier")
        values = self._value_list()
        self._take()
        return values

    def _value_list(self) -> set[str]:
        """Values up to the closing parenthesis; nothing between two commas is the empty value."""
        values: set[str] = set()
        while True:
            token = self._take()
            following = self._peek().kind
            if token.is_word:
                values.add(token.text)
                if following is TokenKind.CLOSE:
                    return values
                if following is not TokenKind.COMMA:
                    raise _Refused(f"found '{self._peek().text}', expected: ',' or ')'")
            elif token.kind is TokenKind.COMMA:
                if not values or following in (TokenKind.COMMA, TokenKind.CLOSE):
                    values.add("")
                if following is TokenKind.CLOSE:
                    return values
            else:
                raise _Refused(f"found '{token.text}', expected: ',', or identifier")

    def _peek(self) -> Token:
        return self.tokens[self.position]

    def _take(self) -> Token:
        token = self.tokens[self.position]
        if token.kind is not TokenKind.END:
            self.position += 1
        return token


def _checked(requirement: _Requirement) -> _Requirement:
    errors = []
    if requirement.operator in (TokenKind.GREATER, TokenKind.LESS):
        errors += [
            f"values[{index}]: Invalid value: {_quoted(value)}: {_NOT_AN_INTEGER}"
            for index, value in enumerate(requirement.values)
            if _int64(value) is None
        ]
    for index, value in enumerate(requirement.values):
        if why := label_value_errors(value):
            where = f"values[{index}][{requirement.key}]"
            errors.append(f"{where}: Invalid value: {_quoted(value)}: {'; '.join(why)}")
    if errors:
        raise _Refused(errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]")
    return requirement


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _int64(text: str) -> int | None:
    if not _INT64.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None
