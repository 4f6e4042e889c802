"""Label maps and selectors as the printers write them.

Source: k8s.io/apimachinery/pkg/labels (FormatLabels, Requirement.String), pkg/apis/meta/v1/helpers.go.
"""

from __future__ import annotations

from typing import Any

from lbctl.sandbox.api.tables.column import NONE, items, part

_OPERATORS = {"In": " in ", "NotIn": " notin "}


def format_labels(labels: dict[str, Any]) -> str:
    """`a=1,b=2`, sorted by key; `<none>` when there are none."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or NONE


def selector_text(selector: Any) -> str:
    """A LabelSelector as `labels.Selector` prints it: equalities and expressions, sorted by key.

    Raises: ValueError for an expression that is no valid requirement.
    """
    written = [(key, f"{key}={value}") for key, value in part(selector, "matchLabels").items()]
    written += [(str(one.get("key", "")), _expression(one)) for one in items(selector, "matchExpressions")]
    return ",".join(text for _, text in sorted(written, key=lambda pair: pair[0]))


def format_selector(selector: Any) -> str:
    """As `metav1.FormatLabelSelector`: `<none>` when it selects everything, `<error>` when it is broken."""
    try:
        return selector_text(selector) or NONE
    except ValueError:
        return "<error>"


def _expression(one: dict[str, Any]) -> str:
    key, operator = str(one.get("key", "")), one.get("operator")
    values = sorted(str(value) for value in one.get("values") or ())
    match operator:
        case "Exists":
            return key
        case "DoesNotExist":
            return f"!{key}"
        case "In" | "NotIn" if values:
            return f"{key}{_OPERATORS[operator]}({','.join(values)})"
    raise ValueError(f"{operator!r} is not a valid label selector operator")
