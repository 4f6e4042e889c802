"""The house's errors: what failed, on which object, and what the operator can do.

Each carries a CamelCase `reason` that is reused for the Event, the condition and the metric label.
"""

from __future__ import annotations


class LbctlError(Exception):
    """The root of everything lbctl raises on purpose.

    `reason` is one CamelCase word for machines, `message` one sentence for people (what, where, remedy).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class TemporaryError(LbctlError):
    """Trying again later may succeed; `retry_after_s` is the server's own wish, None leaves it to the back-off."""

    def __init__(self, reason: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(reason, message)
        self.retry_after_s = retry_after_s


class PermanentError(LbctlError):
    """Trying again changes nothing until a person changes the object, the configuration or a permission."""


class ConfigError(PermanentError):
    """A flag, file or environment variable cannot be used. The CLI prints it as one line and exits with 2."""

    def __init__(self, message: str) -> None:
        super().__init__("InvalidConfiguration", message)


class UnsafePlan(PermanentError):
    """A plan was refused by its guard rails before any step ran."""


class BugError(LbctlError):
    """An invariant of lbctl itself does not hold; please report it."""

    def __init__(self, message: str) -> None:
        super().__init__("Bug", message)
