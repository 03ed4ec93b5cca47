"""Central's side of the stick: what each kiosk wrote goes through the one `apply`, and its answer onto the stick.

A file is read to its end, and believed, before anything of it is done; its acts are then applied one by one, each once
whatever happens, in the order in which they were written. An act that cannot be taken holds up those behind it that a
kiosk with a network would hold up too (delivery.held_up_by), so that both ways end in the same state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import DataError, IntegrityError

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import (
    Accepted,
    Ahead,
    Delivery,
    Parcel,
    Reason,
    RefusedByCentral,
    held_up_by,
    needs,
    order_keys,
)
from kiosk.errors import ConnectorError, ProtocolError
from kiosk.sync.carry.key import CarryKey
from kiosk.sync.carry.sealed import ACTS, ANSWERS, NotOurs, read_head, read_sealed, write_sealed
from kiosk.sync.carry.stick import find_stick, open_carefully, replace_durably, said
from kiosk.sync.carry.words import (
    FACTS,
    LONGEST_ID,
    Line,
    Unreadable,
    act_id_of,
    decode,
    encode,
    is_known_kind,
    outcome_out,
    page_out,
    parcel_in,
    text,
    whole,
)
from kiosk.sync.central.apply import apply, recorded
from kiosk.sync.central.carriers import check_carriers
from kiosk.sync.central.database import changing, reading, sentence, told
from kiosk.sync.central.pull import pull
from kiosk.sync.central.schema import TEXTBOOKS_SINCE, VERSION, carriers, kiosks, schools, version_of
from kiosk.sync.pull import PAGE
from kiosk.sync.secret import Secret

IN_MEMORY = 1 << 20
MOST_FILES = 1000
_UNKNOWN_KIND = "the central library's machine knows no acts of this kind; bring it up to date"


@dataclass(slots=True)
class Exchanged:
    """What came of one file. name: of the kiosk, or of the file if it is nobody's. problem: why nothing of it was taken
    in, "" if it was; notes: what staff should know. refused: parked at the kiosk when it reads the answer."""

    name: str
    acts: int = 0
    accepted: int = 0
    refused: int = 0
    facts: int = 0
    problem: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Carrier:
    """A kiosk as central knows it."""

    key: CarryKey
    name: str
    school_id: str
    school: str
    seen: int
    answered: int
    read: int


@dataclass(frozen=True, slots=True)
class _First:
    """The first line of a file of acts. number: of the file; read: of the newest answer that the kiosk has read.

    facts: which facts the kiosk understands (words.FACTS)."""

    number: int
    read: int
    cursor: str
    acts: int
    facts: int


def exchange(
    connection: Connection, place: Path, page: int = PAGE, step: Callable[[int], None] = lambda acts: None
) -> Iterator[Exchanged]:
    """Take in what lies on the stick in a place, file by file, and answer each. page: facts in a page of the answers.

    step: told how many acts are done. Raises ConnectorError if there is no stick, or if the database or the stick fails
    on the way; what was done till then is done, and doing it all again does no harm.
    """
    check_carriers(connection)
    folder = find_stick(place)
    try:
        files = sorted(one for one in folder.iterdir() if one.name.endswith(f".{ACTS}"))[:MOST_FILES]
    except OSError as error:
        raise ConnectorError(f"{folder}: {said(error)}") from error
    for path in files:
        yield _exchange_one(connection, path, page, step)


def _exchange_one(connection: Connection, path: Path, page: int, step: Callable[[int], None]) -> Exchanged:
    done = Exchanged(path.name)
    with SpooledTemporaryFile(max_size=IN_MEMORY) as acts, SpooledTemporaryFile(max_size=IN_MEMORY) as answers:
        try:
            carrier, first = _read(connection, path, acts, done)
        except ConnectorError as error:
            done.problem = f"nothing of it was taken in: {error}"
            return done
        is_older = first.number < carrier.seen
        with told():
            number = _count_up(connection, carrier, first, done)
            (_find if is_older else _apply)(connection, carrier, acts, answers, done, step)
            pages = _pull(connection, carrier, first, page, answers, done)
            with reading(connection):
                state = select(schools.c.version).where(schools.c.id == carrier.school_id)
                version = int(connection.execute(state).scalar_one())
        head: Line = {
            "school": carrier.school,
            "made": datetime.now(UTC).isoformat(),
            "to": max(first.number, carrier.seen),
            "version": version,
            "outcomes": done.accepted + done.refused,
            "pages": pages,
        }
        replace_durably(
            path.with_suffix(f".{ANSWERS}"),
            lambda file: write_sealed(file, carrier.key, ANSWERS, number, _lines(head, answers)),
        )
    return done


def _lines(head: Line, answers: IO[bytes]) -> Iterator[bytes]:
    yield encode(head)
    answers.seek(0)
    for line in answers:
        yield line.rstrip(b"\n")


# Reading a file, whole.


def _read(connection: Connection, path: Path, acts: IO[bytes], done: Exchanged) -> tuple[_Carrier, _First]:
    """The kiosk, and the first line; its acts, checked, into a file. Raises ConnectorError if it cannot be used."""
    file = open_carefully(path)
    if file is None:
        raise NotOurs("it is gone")
    try:
        with closing(file):
            head = read_head(file)
            if head.goes != ACTS or path.name != f"{head.kiosk}.{ACTS}":
                raise NotOurs("it has the name of another file")
            carrier = _find_carrier(connection, head.kiosk)
            done.name = f"{carrier.name} («{carrier.school}»)"
            lines = read_sealed(file, carrier.key, head)
            first = _first_in(next(lines, b""), head.number, carrier)
            for line in lines:
                _check(line)
                acts.write(line + b"\n")
                done.acts += 1
    except OSError as error:
        raise ConnectorError(f"{path}: {said(error)}") from error
    if done.acts != first.acts:
        raise Unreadable("something of it is missing")
    return carrier, first


def _find_carrier(connection: Connection, kiosk: str) -> _Carrier:
    query = (
        select(carriers, kiosks.c.name, schools.c.name.label("school"))
        .join_from(carriers, kiosks, carriers.c.kiosk_id == kiosks.c.id)
        .join(schools, carriers.c.school_id == schools.c.id)
        .where(carriers.c.kiosk_id == kiosk)
    )
    with told(), reading(connection):
        row = connection.execute(query).first()
    if row is None:
        raise NotOurs("it is of no kiosk that has a key of this central library")
    key = CarryKey(kiosk, Secret(row.secret))
    return _Carrier(key, row.name, row.school_id, row.school, row.seen, row.answered, row.read)


def _first_in(line: bytes, number: int, carrier: _Carrier) -> _First:
    found = decode(line)
    school = text(found, "school")
    if school != carrier.school:
        raise ProtocolError(f"the kiosk's settings say «{school}», but it is a kiosk of «{carrier.school}»")
    facts = whole(found, "facts") if "facts" in found else 1
    return _First(number, whole(found, "read"), text(found, "cursor"), whole(found, "acts"), facts)


def _check(line: bytes) -> None:
    found = decode(line)
    act_id_of(found)
    if is_known_kind(found):
        parcel_in(found)


def _count_up(connection: Connection, carrier: _Carrier, first: _First, done: Exchanged) -> int:
    """The number of the answer. What tells of a back-up that was restored, here or there, is noted.

    Numbers only grow: what is answered to an older file, or from an older database, must still be news to the kiosk.
    """
    if first.read > carrier.answered:
        done.notes.append(
            f"the kiosk has read answer {first.read}, but this database remembers only {carrier.answered}: it was set "
            "back to an older state, and what it took in since is known to the kiosks only"
        )
    if first.number < carrier.seen:
        done.notes.append(
            f"file {first.number} is older than one that was taken in already ({carrier.seen}): either another stick, "
            "or the kiosk was set back to an older state; nothing of it was applied"
        )
    elif first.read < carrier.read:
        done.notes.append(
            f"the kiosk has read answer {first.read}, after it had read {carrier.read}: it was set back to an older "
            "state"
        )
    number = max(carrier.answered, first.read) + 1
    values: dict[str, Any] = {"answered": number, "seen": max(carrier.seen, first.number)}
    if first.number >= carrier.seen:
        values["read"] = first.read
    with changing(connection):
        connection.execute(update(carriers).where(carriers.c.kiosk_id == carrier.key.kiosk).values(**values))
        heard = update(kiosks).where(kiosks.c.id == carrier.key.kiosk)
        connection.execute(heard.values(seen_at=datetime.now(UTC)))
    return number


# What becomes of the acts.

Step = Callable[[int], None]


def _apply(
    connection: Connection, carrier: _Carrier, acts: IO[bytes], answers: IO[bytes], done: Exchanged, step: Step
) -> None:
    """Each act by the one `apply`, and what it said."""
    with reading(connection):
        schema = version_of(connection)
    held = _HeldUp()
    acts.seek(0)
    for line in acts:
        found = decode(line)
        outcome: Accepted | RefusedByCentral | None
        if not is_known_kind(found):
            outcome = RefusedByCentral(Reason.OTHER, _UNKNOWN_KIND)
        else:
            parcel = parcel_in(found)
            outcome = None if held.by(parcel) else _apply_one(connection, carrier, parcel, schema)
            held.note(parcel, outcome)
        done.accepted += isinstance(outcome, Accepted)
        done.refused += not isinstance(outcome, Accepted)
        answers.write(encode(outcome_out(act_id_of(found), outcome)) + b"\n")
        step(1)


def _apply_one(connection: Connection, carrier: _Carrier, parcel: Parcel, schema: int) -> Accepted | RefusedByCentral:
    try:
        return apply(connection, carrier.school_id, parcel, schema)
    except (DataError, IntegrityError) as error:
        return RefusedByCentral(Reason.OTHER, sentence(error))


def _find(
    connection: Connection, carrier: _Carrier, acts: IO[bytes], answers: IO[bytes], done: Exchanged, step: Step
) -> None:
    """Which acts are recorded; of the others nothing is said: a newer file may be on its way."""
    acts.seek(0)
    for line in acts:
        act_id = text(decode(line), "act", LONGEST_ID)
        with reading(connection):
            outcome = recorded(connection, carrier.school_id, act_id)
        if outcome is not None:
            done.accepted += 1
            answers.write(encode(outcome_out(act_id, outcome)) + b"\n")
        step(1)


class _HeldUp:
    """What was not taken in from a file, and so holds up what comes behind it, as in a kiosk's outbox."""

    def __init__(self) -> None:
        self._ahead: dict[str, list[tuple[int, Ahead]]] = {}

    def by(self, parcel: Parcel) -> bool:
        """Whether an act has to wait for one that was not taken in."""
        act = parcel.act
        keys = sorted(order_keys(act) | needs(act.patron_id, act.title_id))
        return held_up_by(act.kind, (one for key in keys for _, one in self._ahead.get(key, ()))) is not None

    def note(self, parcel: Parcel, outcome: Accepted | RefusedByCentral | None) -> None:
        """What became of an act. A return that was taken in has passed what it ended: that holds nobody up any more."""
        keys = order_keys(parcel.act)
        if not isinstance(outcome, Accepted):
            delivery = Delivery.PARKED if outcome is not None else Delivery.PENDING
            for key in keys:
                self._ahead.setdefault(key, []).append((parcel.seq, Ahead(key, parcel.act.kind, delivery)))
        elif parcel.act.kind is Kind.CHECKIN:
            items = [key for key in keys if not key.startswith("hold:")]
            passed = {seq for key in items for seq, _ in self._ahead.get(key, ())}
            if passed:
                for key, held in self._ahead.items():
                    self._ahead[key] = [one for one in held if one[0] not in passed]


def _pull(
    connection: Connection, carrier: _Carrier, first: _First, size: int, answers: IO[bytes], done: Exchanged
) -> int:
    """What changed since the kiosk's cursor; how many pages. The cursor of a database that is no more, as this one was
    set back to an older state, means nothing here: the kiosk is told everything."""
    pages, more, asked = 0, True, first.cursor
    cursor = asked if first.read <= carrier.answered else ""
    knows = VERSION if first.facts >= FACTS else TEXTBOOKS_SINCE - 1
    while more:
        page = pull(connection, carrier.school_id, cursor, size, knows)
        for line in page_out(asked, page):
            answers.write(encode(line) + b"\n")
        pages, more = pages + 1, page.more
        asked = cursor = page.cursor
        done.facts += len(page.facts)
    return pages
