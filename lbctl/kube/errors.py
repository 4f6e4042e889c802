"""What the Kubernetes API refuses, as the house's errors.

Source: k8s.io/apimachinery pkg/apis/meta/v1 (Status, StatusReason) and pkg/api/errors/errors.go.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lbctl.model.errors import LbctlError, PermanentError, TemporaryError


class KubeApiError(LbctlError):
    """A request to the Kubernetes API failed.

    `code` is the HTTP status (0: no answer came), `reason` the server's `metav1.StatusReason`, `retry_after_s` the
    server's wish in seconds or None. Every one of them is also a TemporaryError or a PermanentError.
    """

    def __init__(self, code: int, reason: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason, message)
        self.code = code
        self.retry_after_s = retry_after_s


class Refused(KubeApiError, PermanentError):
    """Asking again changes nothing: a bad request, a missing permission, a method that is not served."""


class NotFound(Refused):
    """404: the object, or its namespace, does not exist."""


class AlreadyExists(Refused):
    """409 AlreadyExists: a create met an object of that name."""


class Invalid(Refused):
    """422: the object breaks a validation rule; the message lists each field."""


class Forbidden(Refused):
    """401 and 403: unknown credentials, a missing RBAC permission, or a namespace that is being deleted."""


class Conflict(KubeApiError, TemporaryError):
    """409 Conflict: the object changed since it was read; read it again and repeat."""


class Expired(KubeApiError, TemporaryError):
    """410: the resourceVersion or continue token is too old; list again."""


class Unavailable(KubeApiError, TemporaryError):
    """429 and 5xx: the server is overloaded, restarting or failing."""


class Unreachable(Unavailable):
    """No answer at all: refused, reset, timed out, or TLS failed. `code` is 0."""

    def __init__(self, message: str) -> None:
        super().__init__(0, "KubernetesUnreachable", message)


class _Details(msgspec.Struct, gc=False):
    retry_after_seconds: int = msgspec.field(default=0, name="retryAfterSeconds")


class _Status(msgspec.Struct, gc=False):
    code: int = 0
    reason: str = ""
    message: str = ""
    details: _Details | None = None


_STATUS = msgspec.json.Decoder(_Status)
_BY_REASON: Mapping[str, type[KubeApiError]] = {"AlreadyExists": AlreadyExists, "Expired": Expired, "Gone": Expired}
_BY_CODE: Mapping[int, type[KubeApiError]] = {
    401: Forbidden,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Expired,
    422: Invalid,
    429: Unavailable,
}


def error_from(code: int, body: bytes | msgspec.Raw, *, doing: str, retry_after: str | None = None) -> KubeApiError:
    """The error for a `Status` body, be it an HTTP answer or the object of a watch's ERROR event.

    `code` may be 0 when only the body knows it. `doing` names the request in the message. A body that is no Status
    (a proxy's page) is quoted in part. `retry_after` is the header's text; the body's `retryAfterSeconds` stands in.
    """
    try:
        status = _STATUS.decode(body)
    except msgspec.DecodeError:
        status = _Status(message=bytes(body)[:200].decode("utf-8", "replace").strip())
    code = code or status.code
    reason = status.reason or _default_reason(code)
    kind = _BY_REASON.get(reason) or _BY_CODE.get(code) or (Unavailable if code == 0 or code >= 500 else Refused)
    message = f"{doing}: {status.message or 'no explanation given'} ({code} {reason})"
    return kind(code, reason, message, _retry_after_s(retry_after, status))


def _default_reason(code: int) -> str:
    return {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Gone", 422: "Invalid"}.get(
        code, "TooManyRequests" if code == 429 else "InternalError" if code >= 500 else "BadRequest"
    )


def _retry_after_s(header: str | None, status: _Status) -> float | None:
    """Delay-seconds form only, the one the API server sends. Source: RFC 9110 §10.2.3."""
    if header is not None and header.strip().isdigit():
        return float(header)
    if status.details is not None and status.details.retry_after_seconds > 0:
        return float(status.details.retry_after_seconds)
    return None
