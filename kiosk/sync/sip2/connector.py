"""The kiosk's way to a library system by SIP2 (ports.Connector): acts told one by one, each once.

There are no ids of acts in SIP2. What may have arrived is therefore looked up before it is sent again, whoever asks for
that: the outbox after a broken conversation, a person with a retry, a second process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta

from kiosk.circulation.delivery import (
    Accepted,
    Indeterminate,
    Outcome,
    Parcel,
    Reason,
    RefusedByCentral,
    Unreachable,
)
from kiosk.circulation.facts import Page
from kiosk.circulation.model import Loan
from kiosk.errors import ConnectorError, ProtocolError
from kiosk.ports import Greeting, LookUp
from kiosk.sync.sip2 import CARRIES, Sip2Settings
from kiosk.sync.sip2.asking import Asking
from kiosk.sync.sip2.deeds import Deed, Errand, errand
from kiosk.sync.sip2.doubt import Doubt
from kiosk.sync.sip2.line import Away, Line, NotRead, NotTaken, Unanswered
from kiosk.sync.sip2.refusal import Refusals
from kiosk.sync.sip2.requests import Checkin, Checkout, Hold, Renew, Request
from kiosk.sync.sip2.said import ItemSaid, day_of, lent, words

LATE = timedelta(minutes=10)
"""A return of longer ago is looked up first: the item may have been lent again since, at another place."""
ANY_COPY = 2
"""A hold's type (BY): any copy of the title."""


def _now() -> datetime:
    return datetime.now(UTC)


class Sip2Connector:
    """A kiosk's way to a central library that speaks SIP2 (ports.Connector)."""

    kind = "sip2"
    carries = CARRIES
    pulls = False

    def __init__(self, line: Line, settings: Sip2Settings, now: Callable[[], datetime] = _now) -> None:
        self._line = line
        self._settings = settings
        self._asking = Asking(line, settings, now)
        self._doubt = Doubt(self._asking)
        self._refusals = Refusals(self._asking)
        self.look_up: LookUp | None = self._asking

    def hello(self) -> Greeting:
        """Ask central how it is, and what time. Raises ConnectorError."""
        greeted = self._line.greet()
        if greeted.clock is None:
            raise ConnectorError("the central library does not tell the time in a form that can be read")
        return Greeting(greeted.clock, 0)

    def submit(self, parcels: Sequence[Parcel]) -> Sequence[Outcome]:
        """Send acts, in order."""
        outcomes: list[Outcome] = []
        gone = ""
        for parcel in parcels:
            outcome = Unreachable(gone) if gone else self._submit(parcel)
            if isinstance(outcome, Unreachable | Indeterminate):
                gone = outcome.why
            outcomes.append(outcome)
        return outcomes

    def find_out(self, parcel: Parcel) -> Outcome | None:
        """Did this one arrive? By the item and the patron as they are there now."""
        try:
            return self._doubt.look(errand(parcel))
        except ProtocolError as error:
            return _unwritable(error)
        except Unanswered as error:
            return Indeterminate(str(error))
        except ConnectorError as error:
            return Unreachable(str(error))

    def pull(self, cursor: str, limit: int) -> Page:
        """SIP2 cannot list."""
        raise ConnectorError("a library system that speaks SIP2 cannot list what it has")

    def close(self) -> None:
        """Let go of the connection."""
        self._line.close()

    def _submit(self, parcel: Parcel) -> Outcome:
        one = errand(parcel)
        if one.deed is Deed.NOTHING:
            return Accepted(0)
        if one.deed is Deed.SHORTEN:
            return Accepted(0, (Reason.NOT_UNDONE,))
        if not one.card and one.deed is not Deed.GIVE_BACK:
            return RefusedByCentral(Reason.PATRON_UNKNOWN, "no card by which the library system could know the reader")
        if parcel.attempt > 0:
            found = self.find_out(parcel)
            if found is not None:
                return found
        try:
            return self._told(one)
        except Away as error:
            return Unreachable(str(error))
        except NotRead:
            return self._again(one)
        except Unanswered as error:
            return Indeterminate(str(error))
        except NotTaken as error:
            return RefusedByCentral(Reason.OTHER, str(error))
        except ProtocolError as error:
            return _unwritable(error)

    def _again(self, one: Errand) -> Outcome:
        """Central says that it could not read the act: once it is seen that it has not taken it either, it is sent
        again."""
        found = self.find_out(one.parcel)
        if found is not None:
            return found
        try:
            return self._told(one)
        except Away as error:
            return Unreachable(str(error))
        except ConnectorError as error:
            return Indeterminate(str(error))

    def _told(self, one: Errand) -> Outcome:
        if one.deed is Deed.GIVE_BACK and self._is_late(one) and not one.parcel.insist:
            moot = self._moot(one)
            if moot is not None:
                return moot
        if one.deed is Deed.LEND and one.parcel.insist:
            self._make_way(one)
        reply = self._line.tell(self._request(one))
        if not reply.yes("ok"):
            return self._refusals.explain(one, words(reply))
        if one.deed in (Deed.LEND, Deed.RENEW):
            title = reply.text("title") if one.deed is Deed.LEND else ""
            return lent(one, day_of(reply, "due", self._settings.timezone), title)
        return Accepted(0)

    def _is_late(self, one: Errand) -> bool:
        return bool(one.card) and self._asking.today() - one.parcel.at > LATE

    def _moot(self, one: Errand) -> Outcome | None:
        """A return of a while ago must not end a loan that somebody else has made since."""
        return Accepted(0, (Reason.ON_LOAN_ELSEWHERE,)) if self._is_lent_to_another(one) else None

    def _make_way(self, one: Errand) -> None:
        """Staff settled it: who has the item in central has it no more."""
        if self._is_lent_to_another(one) is not False:
            self._line.tell(self._checkin(one))

    def _is_lent_to_another(self, one: Errand) -> bool | None:
        """Whether it is, in central; None: to somebody, and nobody tells to whom. Raises Away if it cannot be asked."""
        try:
            item = self._asking.said_of_item(one.number)
            if item is not None and not item.charged:
                return False
            patron = self._asking.said_of_patron(one.card)
        except Unanswered as error:
            raise Away(str(error)) from error
        theirs = patron.lists(item or ItemSaid(one.number)) if patron is not None else None
        return None if theirs is None else not theirs

    # The requests.

    def _request(self, one: Errand) -> Request:
        at, due = self._when(one), self._due(one.loan)
        institution, no_block = self._settings.institution, one.parcel.happened
        match one.deed:
            case Deed.GIVE_BACK:
                return self._checkin(one)
            case Deed.LEND:
                return Checkout(
                    at=at, institution=institution, patron=one.card, item=one.number, no_block=no_block, nb_due=due,
                    cancel=True if one.is_undo else None,
                )  # fmt: skip
            case Deed.RENEW:
                return Renew(
                    at=at, institution=institution, patron=one.card, item=one.number, no_block=no_block, nb_due=due
                )
        mode = "+" if one.deed is Deed.PLACE else "-"
        return Hold(
            at=at, institution=institution, mode=mode, patron=one.card, item=one.number, hold_type=ANY_COPY
        )  # fmt: skip

    def _checkin(self, one: Errand) -> Checkin:
        at = self._when(one)
        return Checkin(
            at=at, institution=self._settings.institution, item=one.number, returned_at=at,
            no_block=one.parcel.happened, cancel=True if one.is_undo and one.deed is Deed.GIVE_BACK else None,
        )  # fmt: skip

    def _when(self, one: Errand) -> datetime:
        """When it happened, by central's clock; a time that the kiosk did not know itself is told to nobody."""
        return one.parcel.at.astimezone(self._settings.timezone) if one.parcel.trusted else self._asking.today()

    def _due(self, loan: Loan | None) -> datetime | None:
        """The date that the patron was promised, to its end; it only counts with no-block."""
        return datetime.combine(loan.due, time(23, 59)) if loan is not None and loan.due is not None else None


def _unwritable(error: ProtocolError) -> RefusedByCentral:
    """It never left, and never will as it is: somebody has to look at it."""
    return RefusedByCentral(Reason.OTHER, str(error))
