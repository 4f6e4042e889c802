"""The embedded API server's speed, against bare aiohttp that answers as many bytes and does nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.figures import Figure, Ratio, Report, quantile
from benchmarks.http_load import Connection, Outcome, Target, run_load
from benchmarks.processes import Process, start_api
from benchmarks.streams import read_streams

_CONNECTIONS = 16
_BARE = "bare aiohttp, 1 kB, no work"
_BODY_BYTES = 600
_LIST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Size:
    """`objects` are made and listed, `reads` of them read one by one, `events` sent to each of `watchers`."""

    objects: int = 10_000
    reads: int = 10_000
    watchers: int = 50
    events: int = 2_000


SMALL = Size(objects=30, reads=30, watchers=3, events=10)


@dataclass(frozen=True, slots=True)
class _Work:
    """The requests that one server gets, and what an event looks like on its streams."""

    creates: list[bytes]
    reads: list[bytes]
    list_all: bytes
    stream: bytes
    marker: bytes
    event_makers: list[bytes]


@dataclass(frozen=True, slots=True)
class _Speeds:
    """CPU is the server's; times are seconds."""

    create: Outcome
    create_cpu_s: float
    read: Outcome
    read_cpu_s: float
    list_s: float
    list_bytes: int
    fan_out_s: float
    delivery_cpu_s: float


def measure(folder: Path, size: Size) -> Report:
    """Both servers, one after the other."""
    report = Report("apiserver", asdict(size), ())
    with Process(["-m", "benchmarks.bare_server"], folder) as process:
        process.wait_for("the bare server", lambda: "port " in process.output)
        target = Target("127.0.0.1", int(process.output.split()[-1]))
        bare = _measure(process, target, _bare_work(target, size), size)
    api = start_api(folder)
    with api.process:
        ours = _measure(api.process, api.target, _api_work(api.target, size), size)
        peak_mib = api.process.peak_rss_mib()
    figures = (*_figures(ours, size), Figure("peak memory", peak_mib, "MiB"))
    return Report("apiserver", report.size, figures, _ratios(ours, bare), load_before=report.load_before)


def _measure(process: Process, target: Target, work: _Work, size: Size) -> _Speeds:
    create, create_cpu_s = _load(process, target, work.creates)
    read, read_cpu_s = _load(process, target, work.reads)
    connection = Connection(target)
    lists = [connection.ask(work.list_all) for _ in range(_LIST_ROUNDS)]
    connection.close()
    before_s = process.cpu_s()
    act = (lambda: _make_events(target, work)) if work.event_makers else None
    fan_out_s = read_streams(target, work.stream, size.watchers, work.marker, size.events, act)
    making_s = create_cpu_s * len(work.event_makers)
    return _Speeds(
        create,
        create_cpu_s,
        read,
        read_cpu_s,
        min(one.answered_s - one.sent_s for one in lists),
        len(lists[0].body),
        fan_out_s,
        (process.cpu_s() - before_s - making_s) / (size.watchers * size.events),
    )


def _load(process: Process, target: Target, requests: list[bytes]) -> tuple[Outcome, float]:
    """The outcome, and the server's CPU seconds for one request."""
    before_s = process.cpu_s()
    outcome = run_load(target, requests, _CONNECTIONS)
    return outcome, (process.cpu_s() - before_s) / len(requests)


def _make_events(target: Target, work: _Work) -> None:
    run_load(target, work.event_makers, _CONNECTIONS)


def _api_work(target: Target, size: Size) -> _Work:
    return _Work(
        creates=[_create(target, "ConfigMap", f"one-{number}") for number in range(size.objects)],
        reads=[target.request("GET", f"{_path('ConfigMap')}/one-{n % size.objects}") for n in range(size.reads)],
        list_all=target.request("GET", _path("ConfigMap")),
        # Of another kind, of which there is none yet: what exists would be sent first.
        stream=target.request("GET", f"{_path('Secret')}?watch=true&timeoutSeconds=3600"),
        marker=b'{"type":"ADDED"',
        event_makers=[_create(target, "Secret", f"event-{number}") for number in range(size.events)],
    )


def _bare_work(target: Target, size: Size) -> _Work:
    return _Work(
        creates=[target.request("POST", "/one", b"x" * _BODY_BYTES)] * size.objects,
        reads=[target.request("GET", "/one")] * size.reads,
        list_all=target.request("GET", f"/many?count={size.objects}"),
        stream=target.request("GET", f"/stream?count={size.events}"),
        marker=b'{"kind":"ConfigMap"',
        event_makers=[],
    )


def _create(target: Target, kind: str, name: str) -> bytes:
    data = {"a": "eHh4" * (_BODY_BYTES // 4)}
    document = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, "data": data}
    return target.request("POST", _path(kind), json.dumps(document).encode())


def _path(kind: str) -> str:
    return f"/api/v1/namespaces/default/{kind.lower()}s"


def _figures(ours: _Speeds, size: Size) -> list[Figure]:
    return [
        Figure("POST, 1 kB answer", ours.create.per_second, "requests/s"),
        Figure("  p99", quantile(ours.create.latencies_s, 0.99) * 1e3, "ms"),
        Figure("GET, 1 kB answer", ours.read.per_second, "requests/s"),
        Figure("  p99", quantile(ours.read.latencies_s, 0.99) * 1e3, "ms"),
        Figure(f"LIST of {size.objects:,} ({ours.list_bytes / 1e6:.1f} MB)", ours.list_s * 1e3, "ms"),
        Figure(f"{size.events:,} events to each of {size.watchers} watchers", ours.fan_out_s, "s"),
    ]


def _ratios(ours: _Speeds, bare: _Speeds) -> tuple[Ratio, ...]:
    def micro(name: str, ours_s: float, bare_s: float) -> Ratio:
        return Ratio(name, ours_s * 1e6, bare_s * 1e6, _BARE, "µs")

    per_mb = ours.list_s / ours.list_bytes * 1e6, bare.list_s / bare.list_bytes * 1e6
    return (
        micro("POST, the server's CPU for each", ours.create_cpu_s, bare.create_cpu_s),
        micro("GET, the server's CPU for each", ours.read_cpu_s, bare.read_cpu_s),
        Ratio("LIST, time for each MB", per_mb[0] * 1e3, per_mb[1] * 1e3, _BARE, "ms"),
        micro("watch, the server's CPU for each event on each stream", ours.delivery_cpu_s, bare.delivery_cpu_s),
    )
