"""Many open answers, read at once and counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from selectors import EVENT_READ, DefaultSelector
from threading import Thread

from benchmarks.http_load import Connection, Target

_READ_BYTES = 1 << 20
_TIMEOUT_S = 300.0


def read_streams(
    target: Target, request: bytes, count: int, marker: bytes, times: int, act: Callable[[], None] | None
) -> float:
    """Open `request` `count` times, `act` once all are answered, and read until `marker` came `times` times on each.

    Returns the seconds from the act's begin (without an act: from the first request) to the last arrival. Raises
    TimeoutError, ConnectionError.
    """
    connections = [Connection(target) for _ in range(count)]
    began_s = time.perf_counter()
    with DefaultSelector() as selector:
        for one in connections:
            one.socket.sendall(request)
            selector.register(one.socket, EVENT_READ, _Counter(marker))
        if act is not None:
            for one in connections:
                # The head; nothing follows it before the act.
                one.socket.recv(_READ_BYTES)
            began_s = time.perf_counter()
            Thread(target=act, name="act", daemon=True).start()
        left = count
        while left:
            ready = selector.select(_TIMEOUT_S)
            if not ready:
                raise TimeoutError(f"{left} of {count} streams have not had {times} events")
            for key, _ in ready:
                data = key.fileobj.recv(_READ_BYTES)  # type: ignore[union-attr]  # sockets were registered
                if not data:
                    raise ConnectionError("a stream ended early")
                if key.data.take(data) >= times:
                    selector.unregister(key.fileobj)
                    left -= 1
        took_s = time.perf_counter() - began_s
    for one in connections:
        one.close()
    return took_s


class _Counter:
    """Occurrences of a marker in a stream that comes in pieces."""

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._tail = b""
        self._count = 0

    def take(self, data: bytes) -> int:
        """Count in one more piece; returns all so far."""
        text = self._tail + data
        self._count += text.count(self._marker)
        self._tail = text[-(len(self._marker) - 1) :]
        return self._count
