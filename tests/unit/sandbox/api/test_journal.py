"""The store's file: what survives a stop, and what survives a kill."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lbctl.sandbox.api.journal import CRASH_GAP, SqliteJournal
from lbctl.sandbox.api.settings import StartError
from lbctl.sandbox.api.store import Key, Store

WRITER = """
import sys
from pathlib import Path
from lbctl.sandbox.api.journal import SqliteJournal
from lbctl.sandbox.api.store import Store

store = Store(10, SqliteJournal(Path(sys.argv[1])))
number = 0
while True:
    number += 1
    # Both objects always say the same number: a state in which the second is ahead never was.
    for name in ("first", "second"):
        store.put("things", ("ns", name), {"metadata": {"name": name}, "data": {"number": number}})
    print(number, store.rv, flush=True)
"""


def obj(name: str, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, **metadata}, "data": {}}


def names(store: Store) -> list[Key]:
    return list(store.bucket("things").ordered())


def test_a_clean_stop_keeps_objects_labels_and_the_version(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "db")
    store = Store(10, journal)
    store.put("things", ("ns", "a"), obj("a", labels={"x": "y"}))
    store.put("things", ("ns", "b"), obj("b"))
    store.delete("things", ("ns", "b"))
    version = store.rv
    journal.close()
    again = Store(10, SqliteJournal(tmp_path / "db"))
    assert names(again) == [("ns", "a")]
    assert again.bucket("things").objects["ns", "a"].labels == {"x": "y"}
    assert again.rv == version


def test_history_does_not_survive_so_old_versions_are_compacted(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "db")
    store = Store(10, journal)
    old = store.put("things", ("ns", "a"), obj("a")).rv
    store.put("things", ("ns", "a"), obj("a"))
    journal.close()
    again = Store(10, SqliteJournal(tmp_path / "db"))
    assert again.bucket("things").compacted == again.rv > old


def test_a_killed_server_leaves_a_state_that_was_and_never_reuses_a_version(tmp_path: Path) -> None:
    path = tmp_path / "db"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    seen = [process.stdout.readline().split() for _ in range(20_000)]
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    # The kill may have cut the last line short.
    seen += [line.split() for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    highest = int(seen[-1][1])
    journal = SqliteJournal(path)
    store = Store(10, journal)
    first, second = (_number(store, name) for name in ("first", "second"))
    assert first - second in (0, 1)
    assert second > 0
    assert store.rv > highest
    assert store.rv >= CRASH_GAP
    journal.close()


def _number(store: Store, name: str) -> int:
    return int(store.bucket("things").objects["ns", name].decode()["data"]["number"])


def test_a_file_in_use_is_refused_in_one_line(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "db")
    with pytest.raises(StartError, match="is in use by another server; stop it, or name another file"):
        SqliteJournal(tmp_path / "db")
    Store(10, journal)
    journal.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "db"
    path.write_text("this is not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(StartError, match="cannot be used"):
        SqliteJournal(path)


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "db"
    SqliteJournal(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_facts_are_kept(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "db")
    journal.set_fact("token", "abc")
    Store(10, journal)
    journal.close()
    assert SqliteJournal(tmp_path / "db").fact("token") == "abc"


def test_a_failed_file_is_reported_by_every_later_write(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "db")
    store = Store(10, journal)
    journal.fail(sqlite3.OperationalError("disk full"))
    assert not journal.healthy
    with pytest.raises(sqlite3.OperationalError, match="disk full"):
        store.put("things", ("ns", "a"), obj("a"))
