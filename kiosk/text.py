"""Views and messages in words: gettext catalogues (`locale/LANGUAGE/LC_MESSAGES/kiosk.po`), dates and plurals by Babel.

The .po files are what ships; they are compiled in memory, one language when it is first needed. A catalogue's msgid is
the key that the core says ("ok.renewed"). Its placeholders are {name} or, for a date, {name:style} with a style of
`DATE_STYLES`. Values go in as they are: what a title or a name contains is never read as a placeholder.

A person is never shown an error: a key that the catalogue lacks is shown as it is and logged once; of a text one of
whose values is missing, only the sentences that are complete are said. `Words(language, strict=True)`, as the tests use
it, raises KeyError for both.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.views import CellState, Days, Message, Row, due_message, state_message
from kiosk.subject_heads import parse_heads, subject_heads

log = logging.getLogger(__name__)

Noun = Literal["book", "textbook", "day", "pupil"]
Value = str | int | date | Days

DATE_STYLES = ("words", "short", "long", "numeric")
PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")

_LOCALE = Path(__file__).parent / "locale"
_CATALOGUE = "LC_MESSAGES/kiosk.po"
_NAME = re.compile(r'^"X-Language-Name: (.+?)\\n"$', re.M)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


def languages() -> tuple[str, ...]:
    """The languages that the kiosk speaks: one for each folder of the catalogues."""
    return tuple(sorted(path.parent.parent.name for path in _LOCALE.glob(f"*/{_CATALOGUE}")))


@cache
def language_name(language: str) -> str:
    """What a language calls itself, «Қазақша», from the head of its catalogue; its code if that has none."""
    with _po(language).open(encoding="utf-8") as file:
        found = _NAME.search(file.read(4096))
    return found.group(1) if found else language


@cache
def words(language: str) -> Words:
    """The words of a language, read once in the life of the process.

    Raises ValueError for one that has no catalogue.
    """
    return Words(language)


@cache
def _known_heads(language: str) -> Mapping[str, str]:
    """Subjects and their letters in all languages, as a class may be taught in another one than its staff read."""
    own_last = sorted(languages(), key=lambda one: one == language)
    lists = [parse_heads(words(one).label("fmt.subject_heads")) for one in own_last]
    return {subject: letters for known in lists for subject, letters in known.items()}


class Words:
    """One language: turns messages, rows, dates, classes and counts into words."""

    def __init__(self, language: str, strict: bool = False) -> None:
        """Read the catalogue. strict: raise KeyError for a key or a value that is missing."""
        with _po(language).open("rb") as file:
            catalogue = read_po(file, locale=language)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        self.language = language
        self._locale = Locale.parse(language)
        self._texts = GNUTranslations(compiled)
        self._texts.add_fallback(_Missing())
        self._strict = strict
        self._complained: set[str] = set()

    def say(self, message: Message) -> str:
        """The message as one text."""
        return " ".join(self._sentences(message.key, dict(message.params)))

    def sentences(self, message: Message) -> tuple[str, ...]:
        """The message sentence by sentence, without full stops: what happened, then what to do."""
        return tuple(self._sentences(message.key, dict(message.params), ending=False))

    def aloud(self, speech: Iterable[Message]) -> str:
        """Messages one after the other, each ended, as one text to be spoken."""
        said = (self.say(message).strip() for message in speech)
        return " ".join(one if one[-1] in ".!?…" else f"{one}." for one in said if one)

    def label(self, key: str) -> str:
        """A text that names nothing: a button, a heading."""
        return self._template(key)

    def action(self, name: str) -> str:
        """What stands on the button of an action."""
        return self.label(f"action.{name}")

    def text(self, row: Row) -> str:
        """What the row is about: its title, class or name, the picture's word, what is switched; else its note."""
        if "switch" in row.actions:
            return self.label(f"a11y.{row.text}")
        return self.label(f"picture.{row.text}") if "picture" in row.actions else row.text or self.note(row)

    def note(self, row: Row) -> str:
        """What staff are told of the row; empty if nothing is."""
        return self.say(row.note) if row.note is not None else ""

    def cell(self, state: CellState) -> str:
        """How it stands with one textbook of a pupil's set."""
        return self.label(f"cell.{state.value}")

    def heads(self, subjects: Sequence[str]) -> tuple[str, ...]:
        """Two letters for each of the subjects of a class, no two alike: «Ал», «Ге»."""
        return subject_heads(subjects, _known_heads(self.language))

    def state(self, row: Row) -> str:
        """What the row says of its title, with the date or the place that matters in that state."""
        return self.say(state_message(row))

    def due(self, row: Row) -> str:
        """Until when or for how long the row's title is lent; empty if the row does not tell."""
        message = due_message(row)
        return self.say(message) if message is not None else ""

    def shelf(self, row: Row) -> str:
        """Where the item stands; empty if the row does not tell."""
        return self._said("item.shelf_place", place=row.shelf) if row.shelf else ""

    def date_words(self, day: date) -> str:
        """The day by itself, as a line of text: «Жұма, 2 қазан»."""
        return _capital(self._date(day, "words"))

    def date_short(self, day: date) -> str:
        """The day for a narrow place: «2 қазан»."""
        return self._date(day, "short")

    def date_long(self, day: date) -> str:
        """The day with its year, in words."""
        return self._date(day, "long")

    def date_numeric(self, day: date) -> str:
        """The day for paper: 02.10.2026."""
        return self._date(day, "numeric")

    def date_leaf(self, day: date) -> tuple[str, str, str]:
        """The day as a leaf of a calendar has it: month, day, weekday: «қазан», «2», «жұма»."""
        inside, month, weekday = (format_date(day, part, locale=self._locale) for part in ("MMMM", "LLLL", "cccc"))
        # A language that writes months small in a date writes them small here, but not in the form of the date.
        return month if inside[:1].isupper() else month.lower(), str(day.day), weekday

    def school_class(self, school_class: SchoolClass) -> str:
        """5 «Ә», or «5-сынып» for a class without a letter, «Даярлық тобы» for preschool."""
        if school_class.letter:
            return self._said("fmt.class", grade=school_class.grade, letter=school_class.letter)
        if school_class.grade == 0:
            return self.label("fmt.preschool")
        return self._said("fmt.grade", grade=school_class.grade)

    def count(self, noun: Noun, n: int) -> str:
        """Counted things: «5 кітап», «5 книг», "5 books"."""
        return self._said(f"plural.{noun}", n=n)

    def _said(self, key: str, **params: Value) -> str:
        return " ".join(self._sentences(key, params))

    def _sentences(self, key: str, params: Mapping[str, Value], ending: bool = True) -> Iterator[str]:
        n = params.get("n", 0)
        sentences = _SENTENCE_END.split(self._template(key, n if isinstance(n, int) else 0))
        complete = [one for one in sentences if all(name in params for name, _ in PLACEHOLDER.findall(one))]
        if self._strict and len(complete) < len(sentences):
            raise KeyError(f"{key}: a value is missing, given were {sorted(params)}")
        for sentence in complete or sentences:
            yield self._filled(sentence if ending else sentence.removesuffix("."), params)

    def _filled(self, sentence: str, params: Mapping[str, Value]) -> str:
        def word(match: re.Match[str]) -> str:
            match params.get(match.group(1)):
                case None:
                    return "…"
                case date() as day:
                    style = match.group(2) or "words"
                    said = self._date(day, style)
                    return said if match.start() else _capital(said)
                case Days(n):
                    return self.count("day", n)
                case value:
                    return str(value)

        return PLACEHOLDER.sub(word, sentence)

    def _date(self, day: date, style: str) -> str:
        pattern = self._template(f"date.{style if style in DATE_STYLES else 'words'}")
        return format_date(day, pattern, locale=self._locale)

    def _template(self, key: str, n: int = 0) -> str:
        """The text of a key; of one that is counted, the form for n."""
        try:
            return self._texts.ngettext(key, key, n)
        except KeyError:
            pass
        try:
            return self._texts.gettext(key)
        except KeyError:
            if self._strict:
                raise
        if key not in self._complained:
            self._complained.add(key)
            log.error("the %s catalogue has no text for %s; the key is shown instead", self.language, key)
        return key


class _Missing(NullTranslations):
    """What gettext falls back on: it would give the key itself, and nobody would notice."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1)


def _po(language: str) -> Path:
    if language not in languages():
        raise ValueError(f"there is no catalogue for the language {language!r}, only for {', '.join(languages())}")
    return _LOCALE / language / _CATALOGUE


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
