"""The words between the desk and its modes: events go in, effects come out, answers to effects are events again.

An effect that asks for something carries a request number, and so does its answer; an answer to a request that the
mode no longer waits for is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from kiosk.circulation.acts import Act, Relied
from kiosk.circulation.appearance import Appearance
from kiosk.circulation.clock import Moment
from kiosk.circulation.delivery import Reason
from kiosk.circulation.model import ItemRecord, PatronRecord, Scan, SchoolClass, TitleRecord
from kiosk.circulation.returns import Recorded
from kiosk.circulation.slip import Slip


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. now: when."""

    now: Moment


@dataclass(frozen=True, slots=True)
class Scanned(Event):
    """A scanner read something."""

    scan: Scan


@dataclass(frozen=True, slots=True)
class Pressed(Event):
    """Somebody touched an action, of the view or (argument: its id) of a row."""

    action: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Typed(Event):
    """Somebody typed a text: a search, a number, a PIN."""

    text: str


@dataclass(frozen=True, slots=True)
class DevicesTold(Event):
    """How the devices are changed. broken: the names of those that do not work; deaf: no reader does."""

    broken: tuple[str, ...]
    deaf: bool


@dataclass(frozen=True, slots=True)
class CallOver(Event):
    """The librarian is not called any more: her card was read, or the time is over."""


@dataclass(frozen=True, slots=True)
class Woke(Event):
    """A timer rang. generation: of the `Wake` that set it."""

    generation: int


@dataclass(frozen=True, slots=True)
class PrintFailed(Event):
    """The last slip was not printed."""


@dataclass(frozen=True, slots=True)
class Permitted(Event):
    """A librarian lets this visit pass what the rules refuse. by: their id; reason: a message key, or their words."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CameAsReader(Event):
    """Somebody of the staff comes as a reader, for books of their own."""

    record: PatronRecord


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """The mode above this one is over, and left nothing to do."""


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """The answer to a request."""

    request: int
    answer: Answer


# What can be asked of the ledger, or of the central library, and how they answer.


@dataclass(frozen=True, slots=True)
class Identify:
    """Whose card or which item is this code? for_patron: also the record of the patron whose visit it is."""

    code: str
    wants: str = "any"
    for_patron: str | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """A patron, an item and a title afresh, each if its id is given. loan_title: with the title record of the item."""

    patron_id: str | None = None
    item_id: str | None = None
    title_id: str | None = None


@dataclass(frozen=True, slots=True)
class FindNumber:
    """The items with this inventory number (a torn label), and whether it is a card's number."""

    number: str
    for_patron: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Titles by words of title or author, or an ISBN; at most `limit`, best first."""

    text: str
    limit: int = 50


@dataclass(frozen=True, slots=True)
class ListClasses:
    """The classes that have pupils."""


@dataclass(frozen=True, slots=True)
class ListClass:
    """The pupils of a class."""

    school_class: SchoolClass


@dataclass(frozen=True, slots=True)
class CheckPin:
    """Is this the patron's PIN? The secret lives only in this question."""

    patron_id: str
    secret: str

    def __repr__(self) -> str:
        return f"CheckPin(patron_id={self.patron_id!r})"


@dataclass(frozen=True, slots=True)
class FindActs:
    """Acts of the ledger, to take them back. Answered newest first."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """Does the ledger work?"""


@dataclass(frozen=True, slots=True)
class Enquire:
    """Does the central library know this code, which the ledger does not? wants: "card", "item" or "any"."""

    code: str
    wants: str


@dataclass(frozen=True, slots=True)
class StaffQuery:
    """The base of what the staff's pages ask of the ledger."""


@dataclass(frozen=True, slots=True)
class StaffAnswer:
    """The base of the answers to staff's questions and deeds."""


@dataclass(frozen=True, slots=True)
class Deed:
    """The base of what staff have done that is more than a question and no act: a document written, a list read."""


Query = (
    StaffQuery
    | Identify
    | LookUp
    | FindNumber
    | Search
    | ListClasses
    | ListClass
    | CheckPin
    | FindActs
    | Probe
    | Enquire
)


@dataclass(frozen=True, slots=True)
class Identified:
    """What a code was found to be. Several at once: the code means more than one thing.

    card_lost: the card is marked as lost. patron: the record of the one whose visit it is, if asked for.
    """

    card: PatronRecord | None = None
    card_lost: bool = False
    items: tuple[ItemRecord, ...] = ()
    patron: PatronRecord | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """The answer to `LookUp`; what is unknown or was not asked for is None."""

    patron: PatronRecord | None = None
    item: ItemRecord | None = None
    title: TitleRecord | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """The answer to `Search`."""

    titles: tuple[TitleRecord, ...]


@dataclass(frozen=True, slots=True)
class Classes:
    """The answer to `ListClasses`, in the order of the school: 2 before 10, А Ә Б."""

    classes: tuple[SchoolClass, ...]


@dataclass(frozen=True, slots=True)
class Pupils:
    """The answer to `ListClass`, by given name in the order of the Kazakh alphabet."""

    pupils: tuple[PatronRecord, ...]


@dataclass(frozen=True, slots=True)
class PinChecked:
    """The answer to `CheckPin`."""

    right: bool


@dataclass(frozen=True, slots=True)
class Acts:
    """The answer to `FindActs`."""

    acts: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class Committed:
    """The acts are in the ledger, durably."""

    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing was recorded: what the decision relied on has changed. Decide anew."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was recorded, or nothing could be found out. damaged: the ledger needs a person."""

    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Works:
    """The answer to `Probe` when the ledger works."""


@dataclass(frozen=True, slots=True)
class Enquired:
    """The answer to `Enquire`. learned: the ledger knows more now, so look again; away: nobody could say; school: the
    name of another school whose item it is, "" if it is of none."""

    learned: bool = False
    away: bool = False
    school: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The central library refused what was wished, for this reason. acts: those that stand all the same, durably."""

    reason: Reason
    acts: tuple[Act, ...] = ()


Answer = (
    StaffAnswer
    | Identified
    | Looked
    | Hits
    | Classes
    | Pupils
    | PinChecked
    | Acts
    | Committed
    | Declined
    | Enquired
    | Stale
    | Failed
    | Works
)


# What a mode has done.


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the ledger."""

    request: int
    query: Query


@dataclass(frozen=True, slots=True)
class Commit:
    """Record these acts together, if what they rely on still holds. insist: whatever the central library says."""

    request: int
    acts: tuple[Act, ...]
    relied: tuple[Relied, ...]
    insist: bool = False


@dataclass(frozen=True, slots=True)
class MakeItem:
    """Take an item in of which only the barcode is known; answered by `Identified`."""

    request: int
    barcode: str


@dataclass(frozen=True, slots=True)
class Wake:
    """Ring once after so many seconds; replaces the timer set before."""

    generation: int
    after_s: float


@dataclass(frozen=True, slots=True)
class CountVisit:
    """A visit began. category and grade: of the visitor, for the statistics; who it was is not kept."""

    category: str
    grade: int | None
    without_card: bool


@dataclass(frozen=True, slots=True)
class RememberAppearance:
    """How the screen is to look for this patron from now on."""

    patron_id: str
    appearance: Appearance


@dataclass(frozen=True, slots=True)
class ConfirmDate:
    """Staff said that today is this day."""

    day: date
    by: str


@dataclass(frozen=True, slots=True)
class Print:
    """Print a slip, if it can be done; what comes of it is told later, if at all."""

    slip: Slip


@dataclass(frozen=True, slots=True)
class CallLibrarian:
    """Call the librarian from now on, for so long at most."""

    for_s: float


@dataclass(frozen=True, slots=True)
class CallAnswered:
    """The librarian is there."""


@dataclass(frozen=True, slots=True)
class Do:
    """Have something done that is no act in the ledger; answered by a `StaffAnswer`."""

    request: int
    deed: Deed


@dataclass(frozen=True, slots=True)
class OpenStaff:
    """Somebody of the staff held their card to the reader: their mode opens above this one.

    for_visit: to let this visit pass what the rules refuse.
    """

    record: PatronRecord
    for_visit: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """This mode is over; the one below goes on. override: why a visit may pass, "" if it may not.

    as_reader: whose card it was wants books of their own.
    """

    override: str = ""
    as_reader: bool = False


Effect = (
    Ask
    | Commit
    | MakeItem
    | Wake
    | CountVisit
    | ConfirmDate
    | RememberAppearance
    | Print
    | CallLibrarian
    | CallAnswered
    | Do
    | OpenStaff
    | Leave
)
