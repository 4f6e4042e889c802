"""The 409 that an apply gets for fields of other managers.

Source: k8s.io/apimachinery/pkg/util/managedfields/internal/conflict.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from lbctl.sandbox.api.errors import ApiError, Json
from lbctl.sandbox.api.patch.fields import path_text
from lbctl.sandbox.api.patch.gotext import quoted
from lbctl.sandbox.api.patch.managed import UPDATE, Manager
from lbctl.sandbox.api.patch.ownership import Conflict


def conflict_error(found: Sequence[Conflict]) -> ApiError:
    """One cause per field; the message names the managers in the order of their identifiers."""
    causes: list[Json] = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_shown(one.manager)}",
            "field": path_text(one.path),
        }
        for one in found
    ]
    return ApiError(409, "Conflict", _message(found), {"causes": causes})


def _message(found: Sequence[Conflict]) -> str:
    if len(found) == 1:
        only = found[0]
        return f"Apply failed with 1 conflict: conflict with {_shown(only.manager)}: {path_text(only.path)}"
    lines: list[str] = []
    for manager, theirs in groupby(found, key=lambda one: one.manager):
        lines.append(f"conflicts with {_shown(manager)}:")
        lines += [f"- {path_text(one.path)}" for one in theirs]
    return f"Apply failed with {len(found)} conflicts: " + "\n".join(lines)


def _shown(manager: Manager) -> str:
    text = quoted(manager.name)
    if manager.subresource:
        text += f" with subresource {quoted(manager.subresource)}"
    return f"{text} using {manager.api_version}" if manager.operation == UPDATE else text
