"""The connector to a plain database (ports.Connector)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from select import POLLIN, poll

from psycopg import Connection as RawConnection
from psycopg import OperationalError
from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from kiosk.circulation.delivery import Indeterminate, Outcome, Parcel, Reason, RefusedByCentral, Unreachable
from kiosk.circulation.facts import Page
from kiosk.errors import ConnectorError
from kiosk.ports import Greeting, LookUp
from kiosk.sync.central.address import POSTGRESQL, SQLITE, Address
from kiosk.sync.central.administration import whose
from kiosk.sync.central.apply import apply, find_out
from kiosk.sync.central.database import (
    CommitLost,
    Patience,
    changing,
    engine_of,
    reading,
    sentence,
    system_time,
    time_of,
    told,
)
from kiosk.sync.central.pull import pull
from kiosk.sync.central.schema import check_version, kiosks, schema_version, schools, version_of
from kiosk.sync.secret import Secret
from kiosk.sync.sql import CARRIES, SqlSettings
from kiosk.sync.sql.watchdog import Watchdog

_UNASKED = 10
"""How often is read what a server says unasked on an idle connection; one that says more is left."""


class SqlConnector:
    """One connection, opened when it is needed and kept; opened anew after anything went wrong with it.

    No call takes longer than `timeout_s` for each act or page, whatever server or network do.
    """

    kind = "sql"
    carries = CARRIES
    pulls = True
    look_up: LookUp | None = None

    def __init__(
        self,
        address: Address,
        secret: Secret | None,
        settings: SqlSettings,
        clock: Callable[[], datetime] = system_time,
    ) -> None:
        """clock: as of `engine_of`."""
        self._address = address
        self._settings = settings
        self._watchdog = Watchdog(settings.timeout_s)
        patience = Patience(settings.connect_timeout_s, settings.timeout_s / 2, settings.timeout_s)
        self._engine = engine_of(address, secret, patience, clock)
        self._connection: Connection | None = None
        self._school = ""
        self._schema = 0

    def hello(self) -> Greeting:
        """Is central there? Raises ConnectorError if not. Central notes when this kiosk was heard of."""
        with self._asking() as connection:
            mine = kiosks.c.role == func.current_user()
            if self._address.kind == SQLITE:
                mine = and_(kiosks.c.school_id == self._school, kiosks.c.name == self._settings.kiosk)
            with changing(connection):
                connection.execute(update(kiosks).where(mine).values(seen_at=time_of(connection)))
            with reading(connection):
                self._schema = int(connection.execute(select(schema_version.c.version)).scalar_one())
                version = connection.execute(select(schools.c.version).where(schools.c.id == self._school)).scalar_one()
                return Greeting(time_of(connection), int(version))

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Send acts, in order; an outcome each. After an Unreachable or Indeterminate one the rest are Unreachable."""
        outcomes: list[Outcome] = []
        for parcel in parcels:
            outcome = self._submit(parcel)
            outcomes.append(outcome)
            if isinstance(outcome, Unreachable | Indeterminate):
                return outcomes + [Unreachable(outcome.why)] * (len(parcels) - len(outcomes))
        return outcomes

    def _submit(self, parcel: Parcel) -> Outcome:
        """What can't have been committed is Unreachable: it is as if nothing had left the kiosk."""
        try:
            with self._asking() as connection:
                return apply(connection, self._school, parcel, self._schema)
        except CommitLost as error:
            return Indeterminate(str(error))
        except _Unfit as error:
            return RefusedByCentral(Reason.OTHER, str(error))
        except ConnectorError as error:
            return Unreachable(str(error))

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """Did this one, of which nobody knows, arrive? None: it did not, and may be sent again."""
        try:
            with self._asking() as connection:
                return find_out(connection, self._school, parcel.act.id)
        except ConnectorError as error:
            return Indeterminate(str(error))

    def pull(self, cursor: str, limit: int) -> Page:
        """What changed since the cursor ("" from nothing). Raises ConnectorError."""
        with self._asking() as connection:
            return pull(connection, self._school, cursor, limit)

    def foreign_school(self, barcode: str) -> str | None:
        """The name of another school that has an item with this barcode; None if none has, or several have."""
        with self._asking() as connection, reading(connection):
            name = whose(connection, barcode)
            own = connection.execute(select(schools.c.name).where(schools.c.id == self._school)).scalar_one()
        return name if name != own else None

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                connection.close()

    @contextmanager
    def _asking(self) -> Iterator[Connection]:
        """The connection, for one call under a deadline. Whatever goes wrong, the next call has a new one."""
        try:
            with told():
                connection = self._opened()
                with self._watchdog.watching(connection):
                    yield connection
        except ConnectorError as error:
            self.close()
            cause = error.__cause__
            if isinstance(cause, DataError | IntegrityError):
                raise _Unfit(sentence(cause)) from error
            raise
        except BaseException:
            self.close()
            raise

    def _opened(self) -> Connection:
        """The connection; a new one if the server has closed the one of before, on which nothing was sent yet."""
        if self._connection is not None and _is_closed(self._connection):
            self.close()
        if self._connection is None:
            if self._address.path is not None and not self._address.path.exists():
                raise ConnectorError(f"{self._address.path}: there is no such database; `kiosk central init` makes it")
            connection = self._engine.connect()
            try:
                with self._watchdog.watching(connection), reading(connection):
                    self._schema = version_of(connection)
                    check_version(self._schema)
                    self._school = self._find_school(connection)
            except BaseException:
                with suppress(SQLAlchemyError):
                    connection.close()
                raise
            self._connection = connection
        return self._connection

    def _find_school(self, connection: Connection) -> str:
        """By the role; by its name where there are no roles, or the role is not a kiosk's."""
        if self._address.kind == POSTGRESQL:
            role = select(kiosks.c.school_id).where(kiosks.c.role == func.current_user())
            if (school := connection.execute(role).scalar()) is not None:
                return str(school)
        named = select(schools.c.id).where(schools.c.name == self._settings.school)
        if (school := connection.execute(named).scalar()) is not None:
            return str(school)
        raise ConnectorError(f"the central database knows no school «{self._settings.school}»")


class _Unfit(ConnectorError):
    """The database cannot hold what an act says: sending it again would not help."""


def _is_closed(connection: Connection) -> bool:
    """Whether the server is known to have ended a connection that was idle. Nothing is sent, nobody is waited for."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, RawConnection):
        return False
    try:
        line = poll()
        line.register(raw.fileno(), POLLIN)
        for _ in range(_UNASKED):  # the server's last words, then the end
            if not line.poll(0):
                return False
            raw.pgconn.consume_input()
    except OperationalError:
        return True
    return True
