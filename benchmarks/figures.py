"""What a bench hands back: figures with their aims, ratios with their named baselines, tables for people."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `at_most` is the aim, where there is one."""

    name: str
    value: float
    unit: str = ""
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without an aim."""
        return None if self.at_most is None else self.value <= self.at_most

    def __str__(self) -> str:
        verdict = "" if self.at_most is None else f"   aim ≤ {self.at_most:g}: {'met' if self.met else 'MISSED'}"
        return f"{self.name:<72}{_short(self.value):>10} {self.unit:<12}{verdict}".rstrip()


@dataclass(frozen=True, slots=True)
class Ratio:
    """Our number against that of a named baseline, measured in the same run."""

    name: str
    ours: float
    baseline: float
    against: str
    unit: str = ""

    @property
    def value(self) -> float:
        """Ours divided by the baseline's."""
        return self.ours / self.baseline if self.baseline else float("inf")

    def __str__(self) -> str:
        numbers = f"{_short(self.ours)} {self.unit} against {_short(self.baseline)} {self.unit} of {self.against}"
        return f"{self.name:<72}{self.value:>9.2f} x  {numbers}"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a heading."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
                 for row in (self.columns, *self.rows)]  # fmt: skip
        return "\n".join([self.title, *lines])


@dataclass(frozen=True, slots=True)
class Report:
    """What one bench found, at which size."""

    bench: str
    size: dict[str, int]
    figures: tuple[Figure, ...]
    ratios: tuple[Ratio, ...] = ()
    tables: tuple[Table, ...] = ()
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])

    def __str__(self) -> str:
        size = ", ".join(f"{name} {value:,}" for name, value in self.size.items())
        parts = [f"== {self.bench} ({size})", *map(str, self.figures), *map(str, self.ratios), *map(str, self.tables)]
        return "\n".join(parts) + "\n"

    def to_json(self) -> dict[str, object]:
        """The report for a file; with the machine, without its name."""
        return {
            "bench": self.bench,
            "taken": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "load_average_before": round(self.load_before, 2),
            "size": self.size,
            "figures": [{**asdict(one), "value": _rounded(one.value), "met": one.met} for one in self.figures],
            "ratios": [
                {
                    **asdict(one),
                    "ours": _rounded(one.ours),
                    "baseline": _rounded(one.baseline),
                    "value": _rounded(one.value),
                }
                for one in self.ratios
            ],
            "tables": [asdict(one) for one in self.tables],
        }


def machine() -> dict[str, object]:
    """What the figures depend on."""
    with open("/proc/meminfo") as lines:
        memory_kib = int(next(line for line in lines if line.startswith("MemTotal")).split()[1])
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "memory_gib": round(memory_kib / 2**20, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def quantile(samples: Sequence[float], share: float) -> float:
    """The sample that `share` of all are not above (nearest rank)."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread_ms(name: str, samples_s: Sequence[float], p99_at_most: float | None = None) -> tuple[Figure, ...]:
    """p50, p99 and the worst of some durations."""
    return (
        Figure(f"{name}, p50", quantile(samples_s, 0.5) * 1e3, "ms"),
        Figure(f"{name}, p99", quantile(samples_s, 0.99) * 1e3, "ms", p99_at_most),
        Figure(f"{name}, worst of {len(samples_s)}", max(samples_s) * 1e3, "ms"),
    )


def _cpu_model() -> str:
    with open("/proc/cpuinfo") as lines:
        return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _rounded(value: float) -> float:
    return float(f"{value:.4g}") if value < 1000 else round(value)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
