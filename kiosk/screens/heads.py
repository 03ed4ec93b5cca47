"""The patron in the head of a page: whose visit it is, in the largest text of the screen."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import PatronFace
from kiosk.screens.drawings import MOST_SPINES
from kiosk.text import Words


class PatronHead(BoxLayout):
    """Name, class, and how many books of how many."""

    name = StringProperty("")
    count = StringProperty("")
    loans = NumericProperty(0)
    limit = NumericProperty(0)

    def show(self, face: PatronFace | None, words: Words) -> None:
        """Show a patron; None clears it."""
        self.name = face.name if face else ""
        self.loans, self.limit = (face.loans, face.limit or 0) if face else (0, 0)
        if face is not None and self.limit > MOST_SPINES:
            self.count = f"{self.loans} / {self.limit}"
        else:
            self.count = words.count("book", self.loans) if face else ""
        if face is not None and face.school_class is not None and not App.get_running_app().look.large:
            self.count = f"{words.school_class(face.school_class)} · {self.count}"
