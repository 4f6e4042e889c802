"""What the server itself writes into `metadata`: identity, generated names, namespaces, timestamps.

Source: k8s.io/apiserver/pkg/registry/rest/meta.go, k8s.io/apiserver/pkg/storage/names/generate.go.
"""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

from lbctl.sandbox.api.errors import ApiError, Json, bad_request
from lbctl.sandbox.api.resources import ResourceType

GENERATED_LENGTH = 5
"""Random characters appended to generateName."""
_MAX_GENERATED_BASE = 63 - GENERATED_LENGTH
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_SYSTEM_FIELDS = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid")


def timestamp(at: datetime | None = None) -> str:
    """A `metav1.Time`: RFC 3339, UTC, whole seconds."""
    moment = datetime.now(UTC) if at is None else at
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_timestamp(text: str) -> datetime:
    """The moment a `metav1.Time` names."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def metadata_of(obj: Json) -> Json:
    """The object's metadata, created when it has none. Raises ApiError 400 when it is not an object."""
    metadata = obj.get("metadata")
    if metadata is None:
        metadata = obj["metadata"] = {}
    if not isinstance(metadata, dict):
        raise bad_request("metadata: expected an object")
    return metadata


def generate_name(base: str) -> str:
    """A name as generateName makes it: the (shortened) base and five random characters without vowels."""
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(GENERATED_LENGTH))
    return base[:_MAX_GENERATED_BASE] + suffix


def expect_namespace(metadata: Json, rt: ResourceType, namespace: str) -> None:
    """Put the request's namespace into the object. Raises ApiError 400 when the object names another one."""
    stated = metadata.get("namespace") or ""
    if not rt.namespaced:
        metadata.pop("namespace", None)
    elif stated and stated != namespace:
        raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
    else:
        metadata["namespace"] = namespace


def expect_name(metadata: Json, name: str) -> None:
    """Raises ApiError 400 when the object's name is not that of the URL."""
    stated = metadata.get("name") or ""
    if not stated:
        why = "name must be provided"
        raise bad_request(f"the name of the object ({name} based on URL) was undeterminable: {why}")
    if stated != name:
        raise bad_request(f"the name of the object ({stated}) does not match the name on the URL ({name})")


def begin_life(metadata: Json) -> None:
    """Wipe what only the server may set and give the new object its identity."""
    for name in _SYSTEM_FIELDS:
        metadata.pop(name, None)
    metadata.pop("resourceVersion", None)
    metadata["uid"] = str(uuid.uuid4())
    metadata["creationTimestamp"] = timestamp()


def too_large_version(asked: int, current: int) -> ApiError:
    """504 for a resourceVersion the server has not reached."""
    details: Json = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    return ApiError(504, "Timeout", f"Timeout: Too large resource version: {asked}, current: {current}", details)


def parse_version(text: str) -> int:
    """A resourceVersion parameter; empty is 0. Raises ApiError 400."""
    if not text:
        return 0
    if text.isascii() and text.isdigit():
        return int(text)
    why = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
    raise bad_request(f"invalid resource version: {why}")


def check_not_ahead(asked: int, current: int) -> None:
    """Raises ApiError 504 when `asked` is later than `current`."""
    if asked > current:
        raise too_large_version(asked, current)
