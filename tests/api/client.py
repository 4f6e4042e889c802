"""A thin HTTP client for behaviour tests: nothing but paths, bodies and answers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from kubernetes import client as kubernetes_client

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"

_POLL_S = 0.05
_WARNINGS = re.compile(r'299 - "(?:[^"\\]|\\.)*"')


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])


@dataclass(frozen=True)
class Answer:
    """A response: its code, its decoded body, its headers."""

    code: int
    body: Any
    headers: urllib3.HTTPHeaderDict

    @property
    def warnings(self) -> tuple[str, ...]:
        """The texts of the `Warning` headers."""
        listed = self.headers.getlist("Warning")
        return tuple(_unquoted(one.partition(" - ")[2]) for text in listed for one in _WARNINGS.findall(text))

    def expect(self, *codes: int) -> Any:
        """The body, when the code is one of these; else an assertion that shows the whole answer."""
        assert self.code in codes, f"expected {codes}, got {self.code}: {json.dumps(self.body)[:2000]}"
        return self.body

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))

    @property
    def reason(self) -> str:
        return str(self.body.get("reason", ""))


class Api:
    """One API server, through the transport and the credentials of a `kubernetes` configuration."""

    def __init__(self, configuration: kubernetes_client.Configuration) -> None:
        self._configuration = configuration
        self._host = configuration.host.rstrip("/")
        self._pool = kubernetes_client.ApiClient(configuration).rest_client.pool_manager

    def headers(self) -> dict[str, str]:
        """The credentials of the configuration."""
        return {one["key"].title(): one["value"] for one in self._configuration.auth_settings().values()}

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = JSON,
        accept: str = JSON,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """One request; `body` is JSON-encoded unless it is text or bytes already."""
        response = self._pool.request(
            method,
            self._url(path, query),
            body=body if body is None or isinstance(body, str | bytes) else json.dumps(body),
            headers={**self.headers(), "Content-Type": content_type, "Accept": accept, **(headers or {})},
            retries=False,
            timeout=urllib3.Timeout(connect=5, read=30),
        )
        text = response.data.decode(errors="replace")
        decoded = json.loads(text) if text.startswith("{") else text
        return Answer(response.status, decoded, response.headers)

    def get(self, path: str, **rest: Any) -> Answer:
        return self.request("GET", path, **rest)

    def post(self, path: str, body: Any, **rest: Any) -> Answer:
        return self.request("POST", path, body, **rest)

    def put(self, path: str, body: Any, **rest: Any) -> Answer:
        return self.request("PUT", path, body, **rest)

    def patch(self, path: str, body: Any, content_type: str = MERGE_PATCH, **rest: Any) -> Answer:
        return self.request("PATCH", path, body, content_type=content_type, **rest)

    def delete(self, path: str, body: Any = None, **rest: Any) -> Answer:
        return self.request("DELETE", path, body, **rest)

    def apply(self, path: str, body: Any, manager: str, **rest: Any) -> Answer:
        """Server-side apply."""
        return self.patch(path, body, APPLY, fieldManager=manager, **rest)

    def watch(self, path: str, *, timeout_s: int = 10, accept: str = JSON, **query: Any) -> Iterator[dict[str, Any]]:
        """Events of a watch until the server ends it."""
        response = self._pool.request(
            "GET",
            self._url(path, {"watch": "true", "timeoutSeconds": timeout_s, **query}),
            headers={**self.headers(), "Accept": accept},
            preload_content=False,
            retries=False,
            timeout=urllib3.Timeout(connect=5, read=timeout_s + 10),
        )
        assert response.status == 200, response.read()
        return _lines(response)

    def await_code(self, path: str, code: int, *, within_s: float = 15) -> Answer:
        """Repeat GET until it answers with that code."""
        return self.await_answer(path, lambda answer: answer.code == code, within_s=within_s)

    def await_answer(self, path: str, accepts: Callable[[Answer], bool], *, within_s: float = 15) -> Answer:
        """Repeat GET until its answer is the one waited for."""
        deadline = time.monotonic() + within_s
        while True:
            answer = self.get(path)
            if accepts(answer):
                return answer
            assert time.monotonic() < deadline, f"{path} stays {answer.code}: {answer.body}"
            time.sleep(_POLL_S)

    def _url(self, path: str, query: Mapping[str, Any]) -> str:
        return f"{self._host}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")


def _lines(response: Any) -> Iterator[dict[str, Any]]:
    pending = b""
    try:
        for block in response.stream(65536, decode_content=True):
            pending += block
            *whole, pending = pending.split(b"\n")
            for line in whole:
                yield json.loads(line)
    finally:
        response.close()
