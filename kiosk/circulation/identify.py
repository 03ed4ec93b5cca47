"""What a scanned payload is, as far as its form tells. The ledger then says whose card or which item it is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from kiosk.circulation import own_codes
from kiosk.circulation.chips import is_canonical
from kiosk.circulation.luhn import has_check_digit

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
    SPEECH = "speech"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class PatronCard:
    """By its form a reader card."""

    number: str


@dataclass(frozen=True, slots=True)
class PhoneCard:
    """By its form a reader card shown on a phone: anybody may have a picture of it, so that it needs a PIN."""

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


Identity = PatronCard | PhoneCard | ItemBarcode | Unsure | Command | NotOurs


@dataclass(frozen=True, slots=True)
class CodeRules:
    """How this library's codes look. card, item, phone: patterns that a whole code matches, None: looks say nothing;
    the part in brackets, if there are any, is the number. phone: of reader cards shown on a phone.

    card_check, item_check: the last digit is a check digit. other: what a code that fits no pattern may be looked up
    as: "any", "card", "item" or "none".
    commands: payload -> (name, argument). blank, new_card: how the numbers begin that kiosks give themselves
    (own_codes.py), "" if they give none.
    """

    card: re.Pattern[str] | None = None
    item: re.Pattern[str] | None = None
    phone: re.Pattern[str] | None = None
    card_check: bool = False
    item_check: bool = False
    other: str = "any"
    commands: dict[str, tuple[CommandName, str]] = field(default_factory=dict)
    blank: str = ""
    new_card: str = ""


def identify(payload: str, rules: CodeRules, wants: str = "any", symbology: str = "") -> Identity:
    """What a payload is by its form. wants: "card" or "item" from a source that gives only those; symbology: the kind
    of code, if the scanner said it.

    Never raises, whatever the payload: one that is empty, too long or full of control characters was not read well.
    """
    text = payload.strip(" \r\n\t")
    if not text or (len(text) > MAX_CODE and not _URL.search(text[:MAX_CODE])) or not _printable(text[:MAX_CODE]):
        return NotOurs(NotOursReason.UNREADABLE if len(text) <= MAX_CODE * 4 else NotOursReason.FOREIGN)
    if text in rules.commands:
        return Command(*rules.commands[text])
    if _URL.search(text) or not _OURS.fullmatch(text):
        return NotOurs(NotOursReason.FOREIGN)
    if (number := _number(rules.phone, text)) is not None:
        return PhoneCard(number)
    if is_canonical(text) and wants != "item":
        return PatronCard(text)
    like_card, like_item = _number(rules.card, text), _number(rules.item, text)
    if not like_card and not like_item and (own := _own(text, rules, wants)) is not None:
        return own
    card = like_card if like_card and (not rules.card_check or has_check_digit(like_card)) else None
    item = like_item if like_item and (not rules.item_check or has_check_digit(like_item)) else None
    if (like_card or like_item) and not card and not item:
        return NotOurs(NotOursReason.UNREADABLE)
    if wants == "card":
        return PatronCard(card or text)
    if wants == "item":
        return NotOurs(NotOursReason.ISBN) if not item and is_isbn(text) else ItemBarcode(item or text)
    if card and item:
        return Unsure(text)
    if item:
        return ItemBarcode(item)
    if card:
        return PatronCard(card)
    return _of_no_pattern(text, rules.other, symbology)


def _own(text: str, rules: CodeRules, wants: str) -> Identity | None:
    """What a number is that a kiosk gave. One with a wrong check digit is looked up as any other code: another
    library's numbers may look like ours."""
    if wants != "card" and own_codes.is_label(text, rules.blank):
        return ItemBarcode(text)
    return PatronCard(text) if wants != "item" and own_codes.is_card(text, rules.new_card) else None


def _of_no_pattern(text: str, other: str, symbology: str) -> Identity:
    if is_isbn(text):
        return NotOurs(NotOursReason.ISBN)
    if symbology == "ean" or other == "none":
        # What the shops sell has such a code; a library's own labels that are EANs have a pattern.
        return NotOurs(NotOursReason.FOREIGN)
    match other:
        case "card":
            return PatronCard(text)
        case "item":
            return ItemBarcode(text)
    return Unsure(text)


def _number(pattern: re.Pattern[str] | None, text: str) -> str | None:
    """The number in a code that fits a pattern; None if it does not."""
    found = pattern.fullmatch(text) if pattern is not None else None
    if found is None:
        return None
    return next((group for group in found.groups() if group), found[0])


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
