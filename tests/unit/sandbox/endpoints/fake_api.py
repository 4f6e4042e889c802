"""An API server's three writes, in memory: versions, UIDs, generated names and optimistic locking, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lbctl.kube.errors import AlreadyExists, Conflict, KubeApiError, NotFound


class FakeApi:
    """Objects by path; `refuse` may raise an error for a request (verb, path) before it is served."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[str, str]] = []
        self.refuse: Callable[[str, str], KubeApiError | None] = lambda verb, path: None
        self._version = 1000

    def create(self, path: str, body: bytes) -> bytes:
        self._asked("create", path)
        new = json.loads(body)
        meta = new["metadata"]
        if not meta.get("name"):
            meta["name"] = f"{meta['generateName']}{self._version:05d}"
        where = f"{path}/{meta['name']}"
        if where in self.objects:
            raise AlreadyExists(409, "AlreadyExists", where)
        meta["uid"] = f"uid-{self._version}"
        return self._store(where, new)

    def replace(self, path: str, body: bytes) -> bytes:
        self._asked("update", path)
        old, new = self.objects.get(path), json.loads(body)
        if old is None:
            raise NotFound(404, "NotFound", path)
        if (
            new["metadata"].get("resourceVersion", old["metadata"]["resourceVersion"])
            != old["metadata"]["resourceVersion"]
        ):
            raise Conflict(409, "Conflict", path)
        new["metadata"]["uid"] = old["metadata"]["uid"]
        return self._store(path, new)

    def delete(self, path: str, body: bytes | None = None) -> bytes:
        self._asked("delete", path)
        old = self.objects.get(path)
        if old is None:
            raise NotFound(404, "NotFound", path)
        wanted = json.loads(body or b"{}").get("preconditions", {}).get("uid", old["metadata"]["uid"])
        if wanted != old["metadata"]["uid"]:
            raise Conflict(409, "Conflict", path)
        del self.objects[path]
        return b"{}"

    def _asked(self, verb: str, path: str) -> None:
        self.requests.append((verb, path))
        refusal = self.refuse(verb, path)
        if refusal is not None:
            raise refusal

    def _store(self, where: str, new: dict[str, Any]) -> bytes:
        self._version += 1
        new["metadata"]["resourceVersion"] = str(self._version)
        self.objects[where] = new
        return json.dumps(new).encode()
