"""What the screen shows is also heard and lit: one thread that listens to the desk and holds it up for nothing."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from kiosk.circulation.cues import Cue, cue
from kiosk.circulation.views import Message, View
from kiosk.circulation.visit.speech import to_say
from kiosk.config import Config
from kiosk.desk import Outcome
from kiosk.errors import DeviceError
from kiosk.ports import Speaker

log = logging.getLogger(__name__)


class Shows(Protocol):
    """A lamp, a loudspeaker: shows cues."""

    def show(self, cue: Cue) -> None:
        """Show it, and return at once."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Signals:
    """Sounds, lamps and speech for every change of the screen. They end with the view that they belong to."""

    def __init__(
        self, open_shows: Callable[[], list[Shows]], speaker: Speaker | None, begin: threading.Event | None = None
    ) -> None:
        """open_shows: called on the thread, once there is something to show. begin: until it is set nothing is, as the
        screen that it belongs to is not there yet."""
        self._open_shows = open_shows
        self._begin = begin
        self._speaker = speaker
        self._changes: queue.SimpleQueue[Outcome | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)
        self._thread.start()

    def told(self, outcome: Outcome) -> None:
        """The screen changes. From any thread; returns at once."""
        if self._begin is None or self._begin.is_set():
            self._changes.put(outcome)

    def stop(self) -> None:
        """End everything that is heard and lit."""
        if self._thread is not None:
            self._changes.put(None)
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        shows: list[Shows] | None = None
        before: View | None = None
        try:
            while (outcome := self._changes.get()) is not None:
                try:
                    if shows is None:
                        shows = self._open_shows()
                    self._tell(shows, before, outcome)
                except Exception:  # a lamp or a voice is never worth an end
                    log.exception("a change of the screen was not heard")
                before = outcome.view
        finally:
            if self._speaker is not None:
                self._speaker.hush()
            for one in shows or ():
                one.close()

    def _tell(self, shows: list[Shows], before: View | None, outcome: Outcome) -> None:
        heard = cue(before, outcome.view, outcome.committed)
        if heard is not None:
            for one in shows:
                one.show(heard)
        speech = to_say(before, outcome.view) if self._speaker is not None else None
        if self._speaker is None or speech is None:
            return
        if speech:
            self._speaker.say(speech, outcome.view.language)
        else:
            self._speaker.hush()


@contextmanager
def signals(config: Config, begin: threading.Event) -> Iterator[Signals]:
    """What the settings ask for, ended at the end. begin: set when the window is there."""
    found = _made(config, begin)
    found.start()
    try:
        yield found
    finally:
        found.stop()


def _made(config: Config, begin: threading.Event) -> Signals:
    outputs = config.outputs
    light, speech = outputs.light, outputs.speech
    lit = (light.done, light.not_done, light.buzzer) != (None, None, None)
    speaker: Speaker | None = None
    if speech.kind == "espeak":
        from kiosk.devices.speech import EspeakSpeaker

        speaker = EspeakSpeaker(_words_of, speech.volume, speech.words_a_minute)
    elif speech.kind == "folder" and speech.folder is not None:
        from kiosk.devices.speech import RecordedSpeaker

        speaker = RecordedSpeaker(speech.folder)

    def open_shows() -> list[Shows]:
        shows: list[Shows] = []
        if outputs.sound.volume:
            from kiosk.devices.sounds import Loudspeaker

            shows.append(Loudspeaker(outputs.sound.volume))
        if lit:
            from kiosk.devices.light import Lights

            try:
                shows.append(Lights(light.done, light.not_done, light.buzzer))
            except DeviceError as error:
                log.warning("%s", error)
        return shows

    return Signals(open_shows, speaker, begin)


def _words_of(speech: Sequence[Message], language: str) -> str:
    from kiosk.text import words

    return words(language).aloud(speech)
