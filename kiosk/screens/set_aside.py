"""A textbook that this pupil does not get: why not, where to put it, and how it stands with the one that was due."""

from __future__ import annotations

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.model import SchoolClass
from kiosk.circulation.views import Cell, CellState, View
from kiosk.screens import strokes
from kiosk.screens.drawings import Picture
from kiosk.screens.page import Page, controls, said
from kiosk.screens.rows import branch_of, grade_of, standing
from kiosk.screens.themes import Tone
from kiosk.screens.tone import TICK
from kiosk.text import Words

_MINUS, _TRAY = "\ue32c", "\ue010"


class Wanted(BoxLayout):
    """The place of the set that stays open or is filled already: its subject, its sign, its words."""

    subject = StringProperty("")
    sign = StringProperty("")
    told = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)

    def show(self, cell: Cell | None, words: Words) -> None:
        """A place of the set; None: nothing."""
        self.subject = cell.text if cell is not None else ""
        given = cell is not None and cell.state in (CellState.GIVEN, CellState.OTHER_EDITION)
        self.tone = Tone.BORROWED if given else Tone.PLAIN
        self.sign = "" if cell is None else TICK if given else _MINUS
        self.told = words.cell(cell.state).lower() if cell is not None else ""


class Putting(Picture):
    """A tray, on paper: a book is put aside."""

    def paint(self) -> None:
        """In the colour of the refusal."""
        look, palette = self.look, self.look.palette
        box = strokes.of_widget(self)
        strokes.framed(palette.row_frame, palette.paper, box, look.px(14), look.px(3))
        strokes.sign(_TRAY, palette.text_of(Tone.REFUSED), strokes.in_middle(box), look.pt(42))


class AsidePage(Page):
    """The book, what it is, «put it aside», and who may have it anyway."""

    def draw(self, view: View, words: Words) -> None:
        """One book, one sentence, one thing to do."""
        ids = self.ids
        ids.head.show(view, words)
        row = view.rows[0] if view.rows and view.rows[0].title is not None else None
        title = row.title if row is not None else None
        cover = ids.cover
        ids.place.opacity = 1 if title is not None else 0
        cover.branch, cover.grade = branch_of(title), grade_of(title)
        cover.title = (title.subject or title.title) if title is not None else ""
        cover.author = title.author if title is not None and not cover.grade else ""
        grade = title.grade if title is not None and cover.grade else None
        cover.foot = words.school_class(SchoolClass(grade)) if grade is not None else ""
        ids.heading.words = said(words, view.message)
        ids.what.words = said(words, view.prompt)
        unknown = view.rows[0] if view.rows and row is None else None
        ids.note.words = unknown.text if unknown is not None else ""
        ids.more.show([standing(one) for one in view.rows if one is not row and one is not unknown])
        ids.more.high = 64 if len(view.rows) > 1 else 0
        ids.wanted.show(view.cells[0] if view.cells else None, words)
        ids.seal.tone = Tone.REFUSED
        ids.bar.show(controls(view, words))
