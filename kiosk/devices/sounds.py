"""The kiosk's sounds, made here: plucked strings as of a dombra (Karplus and Strong), each under half a second.

Lent: a fifth up. Returned: a fifth down over a soft low string. Not done: the same note twice, damped. Look here: one
note that rings. Calling the librarian takes longer: three notes up, an octave in all, twice. `kiosk devices sounds`
plays them.
"""

from __future__ import annotations

import io
import random
import sys
import wave
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.circulation.cues import Cue
from kiosk.devices.playing import APLAY, Voice

RATE = 22050
LENGTH_S = 0.44
CALL_S = 1.3
_G3, _G4, _A4, _D5, _G5 = 196.0, 392.0, 440.0, 587.33, 783.99
_SECOND_S = 0.09
"""A melody is played on one string: its first note ends when the second begins."""
_STOP_S = 0.01
_FADE_S = 0.04


@dataclass(frozen=True, slots=True)
class _Note:
    """hertz; begins, ends: seconds from the start; loud: 0 to 1; damped: the hand lies on the string."""

    hertz: float
    begins: float = 0.0
    ends: float = LENGTH_S
    loud: float = 1.0
    damped: bool = False


_NOTES: dict[Cue, tuple[_Note, ...]] = {
    Cue.LENT: (_Note(_G4, ends=_SECOND_S), _Note(_D5, _SECOND_S)),
    Cue.RETURNED: (_Note(_D5, ends=_SECOND_S), _Note(_G4, _SECOND_S), _Note(_G3, loud=0.35)),
    Cue.NOT_DONE: (_Note(_A4, damped=True), _Note(_A4, 0.18, damped=True)),
    Cue.ASIDE: tuple(_Note(_G3, at, damped=True) for at in (0.0, 0.13, 0.26)),
    Cue.LOOK: (_Note(_D5, loud=0.8),),
    Cue.CALL: tuple(
        _Note(hertz, begins, begins + lasts)
        for round_at in (0.0, 0.6)
        for hertz, begins, lasts in (
            (_G4, round_at, 0.14),
            (_D5, round_at + 0.14, 0.14),
            (_G5, round_at + 0.28, 0.32 if round_at == 0 else CALL_S - 0.88),
        )
    ),
}


class Loudspeaker:
    """Plays the sounds through aplay. A new one ends the one before. All methods belong to one thread."""

    def __init__(self, volume: int, player: Sequence[str] = APLAY, call_volume: int = 0) -> None:
        """volume: 0 to 100; call_volume: of calling the librarian. player: the program, which is fed a WAV file."""
        volumes = {cue: call_volume if cue is Cue.CALL else volume for cue in Cue}
        self._sounds = {cue: sound(cue, loud) for cue, loud in volumes.items() if loud}
        self._player = player
        self._voice = Voice()

    def show(self, cue: Cue) -> None:
        """Play it, and return at once; one without a volume is not there."""
        if cue in self._sounds:
            self._voice.give(self._player, self._sounds[cue])

    def close(self) -> None:
        """Silence."""
        self._voice.hush()


def sound(cue: Cue, volume: int) -> bytes:
    """The sound of a cue as a WAV file: 16 bit, one channel, RATE. volume: 0 to 100."""
    total = [0.0] * int(RATE * (CALL_S if cue is Cue.CALL else LENGTH_S))
    for note in _NOTES[cue]:
        start = int(note.begins * RATE)
        end = min(int((note.ends + _STOP_S) * RATE), len(total))
        for at, value in zip(range(start, end), _plucked(note), strict=False):
            total[at] += value * note.loud * min((end - at) / (_STOP_S * RATE), 1.0)
    fade = int(RATE * _FADE_S)
    for at in range(fade):
        total[-1 - at] *= at / fade
    # The ear hears in ratios: half the volume is a quarter of the strength.
    strength = (volume / 100) ** 2 * 32000 / max(max(abs(value) for value in total), 1e-9)
    return _wav(array("h", (int(value * strength) for value in total)))


def _plucked(note: _Note) -> Iterator[float]:
    """A string: a round of noise that grows softer as it goes round. Ends never."""
    # The loop is a whole number of samples and half a one long; what is missing to the pitch is in an all-pass filter.
    loop = RATE / note.hertz - 0.5
    size = int(loop)
    tuning = (1 - (loop - size)) / (1 + (loop - size))
    keep = 0.955 if note.damped else 0.994
    chance = random.Random(1)
    string = [chance.uniform(-1, 1) for _ in range(size)]
    for _ in range(2):  # a finger, not a plectrum: the shrillest part goes
        string = [(string[at] + string[at - 1]) / 2 for at in range(size)]
    before = passed = 0.0
    at = 0
    while True:
        value = string[at]
        softened = keep * (value + string[(at + 1) % size]) / 2
        passed = tuning * softened + before - tuning * passed
        before = softened
        string[at] = passed
        yield value
        at = (at + 1) % size


def _wav(samples: Sequence[int]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        data = array("h", samples)
        if sys.byteorder == "big":
            data.byteswap()
        out.writeframes(data.tobytes())
    return file.getvalue()
