"""Bytes to the API server and back: the official client's connection pool, made interruptible.

Rules
- TLS, proxies, certificates and tokens are the official client's (`ApiClient`); its token hook runs before every
  request, so a rotated service-account token is picked up. Models and JSON are not: bodies are bytes.
- A request has one deadline for connecting, waiting and reading together; a stream has a limit on silence.
- A kept-alive connection that the server closed meanwhile is not an error: a GET is sent once more on a new one.
- `Hangup` ends blocked exchanges from another thread, so that stopping never waits for a silent server.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, SSLError, TimeoutError

from lbctl.kube.errors import KubeApiError, Unreachable, error_from

if TYPE_CHECKING:
    from http.client import _DataType

    from kubernetes.client import ApiClient
    from urllib3._base_connection import _TYPE_BODY

CONNECT_TIMEOUT_S = 5.0
READ_BYTES = 1 << 20
# One object is at most 1.5 MiB in etcd; a line beyond this is not a watch event.
MAX_LINE_BYTES = 32 << 20

Query = Mapping[str, str]
NO_QUERY: Query = {}


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer below 400; header names are case-insensitive."""

    code: int
    headers: Mapping[str, str]
    body: bytes


class Hangup:
    """Ends blocked reads from another thread by shutting their sockets down; once rung it stays so.

    What is being read at that moment, or begun later, fails with `Unreachable`. A connection attempt in progress ends
    by its own timeout (`CONNECT_TIMEOUT_S`).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._rung = False

    @property
    def rung(self) -> bool:
        return self._rung

    def ring(self) -> None:
        with self._lock:
            self._rung = True
            sockets = list(self._sockets)
        for one in sockets:
            _shut(one)

    def ring_after(self, stop: threading.Event) -> None:
        """Wait for `stop`, then ring; the body of a thread of its own."""
        stop.wait()
        self.ring()

    def watch(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.add(sock)
            rung = self._rung
        if rung:
            _shut(sock)

    def unwatch(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.discard(sock)


def _shut(sock: socket.socket) -> None:
    # socket's own method: SSLSocket.shutdown would first drop the TLS state under the reader.
    with contextlib.suppress(OSError, TypeError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)


class _Exchange:
    """The sockets that one request used, so that its Hangup can let go of them again."""

    def __init__(self, hangup: Hangup) -> None:
        self._hangup = hangup
        self._socket: socket.socket | None = None

    def uses(self, sock: socket.socket) -> None:
        self.over()
        self._socket = sock
        self._hangup.watch(sock)

    def over(self) -> None:
        if self._socket is not None:
            self._hangup.unwatch(self._socket)
            self._socket = None


# urllib3 gives no socket before the response's head has come, and a silent server may never send one.
_current: ContextVar[_Exchange | None] = ContextVar("exchange", default=None)


def _tell(sock: socket.socket | None) -> None:
    exchange = _current.get()
    if exchange is not None and sock is not None:
        exchange.uses(sock)


class _TellingHttp(HTTPConnection):
    """Tells the exchange of its socket, and sends head and body as one: apart they double the cost of a request."""

    _held: list[bytes] | None = None

    def request(  # type: ignore[override]  # as urllib3's own differs from http.client
        self,
        method: str,
        url: str,
        body: _TYPE_BODY | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
        preload_content: bool = True,
        decode_content: bool = True,
        enforce_content_length: bool = True,
    ) -> None:
        held: list[bytes] = []
        self._held = held
        try:
            super().request(
                method,
                url,
                body,
                headers,
                chunked=chunked,
                preload_content=preload_content,
                decode_content=decode_content,
                enforce_content_length=enforce_content_length,
            )
            self._held = None
            self.send(b"".join(held))
        finally:
            self._held = None
            _tell(self.sock)

    def send(self, data: _DataType | str) -> None:
        if self._held is not None and isinstance(data, bytes):
            self._held.append(data)
        else:
            super().send(data)


class _TellingHttps(_TellingHttp, HTTPSConnection):
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _TellingHttp


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _TellingHttps


class Stream:
    """An open answer that is read line by line; `close` it, or use it as a context manager."""

    def __init__(self, response: urllib3.BaseHTTPResponse, exchange: _Exchange, url: str) -> None:
        self._response = response
        self._exchange = exchange
        self._url = url

    def batches(self) -> Iterator[list[bytes]]:
        """Whole lines, as many as one read brought; ends with the body. A last line without its end is dropped.

        Raises: Unreachable when the connection breaks, falls silent for too long, or is hung up.
        """
        rest: list[bytes] = []
        held_bytes = 0
        while data := self._read():
            head, newline, tail = data.rpartition(b"\n")
            if not newline:
                rest.append(data)
                held_bytes += len(data)
                if held_bytes > MAX_LINE_BYTES:
                    raise Unreachable(f"the Kubernetes API at {self._url} sent a line of over {MAX_LINE_BYTES} bytes")
                continue
            rest.append(head)
            lines = [line for line in b"".join(rest).split(b"\n") if line]
            rest, held_bytes = ([tail], len(tail)) if tail else ([], 0)
            if lines:
                yield lines

    def _read(self) -> bytes:
        try:
            return self._response.read1(READ_BYTES)
        except (HTTPError, OSError, ValueError) as broken:
            raise Unreachable(f"the watch of {self._url} broke: {_cause(broken)}") from broken

    def close(self) -> None:
        self._exchange.over()
        with contextlib.suppress(HTTPError, OSError, ValueError):
            self._response.close()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Transport:
    """One API server, reached through the official client's pool. Safe for use by several threads."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self.base_url: str = api.configuration.host.rstrip("/")
        self._pool: urllib3.PoolManager = api.rest_client.pool_manager
        if type(self._pool) in (urllib3.PoolManager, urllib3.ProxyManager):
            self._pool.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}
        # Without a proxy every request goes to one host, which need not be looked up each time.
        direct = type(self._pool) is urllib3.PoolManager
        self._host = self._pool.connection_from_url(self.base_url) if direct else None
        self._root = urlsplit(self.base_url).path if direct else self.base_url

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Query = NO_QUERY,
        body: bytes | None = None,
        headers: Query = NO_QUERY,
        timeout_s: float,
        hangup: Hangup | None = None,
    ) -> Response:
        """One request, answered within `timeout_s`. Raises: KubeApiError, for every code from 400 on and none."""
        deadline_s = time.monotonic() + timeout_s
        url = self._url(path, query)
        exchange = _Exchange(hangup or Hangup())
        try:
            response = self._open(method, url, body, headers, timeout_s, exchange)
            try:
                content = self._read_all(response, deadline_s)
            except (HTTPError, OSError, ValueError) as broken:
                response.close()
                raise Unreachable(self._sentence(f"the answer to {method} {path} broke off", broken)) from broken
        finally:
            exchange.over()
        response.release_conn()
        return _checked(response, content, f"{method} {path}")

    def stream(
        self, path: str, *, query: Query, headers: Query = NO_QUERY, silence_s: float, hangup: Hangup | None = None
    ) -> Stream:
        """Open an endless GET whose every read may wait `silence_s`. Raises: KubeApiError."""
        exchange = _Exchange(hangup or Hangup())
        try:
            response = self._open("GET", self._url(path, query), None, headers, silence_s, exchange)
        except KubeApiError:
            exchange.over()
            raise
        if response.status < 400:
            return Stream(response, exchange, self.base_url + path)
        try:
            content = self._read_all(response, time.monotonic() + CONNECT_TIMEOUT_S)
        except (HTTPError, OSError, ValueError):
            content = b""
        finally:
            exchange.over()
            response.close()
        raise _refusal(response, content, f"WATCH {path}")

    def close(self) -> None:
        """Close idle connections."""
        self._pool.clear()

    def _url(self, path: str, query: Query) -> str:
        return f"{self._root}{path}?{urlencode(query)}" if query else self._root + path

    def _open(
        self, method: str, url: str, body: bytes | None, headers: Query, timeout_s: float, exchange: _Exchange
    ) -> urllib3.BaseHTTPResponse:
        sent = {**self._api.default_headers, **headers}
        self._authorize(method, url, sent)
        token = _current.set(exchange)
        try:
            try:
                return self._urlopen(method, url, body, sent, timeout_s)
            except ProtocolError:
                if method != "GET":
                    raise
                return self._urlopen(method, url, body, sent, timeout_s)
        except (HTTPError, OSError, ValueError) as failure:
            raise Unreachable(
                self._sentence("cannot reach the Kubernetes API at " + self.base_url, failure)
            ) from failure
        finally:
            _current.reset(token)

    def _authorize(self, method: str, url: str, headers: dict[str, str]) -> None:
        from kubernetes.config import ConfigException

        try:
            self._api.update_params_for_auth(headers, [], ["BearerToken"], url, method, None)
        except (ConfigException, OSError, ValueError) as failure:
            raise Unreachable(f"no credentials for the Kubernetes API at {self.base_url}: {failure}") from failure

    def _urlopen(
        self, method: str, url: str, body: bytes | None, headers: dict[str, str], timeout_s: float
    ) -> urllib3.BaseHTTPResponse:
        timeout = urllib3.Timeout(connect=min(CONNECT_TIMEOUT_S, timeout_s), total=timeout_s)
        return (self._host or self._pool).urlopen(
            method, url, body=body, headers=headers, timeout=timeout, preload_content=False, retries=False,
            redirect=False,
        )  # fmt: skip

    def _read_all(self, response: urllib3.BaseHTTPResponse, deadline_s: float) -> bytes:
        parts = []
        while part := response.read1(READ_BYTES):
            parts.append(part)
            if time.monotonic() > deadline_s:
                raise OSError("timed out")
        return b"".join(parts)

    def _sentence(self, what: str, failure: Exception) -> str:
        return f"{what}: {_cause(failure)}"


def _checked(response: urllib3.BaseHTTPResponse, content: bytes, doing: str) -> Response:
    if response.status >= 400:
        raise _refusal(response, content, doing)
    return Response(response.status, response.headers, content)


def _refusal(response: urllib3.BaseHTTPResponse, content: bytes, doing: str) -> KubeApiError:
    return error_from(response.status, content, doing=doing, retry_after=response.headers.get("Retry-After"))


def _cause(failure: BaseException) -> str:
    """The innermost reason in a few words, without addresses of Python objects."""
    if isinstance(failure, TimeoutError) and not isinstance(failure, NewConnectionError):
        return "timed out"
    if isinstance(failure, SSLError):
        return f"TLS failed: {failure.args[0] if failure.args else failure}"
    inner = failure.__cause__ or failure.__context__
    if isinstance(failure, (NewConnectionError, ProtocolError)) and inner is not None:
        return _cause(inner)
    if isinstance(failure, OSError) and failure.strerror:
        return failure.strerror.lower()
    return str(failure) or type(failure).__name__
