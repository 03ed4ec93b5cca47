"""A stick, its walk to a central library in a database, and what goes wrong on the way."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from kiosk.circulation.acts import Act
from kiosk.circulation.delivery import Delivery
from kiosk.sync.carry import CarrySettings
from kiosk.sync.carry.connector import CarryConnector
from kiosk.sync.carry.exchange import Exchanged, exchange
from kiosk.sync.carry.key import CarryKey
from kiosk.sync.carry.stick import FOLDER
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.carriers import give_key
from kiosk.sync.central.database import changing, end_turn, engine_of, opened, take_turn
from kiosk.sync.central.schema import cards, items, loans, patrons, titles, transactions
from kiosk.sync.loop import Round
from kiosk.sync.pull import PAGE
from kiosk.sync.secret import Secret
from tests.central_fixture import SCHOOL, Central
from tests.postgres import PASSWORD, shared_server
from tests.sync_fixture import Kiosk, KioskClock, new_kiosk


def new_stick(place: Path) -> Path:
    """A stick made ready, in a place of its own; the folder in which its files are."""
    folder = place / FOLDER
    folder.mkdir(parents=True)
    return folder


def key_of(central: Central, kiosk: str, renew: bool = False) -> CarryKey:
    """A key for a kiosk of SCHOOL."""
    kept: list[CarryKey] = []
    with opened(central.engine) as connection:
        give_key(connection, central.schools[SCHOOL], kiosk, kept.append, renew)
    return kept[0]


def carry_connector(place: Path, key: CarryKey, kiosk: str) -> CarryConnector:
    """The kiosk's side, with the stick in a place."""
    return CarryConnector(CarrySettings(place, SCHOOL, kiosk), key)


def walk(central: Central, place: Path, page: int = PAGE) -> list[Exchanged]:
    """The stick at central's machine."""
    with opened(central.engine) as connection:
        return list(exchange(connection, place, page))


PUPILS, COPIES = 40, 60
COPY_NUMBERS = range(COPIES)
PAGE_OF_TESTS = 9
"""As the kiosks of tests/sync_fixture.py take pages of no more."""


@contextmanager
def library(kind: str, folder: Path) -> Iterator[Central]:
    """SCHOOL with pupils P0.. and copies A0.., two of a title, in a new database of this kind."""
    if kind == "sqlite":
        url, secret = f"sqlite:///{folder / 'central.db'}", None
    else:
        url, secret = shared_server().url(shared_server().new_database()), Secret(PASSWORD)
    central = Central(kind, url, engine_of(parse_address(url), secret), folder)
    with opened(central.engine) as connection:
        administration.init(connection)
        school = central.schools[SCHOOL] = administration.add_school(connection, SCHOOL)
        with changing(connection):
            turn = take_turn(connection, school)
            row = {"school_id": school, "version": turn.version}
            copy = {**row, "kind": "book", "status": "available", "service_point": "loan_desk"}
            for table, rows in (
                (patrons, [{**row, "id": f"cp{n}", "first_name": f"Аты{n}"} for n in range(PUPILS)]),
                (cards, [{"school_id": school, "number": f"P{n}", "patron_id": f"cp{n}"} for n in range(PUPILS)]),
                (titles, [{**row, "id": f"ct{n}", "key": f"t{n}", "title": f"Кітап {n}"} for n in range(COPIES // 2)]),
                (
                    items,
                    [{**copy, "id": f"ci{n}", "title_id": f"ct{n // 2}", "barcode": f"A{n}"} for n in range(COPIES)],
                ),
            ):
                connection.execute(table.insert(), rows)
            end_turn(connection, school, turn)
    try:
        yield central
    finally:
        for connector in central.open_connectors:
            connector.close()


@dataclass
class Carried:
    """A kiosk that no network reaches, and the place where its stick appears."""

    kiosk: Kiosk
    place: Path
    key: CarryKey

    def trip(self, central: Central) -> tuple[Round, list[Exchanged], Round]:
        """Its stick is written, walked there and back, and read."""
        return self.kiosk.round(), walk(central, self.place, PAGE_OF_TESTS), self.kiosk.round()


def carried(central: Central, folder: Path, clock: KioskClock, name: str) -> Carried:
    """A kiosk with a stick of its own that has been to central once."""
    place = folder / f"usb-{name}"
    new_stick(place)
    key = key_of(central, name)
    made = Carried(new_kiosk(folder, carry_connector(place, key, name), clock, name), place, key)
    for one in made.trip(central):
        assert isinstance(one, list) or not one.problem, one
    return made


def use(kiosk: Kiosk, chance: random.Random) -> None:
    """Somebody borrows, renews, or hands something in."""
    card, barcode = f"P{chance.randrange(PUPILS)}", f"A{chance.randrange(COPIES)}"
    if chance.random() < 0.4:
        kiosk.scan(barcode)
        kiosk.wait(30)
    else:
        kiosk.visit(card, barcode, f"A{chance.randrange(COPIES)}")


def acts_of(kiosks: Iterable[Kiosk]) -> list[Act]:
    """What was acknowledged that central is to be told of."""
    return [act for kiosk in kiosks for act in kiosk.acknowledged if act.kind in kiosk.connector.carries]


def counted(central: Central, kiosks: Sequence[Kiosk]) -> None:
    """Every acknowledged act is in central once, and what they add up to is the same everywhere."""
    acts = acts_of(kiosks)
    found = [row.id for row in central.rows(select(transactions.c.id))]
    assert len(found) == len(set(found)) == len(acts) and set(found) == {act.id for act in acts}
    made = [row.id for row in central.rows(select(loans.c.id))]
    assert sorted(made) == sorted(act.id for act in acts if act.kind == "checkout")
    lent = select(items.c.barcode, cards.c.number, loans.c.due).where(loans.c.ended.is_(None))
    lent = lent.join_from(loans, items, loans.c.item_id == items.c.id).join(
        cards, cards.c.patron_id == loans.c.patron_id
    )
    rows = central.rows(lent)
    theirs = {row.barcode: (row.number, f"{row.due}") for row in rows}
    assert len(theirs) == len(rows) > 0, "a copy is lent to two"
    statuses = {row.barcode: row.status for row in central.rows(select(items.c.barcode, items.c.status))}
    for kiosk in kiosks:
        assert kiosk.states().keys() <= {Delivery.ACCEPTED} and kiosk.faults() == []
        assert kiosk.loans() == theirs
        assert dict(kiosk.rows("SELECT barcode, status FROM items")) == statuses
