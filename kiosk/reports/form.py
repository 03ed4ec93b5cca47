"""A document's pages: on the first one a head with school, title and day; numbers at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kiosk.reports.paper import Box, Paper
from kiosk.text import Words

SIDE, TOP, FOOT = 12.0, 8.0, 11.5
"""White at the edges, in millimetres: no printer reaches closer than 5, and a punch takes 10."""
SIGNING = 12.0
"""The height of a line to sign on."""
_GREY = 105


@dataclass(frozen=True, slots=True)
class Head:
    """What a document says of itself. about: what or whom it is about, a line each. made: when it was made."""

    school: str
    title: str
    about: tuple[str, ...]
    made: datetime


class Form:
    """A document that is written from top to bottom. y: where the next thing goes, in millimetres."""

    def __init__(self, head: Head, words: Words, landscape: bool = False) -> None:
        self.head = head
        self.words = words
        self.paper = Paper(": ".join((head.title, *head.about[:1])), words.language, head.made, landscape)
        self.y = 0.0
        self._turn(first=True)

    @property
    def left(self) -> float:
        """Where lines begin."""
        return SIDE

    @property
    def width(self) -> float:
        """How long lines are."""
        return self.paper.width - 2 * SIDE

    @property
    def room(self) -> float:
        """What is left of the page."""
        return self.paper.height - FOOT - self.y

    def need(self, height: float) -> bool:
        """Go on on a new page if this one has no room for so much; whether it did."""
        if height <= self.room:
            return False
        self._turn(first=False)
        return True

    def begin(self, head: Head) -> None:
        """Go on with another head on a page of its own, as for the next pupil."""
        self.head = head
        self._turn(first=True)

    def section(self, text: str, follows: float = 20.0) -> None:
        """A heading inside the document. follows: how much of what comes next has to stand on the same page."""
        if not self.need(9 + follows):
            self.y += 3
        self.paper.write(text, self.left, self.y + 4.5, 11.5, bold=True, within=self.width)
        self.y += 7.5

    def text(self, text: str, size: float = 10.0, most: int = 6, after: float = 2.0) -> None:
        """A paragraph."""
        lines, height = self.paper.fitted(text, self.width, size, most=most)
        self.need(height)
        box = Box(self.left, self.y, self.width, height + 0.5)
        self.paper.boxed(" ".join(lines), box, size, most=most, top=True)
        self.y += height + after

    def signatures(self, who: Sequence[str]) -> None:
        """Lines to sign on: who, a line for the hand, one for the name and the day; kept together. Two beside each
        other where the page is wide."""
        beside = 2 if self.paper.width > self.paper.height else 1
        self.need(SIGNING * -(-len(who) // beside))
        width = (self.width - 12 * (beside - 1)) / beside
        for n, one in enumerate(who):
            if n % beside == 0:
                self.y += SIGNING
            self._signature(one, self.left + (n % beside) * (width + 12), width, self.y - 3.2)

    def _signature(self, who: str, x: float, width: float, y: float) -> None:
        label, hand = width * 0.3, width * 0.62
        self.paper.boxed(who, Box(x, y - 5, label - 2, 6.5), 9, 7, most=2)
        for begin, end, below in (
            (label, hand - 4, self.words.label("paper.signature")),
            (hand, width, self.words.label("paper.name_in_full")),
        ):
            self.paper.rule(x + begin, y, x + end, y, 0.2, 90)
            self.paper.write(below, x + (begin + end) / 2, y + 2.6, 6.5, align="centre", grey=_GREY)

    def finish(self) -> bytes:
        """The document, its pages numbered."""
        self._foot()
        return self.paper.finish()

    def _turn(self, first: bool) -> None:
        self.paper.add_page()
        self.y = TOP
        if first:
            self._first_head()
        else:
            self._small_head()

    def _first_head(self) -> None:
        paper, head, right = self.paper, self.head, self.left + self.width
        day = self.words.date_numeric(head.made.date())
        paper.write(head.school, self.left, self.y + 3, 9.5, grey=_GREY, within=self.width - 30)
        paper.write(day, right, self.y + 3, 9.5, grey=_GREY, align="right")
        self.y += 5
        _, height = paper.fitted(head.title, self.width, 16, bold=True)
        paper.boxed(head.title, Box(self.left, self.y, self.width, height + 0.5), 16, bold=True, top=True)
        self.y += height + 1.2
        for line in head.about:
            paper.write(line, self.left, self.y + 3.2, 10.5, within=self.width)
            self.y += 4.7
        paper.rule(self.left, self.y, right, self.y, 0.5, 25)
        self.y += 2.5

    def _small_head(self) -> None:
        text = " · ".join((self.head.title, *self.head.about[:1]))
        self.paper.write(text, self.left, self.y + 3, 9, grey=_GREY, within=self.width)
        self.y += 4.5
        self.paper.rule(self.left, self.y, self.left + self.width, self.y, 0.3, 25)
        self.y += 3

    def _foot(self) -> None:
        pages, y, right = self.paper.pages, self.paper.height - 6, self.left + self.width
        for page in range(1, pages + 1):
            self.paper.go_to(page)
            self.paper.write(self.head.school, self.left, y, 8, grey=_GREY, within=self.width - 30)
            self.paper.write(f"{page} / {pages}", right, y, 8, grey=_GREY, align="right")
