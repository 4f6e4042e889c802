"""ConfigMaps, Secrets and ServiceAccounts.

Source: k8s.io/kubernetes/pkg/apis/core/validation/validation.go (`ValidateConfigMap`, `ValidateSecret`), core/v1
defaults and conversion (`stringData`), pkg/registry/core/serviceaccount/strategy.go.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from lbctl.sandbox.api.errors import FieldError, Json, forbidden, invalid, required
from lbctl.sandbox.api.strategy.kind import KindStrategy
from lbctl.sandbox.api.strategy.meta import immutable, too_long
from lbctl.sandbox.api.strategy.names import config_key
from lbctl.sandbox.api.strategy.shapes_small import CONFIG_MAP, SECRET, SERVICE_ACCOUNT

DATA_LIMIT_BYTES: Final = 1024 * 1024
_REDACTED = "<secret contents redacted>"
_ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name"


def _validate_keys(data: Mapping[str, Any], path: str) -> list[FieldError]:
    return [invalid(f"{path}[{key}]", key, words) for key in sorted(data) for words in config_key(key)]


def _frozen(new: Json, old: Json | None, fields: tuple[str, ...]) -> list[FieldError]:
    """Errors of changes to an object that was once declared immutable."""
    if old is None or not old.get("immutable"):
        return []
    why = "field is immutable when `immutable` is set"
    errors = [] if new.get("immutable") else [forbidden("immutable", why)]
    return errors + [forbidden(name, why) for name in fields if (new.get(name) or {}) != (old.get(name) or {})]


def _decoded_size(data: Mapping[str, str]) -> int:
    return sum(len(base64.b64decode(value)) for value in data.values())


class ConfigMapStrategy(KindStrategy):
    """ConfigMaps: file-name keys, no key in both `data` and `binaryData`, at most 1 MiB."""

    shape = CONFIG_MAP

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        data, binary = new.get("data") or {}, new.get("binaryData") or {}
        errors = _frozen(new, old, ("data", "binaryData"))
        errors += _validate_keys(data, "data")
        both = sorted(set(data) & set(binary))
        errors += [invalid(f"data[{key}]", key, "duplicate of key present in binaryData") for key in both]
        errors += _validate_keys(binary, "binaryData")
        if sum(len(value.encode()) for value in data.values()) + _decoded_size(binary) > DATA_LIMIT_BYTES:
            errors.append(too_long("", DATA_LIMIT_BYTES))
        return errors


class SecretStrategy(KindStrategy):
    """Secrets: `stringData` folds into `data`, the type is fixed, well-known types need their keys."""

    shape = SECRET

    def default_spec(self, obj: Json) -> None:
        obj.setdefault("type", "Opaque")
        if strings := obj.pop("stringData", None):
            data = obj.setdefault("data", {})
            data.update({key: base64.b64encode(text.encode()).decode() for key, text in strings.items()})

    def validate_spec(self, new: Json, old: Json | None) -> list[FieldError]:
        data = new.get("data") or {}
        errors = [] if old is None else immutable("type", new.get("type", ""), old.get("type", ""))
        errors += _frozen(new, old, ("data",))
        errors += _validate_keys(data, "data")
        if _decoded_size(data) > DATA_LIMIT_BYTES:
            errors.append(too_long("data", DATA_LIMIT_BYTES))
        return errors + self._validate_type(new, data)

    def _validate_type(self, secret: Json, data: Mapping[str, str]) -> list[FieldError]:
        match secret.get("type"):
            case "kubernetes.io/service-account-token":
                named = (secret["metadata"].get("annotations") or {}).get(_ACCOUNT_ANNOTATION)
                return [] if named else [required(f"metadata.annotations[{_ACCOUNT_ANNOTATION}]")]
            case "kubernetes.io/dockercfg":
                return self._docker_config(data, ".dockercfg")
            case "kubernetes.io/dockerconfigjson":
                return self._docker_config(data, ".dockerconfigjson")
            case "kubernetes.io/basic-auth":
                missing = [] if {"username", "password"} & set(data) else ["username", "password"]
            case "kubernetes.io/ssh-auth":
                missing = [] if data.get("ssh-privatekey") else ["ssh-privatekey"]
            case "kubernetes.io/tls":
                missing = [key for key in ("tls.crt", "tls.key") if key not in data]
            case _:
                missing = []
        return [required(f"data[{key}]") for key in missing]

    @staticmethod
    def _docker_config(data: Mapping[str, str], key: str) -> list[FieldError]:
        if key not in data:
            return [required(f"data[{key}]")]
        try:
            parsed = json.loads(base64.b64decode(data[key]))
        except ValueError as error:
            return [invalid(f"data[{key}]", _REDACTED, str(error))]
        if isinstance(parsed, dict):
            return []
        return [invalid(f"data[{key}]", _REDACTED, "json: cannot unmarshal the value into a map")]


class ServiceAccountStrategy(KindStrategy):
    """ServiceAccounts: of the Secrets they refer to only the names are kept."""

    shape = SERVICE_ACCOUNT

    def prepare_create(self, obj: Json) -> None:
        super().prepare_create(obj)
        self._clean(obj)

    def prepare_update(self, new: Json, old: Json) -> None:
        super().prepare_update(new, old)
        self._clean(new)

    @staticmethod
    def _clean(account: Json) -> None:
        if secrets := account.get("secrets"):
            account["secrets"] = [{"name": one["name"]} if one.get("name") else {} for one in secrets]
