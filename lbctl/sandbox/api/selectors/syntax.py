"""The syntax of label keys and values, and the words in which Kubernetes refuses them.

Source: k8s.io/apimachinery/pkg/api/validate/content/kube.go.
"""

from __future__ import annotations

import re

_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_NAME})?"
_DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_SUBDOMAIN = f"{_DNS_LABEL}(\\.{_DNS_LABEL})*"
_ALPHANUMERIC = (
    "consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"
)
_NAME_RULE = (
    f"must {_ALPHANUMERIC} (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_NAME}')"
)
_VALUE_RULE = (
    f"a valid label must be an empty string or {_ALPHANUMERIC} "
    f"(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{_VALUE}')"
)
_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    f"end with an alphanumeric character (e.g. 'example.com', regex used for validation is '{_DNS_SUBDOMAIN}')"
)
_MAX_NAME_BYTES = 63
_MAX_PREFIX_BYTES = 253


def label_key_errors(key: str) -> list[str]:
    """Why `key` is no label key (`[prefix/]name`); empty when it is one."""
    parts = key.split("/")
    if len(parts) > 2:
        return [
            f"a valid label key {_NAME_RULE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        ]
    errors = [f"prefix part {why}" for why in _prefix_errors(parts[0])] if len(parts) == 2 else []
    return errors + [f"name part {why}" for why in _name_errors(parts[-1])]


def label_value_errors(value: str) -> list[str]:
    """Why `value` is no label value; empty when it is one."""
    errors = [_too_long(_MAX_NAME_BYTES)] if len(value.encode()) > _MAX_NAME_BYTES else []
    return errors if re.fullmatch(_VALUE, value) else [*errors, _VALUE_RULE]


def _prefix_errors(prefix: str) -> list[str]:
    if not prefix:
        return ["must be non-empty"]
    errors = [_too_long(_MAX_PREFIX_BYTES)] if len(prefix.encode()) > _MAX_PREFIX_BYTES else []
    return errors if re.fullmatch(_DNS_SUBDOMAIN, prefix) else [*errors, _SUBDOMAIN_RULE]


def _name_errors(name: str) -> list[str]:
    errors = []
    if not name:
        errors.append("must be non-empty")
    elif len(name.encode()) > _MAX_NAME_BYTES:
        errors.append(_too_long(_MAX_NAME_BYTES))
    return errors if re.fullmatch(_NAME, name) else [*errors, _NAME_RULE]


def _too_long(limit: int) -> str:
    return f"must be no more than {limit} bytes"
