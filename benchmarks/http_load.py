"""A closed-loop HTTP load: some keep-alive connections, one request on each at a time, one thread, raw sockets.

Python's own HTTP clients cost 100 to 300 µs of CPU a request, which on a small machine would be measured instead of the
server. This one costs about 20.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector

_READ_BYTES = 1 << 18
_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Target:
    """A server that speaks plain HTTP; `token` is its bearer token, empty for none."""

    host: str
    port: int
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def request(self, method: str, path: str, body: bytes = b"", content_type: str = "application/json") -> bytes:
        """A whole HTTP/1.1 request, ready to be sent many times."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}", "Accept: application/json"]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if body:
            lines += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for request number `index`; times are seconds of `time.perf_counter`."""

    index: int
    code: int
    body: bytes
    sent_s: float
    answered_s: float


@dataclass(slots=True)
class Outcome:
    """What a load did: `seconds` from the first request to the last answer, `latencies_s` one for each."""

    seconds: float = 0.0
    latencies_s: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.latencies_s) / self.seconds


class UnexpectedAnswer(Exception):
    """The server answered a benchmark's request with an error."""


class Connection:
    """One keep-alive connection."""

    def __init__(self, target: Target) -> None:
        self.socket = socket.create_connection((target.host, target.port), timeout=_TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._held = bytearray()
        self._index = 0
        self._sent_s = 0.0

    def send(self, index: int, request: bytes) -> None:
        self._index, self._sent_s = index, time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """Read once; the answer when it is complete. Raises UnexpectedAnswer for a code of 400 or more."""
        data = self.socket.recv(_READ_BYTES)
        if not data:
            raise ConnectionError("the server closed a connection in the middle of an answer")
        self._held += data
        end = self._held.find(b"\r\n\r\n")
        if end < 0:
            return None
        size = _content_length(bytes(self._held[:end]))
        if len(self._held) < end + 4 + size:
            return None
        code, body = int(self._held[9:12]), bytes(self._held[end + 4 : end + 4 + size])
        del self._held[: end + 4 + size]
        if code >= 400:
            raise UnexpectedAnswer(f"HTTP {code}: {body[:300].decode(errors='replace')}")
        return Answer(self._index, code, body, self._sent_s, time.perf_counter())

    def ask(self, request: bytes) -> Answer:
        """One request and its answer."""
        self.send(0, request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def close(self) -> None:
        self.socket.close()


def run_load(
    target: Target, requests: Iterable[bytes], connections: int, on_answer: Callable[[Answer], None] | None = None
) -> Outcome:
    """Send every request, `connections` of them at a time. Raises UnexpectedAnswer for an answer of 400 or more."""
    outcome, waiting = Outcome(), enumerate(requests)
    with DefaultSelector() as selector:
        opened = [Connection(target) for _ in range(connections)]
        began_s = time.perf_counter()
        busy = sum(_feed(one, waiting) for one in opened)
        for one in opened:
            selector.register(one.socket, EVENT_READ, one)
        while busy:
            for ready, _ in selector.select(_TIMEOUT_S):
                connection: Connection = ready.data
                answer = connection.receive()
                if answer is None:
                    continue
                outcome.latencies_s.append(answer.answered_s - answer.sent_s)
                if on_answer is not None:
                    on_answer(answer)
                busy -= not _feed(connection, waiting)
        outcome.seconds = time.perf_counter() - began_s
        for one in opened:
            one.close()
    return outcome


def _feed(connection: Connection, waiting: Iterator[tuple[int, bytes]]) -> bool:
    for index, request in waiting:
        connection.send(index, request)
        return True
    return False


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise UnexpectedAnswer("an answer without Content-Length: " + head[:300].decode(errors="replace"))
