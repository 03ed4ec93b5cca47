"""Whether the central library is there, and how much it has not been told: calm and small, and never in the way."""

from __future__ import annotations

from kivy.app import App
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.circulation.views import Message, SyncState
from kiosk.screens.lettering import measure
from kiosk.screens.tone import CLOUD_OFF, CLOUD_TICK, CLOUD_UP
from kiosk.text import Words


class SyncSign(BoxLayout):
    """Offline a line in words, with the number that waits."""

    words = StringProperty("")
    count = StringProperty("")
    sign = StringProperty(CLOUD_OFF)
    wanted = NumericProperty(0)
    count_width = NumericProperty(0)

    def show(self, sync: SyncState, words: Words, in_words: bool) -> None:
        """Show how it is. in_words: there is room for a line."""
        offline = in_words and sync.state == "offline"
        said = Message.of("sync.offline") if sync.contact is None else Message.of("sync.stale", date=sync.contact)
        self.words = words.say(said) if offline else ""
        self.count = str(sync.pending) if offline and sync.pending else ""
        look = App.get_running_app().look
        width = measure(True)
        self.wanted = width(self.words, look.type(20)) + look.px(4)
        self.count_width = width(self.count, look.type(20)) + look.px(4) if self.count else 0


def cloud(sync: SyncState, in_words: bool) -> tuple[str, str]:
    """The sign at the end of the head, and the number that waits; none if there is no central, or a line says it."""
    if sync.state == "none" or (in_words and sync.state == "offline"):
        return "", ""
    if sync.state == "offline":
        return CLOUD_OFF, ""
    return (CLOUD_UP, str(sync.pending)) if sync.pending else (CLOUD_TICK, "")
