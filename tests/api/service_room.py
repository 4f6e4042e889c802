"""Services of one namespace, over HTTP: the words the Service tests speak in."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """One response about a Service: the status code, the decoded body and the `Warning` texts."""

    code: int
    body: Json
    warnings: tuple[str, ...] = ()

    @property
    def spec(self) -> Json:
        """The Service's spec; the request must have succeeded."""
        assert self.code < 300, self.body
        spec: Json = self.body["spec"]
        return spec

    @property
    def message(self) -> str:
        """The words of a refusal."""
        assert self.code >= 400, self.body
        return str(self.body["message"])


class Caller(Protocol):
    """Whatever can send one request to the API server under test."""

    def __call__(self, method: str, path: str, body: Json | None, content_type: str) -> Answer: ...


class ServiceRoom:
    """The Services of a namespace that the test has for itself."""

    def __init__(self, call: Caller, namespace: str) -> None:
        self._call = call
        self._path = f"/api/v1/namespaces/{namespace}/services"

    def create(self, name: str = "web", /, *, dry_run: bool = False, **spec: Any) -> Answer:
        """POST a Service with one port and a selector; a spec field given as None is left out."""
        return self._send("POST", "", manifest(name, **spec), dry_run=dry_run)

    def replace(self, obj: Json, *, dry_run: bool = False) -> Answer:
        """PUT a whole Service."""
        return self._send("PUT", obj["metadata"]["name"], obj, dry_run=dry_run)

    def patch(self, name: str, spec: Json, *, dry_run: bool = False) -> Answer:
        """Merge-patch the spec; None removes a field."""
        return self._send("PATCH", name, {"spec": spec}, dry_run=dry_run)

    def patch_status(self, name: str, status: Json) -> Answer:
        """Merge-patch the status subresource."""
        return self._send("PATCH", name, {"status": status}, subresource="status")

    def get(self, name: str) -> Answer:
        """GET one Service."""
        return self._send("GET", name, None)

    def delete(self, name: str) -> Answer:
        """DELETE one Service."""
        return self._send("DELETE", name, None)

    def _send(
        self, method: str, name: str, body: Json | None, *, subresource: str = "", dry_run: bool = False
    ) -> Answer:
        path = "/".join(part for part in (self._path, name, subresource) if part)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        return self._call(method, f"{path}?dryRun=All" if dry_run else path, body, kind)


def manifest(name: str = "web", /, **spec: Any) -> Json:
    """A Service with one port and a selector; a spec field given as None is left out."""
    full: Json = {"selector": {"app": "web"}, "ports": [{"port": 80}], **deepcopy(spec)}
    given = {field: value for field, value in full.items() if value is not None}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": given}


def causes(answer: Answer) -> list[str]:
    """`field: message` of every cause of a 422, without repetitions."""
    assert answer.code == 422, answer.body
    listed = answer.body["details"]["causes"]
    return list(dict.fromkeys(f"{one['field']}: {one['message']}" for one in listed))
