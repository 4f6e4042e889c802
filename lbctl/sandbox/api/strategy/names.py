"""Syntax of names: each function returns the complaints about one value, none when it is good.

Sources: k8s.io/apimachinery/pkg/util/validation/validation.go, pkg/api/validate/content/{dns,kube}.go (1.36).
"""

from __future__ import annotations

import re
from collections.abc import Callable

NameRule = Callable[[str], list[str]]

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"
_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
    "and must start and end with an alphanumeric character"
)
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
    "and must start and end with an alphanumeric character"
)
_LABEL_1035_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
    "start with an alphabetic character, and end with an alphanumeric character"
)
_KEY_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_LABEL_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', "
    "and must start and end with an alphanumeric character"
)


def _regex_words(words: str, pattern: str, *examples: str) -> str:
    shown = " or ".join(f"'{one}', " for one in examples)
    return f"{words} (e.g. {shown}regex used for validation is '{pattern}')"


def _too_long(limit: int, unit: str = "characters") -> str:
    return f"must be no more than {limit} {unit}"


def _length(value: str) -> int:
    return len(value.encode("utf-8", "surrogatepass"))


def dns_label(value: str) -> list[str]:
    """RFC 1123 label, at most 63 bytes."""
    found = [_too_long(63)] if _length(value) > 63 else []
    if not re.fullmatch(_LABEL, value):
        dotted = re.fullmatch(_SUBDOMAIN, value)
        found.append("must not contain dots" if dotted else _regex_words(_LABEL_WORDS, _LABEL, "my-name", "123-abc"))
    return found


def dns_subdomain(value: str) -> list[str]:
    """RFC 1123 subdomain, at most 253 bytes."""
    found = [_too_long(253)] if _length(value) > 253 else []
    if not re.fullmatch(_SUBDOMAIN, value):
        found.append(_regex_words(_SUBDOMAIN_WORDS, _SUBDOMAIN, "example.com"))
    return found


def dns_1035_label(value: str) -> list[str]:
    """RFC 1035 label: as RFC 1123, but the first character is a letter."""
    found = [_too_long(63)] if _length(value) > 63 else []
    if not re.fullmatch(_LABEL_1035, value):
        found.append(_regex_words(_LABEL_1035_WORDS, _LABEL_1035, "my-name", "abc-123"))
    return found


def path_segment(value: str) -> list[str]:
    """A name that can be a segment of a URL path (Events and custom kinds are as free as that)."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{bad}'" for bad in ("/", "%") if bad in value]


def qualified_name(value: str) -> list[str]:
    """A label key: `name` or `prefix/name`, the prefix a subdomain, the name at most 63 bytes."""
    parts = value.split("/")
    if len(parts) > 2:
        return [
            "a valid label key "
            + _regex_words(_KEY_WORDS, _KEY, "MyName", "my.name", "123-abc")
            + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    found: list[str] = []
    if len(parts) == 2:
        prefix = parts[0]
        if not prefix:
            found.append("prefix part must be non-empty")
        else:
            complaints = [one.replace(_too_long(253), _too_long(253, "bytes")) for one in dns_subdomain(prefix)]
            found += [f"prefix part {one}" for one in complaints]
    name = parts[-1]
    if not name:
        found.append("name part must be non-empty")
    elif _length(name) > 63:
        found.append("name part " + _too_long(63, "bytes"))
    if not re.fullmatch(_KEY, name):
        found.append("name part " + _regex_words(_KEY_WORDS, _KEY, "MyName", "my.name", "123-abc"))
    return found


def label_value(value: str) -> list[str]:
    """A label's value: empty, or at most 63 bytes of the label alphabet."""
    found = [_too_long(63, "bytes")] if _length(value) > 63 else []
    if value and not re.fullmatch(_KEY, value):
        found.append(_regex_words(_LABEL_VALUE_WORDS, f"({_KEY})?", "MyValue", "my_value", "12345"))
    return found


def port_number(value: int) -> list[str]:
    """A port, 1-65535."""
    return [] if 1 <= value <= 65535 else ["must be between 1 and 65535, inclusive"]


def port_name(value: str) -> list[str]:
    """An IANA service name (RFC 6335), lower case: what a container port may be called."""
    found = [_too_long(15)] if _length(value) > 15 else []
    if not re.fullmatch("[-a-z0-9]+", value):
        found.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        found.append("must contain at least one letter (a-z)")
    if "--" in value:
        found.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        found.append("must not begin or end with a hyphen")
    return found


def config_key(value: str) -> list[str]:
    """A key of a ConfigMap or Secret: a file name, at most 253 bytes."""
    found = [_too_long(253)] if _length(value) > 253 else []
    if not re.fullmatch(_CONFIG_KEY, value):
        words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
        found.append(_regex_words(words, _CONFIG_KEY, "key.name", "KEY_NAME", "key-name"))
    if value in (".", ".."):
        found.append(f"must not be '{value}'")
    elif value.startswith(".."):
        found.append("must not start with '..'")
    return found


def with_prefix_allowed(rule: NameRule) -> NameRule:
    """The rule for `generateName`, which may end in a dash because more will follow."""

    def check(value: str) -> list[str]:
        if len(value) > 1 and value.endswith("-"):
            value = value[:-2] + "a"
        return rule(value)

    return check
