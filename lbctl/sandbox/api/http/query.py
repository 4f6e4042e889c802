"""Query parameters of reads and writes, parsed and refused as the real server does.

Source: k8s.io/apimachinery/pkg/apis/meta/internalversion/validation and pkg/apis/meta/v1/validation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast
from urllib.parse import parse_qs

from lbctl.sandbox.api.deletion import DeleteOptions
from lbctl.sandbox.api.errors import (
    FieldError,
    FieldErrorType,
    Json,
    bad_request,
    forbidden,
    invalid,
    invalid_object,
    not_supported,
    required,
)

META = "meta.k8s.io"
SCHEME = "pkg/runtime/scheme.go:111"
"""Where Go says kinds are registered; part of the real server's texts."""
EXACT, NOT_OLDER_THAN = "Exact", "NotOlderThan"
_MANAGER_LIMIT = 128
_TRUE = ("1", "true", "t", "True", "TRUE", "T")
_FALSE = ("0", "false", "f", "False", "FALSE", "F", "")

Validation = Literal["Strict", "Warn", "Ignore"]


class Query:
    """The parameters of a raw query string; of one given twice, `get` answers the first."""

    def __init__(self, raw: str = "") -> None:
        self._values = parse_qs(raw, keep_blank_values=True) if raw else {}

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def get(self, name: str) -> str:
        """The value, empty when it is not there."""
        values = self._values.get(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Every value."""
        return self._values.get(name, [])


@dataclass(frozen=True, slots=True)
class ListOptions:
    """Parameters of list and watch; `send_initial_events` None is: not said."""

    label_selector: str = ""
    field_selector: str = ""
    resource_version: str = ""
    match: str = ""
    limit: int = 0
    continuation: str = ""
    watch: bool = False
    bookmarks: bool = False
    send_initial_events: bool | None = None
    timeout_s: float | None = None
    include_object: str = "Metadata"


@dataclass(frozen=True, slots=True)
class ChangeOptions:
    """Parameters of create, update and patch."""

    manager: str
    validation: Validation
    dry_run: bool
    force: bool = False


def list_options(query: Query) -> ListOptions:
    """Parameters of a list or watch. Raises ApiError 400 or 422."""
    initial = query.get("sendInitialEvents")
    options = ListOptions(
        label_selector=query.get("labelSelector"),
        field_selector=query.get("fieldSelector"),
        resource_version=query.get("resourceVersion"),
        match=query.get("resourceVersionMatch"),
        limit=_number(query, "limit") or 0,
        continuation=query.get("continue"),
        watch=_flag(query, "watch"),
        bookmarks=_flag(query, "allowWatchBookmarks"),
        send_initial_events=None if initial == "" else _flag(query, "sendInitialEvents"),
        timeout_s=_number(query, "timeoutSeconds"),
        include_object=query.get("includeObject") or "Metadata",
    )
    if _watches_from_the_start(options):
        # Source: apimachinery/pkg/apis/meta/internalversion/defaults.go (SetListOptionsDefaults).
        options = replace(options, send_initial_events=True, match=NOT_OLDER_THAN)
    errors = _watch_errors(options) if options.watch else _list_errors(options)
    if errors:
        raise invalid_object("ListOptions", META, "", errors)
    return options


def _watches_from_the_start(options: ListOptions) -> bool:
    """Whether this is a watch of the old kind that begins with the present state and asks for bookmarks."""
    unsaid = options.send_initial_events is None and not options.match
    return options.watch and options.bookmarks and unsaid and options.resource_version in ("", "0")


def change_options(query: Query, user_agent: str, *, kind: str, apply: bool = False) -> ChangeOptions:
    """Parameters of a write; `kind` is CreateOptions, UpdateOptions or PatchOptions. Raises ApiError 400 or 422."""
    manager, validation = query.get("fieldManager"), query.get("fieldValidation")
    errors: list[FieldError] = []
    if apply and not manager:
        errors.append(required("fieldManager", "is required for apply patch"))
    if kind == "PatchOptions" and not apply and "force" in query:
        errors.append(forbidden("force", "may not be specified for non-apply patch"))
    if len(manager) > _MANAGER_LIMIT:
        words = f"may not be more than {_MANAGER_LIMIT} bytes"
        errors.append(FieldError(FieldErrorType.TOO_LONG, "fieldManager", manager, words))
    errors += [
        invalid("fieldManager", manager, f"invalid character U+{ord(one):04X} (at position {at})")
        for at, one in enumerate(manager)
        if not one.isprintable()
    ]
    if validation not in ("", "Strict", "Warn", "Ignore"):
        errors.append(not_supported("fieldValidation", validation, ["", "Ignore", "Strict", "Warn"]))
    dry_run = query.all("dryRun")
    errors += _dry_run_errors(dry_run)
    if errors:
        raise invalid_object(kind, META, "", errors)
    directive = cast("Validation", validation or "Warn")
    return ChangeOptions(manager or manager_of(user_agent), directive, bool(dry_run), _flag(query, "force"))


def manager_of(user_agent: str) -> str:
    """The field manager of a client that names none: its User-Agent up to the slash."""
    return user_agent.partition("/")[0][:_MANAGER_LIMIT]


def delete_options(query: Query, body: Json | None) -> DeleteOptions:
    """Options of a deletion, from the body when there is one, else from the query. Raises ApiError 400 or 422."""
    if body is None:
        body = {
            "gracePeriodSeconds": _number(query, "gracePeriodSeconds"),
            "propagationPolicy": query.get("propagationPolicy") or None,
            "dryRun": query.all("dryRun"),
            "orphanDependents": _flag(query, "orphanDependents") if query.get("orphanDependents") else None,
        }
    if body.get("kind") not in (None, "", "DeleteOptions"):
        version = body.get("apiVersion") or "v1"
        raise bad_request(f'no kind "{body["kind"]}" is registered for version "{version}" in scheme "{SCHEME}"')
    policy, orphan, dry_run = body.get("propagationPolicy"), body.get("orphanDependents"), body.get("dryRun") or []
    errors = _dry_run_errors(dry_run)
    if orphan is not None and policy is not None:
        words = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid("propagationPolicy", policy, words))
    elif policy not in (None, "Foreground", "Background", "Orphan"):
        errors.append(not_supported("propagationPolicy", policy, ["Foreground", "Background", "Orphan", "nil"]))
    grace = body.get("gracePeriodSeconds")
    if grace is not None and (isinstance(grace, bool) or not isinstance(grace, int)):
        raise bad_request(
            "json: cannot unmarshal value into Go struct field DeleteOptions.gracePeriodSeconds of type int64"
        )
    if errors:
        raise invalid_object("DeleteOptions", META, "", errors)
    if orphan is not None:
        policy = "Orphan" if orphan else "Background"
    conditions = body.get("preconditions") or {}
    return DeleteOptions(grace, policy, conditions.get("uid"), conditions.get("resourceVersion"), bool(dry_run))


def _dry_run_errors(values: list[str]) -> list[FieldError]:
    if all(value == "All" for value in values):
        return []
    return [not_supported("dryRun", values, ["All"])]


def _list_errors(options: ListOptions) -> list[FieldError]:
    errors: list[FieldError] = []
    path = "resourceVersionMatch"
    if options.match:
        if not options.resource_version:
            errors.append(forbidden(path, f"{path} is forbidden unless resourceVersion is provided"))
        if options.continuation:
            errors.append(forbidden(path, f"{path} is forbidden when continue is provided"))
        if options.match not in (EXACT, NOT_OLDER_THAN):
            errors.append(not_supported(path, options.match, [EXACT, NOT_OLDER_THAN, ""]))
        if options.match == EXACT and options.resource_version == "0":
            errors.append(forbidden(path, f'{path} "exact" is forbidden for resourceVersion "0"'))
    if options.send_initial_events is not None:
        errors.append(forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    return errors


def _watch_errors(options: ListOptions) -> list[FieldError]:
    errors: list[FieldError] = []
    path = "resourceVersionMatch"
    if options.send_initial_events is not None and options.match != NOT_OLDER_THAN:
        errors.append(forbidden(path, f"sendInitialEvents requires setting resourceVersionMatch to {NOT_OLDER_THAN}"))
    if options.match:
        if options.send_initial_events is None:
            errors.append(forbidden(path, f"{path} is forbidden for watch unless sendInitialEvents is provided"))
        if options.match != NOT_OLDER_THAN:
            errors.append(not_supported(path, options.match, [NOT_OLDER_THAN]))
        if options.continuation:
            errors.append(forbidden(path, f"{path} is forbidden when continue is provided"))
    return errors


def _flag(query: Query, name: str) -> bool:
    value = query.get(name)
    if value in _TRUE:
        return True
    # A flag that is named without a value is set, as in `?watch`; `?watch=` does not happen in practice.
    return value not in _FALSE


def _number(query: Query, name: str) -> int | None:
    value = query.get(name)
    if not value:
        return None
    try:
        return int(value)
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None
