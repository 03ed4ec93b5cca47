"""Says the screen's sentences aloud: by espeak-ng, or out of a folder of recorded phrases. Both are ports.Speaker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from kiosk.circulation.views import Message
from kiosk.devices.playing import Voice

_MOST_LETTERS = 2000
_MOST_BYTES = 10_000_000


class EspeakSpeaker:
    """espeak-ng; it knows Kazakh, Russian and English, and sounds like a machine."""

    def __init__(
        self,
        words: Callable[[Sequence[Message], str], str],
        volume: int,
        words_a_minute: int,
        program: str = "espeak-ng",
    ) -> None:
        """words: what is to be said, in the words of a language. volume: 0 to 100."""
        self._words = words
        self._command = (program, "-a", str(volume * 2), "-s", str(words_a_minute), "--stdin", "-b", "1", "-v")
        self._voice = Voice()

    def say(self, speech: Sequence[Message], language: str) -> None:
        """Say this in place of what is being said."""
        text = self._words(speech, language)[:_MOST_LETTERS]
        self._voice.give((*self._command, language), text.encode("utf-8"))

    def hush(self) -> None:
        """Say nothing more."""
        self._voice.hush()


class RecordedSpeaker:
    """A folder with a file for each language and message: `kk/ok.returned.wav`. What has none is not said."""

    def __init__(self, folder: Path, program: str = "aplay") -> None:
        self._folder = folder
        self._program = program
        self._voice = Voice()

    def say(self, speech: Sequence[Message], language: str) -> None:
        """Say this in place of what is being said."""
        self._voice.hush()
        files = (self._folder / language / f"{message.key}.wav" for message in speech)
        there = [str(file) for file in files if file.is_file() and file.stat().st_size <= _MOST_BYTES]
        if there:
            self._voice.give((self._program, "-q", *there), b"")

    def hush(self) -> None:
        """Say nothing more."""
        self._voice.hush()
