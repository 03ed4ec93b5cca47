"""A central library in a database with two schools, and the acts of kiosks on it, for the tests of `sql`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from click.testing import CliRunner, Result
from sqlalchemy import Connection, Engine, func, select

from kiosk.circulation.acts import Act, Change, HoldChange, Kind, LoanChange, StatusChange
from kiosk.circulation.change_words import reversed_change
from kiosk.circulation.delivery import Accepted, Parcel
from kiosk.circulation.facts import Fact, ItemFact, LoanFact
from kiosk.circulation.model import Hold, HoldState, ItemStatus, Loan
from kiosk.sync.central import administration
from kiosk.sync.central.address import parse_address
from kiosk.sync.central.database import changing, end_turn, engine_of, opened, take_turn
from kiosk.sync.central.schema import VERSION, cards, holds, items, loans, patrons, titles
from kiosk.sync.secret import Secret
from kiosk.sync.sql import SqlSettings, connect
from kiosk.sync.sql.connector import SqlConnector
from kiosk.sync_cli import add_commands
from tests.postgres import PASSWORD, shared_server

SCHOOL, OTHER_SCHOOL = "№ 41 мектеп", "№ 7 мектеп"
NOW = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
TODAY = NOW.date()
DUE = TODAY + timedelta(days=10)
DATABASES = ("sqlite", "postgresql")


@dataclass
class Central:
    """A database with SCHOOL (patrons P1 to P5, titles T1 and T2, items B1 to B6) and OTHER_SCHOOL (P1, B1 only)."""

    kind: str
    url: str
    engine: Engine
    folder: Path
    schools: dict[str, str] = field(default_factory=dict)
    open_connectors: list[SqlConnector] = field(default_factory=list)

    def connector(self, kiosk: str = "kiosk-1", school: str = SCHOOL, port: int | None = None) -> SqlConnector:
        """The way of a kiosk to it, with a role of its own where there are roles."""
        settings = SqlSettings(self.url, school, kiosk, connect_timeout_s=5, timeout_s=10)
        password = None
        if self.kind == "postgresql":
            with opened(self.engine) as connection:
                new = administration.add_kiosk(connection, self.schools[school], f"{kiosk} {uuid4().hex[:6]}")
            password = self.folder / f"{new.role}.password"
            assert new.secret is not None
            password.write_text(new.secret.reveal())
            password.chmod(0o600)
            url = shared_server().url(self.url.rpartition("/")[2], new.role, port)
            settings = replace(settings, url=url, password_file=password)
        connector = connect(settings)
        self.open_connectors.append(connector)
        return connector

    def rows(self, statement: Any) -> list[Any]:
        """What a query of the administrator finds."""
        with opened(self.engine) as connection:
            return list(connection.execute(statement).all())

    def change(self, *statements: Any, school: str = SCHOOL) -> int:
        """Staff change something; the version it has."""
        with opened(self.engine) as connection, changing(connection):
            turn = take_turn(connection, self.schools[school])
            for statement in statements:
                connection.execute(statement)
            end_turn(connection, self.schools[school], turn)
        return turn.version


@contextmanager
def central_in(kind: str, folder: Path, upto: int = VERSION, tables: str = "") -> Iterator[Central]:
    """A new database of this kind. upto: the version of its schema; tables: statements that make an older one."""
    if kind == "sqlite":
        url, secret = f"sqlite:///{folder / 'central.db'}", None
    else:
        server = shared_server()
        url, secret = server.url(server.new_database()), Secret(PASSWORD)
    central = Central(kind, url, engine_of(parse_address(url), secret), folder)
    with opened(central.engine) as connection:
        for statement in tables.split(";\n")[:-1]:
            connection.exec_driver_sql(statement)
        connection.commit()
        administration.init(connection, upto)
        for name in (SCHOOL, OTHER_SCHOOL):
            central.schools[name] = administration.add_school(connection, name)
        fill(connection, central.schools[SCHOOL], people=5, copies=6)
        fill(connection, central.schools[OTHER_SCHOOL], people=1, copies=1)
    try:
        yield central
    finally:
        for connector in central.open_connectors:
            connector.close()


def fill(connection: Connection, school: str, people: int, copies: int, version: int | None = None) -> None:
    """Patrons "P1" ... with card "C1", external id "X1"; titles "T1" (odd items), "T2"; items "I1" with "B1", "N1"."""
    with changing(connection):
        turn = take_turn(connection, school)
        at = turn.version if version is None else version
        row = {"school_id": school, "version": at}
        connection.execute(
            patrons.insert(),
            [{**row, "id": f"P{n}", "first_name": f"Айгүл{n}", "external_id": f"X{n}"} for n in range(1, people + 1)],
        )
        connection.execute(
            cards.insert(),
            [{"school_id": school, "number": f"C{n}", "patron_id": f"P{n}"} for n in range(1, people + 1)],
        )
        connection.execute(
            titles.insert(), [{**row, "id": f"T{n}", "key": f"t{n}", "title": f"Китап {n}", "held": 3} for n in (1, 2)]
        )
        connection.execute(
            items.insert(),
            [
                {
                    **row, "id": f"I{n}", "title_id": f"T{2 - n % 2}", "barcode": f"B{n}", "inventory_no": f"N{n}",
                    "kind": "book", "status": "available", "service_point": "loan_desk",
                }
                for n in range(1, copies + 1)
            ],
        )  # fmt: skip
        end_turn(connection, school, turn)


def stock(connection: Connection, school: str, people: int, copies: int) -> None:
    """Pupils with cards "P0" ..., copies with barcodes "A0" ..., two of a title, as in tests.sync_fixture."""
    with changing(connection):
        turn = take_turn(connection, school)
        row = {"school_id": school, "version": turn.version}
        pupils = [{**row, "id": f"cp{n}", "first_name": f"Аты{n}"} for n in range(people)]
        numbers = [{"school_id": school, "number": f"P{n}", "patron_id": f"cp{n}"} for n in range(people)]
        books = [{**row, "id": f"ct{n}", "key": f"c{n}", "title": f"Кітап {n}"} for n in range(copies // 2)]
        copy = {**row, "kind": "book", "status": "available", "service_point": "loan_desk"}
        found = [{**copy, "id": f"ci{n}", "title_id": f"ct{n // 2}", "barcode": f"A{n}"} for n in range(copies)]
        for table, rows in ((patrons, pupils), (cards, numbers), (titles, books), (items, found)):
            connection.execute(table.insert(), rows)
        end_turn(connection, school, turn)


@dataclass
class Kiosk:
    """What a kiosk would send: acts in its own order, decided on what it last saw."""

    connector: SqlConnector
    name: str = "kiosk-1"
    now: datetime = NOW
    trusted: bool = True
    seqs: Iterator[int] = field(default_factory=lambda: count(1))

    def parcel(self, act: Act, **names: Any) -> Parcel:
        """The act, ready to be sent. names: other fields of the parcel."""
        values = {"card": None, "barcode": None, "inventory_no": None, "trusted": self.trusted, **names}
        return Parcel(seq=next(self.seqs), act=act, at=values.pop("at", self.now), kiosk=self.name, **values)

    def send(self, act: Act, **names: Any) -> Any:
        """Send an act; its outcome."""
        (outcome,) = self.connector.submit([self.parcel(act, **names)])
        return outcome

    def lend(self, patron: str, item: str, act_id: str = "", **names: Any) -> tuple[Act, Any]:
        """Lend, and how it went."""
        act = checkout(patron, item, act_id)
        return act, self.send(act, **names)

    def returns(self, lent: Act, **names: Any) -> tuple[Act, Any]:
        """Take back what was lent."""
        act = checkin(loan_of(lent))
        return act, self.send(act, **names)

    def undo(self, undone: Act, **names: Any) -> tuple[Act, Any]:
        """Take an act back."""
        act = undoing(undone)
        return act, self.send(act, **names)


def later(kiosk: Kiosk, minutes: int) -> Kiosk:
    """The kiosk, so long after NOW."""
    kiosk.now = NOW + timedelta(minutes=minutes)
    return kiosk


def new_id() -> str:
    """An id for an act."""
    return uuid4().hex


def checkout(
    patron: str, item: str | None, act_id: str = "", title: str = "T1", ended_holds: tuple[Hold, ...] = ()
) -> Act:
    """A loan of an item, or, without one, of a copy held by count."""
    made = act_id or new_id()
    loan = Loan(made, patron, title, item, TODAY, DUE, 10)
    changes: list[Change] = [LoanChange(None, loan), *(HoldChange(hold, None) for hold in ended_holds)]
    if item is not None:
        changes.append(StatusChange(item, ItemStatus.AVAILABLE, ItemStatus.ON_LOAN))
    return Act(made, Kind.CHECKOUT, patron, item, title, tuple(changes))


def loan_of(act: Act) -> Loan:
    """The loan that an act leaves."""
    return next(c.after for c in act.changes if isinstance(c, LoanChange) and c.after is not None)


def checkin(loan: Loan, kept: Hold | None = None, after: ItemStatus = ItemStatus.AWAITING_CHECK) -> Act:
    """A return. kept: the hold that it is put aside for."""
    changes: list[Change] = [LoanChange(loan, None)]
    if kept is not None and loan.item_id is not None:
        ready = replace(kept, state=HoldState.READY, item_id=loan.item_id, expires=TODAY + timedelta(days=5))
        changes.append(HoldChange(kept, ready))
        after = ItemStatus.HOLD_SHELF
    if loan.item_id is not None:
        changes.append(StatusChange(loan.item_id, ItemStatus.ON_LOAN, after))
    return Act(new_id(), Kind.CHECKIN, loan.patron_id, loan.item_id, loan.title_id, tuple(changes))


def renewal(loan: Loan, due: date | None = None) -> Act:
    """A renewal by ten days."""
    after = replace(loan, due=due or DUE + timedelta(days=10), renewals=loan.renewals + 1)
    return Act(new_id(), Kind.RENEWAL, loan.patron_id, loan.item_id, loan.title_id, (LoanChange(loan, after),))


def hold_of(patron: str, title: str = "T1", placed: datetime = NOW) -> tuple[Act, Hold]:
    """A hold, and the act that places it."""
    made = new_id()
    hold = Hold(made, title, patron, placed)
    return Act(made, Kind.HOLD, patron, None, title, (HoldChange(None, hold),)), hold


def cancelling(hold: Hold, *more: StatusChange | HoldChange) -> Act:
    """A hold given up."""
    return Act(new_id(), Kind.CANCEL_HOLD, hold.patron_id, hold.item_id, hold.title_id, (HoldChange(hold, None), *more))


def undoing(act: Act) -> Act:
    """The act that takes this one back."""
    changes = tuple(reversed_change(change) for change in reversed(act.changes))
    return Act(new_id(), Kind.UNDO, act.patron_id, act.item_id, act.title_id, changes, undoes=act.id)


def everything(connector: SqlConnector, limit: int = 500, cursor: str = "") -> dict[str, Fact]:
    """All that a pull tells, the newest of each fact."""
    found: dict[str, Fact] = {}
    while True:
        page = connector.pull(cursor, limit)
        found.update({fact.id: fact for fact in page.facts})
        if not page.more:
            return found
        cursor = page.cursor


def loans_now(connector: SqlConnector) -> dict[str, str]:
    """Who has which item, by a pull from nothing."""
    facts = everything(connector).values()
    return {fact.item_id: fact.patron_id for fact in facts if isinstance(fact, LoanFact) and fact.item_id}


def status_of(connector: SqlConnector, item: str) -> ItemStatus:
    """An item's status in central."""
    fact = everything(connector)[item]
    assert isinstance(fact, ItemFact)
    return fact.status


def ending_of(central: Central, loan: str) -> str | None:
    """How a loan ended; None while it is open."""
    rows = central.rows(select(loans.c.ended).where(loans.c.id == loan))
    assert len(rows) == 1
    ended: str | None = rows[0].ended
    return ended


def open_loans(central: Central) -> int:
    """How many there are."""
    return int(central.rows(select(func.count()).select_from(loans).where(loans.c.ended.is_(None)))[0][0])


def queue_of(central: Central, title: str = "T1") -> list[tuple[str, str]]:
    """Who waits for a title, in order, and in which state."""
    query = select(holds.c.patron_id, holds.c.state).where(holds.c.title_id == title, holds.c.ended.is_(None))
    return [tuple(row) for row in central.rows(query.order_by(holds.c.placed, holds.c.id))]


def accepted(outcome: Any) -> Accepted:
    """The outcome, which must be a yes."""
    assert isinstance(outcome, Accepted), outcome
    return outcome


def kiosk_command(*words: str, password_file: Path | None = None) -> Result:
    """`kiosk central ...`, in this process."""

    @click.group()
    def main() -> None:
        pass

    add_commands(main)
    option = ["--password-file", str(password_file)] if password_file else []
    return CliRunner().invoke(main, ["central", *words, *option])
