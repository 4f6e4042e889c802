"""Who may do what: one token, whose holder may do everything, and the reviews that say so.

The token's holder is a member of system:masters. Whoever it impersonates (`kubectl --as`) may do nothing, unless it
impersonates that group too: there is no RBAC evaluation behind it.
Source: k8s.io/api/{authentication,authorization}/v1.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from lbctl.sandbox.api.errors import ApiError, Json, bad_request, forbidden_request

MASTERS = "system:masters"
AUTHENTICATED = "system:authenticated"
_REASON = "the embedded API server evaluates no RBAC rules: only members of system:masters are allowed"


@dataclass(frozen=True, slots=True)
class User:
    """Who a request comes from."""

    name: str
    groups: tuple[str, ...]

    @property
    def may_everything(self) -> bool:
        return MASTERS in self.groups

    @property
    def info(self) -> Json:
        """The `UserInfo` of reviews."""
        return {"username": self.name, "groups": list(self.groups)}


ADMIN = User("kubernetes-admin", (MASTERS, AUTHENTICATED))
_UNAUTHORIZED = ApiError(401, "Unauthorized", "Unauthorized")


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets the holder of one bearer token in."""

    token: str

    def identify(self, authorization: str, impersonate: str, groups: tuple[str, ...]) -> User:
        """The user of a request, from its Authorization and Impersonate-* headers. Raises ApiError 401.

        The token is taken as a bearer token and as the password of basic authentication (see `kubeconfig`).
        """
        if not self.holds(_token_of(authorization)):
            raise _UNAUTHORIZED
        return User(impersonate, (*groups, AUTHENTICATED)) if impersonate else ADMIN

    def holds(self, token: str) -> bool:
        """Whether it is our token."""
        return hmac.compare_digest(token.encode(), self.token.encode())


def _token_of(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def refuse(user: User, verb: str, plural: str, group: str, namespace: str, name: str) -> ApiError:
    """403 in the words of the real authorizer."""
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    why = f'User "{user.name}" cannot {verb} resource "{plural}" in API group "{group}" {where}'
    error = forbidden_request(plural, group, name, why)
    if not name:
        error.message = error.message.replace(' ""', "", 1)
    return error


def refuse_path(user: User, verb: str, path: str) -> ApiError:
    """403 for a path that is no resource."""
    return ApiError(403, "Forbidden", f'forbidden: User "{user.name}" cannot {verb} path "{path}"')


def answer(kind: str, review: Json, user: User, gate: Gate) -> Json:
    """A review with its `status`. Raises ApiError 400 when its spec is not an object."""
    spec = review.get("spec") or {}
    if not isinstance(spec, dict):
        raise bad_request(f"{kind}: spec must be an object")
    match kind:
        case "SelfSubjectReview":
            status: Json = {"userInfo": user.info}
        case "TokenReview":
            status = _token_status(spec, gate)
        case "SelfSubjectRulesReview":
            status = _rules(user)
        case "SelfSubjectAccessReview":
            status = _verdict(user.may_everything)
        case _:
            status = _verdict(MASTERS in (spec.get("groups") or ()) or spec.get("user") == ADMIN.name)
    answered = {**review, "metadata": review.get("metadata") or {}, "status": status}
    answered["metadata"].setdefault("creationTimestamp", None)
    return answered


def _verdict(allowed: bool) -> Json:
    return {"allowed": True} if allowed else {"allowed": False, "reason": _REASON}


def _token_status(spec: Mapping[str, object], gate: Gate) -> Json:
    if gate.holds(str(spec.get("token") or "")):
        return {"authenticated": True, "user": ADMIN.info}
    return {"authenticated": False, "user": {}, "error": "invalid bearer token"}


def _rules(user: User) -> Json:
    if not user.may_everything:
        return {"resourceRules": [], "nonResourceRules": [], "incomplete": False}
    return {
        "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": False,
    }
