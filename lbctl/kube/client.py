"""The one client: typed LIST and GET for reading, bytes for writing, a counter for every request."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from lbctl.kube.connect import KubeSettings, open_client
from lbctl.kube.errors import Forbidden, KubeApiError, Unreachable
from lbctl.kube.resources import Page, Resource, T
from lbctl.kube.transport import NO_QUERY, Hangup, Query, Response, Stream, Transport
from lbctl.model.errors import ConfigError
from lbctl.model.service import ObjectKey

JSON = "application/json"
REQUEST_TIMEOUT_S = 30.0
# A LIST of 10,000 EndpointSlices is 47 MB.
LIST_TIMEOUT_S = 120.0
PROBE_TIMEOUT_S = 5.0


class PatchKind(Enum):
    """Content types of PATCH. Built-in kinds know all three, custom resources no strategic merge."""

    JSON_PATCH = "application/json-patch+json"
    MERGE = "application/merge-patch+json"
    STRATEGIC = "application/strategic-merge-patch+json"


class RequestKind(NamedTuple):
    """What requests are counted by: the verb, the resource (`services/status`) and the HTTP code (0: no answer)."""

    verb: str
    resource: str
    code: int


_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete", "GET": "get"}
_OF_NAMESPACES = ("status", "finalize")
WRITES = frozenset({"create", "update", "patch", "delete"})


class KubeClient:
    """A connection to one cluster, safe for use by several threads.

    Paths come from `Resource.path`; bodies are JSON bytes. Every method raises KubeApiError for an answer of 400 or
    more and for none.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._counts: Counter[RequestKind] = Counter()

    @classmethod
    def connect(cls, settings: KubeSettings) -> KubeClient:
        """Open the configured cluster and ask it one question.

        Raises: ConfigError with one line when the configuration is unusable, the server does not answer or it does not
        know the credentials.
        """
        client = cls.open(settings)
        client.probe()
        return client

    @classmethod
    def open(cls, settings: KubeSettings) -> KubeClient:
        """Like `connect`, without asking the server anything. Raises: ConfigError."""
        return cls(Transport(open_client(settings)))

    @property
    def url(self) -> str:
        return self._transport.base_url

    def probe(self) -> None:
        """Ask for the server's version. Raises: ConfigError."""
        try:
            self.request("GET", "/version", timeout_s=PROBE_TIMEOUT_S)
        except Unreachable as silent:
            raise ConfigError(f"{silent.message}: is the cluster running, and is it the right context?") from silent
        except Forbidden as refused:
            if refused.code == 401:
                raise ConfigError(
                    f"{self.url} does not accept the credentials ({refused.reason}): renew them"
                ) from refused
        except KubeApiError:
            # It answers; what it lacks will be named by the request that needs it.
            return

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: bytes | None = None,
        content_type: str = JSON,
        accept: str = JSON,
        timeout_s: float = REQUEST_TIMEOUT_S,
        hangup: Hangup | None = None,
    ) -> Response:
        """One request, bytes in and bytes out, done within `timeout_s` seconds."""
        headers = {"Accept": accept} if body is None else {"Accept": accept, "Content-Type": content_type}
        verb = "list" if method == "GET" and is_collection(path) else _VERBS.get(method, method.lower())
        try:
            response = self._transport.send(
                method, path, query=query, body=body, headers=headers, timeout_s=timeout_s, hangup=hangup
            )
        except KubeApiError as failure:
            self._count(verb, path, failure.code)
            raise
        self._count(verb, path, response.code)
        return response

    def get(self, path: str, query: Query = NO_QUERY) -> bytes:
        return self.request("GET", path, query=query).body

    def create(self, path: str, body: bytes, query: Query = NO_QUERY) -> bytes:
        return self.request("POST", path, query=query, body=body).body

    def replace(self, path: str, body: bytes, query: Query = NO_QUERY) -> bytes:
        return self.request("PUT", path, query=query, body=body).body

    def patch(self, path: str, body: bytes, kind: PatchKind, query: Query = NO_QUERY) -> bytes:
        return self.request("PATCH", path, query=query, body=body, content_type=kind.value).body

    def delete(self, path: str, body: bytes | None = None, query: Query = NO_QUERY) -> bytes:
        return self.request("DELETE", path, query=query, body=body).body

    def read(self, resource: Resource[T], key: ObjectKey) -> T:
        """One object as a value. Raises: NotFound."""
        return resource.decode(self.get(resource.path_of(key)))

    def list_pages(
        self,
        resource: Resource[T],
        *,
        namespace: str = "",
        query: Query = NO_QUERY,
        page_limit: int | None = None,
        hangup: Hangup | None = None,
    ) -> Iterator[Page[T]]:
        """The pages of a LIST; one, unless the server answers with a continue token.

        `query` may hold resourceVersion and selectors. Raises: Expired when a continue token grew too old.
        """
        asked = dict(query)
        if page_limit is not None:
            asked["limit"] = str(page_limit)
        path = resource.path(namespace)
        while True:
            answer = self.request("GET", path, query=asked, timeout_s=LIST_TIMEOUT_S, hangup=hangup)
            page = resource.decode_list(answer.body)
            del answer
            yield page
            if not page.more:
                return
            # The token names the snapshot; a resourceVersion beside it is refused.
            asked.pop("resourceVersion", None)
            asked["continue"] = page.more

    def list_all(self, resource: Resource[T], *, namespace: str = "", query: Query = NO_QUERY) -> tuple[T, ...]:
        """Every object of a kind, read from the server now."""
        pages = self.list_pages(resource, namespace=namespace, query=query, page_limit=500)
        return tuple(item for page in pages for item in page.items)

    def stream(self, path: str, *, query: Query, silence_s: float, hangup: Hangup | None = None) -> Stream:
        """Open a WATCH; `silence_s` is how long the server may say nothing."""
        asked = {**query, "watch": "true"}
        try:
            stream = self._transport.stream(
                path, query=asked, headers={"Accept": JSON}, silence_s=silence_s, hangup=hangup
            )
        except KubeApiError as failure:
            self._count("watch", path, failure.code)
            raise
        self._count("watch", path, 200)
        return stream

    def counts(self) -> Counter[RequestKind]:
        """Requests so far, for `rest_client_requests_total`; a copy."""
        with self._lock:
            return self._counts.copy()

    def writes(self) -> int:
        """How many requests so far asked for a change."""
        return sum(count for kind, count in self.counts().items() if kind.verb in WRITES)

    def close(self) -> None:
        self._transport.close()

    def _count(self, verb: str, path: str, code: int) -> None:
        with self._lock:
            self._counts[RequestKind(verb, resource_in(path), code)] += 1


def resource_in(path: str) -> str:
    """The resource of an API path, with its subresource: `services`, `services/status`, `namespaces`; else the path.

    Source: k8s.io/apiserver pkg/endpoints/request/requestinfo.go.
    """
    parts = _below_version(path)
    if parts is None:
        return path
    if len(parts) >= 3 and parts[0] == "namespaces" and parts[2] not in _OF_NAMESPACES:
        parts = parts[2:]
    return f"{parts[0]}/{parts[2]}" if len(parts) > 2 else parts[0]


def is_collection(path: str) -> bool:
    """Whether a GET of this path is a LIST."""
    parts = _below_version(path)
    if parts is None:
        return False
    return len(parts) == 1 or (len(parts) == 3 and parts[0] == "namespaces" and parts[2] not in _OF_NAMESPACES)


def _below_version(path: str) -> list[str] | None:
    parts = path.strip("/").split("/")
    start = {"api": 2, "apis": 3}.get(parts[0], len(parts))
    return parts[start:] or None
