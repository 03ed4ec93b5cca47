"""A small library system that answers SIP2 messages, for the tests: message in, message out, no sockets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kiosk.sync.sip2.messages import Message, Value, compose

ALL = "YYYYYYYYYYYYYYYY"
"""BX of a system that takes every message."""
NO_LOOK_UPS = "YYYYYYYNYYNYYYYY"


@dataclass
class Reader:
    """A patron of it."""

    name: str
    blocked: bool = False
    lost: bool = False


@dataclass
class Copy:
    """An item of it. card: who has it."""

    title: str
    card: str | None = None
    due: datetime | None = None
    shelved_for: str | None = None
    status: str = ""


@dataclass
class Library:
    """What it has, and everything that was done to it, in order: (what, item, card).

    lists: what its lists name, "numbers", "titles" or "none". passes_on, takes_due: what comes with no-block is
    believed, against a loan to somebody else, and its due date.
    """

    now: Callable[[], datetime]
    readers: dict[str, Reader] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    holds: list[tuple[str, str]] = field(default_factory=list)
    done: list[tuple[str, str, str]] = field(default_factory=list)
    password: str = "secret"
    supports: str = ALL
    days: int = 14
    limit: int = 50
    lists: str = "numbers"
    tells_due: bool = True
    passes_on: bool = False
    takes_due: bool = False
    at_work: bool = True
    tells_time: bool = True

    def answer(self, asked: Message) -> Message:
        """The reply to a request."""
        return getattr(self, f"_answer_{asked.code}")(asked)  # type: ignore[no-any-return]

    def fill(self, patrons: int, items: int) -> Library:
        """Pupils with cards P0.., books with barcodes A0.., two of a title."""
        self.readers |= {f"P{n}": Reader(f"Аты{n} Тегі{n}") for n in range(patrons)}
        self.copies |= {f"A{n}": Copy(f"Кітап {n // 2}") for n in range(items)}
        return self

    def loans(self) -> dict[str, str]:
        """Who has what, by barcodes and cards."""
        return {number: copy.card for number, copy in self.copies.items() if copy.card is not None}

    def _at(self) -> datetime:
        return self.now().astimezone(UTC)

    def _answer_93(self, asked: Message) -> Message:
        return compose("94", {"ok": asked.text("password") == self.password}, ())

    def _answer_99(self, asked: Message) -> Message:
        fixed: dict[str, Value] = {
            "online": self.at_work, "checkin_ok": True, "checkout_ok": True, "renewal_policy": True,
            "status_update_ok": True, "offline_ok": True, "timeout": 100, "retries": 3,
            "at": self._at() if self.tells_time else None, "version": "2.00",
        }  # fmt: skip
        return compose("98", fixed, (("institution", "LIB"), ("supported_messages", self.supports)))

    def _answer_17(self, asked: Message) -> Message:
        number = asked.text("item")
        copy = self.copies.get(number)
        here = "04" if copy and copy.card else "08" if copy and copy.shelved_for else "03"
        status = (copy.status or here) if copy is not None else "01"
        fixed: dict[str, Value] = {
            "circulation_status": status,
            "security_marker": "02",
            "fee_type": "01",
            "at": self._at(),
        }
        fields = [("item", number), ("title", copy.title if copy else "")]
        if copy is not None and copy.due is not None and self.tells_due:
            fields.append(("due", _date(copy.due)))
        return compose("18", fixed, fields)

    def _answer_63(self, asked: Message) -> Message:
        card = asked.text("patron")
        reader = self.readers.get(card)
        charged = [number for number, copy in self.copies.items() if copy.card == card]
        holds = [number for one, number in self.holds if one == card]
        flags = "Y" if reader is None or reader.blocked or reader.lost or len(charged) >= self.limit else " "
        flags += "   " + ("Y" if reader and reader.lost else " ") + ("Y" if len(charged) >= self.limit else " ")
        fixed: dict[str, Value] = {
            "status": flags.ljust(14), "language": "000", "at": self._at(), "hold_count": len(holds),
            "overdue_count": 0, "charged_count": len(charged), "fine_count": 0, "recall_count": 0,
            "unavailable_count": 0,
        }  # fmt: skip
        wants = asked.text("summary")
        listed = [("charged_items", one) for one in charged] if wants[2] == "Y" else []
        listed += [("hold_items", one) for one in holds] if wants[0] == "Y" else []
        if self.lists == "titles":
            listed = [(name, self.copies[one].title) for name, one in listed]
        elif self.lists == "none":
            listed = []
        name = reader.name if reader else ""
        return compose(
            "64",
            fixed,
            (("institution", "LIB"), ("patron", card), ("name", name), ("valid_patron", bool(reader)), *listed),
        )

    def _answer_11(self, asked: Message) -> Message:
        card, number = asked.text("patron"), asked.text("item")
        reader, copy = self.readers.get(card), self.copies.get(number)
        why = ""
        if reader is None or reader.blocked:
            why = "Patron blocked" if reader else "Invalid cardnumber"
        elif copy is None:
            why = "Invalid item"
        elif copy.card not in (None, card) and not (self.passes_on and asked.yes("no_block")):
            why = "Item checked out to another patron"
        elif copy.shelved_for not in (None, card):
            why = "Item is on hold for another patron"
        elif sum(one.card == card for one in self.copies.values()) >= self.limit and copy.card != card:
            why = "Too many items"
        if why or copy is None:
            return self._loan_reply("12", asked, False, None, why)
        self.done.append(("renewed" if copy.card == card else "lent", number, card))
        copy.card, copy.due, copy.shelved_for = card, self._new_due(asked), None
        return self._loan_reply("12", asked, True, copy, "")

    def _answer_09(self, asked: Message) -> Message:
        number = asked.text("item")
        copy = self.copies.get(number)
        was_out = copy is not None and copy.card is not None
        if copy is not None and copy.card is not None:
            self.done.append(("returned", number, copy.card))
            copy.card = copy.due = None
        fixed: dict[str, Value] = {
            "ok": was_out,
            "resensitize": True,
            "magnetic": None,
            "alert": False,
            "at": self._at(),
        }
        why = () if was_out else (("screen_message", "Item not checked out"),)
        return compose("10", fixed, (("institution", "LIB"), ("item", number), ("permanent_location", "LIB"), *why))

    def _answer_29(self, asked: Message) -> Message:
        card, number = asked.text("patron"), asked.text("item")
        copy = self.copies.get(number)
        if copy is None or copy.card != card:
            return self._loan_reply("30", asked, False, None, "Item not checked out to patron")
        self.done.append(("renewed", number, card))
        assert copy.due is not None
        copy.due = max(copy.due, self._new_due(asked))
        return self._loan_reply("30", asked, True, copy, "")

    def _answer_15(self, asked: Message) -> Message:
        card, number, mode = asked.text("patron"), asked.text("item"), asked.text("mode")
        there = (card, number) in self.holds
        ok = card in self.readers and number in self.copies and there is (mode == "-")
        if ok:
            self.done.append(("held" if mode == "+" else "let go", number, card))
            if mode == "+":
                self.holds.append((card, number))
            else:
                self.holds.remove((card, number))
        fixed: dict[str, Value] = {"ok": ok, "available": False, "at": self._at()}
        return compose("16", fixed, (("institution", "LIB"), ("patron", card), ("item", number)))

    def _new_due(self, asked: Message) -> datetime:
        told = asked.date("nb_due").at
        if self.takes_due and told is not None and asked.yes("no_block"):
            return told.replace(tzinfo=UTC)
        return (self._at() + timedelta(days=self.days)).replace(hour=23, minute=59, second=0, microsecond=0)

    def _loan_reply(self, code: str, asked: Message, ok: bool, copy: Copy | None, why: str) -> Message:
        fixed: dict[str, Value] = {"ok": ok, "renewal_ok": ok, "magnetic": None, "desensitize": ok, "at": self._at()}
        fields = [
            ("institution", "LIB"), ("patron", asked.text("patron")), ("item", asked.text("item")),
            ("title", copy.title if copy else ""), ("due", _date(copy.due) if copy and copy.due else ""),
        ]  # fmt: skip
        if why:
            fields.append(("screen_message", why))
        return compose(code, fixed, fields)


def _date(at: datetime) -> str:
    return at.strftime("%Y%m%d    %H%M%S")
