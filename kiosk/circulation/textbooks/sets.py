"""A textbook set: which places it has for a pupil, which title answers which of them, and what is lacking.

A divided class gets variants. A group is named for its division and its part of it with a hyphen between, "english-1",
"profile-science"; "boys" and "girls" are one division, all other words without a hyphen another. A pupil is in one part
of a division: theirs if `Patron.groups` says so, else the one of which they hold a book already. Of a pupil of whom
nobody knows it, the first lines of each part are variants of one place, so are the second ones, and so on; lines of the
same subject and part are always of one place. Any variant fills it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import zip_longest

from kiosk.circulation.fold import fold
from kiosk.circulation.model import ItemKind, LoanLine, SchoolClass, SetLine, TextbookSet, Title

LANGUAGE_SUBJECT_WORDS = ("тил", "тили", "адебиет", "адебиети", "язык", "литература", "language", "literature")
"""Folded. Of such a subject the book is in the language that it teaches, whatever the class's is."""
_SEX = frozenset({"boys", "girls"})


@dataclass(frozen=True, slots=True)
class Place:
    """One textbook that a pupil gets. lines: its variants, any of which fills it; they are of one term."""

    lines: tuple[SetLine, ...]

    @property
    def id(self) -> str:
        """Names the place within its set."""
        return "|".join(place_key(line) for line in self.lines)

    @property
    def term(self) -> int:
        """1 from August, 2 from January."""
        return self.lines[0].term

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """Subject and part of each variant, each once."""
        return tuple(dict.fromkeys((line.subject, line.part) for line in self.lines))

    @property
    def text(self) -> str:
        """What to write on it: «Алгебра», «Математика 1», «Көркем еңбек / Технология»."""
        return " / ".join(f"{subject} {part}".strip() for subject, part in self.subjects)


@dataclass(frozen=True, slots=True)
class Filled:
    """A place and the loan that fills it, None while it is lacking. edition_ok: it is the edition that was wanted."""

    place: Place
    loan: LoanLine | None = None
    edition_ok: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a pupil's set. surplus: textbooks that answer no place of it, a second copy among them."""

    places: tuple[Filled, ...]
    surplus: tuple[LoanLine, ...] = ()

    def lacking(self, term: int) -> tuple[Place, ...]:
        """The places that should be filled by now and are not."""
        return tuple(one.place for one in self.places if one.loan is None and one.place.term <= term)

    def done(self, term: int) -> tuple[int, int]:
        """How many of how many of the places that should be filled by now are."""
        due = [one for one in self.places if one.place.term <= term]
        return sum(one.loan is not None for one in due), len(due)


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    """A school has a few hundred subjects and titles, and they are compared for every tile on the screen."""
    return fold(text)


def place_key(line: SetLine) -> str:
    """What a line is told from the others of its set by, but for its edition and group."""
    return f"{_folded(line.subject)}/{line.part}/{line.term}".replace(" ", "_")


def term_of(day: date) -> int:
    """1 from June on, when textbooks are handed out for the year that begins; 2 from January."""
    return 2 if day.month < 6 else 1


def division(group: str) -> str:
    """What a part is a part of: "english" of "english-1"."""
    if group in _SEX:
        return "sex"
    head, hyphen, _ = group.partition("-")
    return head if hyphen else ""


def set_for(sets: Iterable[TextbookSet], year: int, school_class: SchoolClass, language: str) -> TextbookSet | None:
    """The set of a class: its own letter's before the one of all classes of its grade and language."""
    fitting = [
        one
        for one in sets
        if (one.year, one.grade, one.language) == (year, school_class.grade, language)
        and one.letter in ("", school_class.letter)
    ]
    return max(fitting, key=lambda one: one.letter, default=None)


def places_for(textbooks: TextbookSet, groups: Sequence[str] = (), held: Sequence[Title] = ()) -> tuple[Place, ...]:
    """The places of a pupil's set, in the order of its lines. groups: the pupil's; held: textbooks the pupil has."""
    return _places(textbooks, tuple(_parts_of(textbooks, groups, held).items()))


@lru_cache(maxsize=512)
def _places(textbooks: TextbookSet, parts: tuple[tuple[str, str], ...]) -> tuple[Place, ...]:
    """The places for somebody of whom these parts are known; a class has few such."""
    mine = dict(parts)
    places: list[Place] = []
    divided: dict[str, list[SetLine]] = {}
    order: list[Place | str] = []
    for line in textbooks.lines:
        if not line.group:
            order.append(Place((line,)))
            continue
        name = division(line.group)
        if name in mine and line.group != mine[name]:
            continue
        if name not in divided:
            divided[name] = []
            order.append(name)
        divided[name].append(line)
    for one in order:
        places += _variants(divided[one]) if isinstance(one, str) else [one]
    return tuple({place.id: place for place in places}.values())


def _variants(lines: Sequence[SetLine]) -> list[Place]:
    """Lines of the parts of one division, the first of each part together, and so on, of each term for itself."""
    found: list[Place] = []
    for term in sorted({line.term for line in lines}):
        parts: dict[str, list[SetLine]] = {}
        for line in lines:
            if line.term == term:
                parts.setdefault(line.group, []).append(line)
        shared = [key for key in dict.fromkeys(place_key(line) for line in lines if line.term == term)
                  if sum(any(place_key(line) == key for line in part) for part in parts.values()) > 1]  # fmt: skip
        for key in shared:
            found.append(Place(tuple(line for part in parts.values() for line in part if place_key(line) == key)))
        rest = [[line for line in part if place_key(line) not in shared] for part in parts.values()]
        for together in zip_longest(*rest):
            found.append(Place(tuple(line for line in together if line is not None)))
    return found


def _parts_of(textbooks: TextbookSet, groups: Sequence[str], held: Sequence[Title]) -> dict[str, str]:
    """Of each division that somebody knows: the pupil's part."""
    named = {line.group for line in textbooks.lines if line.group}
    if not named:
        return {}
    mine = {division(group): group for group in groups if group in named}
    for title in held:
        answered = [line for line in textbooks.lines if answers(title, line, textbooks)]
        meant = {line.group for line in answered}
        if len(meant) == 1 and (group := meant.pop()):
            mine.setdefault(division(group), group)
    return mine


def is_of_set(title: Title, textbooks: TextbookSet) -> bool:
    """Whether a title is a textbook of the set's grade, in its language or one that the subject teaches."""
    return (
        title.kind is ItemKind.TEXTBOOK
        and title.grade in (None, textbooks.grade)
        and (title.language in ("", textbooks.language) or teaches_a_language(title.subject))
    )


def teaches_a_language(subject: str) -> bool:
    """Whether a subject is a language or its literature: «Орыс тілі» is in Russian in a Kazakh class, too."""
    return any(word in LANGUAGE_SUBJECT_WORDS for word in _folded(subject).split())


def answers(title: Title, line: SetLine, textbooks: TextbookSet) -> bool:
    """Whether a title fills the place of a line, in whatever edition."""
    same = title.part == line.part and _folded(title.subject or title.title) == _folded(line.subject)
    return same and is_of_set(title, textbooks)


def is_edition(title: Title, line: SetLine) -> bool:
    """Whether it is the edition that the line wants."""
    return line.edition is None or title.year is None or title.year == line.edition


def place_of(title: Title, places: Sequence[Place], textbooks: TextbookSet) -> Place | None:
    """The place that a title answers, None if the set has none for it."""
    return next((place for place in places if any(answers(title, line, textbooks) for line in place.lines)), None)


def is_wanted_edition(title: Title, place: Place, textbooks: TextbookSet) -> bool:
    """Whether one of the place's variants wants this edition of the title."""
    return any(answers(title, line, textbooks) and is_edition(title, line) for line in place.lines)


def standing(textbooks: TextbookSet | None, groups: Sequence[str], loans: Sequence[LoanLine]) -> Standing:
    """How it stands with a pupil's set. loans: the pupil's; what is no textbook is passed over."""
    held = [line for line in loans if line.title.kind is ItemKind.TEXTBOOK]
    if textbooks is None:
        return Standing((), tuple(held))
    places = places_for(textbooks, groups, [line.title for line in held])
    at_of = _by_subject(places)
    filled = [Filled(place) for place in places]
    surplus: list[LoanLine] = []
    for line in held:
        title = line.title
        at = at_of.get((_folded(title.subject or title.title), title.part)) if is_of_set(title, textbooks) else None
        if at is None or filled[at].loan is not None:
            surplus.append(line)
        else:
            filled[at] = Filled(places[at], line, is_wanted_edition(title, places[at], textbooks))
    return Standing(tuple(filled), tuple(surplus))


@lru_cache(maxsize=512)
def _by_subject(places: tuple[Place, ...]) -> dict[tuple[str, str], int]:
    """Where the place of a subject and its part is; the first, as for `place_of`."""
    found: dict[tuple[str, str], int] = {}
    for at, place in enumerate(places):
        for line in place.lines:
            found.setdefault((_folded(line.subject), line.part), at)
    return found


def heads(textbooks: TextbookSet | None) -> tuple[Place, ...]:
    """The columns of a class: the places of a pupil of whom no group is known."""
    return places_for(textbooks) if textbooks is not None else ()


def column_of(place: Place, columns: Sequence[Place]) -> int | None:
    """The column of a class that a pupil's own place stands in."""
    mine = set(place.lines)
    return next((at for at, column in enumerate(columns) if mine & set(column.lines)), None)


def for_year(textbooks: TextbookSet, year: int) -> TextbookSet:
    """The same set for another school year: the grade stays, the pupils move on; wanted editions are kept."""
    return replace(textbooks, year=year)


def copied(sets: Iterable[TextbookSet], from_year: int, to_year: int) -> tuple[TextbookSet, ...]:
    """What is copied from one year to another: sets of classes that have none there yet."""
    sets = tuple(sets)
    there = {(one.grade, one.language, one.letter) for one in sets if one.year == to_year}
    return tuple(
        for_year(one, to_year)
        for one in sets
        if one.year == from_year and (one.grade, one.language, one.letter) not in there
    )


def with_line(textbooks: TextbookSet, line: SetLine) -> TextbookSet:
    """With one more line, or one in place of that of the same subject, part, term and group."""
    same = [(place_key(one), one.group) for one in textbooks.lines]
    key = (place_key(line), line.group)
    if key not in same:
        return replace(textbooks, lines=(*textbooks.lines, line))
    at = same.index(key)
    return replace(textbooks, lines=(*textbooks.lines[:at], line, *textbooks.lines[at + 1 :]))


def without_line(textbooks: TextbookSet, line: SetLine) -> TextbookSet:
    """Without that line."""
    return replace(textbooks, lines=tuple(one for one in textbooks.lines if one != line))
