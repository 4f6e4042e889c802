"""The embedded API server: one event loop on a thread of its own, or in the foreground."""

from __future__ import annotations

import asyncio
import errno
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from aiohttp import web

from lbctl.sandbox.api.cluster import Cluster
from lbctl.sandbox.api.http.router import Router
from lbctl.sandbox.api.kubeconfig import write_kubeconfig
from lbctl.sandbox.api.settings import ApiSettings, StartError

_BACKLOG = 1024
_SHUTDOWN_S = 1.0


class _LoopTimers:
    """The event loop as the cluster's life needs it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def soon(self, action: Callable[[], None]) -> None:
        self._loop.call_soon(action)

    def later(self, delay_s: float, action: Callable[[], None]) -> None:
        self._loop.call_later(delay_s, action)


class ApiServer:
    """A Kubernetes-compatible API server in this process.

    `start` returns when it answers, `stop` when everything is durable; also a context manager. `serve_forever` runs in
    the calling thread instead. One server is started once.
    """

    def __init__(self, settings: ApiSettings) -> None:
        self.settings = settings
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._started: Future[None] = Future()
        self._url = ""
        self._token = ""

    @property
    def url(self) -> str:
        """`http://address:port`; empty before the start."""
        return self._url

    @property
    def token(self) -> str:
        """The bearer token that is let in; empty before the start."""
        return self._token

    def start(self) -> None:
        """Serve on a thread of its own. Raises StartError with one line saying why it cannot."""
        self._thread = threading.Thread(target=self._run, name="api-server", daemon=True)
        self._thread.start()
        try:
            self._started.result()
        except BaseException:
            self._thread.join()
            raise

    def stop(self) -> None:
        """Close every connection, make the last write durable, join the thread; nothing when it is not running."""
        self.request_stop()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def request_stop(self) -> None:
        """Begin to stop, from any thread or signal handler, without waiting."""
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stopping.set)

    def serve_forever(self, ready: Callable[[], None] | None = None) -> None:
        """Serve in the calling thread until `request_stop`, SIGINT or SIGTERM; `ready` is called once it answers.

        Raises StartError with one line saying why it cannot start.
        """
        asyncio.run(self._main(ready))

    def write_kubeconfig(self, path: Path) -> None:
        """Write a kubeconfig for this server, with mode 0600."""
        write_kubeconfig(path, self.url, self.token)

    def __enter__(self) -> ApiServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._main(None))
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)

    async def _main(self, ready: Callable[[], None] | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        if threading.current_thread() is threading.main_thread():
            for signal_number in (signal.SIGINT, signal.SIGTERM):
                self._loop.add_signal_handler(signal_number, self._stopping.set)
        cluster = Cluster(self.settings, _LoopTimers(self._loop))
        self._token = cluster.token
        try:
            await self._serve(cluster, ready)
        finally:
            cluster.close()

    async def _serve(self, cluster: Cluster, ready: Callable[[], None] | None) -> None:
        # The router is made once the port is known; nobody connects before `ready`.
        router: list[Router] = []

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            return await router[0].handle(request)

        server = web.Server(handle, handler_cancellation=True, access_log=None)
        runner = web.ServerRunner(server, shutdown_timeout=_SHUTDOWN_S)
        await runner.setup()
        try:
            host, port = await self._listen(runner)
            router.append(Router(cluster, f"{host}:{port}"))
            cluster.open(self.settings.address, port)
            self._url = f"http://{host}:{port}"
            if not self._started.done():
                self._started.set_result(None)
            if ready is not None:
                ready()
            if self._stopping is not None:
                await self._stopping.wait()
            router[0].end_watches()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: web.ServerRunner) -> tuple[str, int]:
        address, port = self.settings.address, self.settings.port
        site = web.TCPSite(runner, address, port, backlog=_BACKLOG)
        try:
            await site.start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise StartError(
                    f"address {address}:{port} is already in use; stop what listens there, or choose another port"
                ) from error
            raise StartError(f"cannot listen on {address}:{port}: {error.strerror or error}") from error
        bound = runner.addresses[0][1]
        return (f"[{address}]" if ":" in address else address), int(bound)
