"""The controller's configuration; flags, environment (`LBCTL_…`) and the YAML file all end here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from lbctl.provider.registry import installed


class ElectionSettings(BaseModel):
    """Leader election. Times in seconds; the defaults are those of Kubernetes' own controllers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    namespace: str = "kube-system"
    name: str = "lbctl-controller"
    duration_s: int = Field(default=15, gt=0)
    renew_deadline_s: float = Field(default=10.0, gt=0)
    retry_s: float = Field(default=2.0, gt=0)


class ControllerSettings(BaseSettings):
    """Everything `lbctl controller` can be told."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, env_prefix="LBCTL_", env_nested_delimiter="__")

    provider: Annotated[tuple[str, ...], NoDecode, Field(min_length=1)] = ("mock",)
    providers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    default_class: str | None = None
    cluster: str = Field(default="kubernetes", pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")
    kubeconfig: Path | None = None
    context: str | None = None
    workers: int = Field(default=8, ge=1, le=64)
    audit_interval_s: float = Field(default=300.0, ge=1)
    gc: bool = False
    gc_limit_ratio: float = Field(default=0.5, gt=0, le=1)
    node_quiet_s: float = Field(default=3.0, ge=0)
    node_max_wait_s: float = Field(default=30.0, ge=0)
    listen: str = "127.0.0.1:10270"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    leader_election: ElectionSettings = ElectionSettings()

    @field_validator("provider", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value

    @field_validator("providers")
    @classmethod
    def _installed(cls, value: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        unknown = sorted(value.keys() - installed())
        if unknown:
            raise ValueError(f"there is no provider {unknown[0]!r}; installed are: {', '.join(sorted(installed()))}")
        return value

    @field_validator("default_class")
    @classmethod
    def _prefixed(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("lbctl.io/"):
            raise ValueError("write it as lbctl.io/PROVIDER, for example lbctl.io/mock")
        return value
