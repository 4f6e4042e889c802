"""The kubeconfig of an embedded API server.

client-go (and so kubectl) sends no token of a kubeconfig over plain HTTP, but it does use a user and password that are
part of the server's address. So the token is in both places: clients of other languages take it from `users`.
Source: k8s.io/client-go/tools/clientcmd/client_config.go (IsConfigTransportTLS).
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import quote, urlsplit

import yaml

from lbctl.sandbox.api.settings import StartError

CONTEXT = "lbctl-sandbox"
USER = "lbctl"

_CONNECT_TIMEOUT_S = 0.5


def check_replaceable(path: Path) -> None:
    """Let pass where there is no file, or one of a sandbox that has ended.

    Raises StartError in one line: for another cluster's kubeconfig, which would be lost, and for a sandbox that runs.
    """
    if not path.exists():
        return
    try:
        document = yaml.safe_load(path.read_text())
        servers = [str(one["cluster"]["server"]) for one in document["clusters"]]
        ours = document["current-context"] == CONTEXT and [one["name"] for one in document["contexts"]] == [CONTEXT]
    except OSError as error:
        raise StartError(f"cannot write the kubeconfig {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError, KeyError, TypeError):
        ours, servers = False, []
    if not ours:
        raise StartError(f"{path} is not a sandbox's kubeconfig and would be lost; choose another --kubeconfig")
    if any(_answers(server) for server in servers):
        raise StartError(f"another sandbox runs with the kubeconfig {path}; stop it, or choose another --kubeconfig")


def _answers(server: str) -> bool:
    parts = urlsplit(server)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), _CONNECT_TIMEOUT_S):
            return True
    except OSError:
        return False


def write_kubeconfig(path: Path, url: str, token: str) -> None:
    """Write a kubeconfig with one context, readable by its owner only; replaces an existing file in one step."""
    scheme, _, rest = url.partition("://")
    server = f"{scheme}://{USER}:{quote(token, safe='')}@{rest}"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": {"server": server}}],
        "users": [{"name": CONTEXT, "user": {"token": token}}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": CONTEXT, "namespace": "default"}}],
        "current-context": CONTEXT,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        yaml.safe_dump(document, file, sort_keys=False)
    draft.replace(path)
