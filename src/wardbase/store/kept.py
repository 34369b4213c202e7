"""Connections kept open between requests.

A pool per database would hold connections (and threads) for each of hundreds of tenants. Here one
process keeps a few in all, and the one idle longest makes room for another tenant's.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from wardbase.errors import ServerError
from wardbase.store import connection
from wardbase.store.connection import Connection

SIZE = 32
PATIENCE = 10.0


class NoConnectionFree(ServerError):
    says = (
        "All {size} connections of this process have been in use for {seconds:g} seconds.\n"
        "Try again in a moment."
    )


class Kept:
    """At most `size` connections, each in use by one thread or idle."""

    def __init__(self, size: int = SIZE, patience: float = PATIENCE) -> None:
        self.size = size
        self.patience = patience
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[tuple[str, Connection]] = []  # the one idle longest first
        os.register_at_fork(after_in_child=self._forget)

    @contextmanager
    def connection(self, database: str) -> Iterator[Connection]:
        """A connection in a transaction: committed at the end, rolled back on an error."""
        if not self._free.acquire(timeout=self.patience):
            raise NoConnectionFree(size=self.size, seconds=self.patience)
        try:
            opened = self._take(database)
            try:
                yield opened
                opened.commit()
            except BaseException:
                opened.close()  # whatever state it is in, it is nobody's any more
                raise
            self._give_back(database, opened)
        finally:
            self._free.release()

    def close(self) -> None:
        """Close those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, opened in idle:
            opened.close()

    def _take(self, database: str) -> Connection:
        while (opened := self._pop(database)) is not None:
            if _answers(opened):
                return opened
            opened.close()
        return connection.connect(database)

    def _pop(self, database: str) -> Connection | None:
        """The one used last, so that those not needed grow old."""
        with self._lock:
            for i in reversed(range(len(self._idle))):
                if self._idle[i][0] == database:
                    return self._idle.pop(i)[1]
        return None

    def _give_back(self, database: str, opened: Connection) -> None:
        with self._lock:
            self._idle.append((database, opened))
            oldest = self._idle.pop(0)[1] if len(self._idle) > self.size else None
        if oldest is not None:
            oldest.close()

    def _forget(self) -> None:
        """In a forked child: these are the parent's, and psycopg closes only a process's own."""
        self._idle = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(self.size)


def _answers(opened: Connection) -> bool:
    """Whether it is still connected: a server restart or a suspended tenant ends it."""
    try:
        opened.execute("")
        opened.rollback()
    except psycopg.OperationalError:
        return False
    return True
