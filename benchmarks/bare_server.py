"""The baseline of the API server's bench: aiohttp with handlers that do nothing but answer.

    python -m benchmarks.bare_server

prints its port. `/one` answers 1 kB to any method, `/many?count=N` N kB at once, `/stream?count=N` N lines of 1 kB,
each written and awaited by itself.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

LINE = b'{"kind":"ConfigMap","filler":"' + b"x" * 990 + b'"}\n'
_JSON = "application/json"


async def _one(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=LINE, content_type=_JSON)


async def _many(request: web.Request) -> web.Response:
    return web.Response(body=LINE * int(request.query["count"]), content_type=_JSON)


async def _stream(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": _JSON})
    await answer.prepare(request)
    for _ in range(int(request.query["count"])):
        await answer.write(LINE)
        # As in a watch: every event is a turn of the loop of its own.
        await asyncio.sleep(0)
    await answer.write_eof()
    return answer


async def _serve() -> None:
    app = web.Application()
    app.router.add_route("*", "/one", _one)
    app.router.add_get("/many", _many)
    app.router.add_get("/stream", _stream)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"port {runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
