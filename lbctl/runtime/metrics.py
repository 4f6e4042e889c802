"""Metrics through OpenTelemetry, read by Prometheus.

Hot paths count in plain integers (`Counter`, 0.1 µs) that a scrape reads through a callback: an OpenTelemetry `add`
costs 6 µs. Durations go to OpenTelemetry histograms.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import CollectorRegistry, generate_latest

Labels = Mapping[str, str]
Reading = tuple[float, Labels]

DURATION_BUCKETS_S = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


class Counter:
    """A number for each combination of label values; only ever added to."""

    def __init__(self, labels: Sequence[str]) -> None:
        self._labels = tuple(labels)
        self._values: dict[tuple[str, ...], int] = {}
        self._lock = threading.Lock()

    def add(self, *values: str, by: int = 1) -> None:
        """Count `by` under the label values, in the order in which the labels were declared."""
        with self._lock:
            self._values[values] = self._values.get(values, 0) + by

    def read(self) -> list[Reading]:
        with self._lock:
            return [(count, dict(zip(self._labels, values, strict=True))) for values, count in self._values.items()]

    def total(self) -> int:
        with self._lock:
            return sum(self._values.values())


class Histogram:
    """Durations in seconds."""

    def __init__(self, record: Callable[[float, Labels], None]) -> None:
        self._record = record

    def observe(self, seconds: float, labels: Labels) -> None:
        self._record(seconds, labels)


class Metrics:
    """The metrics of one process; `render` is the body of `/metrics`. Names are those that dashboards expect."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=self._registry)
        self._provider = MeterProvider(metric_readers=[reader], shutdown_on_exit=False)
        self._meter = self._provider.get_meter("lbctl")

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """A counter; `_total` is appended to `name` by the exporter."""
        counter = Counter(labels)
        self._meter.create_observable_counter(name, [_callback(counter.read)], description=help_text)
        return counter

    def counted(self, name: str, help_text: str, read: Callable[[], Iterable[Reading]]) -> None:
        """A counter that somebody else counts; `read` runs at each scrape."""
        self._meter.create_observable_counter(name, [_callback(read)], description=help_text)

    def gauge(self, name: str, help_text: str, read: Callable[[], Iterable[Reading]]) -> None:
        """A gauge whose readings are taken at each scrape."""
        self._meter.create_observable_gauge(name, [_callback(read)], description=help_text)

    def histogram(self, name: str, help_text: str, buckets_s: Sequence[float] = DURATION_BUCKETS_S) -> Histogram:
        """A histogram of seconds; `name` goes without `_seconds`, which the exporter appends."""
        instrument = self._meter.create_histogram(
            name, unit="s", description=help_text, explicit_bucket_boundaries_advisory=buckets_s
        )
        return Histogram(lambda seconds, labels: instrument.record(seconds, dict(labels)))

    def render(self) -> bytes:
        """The Prometheus text exposition."""
        return generate_latest(self._registry)

    def close(self) -> None:
        self._provider.shutdown()


def _callback(read: Callable[[], Iterable[Reading]]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(value, dict(labels)) for value, labels in read()]
