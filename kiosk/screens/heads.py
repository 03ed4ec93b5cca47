"""The patron in the head of a page: whose visit it is, in the largest text of the screen."""

from __future__ import annotations

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import PatronFace
from kiosk.screens.drawings import MOST_SPINES
from kiosk.text import Words


class PatronHead(BoxLayout):
    """Name, class, and how many books of how many."""

    name = StringProperty("")
    school_class = StringProperty("")
    count = StringProperty("")
    loans = NumericProperty(0)
    limit = NumericProperty(0)

    def show(self, face: PatronFace | None, words: Words) -> None:
        """Show a patron; None clears it."""
        self.name = face.name if face else ""
        school_class = face.school_class if face else None
        self.school_class = words.school_class(school_class) if school_class else ""
        self.loans, self.limit = (face.loans, face.limit or 0) if face else (0, 0)
        if face is not None and self.limit > MOST_SPINES:
            self.count = f"{self.loans} / {self.limit}"
        else:
            self.count = words.count("book", self.loans) if face else ""
