"""An HTTP server on loopback that answers by script: errors, early ends, silence, slow and half-open streams."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lbctl.kube.client import KubeClient
from lbctl.kube.connect import KubeSettings

Json = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    at_s: float
    port: int

    @property
    def is_watch(self) -> bool:
        return self.query.get("watch") == "true"

    def json(self) -> Json:
        decoded: Json = json.loads(self.body)
        return decoded


@dataclass
class Answer:
    """What to send: whole (`body`), or as a stream of `chunks`.

    After the last chunk the stream is ended properly, unless `then` says "cut" (the connection is closed in the middle
    of the body) or "hang" (silence until the server stops). A chunk that is an Event is waited for. `silent` sends
    nothing at all, not even the head; with `then` "cut" it closes the connection at once.
    """

    code: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes | threading.Event] | None = None
    then: str = "end"
    silent: bool = False
    began: threading.Event = field(default_factory=threading.Event)


Responder = Callable[[Asked], Answer]


def document(body: Json, code: int = 200, **headers: str) -> Answer:
    return Answer(code, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


def status(code: int, reason: str, message: str = "as scripted", **headers: str) -> Answer:
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    return document(body, code, **headers)


def event(type_: str, item: Json) -> bytes:
    return json.dumps({"type": type_, "object": item}).encode() + b"\n"


def gone_event() -> bytes:
    return event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version"})


def bookmark(version: int) -> bytes:
    return event("BOOKMARK", {"kind": "Service", "metadata": {"resourceVersion": str(version)}})


def service(name: str, version: int, **labels: str) -> Json:
    return {
        "metadata": {"name": name, "namespace": "default", "resourceVersion": str(version), "labels": labels or None},
        "spec": {"ports": [{"port": 80, "protocol": "TCP"}], "clusterIP": "10.96.0.1"},
    }


def listing(items: list[Json], version: int, more: str = "") -> Answer:
    meta = {"resourceVersion": str(version), **({"continue": more} if more else {})}
    return document({"kind": "List", "metadata": meta, "items": items})


def watch(*chunks: bytes | threading.Event, then: str = "hang") -> Answer:
    return Answer(chunks=chunks, then=then)


class ScriptedServer:
    """Serve `responder`; every request is in `asked`. A context manager."""

    def __init__(self, responder: Responder) -> None:
        self.responder = responder
        self.stopping = threading.Event()
        self._asked: list[Asked] = []
        self._arrived = threading.Condition()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def asked(self, want: Callable[[Asked], bool] = lambda _: True) -> list[Asked]:
        with self._arrived:
            return [one for one in self._asked if want(one)]

    def await_asked(self, count: int, want: Callable[[Asked], bool] = lambda _: True, within_s: float = 10.0) -> None:
        """Wait until `count` such requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: sum(map(want, self._asked)) >= count, within_s), self._asked

    def record(self, asked: Asked) -> None:
        with self._arrived:
            self._asked.append(asked)
            self._arrived.notify_all()

    def kubeconfig(self, folder: Path, token: str = "secret") -> Path:
        path = folder / "kubeconfig"
        path.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "test",
                    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
                    "clusters": [{"name": "test", "cluster": {"server": self.url}}],
                    "users": [{"name": "test", "user": {"token": token}}],
                }
            )
        )
        return path

    def client(self, folder: Path) -> KubeClient:
        return KubeClient.open(KubeSettings(kubeconfig=self.kubeconfig(folder), user_agent="lbctl-test"))

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, script: ScriptedServer) -> None:
        self.script = script
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        return


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): text for name, text in self.headers.items()}
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            headers,
            body,
            time.monotonic(),
            self.client_address[1],
        )
        script = self.server.script
        script.record(asked)
        answer = script.responder(asked)
        answer.began.set()
        if answer.silent:
            if answer.then != "cut":
                script.stopping.wait()
            self.close_connection = True
            return
        self.send_response(answer.code)
        for name, text in answer.headers.items():
            self.send_header(name, text)
        if answer.chunks is None:
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.close_connection = self.close_connection or answer.then == "cut"
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._stream(answer)

    def _stream(self, answer: Answer) -> None:
        stopping = self.server.script.stopping
        for chunk in answer.chunks or ():
            if isinstance(chunk, threading.Event):
                while not chunk.wait(0.02) and not stopping.is_set():
                    pass
                continue
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        if answer.then == "end":
            self.wfile.write(b"0\r\n\r\n")
            return
        if answer.then == "hang":
            stopping.wait()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        return


def in_turn(*answers: Answer) -> Responder:
    """Each answer once, the last one for ever."""
    left = deque(answers)
    lock = threading.Lock()

    def respond(_: Asked) -> Answer:
        with lock:
            return left.popleft() if len(left) > 1 else left[0]

    return respond


def lists_and_watches(lists: Responder, watches: Responder) -> Responder:
    return lambda asked: watches(asked) if asked.is_watch else lists(asked)
