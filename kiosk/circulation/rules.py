"""What a library may set: whom it lends what, for how long, and how a visit goes. The defaults are DOMAIN.md 3's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum

from kiosk.circulation.calendar import Calendar
from kiosk.circulation.model import PUPIL, READING_ROOM_POINT, Item, ItemKind, Patron


@dataclass(frozen=True, slots=True)
class LoanRule:
    """Limits and periods for some patrons and some items. None in the first three fields means any.

    limit: how many loans under this very rule at once; None: not counted. days: the length of a loan.
    until_year_end: lent to the end of the school year. leaves: may leave the library. self_service: at the kiosk, by
    oneself.
    """

    category: str | None = None
    kind: ItemKind | None = None
    service_point: str | None = None
    limit: int | None = 5
    days: int = 10
    renewals: int = 2
    until_year_end: bool = False
    leaves: bool = True
    self_service: bool = True

    def fits(self, category: str, kind: ItemKind, service_point: str | None) -> bool:
        """Whether the rule speaks of such a patron and such an item."""
        return (
            self.category in (None, category)
            and self.kind in (None, kind)
            and self.service_point in (None, service_point)
        )


DEFAULT_LOAN_RULES = (
    LoanRule(kind=ItemKind.TEXTBOOK, limit=None, renewals=0, until_year_end=True, self_service=False),
    LoanRule(kind=ItemKind.REFERENCE, leaves=False),
    LoanRule(service_point=READING_ROOM_POINT, leaves=False),
    LoanRule(category="room", limit=None, until_year_end=True),
    LoanRule(category="group", limit=None, until_year_end=True),
    LoanRule(),
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The lending rules of one library.

    loan_rules: the first that fits holds. only_copies_stay: the last copy of a title is not lent.
    lend_unchecked: items awaiting check may be lent. check_returns: a returned item awaits a librarian's look.
    textbook_self_return: a textbook may be returned with nobody there to look at its condition.
    """

    calendar: Calendar = field(default_factory=Calendar)
    loan_rules: tuple[LoanRule, ...] = DEFAULT_LOAN_RULES
    block_overdue: bool = True
    only_copies_stay: bool = False
    lend_unchecked: bool = True
    check_returns: bool = True
    textbook_self_return: bool = False
    hold_limit: int = 3
    hold_shelf_days: int = 5

    def rule_for(self, patron: Patron, kind: ItemKind, service_point: str | None) -> LoanRule:
        """The rule for lending this patron such an item; service_point None for a copy held by count."""
        return first_fitting(self.loan_rules, patron.category, kind, service_point)

    def rule_for_item(self, patron: Patron, item: Item) -> LoanRule:
        """The rule for lending this patron this item."""
        return self.rule_for(patron, item.kind, item.service_point)

    def lends_to_anybody(self, item: Item) -> bool:
        """Whether there are borrowers who may take such an item by themselves."""
        categories = {PUPIL, *(rule.category for rule in self.loan_rules if rule.category)}
        found = (first_fitting(self.loan_rules, one, item.kind, item.service_point) for one in categories)
        return any(rule.leaves and rule.self_service for rule in found)


def first_fitting(rules: Sequence[LoanRule], category: str, kind: ItemKind, service_point: str | None) -> LoanRule:
    """The first rule that fits, or the default one."""
    return next((rule for rule in rules if rule.fits(category, kind, service_point)), LoanRule())


class Clears(StrEnum):
    """What clears the debt of a pupil who hands in a textbook: a copy of the same title, or only the very copy."""

    TITLE = "title"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class TextbookSettings:
    """How textbooks are handed out and collected."""

    clears: Clears = Clears.TITLE


@dataclass(frozen=True, slots=True)
class StaffSettings:
    """How staff work at the kiosk. Lengths in seconds.

    idle_s: without a scan or a touch, staff are signed out. pin_tries: after so many wrong PINs a wait of pin_wait_s
    begins, which doubles with every further round.
    """

    idle_s: float = 180.0
    pin_tries: int = 5
    pin_wait_s: float = 60.0
    same_scan_s: float = 2.0
    textbooks: TextbookSettings = field(default_factory=TextbookSettings)


class NoCard(StrEnum):
    """Who may sign in without a card: nobody, those with a PIN, or also those whose PIN was never set."""

    OFF = "off"
    PIN = "pin"
    OPEN = "open"


class PinUse(StrEnum):
    """Whether a card alone opens a visit: it does, or a patron who has a PIN gives it too."""

    OFF = "off"
    IF_SET = "if_set"


class Slips(StrEnum):
    """When a slip is printed: never, when the reader asks for one, or after every visit."""

    NEVER = "never"
    ON_REQUEST = "on_request"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """How a visit goes. Lengths in seconds.

    idle_by_grade: the idle time of a grade in place of idle_s. warning_s: how long before sign-out the child is asked.
    same_scan_s: a code seen again within it is the same scan. grace_s: how long an act at home waits for a card.
    summary_s: how long what was done stays to be seen; summary_code_s: with the code of a slip, which a phone takes.
    no_card_limit: at most so many loans from a visit without a card; None: as many as with one. takes_returns: an item
    not on loan that nobody claims is recorded as found. night: from when to when the light theme is the night's.
    ask_liked: whether a returned book was liked is asked. speaks: there is a voice.
    lend_unknown: an item that the kiosk does not know, while the central library, which may, is away, is lent by its
    barcode alone. camera: the name of the feed that a camera's view shows, empty without one; camera_s: how long it
    stays open with nobody signed in. calls: something calls the librarian; call_s: for how long. staff: how staff work
    behind the public screen.
    """

    languages: tuple[str, ...] = ("kk", "ru", "en")
    idle_s: float = 40.0
    idle_by_grade: tuple[tuple[int, float], ...] = tuple((grade, 60.0) for grade in range(5))
    warning_s: int = 10
    same_scan_s: float = 2.0
    grace_s: float = 20.0
    summary_s: float = 8.0
    summary_code_s: float = 20.0
    pin: PinUse = PinUse.OFF
    pin_tries: int = 3
    pin_wait_s: float = 30.0
    no_card: NoCard = NoCard.PIN
    no_card_limit: int | None = None
    takes_returns: bool = True
    ask_liked: bool = True
    speaks: bool = False
    night: tuple[time, time] | None = None
    lend_unknown: bool = False
    slips: Slips = Slips.NEVER
    camera: str = ""
    camera_s: float = 30.0
    calls: bool = False
    call_s: float = 120.0
    staff: StaffSettings = field(default_factory=StaffSettings)

    def idle_for(self, patron: Patron) -> float:
        """Seconds without a scan or a touch after which this patron's visit ends."""
        grade = patron.school_class.grade if patron.school_class else None
        return dict(self.idle_by_grade).get(grade, self.idle_s) if grade is not None else self.idle_s
