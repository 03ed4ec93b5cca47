"""The visit: whose it is, the newest book large, the others as a list."""

from __future__ import annotations

from kiosk.circulation.views import Row, View
from kiosk.screens.heads import PatronHead
from kiosk.screens.newest import newest_row
from kiosk.screens.page import Page, controls, said, two_parts
from kiosk.screens.rows import tile
from kiosk.screens.themes import Tone
from kiosk.screens.tone import tone_of_message, tone_of_row
from kiosk.screens.widgets import Control
from kiosk.text import Words


class VisitPage(Page):
    """Somebody is signed in and scans."""

    def draw(self, view: View, words: Words) -> None:
        """The newest book and what became of it, or the place where the next will stand."""
        head: PatronHead = self.ids.head
        head.show(view.patron, words)
        newest, stage = newest_row(view), self.ids.newest
        stage.show_book(newest)
        stage.say(*self._sentences(view, newest, words))
        stage.offer([Control(one, words.action(one), newest.id) for one in newest.actions] if newest else [])
        stage.beside([tile(row, words, self.wires) for row in view.rows if row is not newest])
        self.ids.bar.show(controls(view, words))

    def _sentences(self, view: View, newest: Row | None, words: Words) -> tuple[str, str, Tone]:
        if view.message is not None:
            tone = tone_of_message(view.message)
            if tone is Tone.REFUSED and newest is not None:
                tone = tone_of_row(newest.state)
            return (*two_parts(words, view.message), tone)
        if newest is not None:
            return words.state(newest), words.due(newest), tone_of_row(newest.state)
        return said(words, view.prompt), "", Tone.PLAIN
