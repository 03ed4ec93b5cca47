"""What a scanned payload is, as far as its form tells. The ledger then says whose card or which item it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

MAX_CODE = 64
_OURS = re.compile(r"[\w\-./$+%:#]+(?: [\w\-./$+%:#]+)*")
_URL = re.compile(
    r"^(?:[a-z][a-z0-9+.\-]*:)?//|^www\.|^(?:https?|ftp|mailto|tel|sms|smsto|geo|wifi|begin|mecard|bitcoin|upi):", re.I
)


class NotOursReason(StrEnum):
    """Why a payload can be nothing of this library's; the value is the message that says so."""

    UNREADABLE = "err.scan_failed"
    FOREIGN = "err.qr_foreign"
    ISBN = "err.isbn_scanned"


class CommandName(StrEnum):
    """What a command code does."""

    FINISH = "finish"
    LANGUAGE = "language"
    PRINT = "print"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class PatronCard:
    """By its form a reader card."""

    number: str


@dataclass(frozen=True, slots=True)
class ItemBarcode:
    """By its form an item's."""

    code: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """A number that may be a card's, an item's barcode or an inventory number: the ledger knows."""

    code: str


@dataclass(frozen=True, slots=True)
class Command:
    """A printed command. argument: the language, or empty for the next one."""

    name: CommandName
    argument: str = ""


@dataclass(frozen=True, slots=True)
class NotOurs:
    """Nothing of this library's."""

    reason: NotOursReason


Identity = PatronCard | ItemBarcode | Unsure | Command | NotOurs


@dataclass(frozen=True, slots=True)
class CodeRules:
    """How this library's codes look. card, item: patterns that a whole code matches, None: looks say nothing.

    commands: payload -> (name, argument).
    """

    card: re.Pattern[str] | None = None
    item: re.Pattern[str] | None = None
    commands: dict[str, tuple[CommandName, str]] = field(default_factory=dict)


def identify(payload: str, rules: CodeRules, wants: str = "any") -> Identity:
    """What a payload is by its form. wants: "card" or "item" from a source that gives only those.

    Never raises, whatever the payload: one that is empty, too long or full of control characters was not read well.
    """
    text = payload.strip(" \r\n\t")
    if not text or (len(text) > MAX_CODE and not _URL.search(text[:MAX_CODE])) or not _printable(text[:MAX_CODE]):
        return NotOurs(NotOursReason.UNREADABLE if len(text) <= MAX_CODE * 4 else NotOursReason.FOREIGN)
    if text in rules.commands:
        return Command(*rules.commands[text])
    if _URL.search(text) or not _OURS.fullmatch(text):
        return NotOurs(NotOursReason.FOREIGN)
    if wants == "card":
        return PatronCard(text)
    if wants == "item":
        return NotOurs(NotOursReason.ISBN) if is_isbn(text) else ItemBarcode(text)
    like_card, like_item = (one is not None and one.fullmatch(text) is not None for one in (rules.card, rules.item))
    if like_card and like_item:
        return Unsure(text)
    if like_item:
        return ItemBarcode(text)
    if like_card:
        return PatronCard(text)
    return NotOurs(NotOursReason.ISBN) if is_isbn(text) else Unsure(text)


def _printable(text: str) -> bool:
    return all(character.isprintable() for character in text)


def is_isbn(text: str) -> bool:
    """Whether a code is an ISBN with a right check digit: 13 digits from 978 or 979, or the older 10.

    Ten plain digits count only with hyphens or an X: a card may have as many, and one in eleven would pass the check.
    Source: ISO 2108.
    """
    digits = text.replace("-", "").replace(" ", "")
    if re.fullmatch(r"97[89]\d{10}", digits):
        return sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10 == 0
    if re.fullmatch(r"\d{9}[\dXx]", digits) and (digits != text or digits[-1] in "Xx"):
        return sum((10 if d in "Xx" else int(d)) * (10 - i) for i, d in enumerate(digits)) % 11 == 0
    return False
