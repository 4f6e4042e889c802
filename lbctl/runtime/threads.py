"""Threads that are named, joined, and that end the process together when one fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType


class ThreadGroup:
    """A set of threads with one stop.

    The first exception of any of them is kept and sets `stop`; `join` raises it again in the caller. As a context
    manager it stops and joins on the way out.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.stop = threading.Event()
        self._failure: BaseException | None = None
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def spawn(self, name: str, target: Callable[[], None]) -> threading.Thread:
        """Start `target` as the thread `<group>/<name>`. It must return soon after `stop` is set."""
        thread = threading.Thread(target=self._run, args=(target,), name=f"{self.name}/{name}", daemon=True)
        with self._lock:
            self._threads.append(thread)
        thread.start()
        return thread

    def _run(self, target: Callable[[], None]) -> None:
        try:
            target()
        except BaseException as failure:  # noqa: BLE001 - handed to the joiner, never swallowed
            self.fail(failure)

    def fail(self, failure: BaseException) -> None:
        """Stop the group because of `failure`; only the first one is kept."""
        with self._lock:
            if self._failure is None:
                self._failure = failure
        self.stop.set()

    def join(self, timeout_s: float | None = None) -> None:
        """Wait for every thread. Raises the group's first failure; TimeoutError names the threads that did not end."""
        with self._lock:
            waiting = list(self._threads)
        for thread in waiting:
            thread.join(timeout_s)
        late = [thread.name for thread in waiting if thread.is_alive()]
        if self._failure is not None:
            raise self._failure
        if late:
            raise TimeoutError(f"threads did not stop within {timeout_s} s: {', '.join(late)}")

    def __enter__(self) -> ThreadGroup:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        if failure is None:
            self.join(timeout_s=30.0)
