"""Lists of patrons and items into a central database (imports.run.Importer), in short durable batches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from kiosk.circulation.intake import Batch, Intake, ItemRow, Outcome, PatronRow, Result, Row
from kiosk.errors import ConnectorError
from kiosk.sync.central.database import changing, end_turn, reading, take_turn, told
from kiosk.sync.central.intake_items import ItemIntake
from kiosk.sync.central.intake_patrons import PatronIntake
from kiosk.sync.central.schema import import_batches

MAX_ROWS = 200


class CentralImporter:
    """Takes rows into a school of a central database. The kiosks bring them home with their next pull.

    Rows are matched as a kiosk's own import does it: patrons by card or external id, never by name; copies by barcode
    or inventory number. Of what one file says of one thing, the first row is believed. An import that was stopped goes
    on where it was. Loans are the kiosks' to report.
    """

    def __init__(self, connection: Connection, school: str) -> None:
        self._connection = connection
        self._school = school
        self._taking: PatronIntake | ItemIntake | None = None
        self._done_rows = 0

    def begin(self, what: Intake, file_name: str, sha256: str) -> Batch:
        """The import of this very file (by its digest): an unfinished one is continued, else a new one."""
        if what is Intake.LOANS:
            raise ConnectorError("loans are not imported into a central library; import them at a kiosk")
        with told():
            batch = self._unfinished(what, sha256) or self._new(what, file_name, sha256)
            with reading(self._connection):
                kind = PatronIntake if what is Intake.PATRONS else ItemIntake
                self._taking = kind(self._connection, self._school)
        self._done_rows = batch.done_rows
        return batch

    def _unfinished(self, what: Intake, sha256: str) -> Batch | None:
        table = import_batches.c
        query = select(table.id, table.done_rows, table.last).where(
            table.school_id == self._school, table.sha256 == sha256, table.what == what, table.finished.is_(False)
        )
        with reading(self._connection):
            row = self._connection.execute(query.order_by(table.begun.desc())).first()
        if row is None:
            return None
        last = tuple(Outcome(Result(result), reason) for result, reason in json.loads(row.last))
        return Batch(row.id, row.done_rows, last=last)

    def _new(self, what: Intake, file_name: str, sha256: str) -> Batch:
        batch = Batch(uuid4().hex)
        with changing(self._connection):
            turn = take_turn(self._connection, self._school)
            values = {"school_id": self._school, "id": batch.id, "what": what, "sha256": sha256, "begun": turn.now}
            self._connection.execute(insert(import_batches).values(file_name=file_name, **values))
        return batch

    def apply(self, batch: str, rows: Sequence[Row], upto: int) -> Sequence[Outcome]:
        """Take in at most MAX_ROWS rows in one durable transaction; say of each, in order, what became of it.

        upto: how many rows of the file are settled once it is committed. Raises ConnectorError, with nothing taken in.
        """
        if self._taking is None or len(rows) > MAX_ROWS:
            raise ValueError("the import was not begun, or these are too many rows")
        with told(), changing(self._connection):
            turn = take_turn(self._connection, self._school)
            match self._taking:
                case PatronIntake() as patrons:
                    outcomes = patrons.take([row for row in rows if isinstance(row, PatronRow)], turn.version)
                case ItemIntake() as items:
                    outcomes = items.take([row for row in rows if isinstance(row, ItemRow)], turn.version)
            self._settle(batch, outcomes, upto)
            if any(outcome.result in (Result.ADDED, Result.CHANGED) for outcome in outcomes):
                end_turn(self._connection, self._school, turn)
        self._done_rows = upto
        return outcomes

    def _settle(self, batch: str, outcomes: Sequence[Outcome], upto: int) -> None:
        table = import_batches.c
        mine = table.school_id == self._school, table.id == batch, table.done_rows == self._done_rows
        last = json.dumps([[one.result, one.reason] for one in outcomes], ensure_ascii=False)
        moved = self._connection.execute(
            update(import_batches).where(*mine, table.finished.is_(False)).values(done_rows=upto, last=last)
        ).rowcount
        if moved != 1:
            raise ConnectorError("the same file is being imported by another process; nothing was done")

    def finish(self, batch: str) -> None:
        """All rows of the file are settled."""
        table = import_batches.c
        with told(), changing(self._connection):
            mine = table.school_id == self._school, table.id == batch
            self._connection.execute(update(import_batches).where(*mine).values(finished=True, last="[]"))
        self._taking = None
