"""Tokens of a label selector.

    selector    = [ requirement *( "," requirement ) ]
    requirement = [ "!" ] KEY | KEY ( "=" | "==" | "!=" | ">" | "<" ) [ VALUE ] | KEY ( "in" | "notin" ) "(" values ")"

`in` and `notin` are words: they are operators after a key and plain text everywhere else.
Source: k8s.io/apimachinery/pkg/labels/selector.go (Lexer).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

_BLANK = frozenset(" \t\r\n")
_SPECIAL = frozenset("=!(),><")


class TokenKind(Enum):
    """What a token is; the value is its text where it has just one."""

    ERROR = ""
    END = "end"
    IDENTIFIER = "identifier"
    CLOSE = ")"
    COMMA = ","
    NOT = "!"
    DOUBLE_EQUALS = "=="
    EQUALS = "="
    GREATER = ">"
    IN = "in"
    LESS = "<"
    NOT_EQUALS = "!="
    NOT_IN = "notin"
    OPEN = "("


_KEYWORDS = {
    kind.value: kind for kind in TokenKind if kind not in (TokenKind.ERROR, TokenKind.END, TokenKind.IDENTIFIER)
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is what messages quote."""

    kind: TokenKind
    text: str

    @property
    def is_word(self) -> bool:
        """Whether it can be a key or a value."""
        return self.kind in (TokenKind.IDENTIFIER, TokenKind.IN, TokenKind.NOT_IN)


def tokenize(text: str) -> list[Token]:
    """All tokens of a selector, the last one of kind END."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if text[position] in _BLANK:
            position += 1
        elif text[position] == "\0":
            break
        else:
            token, position = (_symbol if text[position] in _SPECIAL else _word)(text, position)
            tokens.append(token)
    return [*tokens, Token(TokenKind.END, "")]


def _word(text: str, start: int) -> tuple[Token, int]:
    end = start
    while end < len(text) and text[end] not in _SPECIAL and text[end] not in _BLANK and text[end] != "\0":
        end += 1
    word = text[start:end]
    return Token(_KEYWORDS.get(word, TokenKind.IDENTIFIER), word), end


def _symbol(text: str, start: int) -> tuple[Token, int]:
    """The longest operator at `start`; what is no operator runs on to the end of the symbols, as in the original."""
    end, found = start, None
    while end < len(text) and text[end] in _SPECIAL:
        candidate = text[start : end + 1]
        if candidate in _KEYWORDS:
            found = Token(_KEYWORDS[candidate], candidate)
        elif found is not None:
            break
        end += 1
    if found is None:
        return Token(TokenKind.ERROR, f"error expected: keyword found '{text[start:end]}'"), end
    return found, end
