"""The local ledger in SQLite. All SQL on it lives in this folder."""

from kiosk.store.store import SqliteStore

__all__ = ["SqliteStore"]
