"""A library of any size, written straight into the tables: a benchmark measures the desk, not the importer."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from uuid import UUID

from kiosk.config import Config, load
from kiosk.initialise import initialise
from kiosk.store.schema import lowered, words_of

_TEXT = (
    "абай жолы тағдыр ұшқан ұя менің атым қожа араша шығанақ асыл сөз бозторғай тұран рабиға дала ән күй жұлдыз "
    "балалық шақ мектеп өлке тау өзен көктем күз кітап әлем ғылым тарих қала ауыл ана тіл домбыра қыран арман"
)
_WORDS = _TEXT.split()


def library(folder: Path, items: int, patrons: int = 600, copies: int = 4) -> Config:
    """A data folder with so many items, `copies` of a title; cards P0, P1, ...; barcodes B0, B1, ..."""
    list(initialise(folder, "Bench", "kiosk-1", demo=False, today=None))
    config = load(folder / "kiosk.toml")
    with sqlite3.connect(config.store) as db:
        db.executemany(
            "INSERT INTO patrons (id, first_name, last_name, grade, letter) VALUES (?, 'Айгүл', 'Әбілова', 5, 'Ә')",
            ((_id(1, n),) for n in range(patrons)),
        )
        db.executemany("INSERT INTO cards VALUES (?, ?, 0)", ((f"P{n}", _id(1, n)) for n in range(patrons)))
        titles = max(items // copies, 1)
        db.executemany(
            "INSERT INTO titles (n, id, key, title, author, lowered) VALUES (?, ?, ?, ?, ?, ?)",
            ((n, _id(2, n), str(n), t := title(n), f"Автор {n % 997}", lowered(t)) for n in range(titles)),
        )
        db.executemany(
            "INSERT INTO title_words (rowid, words) VALUES (?, ?)",
            ((n, words_of(title(n), f"Автор {n % 997}", "")) for n in range(titles)),
        )
        db.executemany(
            "INSERT INTO items (id, title_id, barcode, inventory_no, kind, status, service_point, shelf) "
            "VALUES (?, ?, ?, ?, 'book', 'available', 'loan_desk', 'A-1')",
            ((_id(3, n), _id(2, n // copies % titles), f"B{n}", str(n)) for n in range(items)),
        )
    db.close()
    return config


def title(n: int) -> str:
    """The n-th title: three words and a number."""
    size = len(_WORDS)
    return f"{_WORDS[n % size].capitalize()} {_WORDS[n // size % size]} {_WORDS[n // 7 % size]} {n}"


def _id(kind: int, n: int) -> str:
    """An id that is spread over the tree as a random one is."""
    return UUID(int=(n * 0x9E3779B97F4A7C15F39CC0605CEDC835 + kind) % 2**128).hex


def now(config: Config) -> datetime:
    """The time for a clock that is moved by hand."""
    return datetime(2026, 9, 22, 10, tzinfo=config.timezone)
