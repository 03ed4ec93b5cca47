"""The kiosk's side of the stick (ports.Carrier).

A round reads the answer that lies on the stick, whole, before anything of it is believed; gathers every act that has no
answer yet; and writes them as one file in place of the last one. What a lost stick held is in the next file.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile

from kiosk.circulation.delivery import Outcome, Parcel, Posted, Unreachable
from kiosk.circulation.facts import Page
from kiosk.errors import ConnectorError, ProtocolError
from kiosk.ports import Greeting, Handover, LookUp
from kiosk.sync.carry import CARRIES, CarrySettings
from kiosk.sync.carry.answers import Answers
from kiosk.sync.carry.key import CarryKey
from kiosk.sync.carry.sealed import ACTS, ANSWERS, NotOurs, read_head, read_sealed, write_sealed
from kiosk.sync.carry.stick import find_stick, open_carefully, replace_durably, said
from kiosk.sync.carry.words import FACTS, Line, encode, parcel_out

log = logging.getLogger(__name__)

IN_MEMORY = 1 << 20
"""So many bytes of acts are gathered in memory, more in a file that has no name."""


class _Gathered:
    """The acts of a round, in their order, each once."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._seen = bytearray()
        self._hash = hashlib.sha256()
        self.count = 0

    def has(self, seq: int) -> bool:
        """Whether an act is among them. A bit each: there may be a hundred thousand."""
        return seq >> 3 < len(self._seen) and bool(self._seen[seq >> 3] & 1 << (seq & 7))

    def add(self, parcel: Parcel) -> None:
        """One more."""
        seq, line = parcel.seq, encode(parcel_out(parcel))
        self._file.write(line + b"\n")
        self._hash.update(line + b"\n")
        self._seen.extend(bytes(max(0, (seq >> 3) + 1 - len(self._seen))))
        self._seen[seq >> 3] |= 1 << (seq & 7)
        self.count += 1

    def lines(self) -> Iterator[bytes]:
        """Each as a line."""
        self._file.seek(0)
        for line in self._file:
            yield line.rstrip(b"\n")

    def digest(self) -> str:
        """By which two rounds are told apart."""
        return self._hash.hexdigest()

    def close(self) -> None:
        """Forget them."""
        self._file.close()


class CarryConnector:
    """Finds the stick anew in each round; keeps nothing between two but what was noted."""

    kind = "carry"
    carries = CARRIES
    pulls = True
    look_up: LookUp | None = None

    def __init__(self, settings: CarrySettings, key: CarryKey) -> None:
        self._settings = settings
        self._key = key
        self._written = 0
        self._read = 0
        self._gathered = _Gathered()
        self._answers = Answers()
        self._folder = Path()
        self._problem = ""
        self._lies_there: tuple[str, tuple[int, ...]] | None = None

    def recall(self, noted: Mapping[str, str]) -> None:
        """What was noted after the round before, ahead of `hello`."""
        self._written = int(noted.get("carry_written", "0"))
        self._read = int(noted.get("carry_read", "0"))

    def hello(self) -> Greeting:
        """Is there a stick, and what does it bring? Raises ConnectorError if there is none.

        An answer that cannot be believed is left alone, and does not keep ours from being written. The clock is that of
        the answer, or our own if there is none.
        """
        self._start_anew()
        self._folder = find_stick(self._settings.folder)
        try:
            self._read_answer(self._folder / f"{self._key.kiosk}.answers")
        except (NotOurs, ProtocolError) as error:
            self._answers.close()
            self._answers = Answers()
            self._problem = (
                f"the answer on the stick is not used: {error}; take the stick to the central library once more"
            )
        head = self._answers.head
        return Greeting(head.made, head.version) if head is not None else Greeting(datetime.now(UTC), 0)

    def _read_answer(self, path: Path) -> None:
        file = open_carefully(path)
        if file is None:
            return
        with file:
            try:
                head = read_head(file)
                if (head.kiosk, head.goes) != (self._key.kiosk, ANSWERS):
                    raise NotOurs("it is not for this kiosk")
                if head.number <= self._read:
                    self._notice_older(head.number)
                    return
                self._answers.take(read_sealed(file, self._key, head), self._settings.school)
            except OSError as error:
                raise ConnectorError(f"{path}: {said(error)}") from error
        answer = self._answers.head
        if answer is not None and answer.to > self._written:
            self._problem = (
                f"this kiosk wrote {self._written} files, but the central library has had number {answer.to}: it was "
                "set back to an older state, and what it recorded since is known to the central library only"
            )
            self._written = answer.to
        self._read = head.number

    def _notice_older(self, number: int) -> None:
        """The stick has not been with central since, which is no news; or it is another one, from before."""
        if number < self._read:
            self._problem = (
                f"the answer on the stick is number {number}, older than {self._read}, which was read already; "
                "it is not used"
            )

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Gather acts for the stick, in order."""
        outcomes: list[Outcome] = []
        for parcel in parcels:
            outcomes.append(self._post(parcel) if not outcomes or outcomes[-1] == Posted() else outcomes[-1])
        return outcomes

    def _post(self, parcel: Parcel) -> Outcome:
        try:
            if not self._gathered.has(parcel.seq):
                self._gathered.add(parcel)
        except OSError as error:
            return Unreachable(f"acts could not be gathered for the stick: {error.strerror}")
        return Posted()

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """What the answer says of an act; one that it does not name is posted again. None: it was not looked at there,
        as one before it was refused."""
        if self._gathered.has(parcel.seq):
            return Posted()
        known, outcome = self._answers.find(parcel.act.id)
        return outcome if known else self._post(parcel)

    def brings(self, cursor: str) -> bool:
        """Whether the answer has a page that goes on from this cursor."""
        return self._answers.page(cursor) is not None

    def pull(self, cursor: str, limit: int) -> Page:
        """The page that goes on from the cursor. Raises ConnectorError if the answer has none."""
        page = self._answers.page(cursor)
        if page is None:
            raise ConnectorError("what lies on the stick does not go on from where this kiosk stands")
        return page

    def seal(self, cursor: str) -> Handover:
        """Write all that was posted, and where the pull stands. Raises ConnectorError; then the last file is there yet.

        Nothing is written if the same lies there already: a stick that stays plugged in should last.
        """
        path = self._folder / f"{self._key.kiosk}.acts"
        content = f"{self._gathered.digest()} {self._read} {cursor}"
        problem = self._problem
        try:
            if self._lies_there == (content, _signature(path)):
                return Handover({}, problem=problem)
            self._written += 1
            replace_durably(path, lambda file: write_sealed(file, self._key, ACTS, self._written, self._lines(cursor)))
            self._lies_there = content, _signature(path)
        except OSError as error:
            raise ConnectorError(f"{path}: {said(error)}") from error
        finally:
            count = self._gathered.count
            self._start_anew()
        told = f"{datetime.now().astimezone():%Y-%m-%d %H:%M}: {count} acts are on the stick; it can be pulled out"
        noted = {"carry_written": str(self._written), "carry_read": str(self._read), "stick": told}
        return Handover(noted, told, problem)

    def _lines(self, cursor: str) -> Iterator[bytes]:
        first: Line = {
            "school": self._settings.school,
            "name": self._settings.kiosk,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "read": self._read,
            "cursor": cursor,
            "facts": FACTS,
            "acts": self._gathered.count,
        }
        yield encode(first)
        yield from self._gathered.lines()

    def close(self) -> None:
        """Forget what was gathered and not written: it is in the outbox."""
        self._start_anew()
        self._lies_there = None

    def _start_anew(self) -> None:
        self._gathered.close()
        self._answers.close()
        self._gathered, self._answers, self._problem = _Gathered(), Answers(), ""


def _signature(path: Path) -> tuple[int, ...]:
    """By which a file is known to be the one that was written: another stick has another."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return ()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns
