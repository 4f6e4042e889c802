"""What the mock cloud answers when it does not do what was asked; the provider translates it."""

from __future__ import annotations


class CloudError(Exception):
    """A refusal: `code` for programs, `message` for people."""

    def __init__(self, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


class Crash(BaseException):
    """The caller's process dies here. A BaseException, so that no `except Exception` survives it."""


ALREADY_EXISTS = "AlreadyExists"
NOT_FOUND = "NotFound"
NOT_YOURS = "NotYours"
IN_USE = "InUse"
MISSING_REFERENCE = "MissingReference"
INVALID = "InvalidParameter"
ADDRESS_TAKEN = "AddressTaken"
ADDRESS_OUT_OF_RANGE = "AddressOutOfRange"
NO_FREE_ADDRESS = "NoFreeAddress"
QUOTA = "QuotaExceeded"
THROTTLED = "Throttled"
SERVER_ERROR = "ServerError"
TIMEOUT = "Timeout"
