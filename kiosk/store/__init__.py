"""The local ledger in SQLite. All SQL on it lives in this folder."""

import sys

if "numpy" not in sys.modules:
    # sqlite-utils imports NumPy where it is installed, for column types that the ledger has not: 60 ms and 20 MB.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    import sqlite_utils

    del sys.modules["numpy"]

from kiosk.store.store import SqliteStore

__all__ = ["SqliteStore", "sqlite_utils"]
