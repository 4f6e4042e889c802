"""Which cluster, and with which credentials: the official client's configuration, with our error sentences.

Rules (in this order; source: sigs.k8s.io/controller-runtime pkg/client/config/config.go)
1. `KubeSettings.kubeconfig`, 2. the files of the environment's KUBECONFIG, 3. the Pod's service account when
KUBERNETES_SERVICE_HOST is set and no context was asked for, 4. `~/.kube/config`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lbctl.model.errors import ConfigError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient, Configuration

# Watches hold a connection each, workers and the recorder one now and then.
POOL_SIZE = 32
# The loader renews a token minutes before it expires. To look costs 0.2 ms, a third of a whole request.
RENEWAL_CHECK_S = 1.0
_HOOK = "refresh_api_key_hook"


@dataclass(frozen=True, slots=True)
class KubeSettings:
    """Where the cluster is; None leaves the choice to the environment (see this file's rules)."""

    kubeconfig: Path | None = None
    context: str | None = None
    user_agent: str = "lbctl"


def open_client(settings: KubeSettings, environment: Mapping[str, str] | None = None) -> ApiClient:
    """The official client, configured and not yet connected.

    Raises: ConfigError naming the file, the cause and the remedy.
    """
    # 0.3 to 0.9 s of imports, which commands without a cluster do not pay.
    from kubernetes.client import ApiClient, Configuration

    environment = os.environ if environment is None else environment
    configuration = Configuration()
    configuration.keep_alive = True
    configuration.connection_pool_maxsize = POOL_SIZE
    files = _files(settings, environment)
    if files:
        _load_files(files, settings, configuration)
    else:
        _load_service_account(configuration)
    _hide_credentials(configuration)
    client = ApiClient(configuration)
    client.user_agent = settings.user_agent
    return client


def _files(settings: KubeSettings, environment: Mapping[str, str]) -> tuple[Path, ...]:
    """The kubeconfig files to merge; empty means the service account. Raises: ConfigError."""
    if settings.kubeconfig is not None:
        path = settings.kubeconfig.expanduser()
        if not path.is_file():
            why = "is a directory" if path.is_dir() else "does not exist"
            raise ConfigError(f"kubeconfig {path} {why}: give --kubeconfig a readable file")
        return (path,)
    if listed := environment.get("KUBECONFIG", ""):
        paths = tuple(Path(one).expanduser() for one in listed.split(os.pathsep) if one)
        present = tuple(path for path in paths if path.is_file())
        if not present:
            raise ConfigError(f"KUBECONFIG names {listed}, which does not exist: correct or unset the variable")
        return present
    if environment.get("KUBERNETES_SERVICE_HOST") and settings.context is None:
        return ()
    home = Path("~/.kube/config").expanduser()
    if not home.is_file():
        raise ConfigError(
            f"no cluster is configured: {home} does not exist, KUBECONFIG is not set and this is not a Pod; "
            "give --kubeconfig FILE (lbctl sandbox writes one)"
        )
    return (home,)


def _load_files(files: tuple[Path, ...], settings: KubeSettings, configuration: Configuration) -> None:
    import yaml
    from kubernetes.config import ConfigException, load_kube_config

    names = os.pathsep.join(str(path) for path in files)
    for path in files:
        _check_file(path)
    try:
        load_kube_config(config_file=names, context=settings.context, client_configuration=configuration)
    except ConfigException as refused:
        raise ConfigError(_explain(names, str(refused), settings.context)) from refused
    except (OSError, ValueError, TypeError, AttributeError, KeyError, yaml.YAMLError) as broken:
        raise ConfigError(
            f"kubeconfig {names} cannot be used: {broken}: check it with `kubectl config view`"
        ) from broken
    _renew_seldom(configuration)
    if not configuration.host.startswith(("http://", "https://")):
        raise ConfigError(
            f"kubeconfig {names}: server {configuration.host!r} is no http:// or https:// address: correct `server`"
        )


def _hide_credentials(configuration: Configuration) -> None:
    """Drop user and password from the server's address where a token is known too: messages and logs quote it."""
    parts = urlsplit(configuration.host)
    if parts.username and configuration.api_key:
        configuration.host = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _renew_seldom(configuration: Configuration) -> None:
    """Let the loader's hook, which runs before every request, look for an expired token only now and then."""
    hook: Callable[[Configuration], None] | None = configuration.refresh_api_key_hook
    if hook is None:
        return
    due_s = 0.0

    def seldom(configuration: Configuration) -> None:
        nonlocal due_s
        now_s = time.monotonic()
        if now_s >= due_s:
            hook(configuration)
            # It has put itself in our place again.
            setattr(configuration, _HOOK, seldom)
            due_s = now_s + RENEWAL_CHECK_S

    setattr(configuration, _HOOK, seldom)


def _check_file(path: Path) -> None:
    """Refuse what the official loader would answer with a trace. Raises: ConfigError."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as refused:
        cause = refused.strerror or refused
        raise ConfigError(f"kubeconfig {path} cannot be read: {cause}: check its permissions") from refused
    except UnicodeDecodeError as broken:
        raise ConfigError(
            f"kubeconfig {path} is not a text file: give the file `kubectl config view` reads"
        ) from broken
    except yaml.YAMLError as broken:
        where = getattr(broken, "problem_mark", None)
        line = f" at line {where.line + 1}" if where is not None else ""
        problem = getattr(broken, "problem", None) or "not readable as YAML"
        raise ConfigError(f"kubeconfig {path} is not valid YAML{line}: {problem}: correct the file") from broken
    if not isinstance(content, dict):
        raise ConfigError(f"kubeconfig {path} holds no configuration (clusters, contexts, users): fill or replace it")


def _explain(names: str, cause: str, context: str | None) -> str:
    """The official loader's sentence, turned into file, cause and remedy."""
    if "contexts list" in cause:
        problem = f"has no context {context!r}" if context is not None else "has not the context it names as current"
        return f"kubeconfig {names} {problem}: `kubectl config get-contexts` lists the names to choose from"
    if "current-context" in cause:
        return f"kubeconfig {names} sets no current-context: give --context, or `kubectl config use-context NAME`"
    plain = cause.removeprefix("Invalid kube-config file. ")
    return f"kubeconfig {names} is incomplete: {plain}: check it with `kubectl config view`"


def _load_service_account(configuration: Configuration) -> None:
    from kubernetes.config import ConfigException, load_incluster_config

    try:
        load_incluster_config(client_configuration=configuration)
    except (ConfigException, OSError) as refused:
        raise ConfigError(
            f"the Pod's service account cannot be used: {refused}: set automountServiceAccountToken: true, "
            "or give --kubeconfig FILE"
        ) from refused
