"""What the staff's pages share: their head, and tiles that lead to a mode or stand for a choice."""

from __future__ import annotations

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import View
from kiosk.screens import strokes
from kiosk.screens.drawings import Picture
from kiosk.screens.lettering import measure
from kiosk.screens.look import Look
from kiosk.screens.page import said
from kiosk.screens.themes import Tone
from kiosk.screens.tone import CLOUD_TICK, INFO, SIGNS, tone_of_message
from kiosk.screens.widgets import Edged
from kiosk.text import Words


class StaffHead(BoxLayout):
    """What the screen is about; beside it what became of the last act, and how much is done of how much.

    most: the size of the words, where they have room. roomy: a long message may make it higher in large text.
    """

    most = NumericProperty(32)
    roomy = BooleanProperty(True)
    words = StringProperty("")
    note = StringProperty("")
    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    count = StringProperty("")

    def show(self, view: View, words: Words) -> None:
        """The heading and the question, beside them the message: it is the heading where there is none."""
        asked = " · ".join(part for part in (view.heading or _who(view, words), said(words, view.prompt)) if part)
        told = said(words, view.message)
        self.words, self.note = asked or told, told if asked else ""
        good = view.message is not None and view.message.key in _NEWS
        self.tone = Tone.BORROWED if good else tone_of_message(view.message) if view.message else Tone.PLAIN
        signs = SIGNS if self.tone is not Tone.PLAIN else {Tone.PLAIN: INFO}
        self.sign = "" if not self.note else CLOUD_TICK if good else signs[self.tone]
        self.count = f"{view.progress[0]} / {view.progress[1]}" if view.progress is not None else ""

    @staticmethod
    def note_width(look: Look, note: str) -> float:
        """As wide as the message is on one line, within reason."""
        return min(wide(look, note, 18), look.px(410))


_NEWS = frozenset({"sync.done", "sync.online"})


def _who(view: View, words: Words) -> str:
    face = view.patron
    if face is None:
        return ""
    return f"{face.name}, {words.school_class(face.school_class)}" if face.school_class is not None else face.name


class Meter(Picture):
    """How much is done of how much, as a bar."""

    share = NumericProperty(0)
    shown_by = ("share",)

    def paint(self) -> None:
        """Filled from the left."""
        look = self.look
        colour = look.palette.text_of(Tone.BORROWED)
        x, y, width, height = box = strokes.of_widget(self)
        radius = look.px(6)
        strokes.framed(colour, look.palette.paper, box, radius, look.px(2))
        filled = round(width * min(max(self.share, 0), 1))
        if filled:
            right = radius if filled >= width - radius else 0.1
            strokes.block(colour, (x, y, max(filled, 2 * radius), height), radius, right, right, radius)


class ToldRow(BoxLayout):
    """What is so, with the sign of its tone: who says it, small; what, large. below: the small words under it."""

    sign = StringProperty("")
    tone = ObjectProperty(Tone.PLAIN)
    source = StringProperty("")
    words = StringProperty("")
    below = BooleanProperty(False)


class FigureCard(BoxLayout):
    """A number and what it counts. narrow: the number stands over the words."""

    number = StringProperty("")
    words = StringProperty("")
    narrow = BooleanProperty(False)


class PupilHead(BoxLayout):
    """Whose textbooks these are: the name, the class, how many of how many. small: something else is large."""

    name = StringProperty("")
    school_class = StringProperty("")
    count = StringProperty("")
    small = BooleanProperty(False)

    def show(self, view: View, words: Words) -> None:
        """Show the pupil of a view; of one without a pupil its heading."""
        face = view.patron
        self.name = face.name if face is not None else view.heading or said(words, view.prompt)
        self.school_class = words.school_class(face.school_class) if face is not None and face.school_class else ""
        self.count = f"{view.progress[0]}/{view.progress[1]}" if view.progress is not None else ""


def wide(look: Look, text: str, points: float) -> float:
    """How wide a bold text is on one line."""
    return measure(True)(text, look.type(points)) + look.px(4) if text else 0.0


class SignTile(Edged, BoxLayout):
    """A tile of a grid with a solid sign and words; alarm: what it leads to waits for somebody. stacked: the sign
    stands over the words. chosen: it is the present one. note: in smaller words. flat: it cannot be touched.

    column, line, cells: where it stands, see `choosing.Grid`.
    """

    sign = StringProperty("")
    words = StringProperty("")
    lines = NumericProperty(3)
    note = StringProperty("")
    alarm = BooleanProperty(False)
    chosen = BooleanProperty(False)
    marked = BooleanProperty(False)
    tone = ObjectProperty(Tone.PLAIN)
    stacked = BooleanProperty(False)
    flat = BooleanProperty(False)
    column = NumericProperty(0)
    line = NumericProperty(0)
    cells = NumericProperty(1)
