"""What an import remembers from one run to the next, beside what the two listings tell.

Most copies are recognised by their ETag, which is the MD5 of the bytes on both sides. Where it is not, as of objects
that were made in parts, the journal knows which ETag here is a copy of which there; and which upload is half done.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from pathlib import Path


class Journal:
    """Threads may share it."""

    def __init__(self, folder: Path, name: str) -> None:
        """`name` says which import this is."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.db"
        self._lock = threading.Lock()
        self._database = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        for table in ("copy", "upload"):
            self._database.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, etag TEXT NOT NULL, value TEXT NOT NULL)"
            )

    def copied(self, key: str, etag: str) -> str:
        """The ETag that the copy of this version got; empty if there is none."""
        return self._value("SELECT value FROM copy WHERE key = ? AND etag = ?", key, etag)

    def note_copy(self, key: str, etag: str, copy: str) -> None:
        self._run("INSERT OR REPLACE INTO copy VALUES (?, ?, ?)", key, etag, copy)

    def upload(self, key: str, etag: str) -> str:
        """The id of the half-done upload of this version; empty if there is none."""
        return self._value("SELECT value FROM upload WHERE key = ? AND etag = ?", key, etag)

    def note_upload(self, key: str, etag: str, upload_id: str) -> None:
        self._run("INSERT OR REPLACE INTO upload VALUES (?, ?, ?)", key, etag, upload_id)

    def forget_upload(self, key: str) -> None:
        self._run("DELETE FROM upload WHERE key = ?", key)

    def close(self) -> None:
        self._database.close()

    def _value(self, statement: str, *values: str) -> str:
        with self._lock:
            row = self._database.execute(statement, values).fetchone()
        return str(row[0]) if row else ""

    def _run(self, statement: str, *values: str) -> None:
        with self._lock:
            self._database.execute(statement, values)
