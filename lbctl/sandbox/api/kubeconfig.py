"""The kubeconfig of an embedded API server.

client-go (and so kubectl) sends no token of a kubeconfig over plain HTTP, but it does use a user and password that are
part of the server's address. So the token is in both places: clients of other languages take it from `users`.
Source: k8s.io/client-go/tools/clientcmd/client_config.go (IsConfigTransportTLS).
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

import yaml

CONTEXT = "lbctl-sandbox"
USER = "lbctl"


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
