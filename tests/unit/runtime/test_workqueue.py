"""The work queue keeps client-go's promises, and lets neither lane starve."""

from __future__ import annotations

import threading

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lbctl.runtime.backoff import Backoff
from lbctl.runtime.workqueue import BULK_SHARE, Lane, QueueState, WorkQueue

EXACT = Backoff(first_s=1.0, max_s=8.0)


def taken(queue: QueueState[str], now_s: float = 0.0) -> str | None:
    got = queue.take(now_s)
    return got[0] if got else None


def test_a_key_added_twice_is_handed_out_once() -> None:
    queue: QueueState[str] = QueueState()
    queue.add("a", Lane.EVENT, 0)
    queue.add("a", Lane.EVENT, 0)
    assert taken(queue) == "a"
    assert taken(queue) is None
    assert queue.adds == 1


def test_a_key_added_while_it_is_worked_on_comes_again_only_after_done() -> None:
    queue: QueueState[str] = QueueState()
    queue.add("a", Lane.EVENT, 0)
    assert taken(queue) == "a"
    queue.add("a", Lane.EVENT, 0)
    queue.add("a", Lane.BULK, 0)
    assert taken(queue) is None
    queue.done("a", 1)
    assert taken(queue) == "a"
    queue.done("a", 1)
    assert taken(queue) is None


def test_what_a_user_did_goes_before_what_a_restart_asks_for() -> None:
    queue: QueueState[str] = QueueState()
    queue.add("bulk", Lane.BULK, 0)
    queue.add("event", Lane.EVENT, 0)
    assert [taken(queue), taken(queue)] == ["event", "bulk"]


def test_a_bulk_key_that_a_user_touches_moves_ahead_and_keeps_its_waiting_time() -> None:
    queue: QueueState[str] = QueueState()
    for key in ("a", "b"):
        queue.add(key, Lane.BULK, 0)
    queue.add("b", Lane.EVENT, 5)
    assert queue.take(7) == ("b", 7)


def test_a_flood_of_events_does_not_starve_the_bulk_lane() -> None:
    queue: QueueState[str] = QueueState()
    queue.add("bulk", Lane.BULK, 0)
    for index in range(BULK_SHARE):
        queue.add(f"event-{index}", Lane.EVENT, 0)
    assert "bulk" in {taken(queue) for _ in range(BULK_SHARE)}


def test_retries_back_off_and_forget_starts_over() -> None:
    queue: QueueState[str] = QueueState(EXACT)
    assert [queue.retry("a", 0) for _ in range(5)] == [1, 2, 4, 8, 8]
    queue.forget("a")
    assert queue.retry("a", 0) == 1


def test_a_failing_key_does_not_delay_another() -> None:
    queue: QueueState[str] = QueueState(EXACT)
    queue.retry("bad", 0)
    queue.add("good", Lane.EVENT, 0)
    assert taken(queue) == "good"
    assert taken(queue, 0.9) is None
    assert taken(queue, 1.0) == "bad"


def test_of_several_delayed_adds_the_earliest_counts_and_only_it() -> None:
    queue: QueueState[str] = QueueState()
    queue.add_at("a", 10)
    queue.add_at("a", 3)
    queue.add_at("a", 7)
    assert queue.next_due_s() == 3
    assert taken(queue, 3) == "a"
    queue.done("a", 3)
    assert taken(queue, 100) is None


def test_stats_tell_depth_and_the_oldest_worker() -> None:
    queue: QueueState[str] = QueueState()
    queue.add("a", Lane.EVENT, 0)
    queue.add("b", Lane.BULK, 0)
    queue.add_at("c", 50)
    queue.take(1)
    stats = queue.stats(4)
    assert (stats.depth, stats.delayed, stats.processing, stats.longest_running_s) == (1, 1, 1, 3)


def test_several_delayed_keys_that_fall_due_together_wake_every_worker() -> None:
    queue: WorkQueue[int] = WorkQueue()
    together = threading.Barrier(4)

    def work() -> None:
        got = queue.get(timeout_s=10)
        assert got is not None
        together.wait(timeout=10)  # passes only while four keys are held at once
        queue.done(got[0])

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for key in range(4):
        queue.add_after(key, 0.05)
    for worker in workers:
        worker.join(timeout=10)
    assert not together.broken
    assert queue.stats().depth == 0


def test_close_wakes_every_waiting_worker() -> None:
    queue: WorkQueue[str] = WorkQueue()
    results: list[object] = []
    workers = [threading.Thread(target=lambda: results.append(queue.get())) for _ in range(3)]
    for worker in workers:
        worker.start()
    queue.close()
    for worker in workers:
        worker.join(timeout=10)
    assert results == [None, None, None]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(Lane)), max_size=40))
def test_every_added_key_is_handed_out_exactly_once_when_nobody_adds_it_again(adds: list[tuple[str, Lane]]) -> None:
    queue: QueueState[str] = QueueState()
    for key, lane in adds:
        queue.add(key, lane, 0)
    seen = []
    while (key := taken(queue)) is not None:
        seen.append(key)
        queue.done(key, 0)
    assert sorted(seen) == sorted({key for key, _ in adds})


class QueueMachine(RuleBasedStateMachine):
    """Random use against the simplest model: which keys owe a run, and which are held."""

    keys = st.sampled_from("abcd")

    @initialize()
    def start(self) -> None:
        self.queue: QueueState[str] = QueueState(EXACT)
        self.owed: set[str] = set()
        self.held: set[str] = set()
        self.now_s = 0.0

    @rule(key=keys, lane=st.sampled_from(Lane))
    def add(self, key: str, lane: Lane) -> None:
        self.queue.add(key, lane, self.now_s)
        self.owed.add(key)

    @rule()
    def take(self) -> None:
        key = taken(self.queue, self.now_s)
        if key is None:
            assert not self.owed - self.held
        else:
            assert key in self.owed
            assert key not in self.held
            self.owed.discard(key)
            self.held.add(key)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.held)))
        self.held.discard(key)
        self.queue.done(key, self.now_s)

    @invariant()
    def depth_is_what_is_owed_and_free(self) -> None:
        if hasattr(self, "queue"):
            assert self.queue.stats(self.now_s).depth == len(self.owed - self.held)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
