"""Events, in both of their APIs.

The core API is lenient for old clients; `events.k8s.io/v1` demands a time, a controller, an action and a reason.
Source: k8s.io/kubernetes/pkg/apis/core/validation/events.go; error paths are those of the internal type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lbctl.sandbox.api.errors import FieldError, Json, invalid, required
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import complaints, immutable
from lbctl.sandbox.api.strategy.names import NameRule, dns_subdomain, path_segment, qualified_name
from lbctl.sandbox.api.strategy.shape import Struct
from lbctl.sandbox.api.strategy.shapes_small import EVENT, NEW_EVENT

_SHORT, _NOTE = 128, 1024


@dataclass(frozen=True, slots=True)
class EventFields:
    """What the fields of an Event are called in one API."""

    shape: Struct
    subject: str
    message: str
    source: str
    first: str
    last: str
    count: str
    controller: str
    controller_path: str


CORE_EVENT: Final = EventFields(
    shape=EVENT,
    subject="involvedObject",
    message="message",
    source="source",
    first="firstTimestamp",
    last="lastTimestamp",
    count="count",
    controller="reportingComponent",
    controller_path="reportingComponent",
)
EVENTS_API: Final = EventFields(
    shape=NEW_EVENT,
    subject="regarding",
    message="note",
    source="deprecatedSource",
    first="deprecatedFirstTimestamp",
    last="deprecatedLastTimestamp",
    count="deprecatedCount",
    controller="reportingController",
    controller_path="reportingController",
)


class EventStrategy(KindStrategy):
    """Events of the core API (lenient) or of `events.k8s.io` (strict)."""

    name_rule: NameRule = staticmethod(path_segment)
    allow_create_on_update = True

    def __init__(self, fields: EventFields) -> None:
        self.shape = fields.shape
        self._fields = fields
        self._strict = fields is EVENTS_API

    def validate(self, obj: Json) -> list[FieldError]:
        errors = self._lenient(obj)
        if not self._strict:
            return errors
        return errors + self.validate_new_meta(obj) + self._series(obj) + self._new(obj)

    def validate_update(self, new: Json, old: Json) -> list[FieldError]:
        errors = self._lenient(new)
        if not self._strict:
            return errors
        errors += self.validate_meta_update(new, old)
        if new.get("series") != old.get("series"):
            errors += self._series(new)
        return errors + self._unchanged(new, old)

    def _lenient(self, event: Json) -> list[FieldError]:
        namespace = event["metadata"].get("namespace", "")
        subject = (event.get(self._fields.subject) or {}).get("namespace", "")
        errors: list[FieldError] = []
        mismatch = invalid("involvedObject.namespace", subject, "does not match event.namespace")
        if not event.get("eventTime"):
            matches = namespace in ("", "default") if not subject else namespace == subject
            errors += [] if matches else [mismatch]
        else:
            if not subject and namespace not in ("default", "kube-system"):
                errors.append(mismatch)
            errors += self._reporter(event)
        return errors + complaints("namespace", namespace, dns_subdomain)

    def _reporter(self, event: Json) -> list[FieldError]:
        path, controller = self._fields.controller_path, event.get(self._fields.controller, "")
        errors = [] if controller else [required(path)]
        errors += complaints(path, controller, qualified_name)
        for name in ("reportingInstance", "action", "reason"):
            text = event.get(name, "")
            errors += [] if text else [required(name)]
            errors += _short_enough(name, text, _SHORT)
        return errors + _short_enough("message", event.get(self._fields.message, ""), _NOTE)

    @staticmethod
    def _series(event: Json) -> list[FieldError]:
        series = event.get("series")
        if series is None:
            return []
        errors = []
        if series.get("count", 0) < 2:
            errors.append(invalid("series.count", "", "should be at least 2"))
        if not series.get("lastObservedTime"):
            errors.append(required("series.lastObservedTime"))
        return errors

    def _new(self, event: Json) -> list[FieldError]:
        names, kind = self._fields, event.get("type", "")
        errors = [] if event.get("eventTime") else [required("eventTime")]
        if kind not in ("Normal", "Warning"):
            errors.append(invalid("type", "", f"has invalid value: {kind}"))
        unset: Mapping[str, Any] = {
            "firstTimestamp": event.get(names.first),
            "lastTimestamp": event.get(names.last),
            "count": event.get(names.count),
            "source": event.get(names.source),
        }
        return errors + [invalid(path, "", "needs to be unset") for path, value in unset.items() if value]

    def _unchanged(self, new: Json, old: Json) -> list[FieldError]:
        names = self._fields
        fixed = {
            "involvedObject": names.subject,
            "reason": "reason",
            "message": names.message,
            "source": names.source,
            "firstTimestamp": names.first,
            "lastTimestamp": names.last,
            "count": names.count,
            "type": "type",
            "eventTime": "eventTime",
            "action": "action",
            "related": "related",
            "reportingController": names.controller,
            "reportingInstance": "reportingInstance",
        }
        return [error for path, name in fixed.items() for error in immutable(path, new.get(name), old.get(name))]


def _short_enough(path: str, text: str, limit: int) -> list[FieldError]:
    return [invalid(path, "", f"can have at most {limit} characters")] if len(text.encode()) > limit else []
