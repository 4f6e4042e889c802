"""`/livez`, `/readyz`, `/healthz` and `/metrics` over HTTP.

Source: Kubernetes API health endpoints (`?verbose` lists each check as `[+]name ok`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from lbctl.model.errors import ConfigError
from lbctl.runtime.metrics import Metrics

Check = Callable[[], str | None]
"""None when all is well, else one line that says what is not."""


@dataclass
class Health:
    """The named checks of a process."""

    live: dict[str, Check] = field(default_factory=dict)
    ready: dict[str, Check] = field(default_factory=dict)

    def report(self, checks: dict[str, Check]) -> tuple[bool, str]:
        """Whether all pass, and the lines of the verbose answer."""
        lines = []
        failed = False
        for name, check in checks.items():
            trouble = check()
            failed = failed or trouble is not None
            lines.append(f"[+]{name} ok" if trouble is None else f"[-]{name} failed: {trouble}")
        return not failed, "\n".join(lines)


class HealthServer:
    """Serves health and metrics on its own threads.

    `listen` is `address:port`; port 0 takes a free one (see `port`).
    Raises ConfigError when the address is malformed or taken.
    """

    def __init__(self, listen: str, health: Health, metrics: Metrics) -> None:
        address, port = _parse(listen)
        try:
            self._server = ThreadingHTTPServer((address, port), _handler(health, metrics))
        except OSError as failure:
            cause = failure.strerror or str(failure)
            raise ConfigError(
                f"cannot serve health and metrics on {listen}: {cause}; choose another --listen"
            ) from failure
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="health", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _parse(listen: str) -> tuple[str, int]:
    address, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"--listen {listen!r} is not ADDRESS:PORT, for example 127.0.0.1:10270")
    return address.strip("[]"), int(port)


def _handler(health: Health, metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/metrics":
                return self._answer(200, metrics.render(), "text/plain; version=0.0.4; charset=utf-8")
            checks = {"/livez": health.live, "/healthz": health.live, "/readyz": health.ready}.get(parts.path)
            if checks is None:
                return self._answer(404, b"not found; try /livez, /readyz or /metrics\n")
            well, lines = health.report(checks)
            text = f"{lines}\n" if "verbose" in parts.query or not well else "ok"
            return self._answer(200 if well else 503, text.encode())

        def _answer(self, code: int, body: bytes, content_type: str = "text/plain; charset=utf-8") -> None:
            self.send_response(code)
            self.send_header("Content-Type", content_type)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Probes are not news."""

    return Handler
