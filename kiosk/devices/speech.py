"""Says the screen's sentences aloud: by espeak-ng, or out of a folder of recorded phrases. Both are ports.Speaker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kiosk.circulation.views import Message
from kiosk.devices.playing import Voice

_MOST_LETTERS = 300
_MOST_BYTES = 10_000_000


class EspeakSpeaker:
    """espeak-ng; it knows Kazakh, Russian and English, and sounds like a machine."""

    def __init__(
        self,
        say: Callable[[Message, str], str],
        volume: int,
        words_a_minute: int,
        program: str = "espeak-ng",
    ) -> None:
        """say: a message in the words of a language. volume: 0 to 100."""
        self._say = say
        self._command = (program, "-a", str(volume * 2), "-s", str(words_a_minute), "--stdin", "-b", "1", "-v")
        self._voice = Voice()

    def say(self, message: Message, language: str) -> None:
        """Say this in place of what is being said."""
        text = self._say(message, language)[:_MOST_LETTERS]
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

    def say(self, message: Message, language: str) -> None:
        """Say this in place of what is being said."""
        self._voice.hush()
        path = self._folder / language / f"{message.key}.wav"
        if path.is_file() and path.stat().st_size <= _MOST_BYTES:
            self._voice.give((self._program, "-q", str(path)), b"")

    def hush(self) -> None:
        """Say nothing more."""
        self._voice.hush()
