"""What the screen shows is also heard and lit: one thread that listens to the desk and holds it up for nothing."""

from __future__ import annotations

import logging
import queue
import threading
import time
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

CALL_EVERY_S = 4.0
"""The librarian is called again and again; a lamp's blinking takes as long."""
_CUE_S = 1.0
"""A sound of the screen is heard to its end."""


class Shows(Protocol):
    """A lamp, a loudspeaker: shows cues."""

    def show(self, cue: Cue) -> None:
        """Show it, and return at once."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class Signals:
    """Sounds, lamps and speech for every change of the screen. They end with the view that they belong to; a call goes
    on for as long as views say so."""

    def __init__(
        self,
        open_shows: Callable[[], list[Shows]],
        speaker: Speaker | None,
        begin: threading.Event | None = None,
        call_every_s: float = CALL_EVERY_S,
    ) -> None:
        """open_shows: called on the thread, once there is something to show. begin: until it is set nothing is, as the
        screen that it belongs to is not there yet."""
        self._open_shows = open_shows
        self._begin = begin
        self._speaker = speaker
        self._call_every_s = call_every_s
        self._call_at = 0.0
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
            while (outcome := self._next(before)) is not None:
                heard = self._heard(before, outcome)
                try:
                    if shows is None:
                        shows = self._open_shows()
                    self._tell(shows, heard, before, outcome)
                except Exception:  # a lamp or a voice is never worth an end
                    log.exception("a change of the screen was not heard")
                before = outcome.view
        finally:
            if self._speaker is not None:
                self._speaker.hush()
            for one in shows or ():
                one.close()

    def _next(self, before: View | None) -> Outcome | None:
        """The next change of the screen; the same screen again when it is time to call again."""
        if before is None or not before.calling:
            return self._changes.get()
        try:
            return self._changes.get(timeout=max(self._call_at - time.monotonic(), 0.0))
        except queue.Empty:
            return Outcome(before, ())

    def _heard(self, before: View | None, outcome: Outcome) -> Cue | None:
        """The sound of a change, or that of a call if it is time for one."""
        now, heard = time.monotonic(), cue(before, outcome.view, outcome.committed)
        if not outcome.view.calling:
            return heard
        if before is None or not before.calling:
            self._call_at = now
        if heard is not None:
            self._call_at = max(self._call_at, now + _CUE_S)
        elif self._call_at <= now:
            self._call_at = now + self._call_every_s
            heard = Cue.CALL
        return heard

    def _tell(self, shows: list[Shows], heard: Cue | None, before: View | None, outcome: Outcome) -> None:
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
    light, speech, call = outputs.light, outputs.speech, outputs.call
    lit = (light.done, light.not_done, light.buzzer, call.lamp) != (None,) * 4
    speaker: Speaker | None = None
    if speech.kind == "espeak":
        from kiosk.devices.speech import EspeakSpeaker

        speaker = EspeakSpeaker(_words_of, speech.volume, speech.words_a_minute)
    elif speech.kind == "folder" and speech.folder is not None:
        from kiosk.devices.speech import RecordedSpeaker

        speaker = RecordedSpeaker(speech.folder)

    def open_shows() -> list[Shows]:
        shows: list[Shows] = []
        if outputs.sound.volume or call.volume:
            from kiosk.devices.sounds import Loudspeaker

            shows.append(Loudspeaker(outputs.sound.volume, call_volume=call.volume))
        if lit:
            from kiosk.devices.light import Lights

            try:
                shows.append(Lights(light.done, light.not_done, light.buzzer, call=call.lamp))
            except DeviceError as error:
                log.warning("%s", error)
        return shows

    return Signals(open_shows, speaker, begin)


def _words_of(speech: Sequence[Message], language: str) -> str:
    from kiosk.text import words

    return words(language).aloud(speech)
