"""Pupils by name: what a name is, and a pupil who is in no list yet and is added on the spot."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.circulation.acts import Act, ClassChange, Kind, PatronMade
from kiosk.circulation.fold import fold, mend
from kiosk.circulation.model import Patron, SchoolClass

NAME_LIMIT = 120
_NAME = re.compile(r"[^\W\d_]+(?:[-'’ʼ.]{1,2}[^\W\d_]+)*\.?")
"""A word of a name: Әбдірахман-қызы, О'Нил, А."""
_PARTICLES = frozenset({"оглы", "оғлы", "кызы", "қызы", "ұлы", "улы"})
_UNSEEN = re.compile(r"[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Name:
    """A whole name in the official order. One who has one word for a name has it as first."""

    last: str
    first: str
    patronymic: str = ""

    @property
    def key(self) -> str:
        """What namesakes have in common: surname and given name, folded."""
        return f"{fold(self.last)}|{fold(self.first)}"


def words_of_name(text: str) -> tuple[str, ...] | None:
    """The words of a name, look-alike letters mended, «АХМЕТОВ» as «Ахметов»; None if it holds anything but a name."""
    squeezed = " ".join(unicodedata.normalize("NFC", _UNSEEN.sub("", text)).replace(",", " ").split())
    if not squeezed or len(squeezed) > NAME_LIMIT:
        return None
    words = mend(squeezed).split(" ")
    if len(words) > 6 or not all(_NAME.fullmatch(word) for word in words):
        return None
    return tuple(_cased(word) for word in words)


def parse_name(text: str) -> Name | None:
    """A whole name from one cell or one line: surname, given name, the rest. None if it is no name."""
    words = words_of_name(text)
    if words is None:
        return None
    last, first, *rest = [*words, ""] if len(words) > 1 else ["", *words]
    return Name(last, first, " ".join(rest).strip())


def _cased(word: str) -> str:
    """A word in capitals, or without any, as names are written; mixed ones (МакКей, әл-Фараби) stay."""
    if word.lower() in _PARTICLES:
        return word.lower()
    if len(word) > 1 and (word.isupper() or word.islower()):
        return re.sub(r"[^\W\d_]+", lambda match: match.group().capitalize(), word)
    return word


@dataclass(frozen=True, slots=True)
class PupilAdded:
    """A pupil to be added: commit the act."""

    patron: Patron
    act: Act


@dataclass(frozen=True, slots=True)
class Namesakes:
    """Pupils of that name are in the class: is it one of them, or somebody else?"""

    name: Name
    patrons: tuple[Patron, ...]


@dataclass(frozen=True, slots=True)
class NoName:
    """What was typed is no name of a person."""


def add_pupil(
    text: str,
    school_class: SchoolClass,
    year: int,
    classmates: Sequence[Patron],
    *,
    patron_id: str,
    act_id: str,
    language: str = "",
    staff: str | None = None,
    somebody_else: bool = False,
) -> PupilAdded | Namesakes | NoName:
    """A pupil who is missing from the list of a class, by the name that staff typed: surname, given name, patronymic.

    classmates: who is in the class already. somebody_else: staff said that it is none of the namesakes there. The act
    stands on its own: it makes the patron and puts them into the class of that school year.
    """
    name = parse_name(text)
    if name is None:
        return NoName()
    same = tuple(one for one in classmates if Name(one.last_name, one.first_name).key == name.key and not one.left)
    if same and not somebody_else:
        return Namesakes(name, same)
    patron = Patron(patron_id, 1, name.first, name.last, name.patronymic, school_class=school_class, language=language)
    changes = PatronMade(None, patron), ClassChange(patron_id, year, None, school_class)
    return PupilAdded(patron, Act(act_id, Kind.PATRON_ADDED, patron_id, changes=changes, staff=staff))
