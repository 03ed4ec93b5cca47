"""The account: what somebody has on loan and on hold."""

from __future__ import annotations

from kiosk.circulation.views import View
from kiosk.screens.heads import PatronHead
from kiosk.screens.page import Page, controls, said
from kiosk.screens.rows import card
from kiosk.screens.tone import tone_of_message
from kiosk.text import Words


class AccountPage(Page):
    """Rows with a button for everything that can be done."""

    def draw(self, view: View, words: Words) -> None:
        """The message above the list, if there is one."""
        head: PatronHead = self.ids.head
        head.show(view.patron, words)
        heading = self.ids.heading
        heading.words = said(words, view.message)
        if view.message is not None:
            heading.tone = tone_of_message(view.message)
        self.ids.list.show([card(row, words, self.wires) for row in view.rows])
        self.ids.bar.show(controls(view, words))
