"""Durability: a SQLite file in WAL mode, written behind by one thread.

Rules
- Writes reach the file in the order they were made, in batches of one transaction each: after a crash the file holds a
  consistent past state, at most `FLUSH_INTERVAL_S` old.
- A clean stop writes everything and says so in the file. Without that mark the next start skips `CRASH_GAP` versions,
  so that a version clients have seen is never given to a different state.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from lbctl.sandbox.api.settings import StartError
from lbctl.sandbox.api.store import Key, Stored

FLUSH_INTERVAL_S = 0.02
CRASH_GAP = 1_000_000
_BUSY_TIMEOUT_S = 1.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, rv INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (bucket, namespace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
_ALL = "SELECT bucket, namespace, name, rv, data FROM objects"
_PUT = "INSERT OR REPLACE INTO objects (bucket, namespace, name, rv, data) VALUES (?, ?, ?, ?, ?)"
_DELETE = "DELETE FROM objects WHERE bucket = ? AND namespace = ? AND name = ?"
_FACT = "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)"


class _Metadata(msgspec.Struct):
    labels: dict[str, str] | None = None


class _Labelled(msgspec.Struct):
    metadata: _Metadata


class SqliteJournal:
    """The store's file. Raises StartError when another server has it open or it is not ours to read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            self._db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, check_same_thread=False, isolation_level=None)
            self._open()
        except (OSError, sqlite3.Error) as error:
            raise StartError(_why(path, error)) from error
        self._pending: dict[tuple[str, Key], Stored | None] = {}
        self._pending_rv = 0
        self._wake = threading.Condition()
        self._stopping = False
        self._failure: sqlite3.Error | None = None
        self._thread = threading.Thread(target=self._run, name="api-journal", daemon=True)

    def _open(self) -> None:
        # Exclusive locking keeps a second server from sharing the file; it must be set before WAL is entered.
        self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)
        self._db.execute(f"{_ALL} LIMIT 0")
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("COMMIT")

    @property
    def healthy(self) -> bool:
        """Whether the file still takes writes."""
        return self._failure is None

    def load(self) -> tuple[int, Iterator[tuple[str, Key, Stored]]]:
        """The version to start from, and every object; starts the writing thread."""
        rv = int(self.fact("rv") or 1)
        if self.fact("clean") == "no":
            rv += CRASH_GAP
        self._db.execute("BEGIN")
        self._db.executemany(_FACT, [("clean", "no"), ("rv", str(rv))])
        self._db.execute("COMMIT")
        rows = self._db.execute(_ALL).fetchall()
        self._thread.start()
        return rv, (_row(row) for row in rows)

    def fact(self, name: str) -> str | None:
        """A small value kept beside the objects."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def set_fact(self, name: str, value: str) -> None:
        """Keep a small value; only before `load`."""
        self._db.execute(_FACT, (name, value))

    def record(self, bucket: str, key: Key, stored: Stored | None, rv: int) -> None:
        """Queue one write; a later one of the same object wins. Raises sqlite3.Error once the file has failed."""
        if self._failure is not None:
            raise self._failure
        with self._wake:
            self._pending[(bucket, key)] = stored
            self._pending_rv = rv
            self._wake.notify()

    def close(self) -> None:
        """Write what is queued, mark the file clean and close it. Raises sqlite3.Error when it cannot be written."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()
        if self._failure is None:
            self._flush()
            self._db.execute(_FACT, ("clean", "yes"))
        self._db.close()
        if self._failure is not None:
            raise self._failure

    def fail(self, error: sqlite3.Error) -> None:
        """Take no more writes: the file has failed."""
        self._failure = error

    def _run(self) -> None:
        try:
            while self._wait():
                self._flush()
        except sqlite3.Error as error:
            self.fail(error)

    def _wait(self) -> bool:
        with self._wake:
            while not self._pending and not self._stopping:
                self._wake.wait()
            if not self._stopping:
                # Let a burst gather: one transaction costs about as much as a hundred rows.
                self._wake.wait_for(lambda: self._stopping, timeout=FLUSH_INTERVAL_S)
            return not self._stopping

    def _flush(self) -> None:
        with self._wake:
            pending, self._pending, rv = self._pending, {}, self._pending_rv
        if not pending:
            return
        puts = [(bucket, *key, one.rv, one.data) for (bucket, key), one in pending.items() if one is not None]
        deletes = [(bucket, *key) for (bucket, key), one in pending.items() if one is None]
        self._db.execute("BEGIN")
        self._db.executemany(_PUT, puts)
        self._db.executemany(_DELETE, deletes)
        self._db.execute(_FACT, ("rv", str(rv)))
        self._db.execute("COMMIT")


def _row(row: tuple[str, str, str, int, bytes]) -> tuple[str, Key, Stored]:
    bucket, namespace, name, rv, data = row
    labels = msgspec.json.decode(data, type=_Labelled).metadata.labels
    return bucket, (namespace, name), Stored(rv, data, labels or {})


def _why(path: Path, error: Exception) -> str:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return f"storage {path} is in use by another server; stop it, or name another file"
    return f"storage {path} cannot be used: {error}"
