"""The controller's metrics, under the names that dashboards of the service controller and controller-runtime expect."""

from __future__ import annotations

from collections.abc import Callable

from lbctl.plan.steps import Step
from lbctl.runtime.metrics import Metrics, Reading
from lbctl.runtime.workqueue import QueueStats

_QUEUE = {"name": "service"}


class Telemetry:
    """Counts and durations of reconciles, plan steps and the queue."""

    def __init__(self, metrics: Metrics) -> None:
        self._steps = metrics.counter(
            "lbctl_provider_steps", "Plan steps applied, by outcome", ("provider", "kind", "verb", "error")
        )
        self._step_s = metrics.histogram("lbctl_provider_step_duration", "How long a plan step took")
        self._reconciles = metrics.counter(
            "controller_runtime_reconcile", "Reconciles by result", ("controller", "result")
        )
        self._errors = metrics.counter("lbctl_reconcile_errors", "Failed reconciles by reason", ("reason",))
        self._reconcile_s = metrics.histogram("controller_runtime_reconcile_time", "How long a reconcile took")
        self._queue_s = metrics.histogram("workqueue_queue_duration", "How long a key waited in the queue")
        self._work_s = metrics.histogram("workqueue_work_duration", "How long a key was worked on")
        self._repairs = metrics.counter(
            "lbctl_drift_repairs", "Services repaired after a change by hand", ("provider",)
        )
        self._orphans: Callable[[], list[Reading]] = list
        self.metrics = metrics
        metrics.gauge("lbctl_orphaned_resources", "Resources of Services that are gone", lambda: self._orphans())

    def watch_queue(self, stats: Callable[[], QueueStats]) -> None:
        """Publish a work queue under client-go's metric names."""
        gauge, counted = self.metrics.gauge, self.metrics.counted
        gauge("workqueue_depth", "Keys that are ready", lambda: [(stats().depth, _QUEUE)])
        counted("workqueue_adds", "Keys added", lambda: [(stats().adds, _QUEUE)])
        counted("workqueue_retries", "Keys added after a failure", lambda: [(stats().retries, _QUEUE)])
        gauge(
            "workqueue_longest_running_processor_seconds",
            "Age of the oldest key that is worked on",
            lambda: [(stats().longest_running_s, _QUEUE)],
        )
        gauge(
            "workqueue_unfinished_work_seconds",
            "Time spent on keys that are not done",
            lambda: [(stats().unfinished_s, _QUEUE)],
        )

    def watch_orphans(self, read: Callable[[], list[Reading]]) -> None:
        self._orphans = read

    def step(self, provider: str, step: Step, error: str, duration_s: float) -> None:
        """One plan step; `error` is its CamelCase reason, empty for success."""
        verb = type(step).__name__.lower()
        self._steps.add(provider, step.resource.ref.kind, verb, error)
        self._step_s.observe(duration_s, {"provider": provider, "verb": verb})

    def reconciled(self, result: str, waited_s: float, worked_s: float) -> None:
        """One reconcile; `result` is success, error, requeue or requeue_after, as in controller-runtime."""
        self._reconciles.add("service", result)
        self._reconcile_s.observe(worked_s, {"controller": "service"})
        self._queue_s.observe(waited_s, _QUEUE)
        self._work_s.observe(worked_s, _QUEUE)

    def failed(self, reason: str) -> None:
        self._errors.add(reason)

    def repaired(self, provider: str) -> None:
        self._repairs.add(provider)
