"""Sounds, speech and lamps: what they are made of, the programs that play them, and that nothing needs a sound card."""

from __future__ import annotations

import io
import os
import sys
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory

from kiosk.circulation.cues import Cue
from kiosk.circulation.views import Message
from kiosk.devices.light import Lights
from kiosk.devices.playing import Voice
from kiosk.devices.sounds import RATE, Loudspeaker, sound
from kiosk.devices.speech import EspeakSpeaker, RecordedSpeaker
from kiosk.errors import DeviceError
from kiosk.signals import _words_of
from tests.driver import need_tool, wait_for

G3, G4, A4, D5, G5 = 196.0, 392.0, 440.0, 587.33, 783.99


def samples(wav: bytes) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float64) / 32768


def strength(cue: Cue, hertz: float, begin_s: float, end_s: float) -> float:
    """How strong a tone is in a part of a sound; 3 % beside it still count, as no ear hears that."""
    part = samples(sound(cue, 100))[int(begin_s * RATE) : int(end_s * RATE)]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 16))
    at = np.fft.rfftfreq(1 << 16, 1 / RATE)
    return float(spectrum[(at > hertz * 0.97) & (at < hertz * 1.03)].max())


@pytest.mark.parametrize("cue", list(Cue))
def test_a_sound_is_short_and_ends_in_silence(cue: Cue) -> None:
    heard = samples(sound(cue, 100))
    assert len(heard) < (1.4 if cue is Cue.CALL else 0.45) * RATE
    assert 0.9 < np.abs(heard).max() < 1.0
    assert np.abs(heard[-20:]).max() < 0.02


def test_lent_rises_and_returned_falls() -> None:
    for cue, first, then in [(Cue.LENT, G4, D5), (Cue.RETURNED, D5, G4)]:
        assert strength(cue, first, 0, 0.085) > 3 * strength(cue, then, 0, 0.085)
        assert strength(cue, then, 0.1, 0.4) > strength(cue, first, 0.1, 0.4)
    assert strength(Cue.RETURNED, G3, 0.1, 0.4) > 5 * strength(Cue.LENT, G3, 0.1, 0.4)


def test_not_done_is_one_note_twice_and_dies_away_in_between() -> None:
    assert strength(Cue.NOT_DONE, A4, 0, 0.1) > 3 * max(
        strength(Cue.NOT_DONE, G4, 0, 0.1), strength(Cue.NOT_DONE, D5, 0, 0.1)
    )
    heard = np.abs(samples(sound(Cue.NOT_DONE, 100)))
    first, gap, second = (
        heard[int(a * RATE) : int(b * RATE)].max() for a, b in [(0, 0.05), (0.13, 0.17), (0.18, 0.23)]
    )
    assert gap < 0.25 * min(first, second)


def test_aside_is_lower_than_not_done() -> None:
    assert strength(Cue.ASIDE, G3, 0, 0.13) > 20 * strength(Cue.NOT_DONE, G3, 0, 0.13)
    assert strength(Cue.NOT_DONE, A4, 0, 0.13) > 20 * strength(Cue.ASIDE, A4, 0, 0.13)


def test_a_call_rises_by_an_octave_twice_and_fits_a_pipe() -> None:
    for begins in (0.0, 0.6):
        for at, hertz in ((0.0, G4), (0.14, D5), (0.28, G5)):
            others = max(strength(Cue.CALL, one, begins + at, begins + at + 0.14) for one in {G4, D5, G5} - {hertz})
            assert strength(Cue.CALL, hertz, begins + at, begins + at + 0.14) > 1.5 * others
    assert len(sound(Cue.CALL, 100)) < 65_536


def test_volume_is_volume() -> None:
    peaks = [np.abs(samples(sound(Cue.LENT, volume))).max() for volume in (0, 30, 70, 100)]
    assert peaks == sorted(peaks) and peaks[0] == 0


def player(folder: Path, ends: str = "") -> tuple[str, ...]:
    """A program in place of aplay: it keeps what it is fed and told."""
    path = folder / "player"
    path.write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/told\ncat > {folder}/fed.new\nmv {folder}/fed.new {folder}/fed\n{ends}\n'
    )
    path.chmod(0o755)
    return (str(path), "-q", "-")


def test_the_player_is_fed_the_sound(tmp_path: Path) -> None:
    loudspeaker = Loudspeaker(70, player(tmp_path))
    loudspeaker.show(Cue.LENT)
    wait_for((tmp_path / "fed").exists, "it was fed")
    assert (tmp_path / "fed").read_bytes() == sound(Cue.LENT, 70)
    loudspeaker.close()


def test_a_call_has_a_volume_of_its_own_and_sounds_without_one_are_silent(tmp_path: Path) -> None:
    loudspeaker = Loudspeaker(0, player(tmp_path), call_volume=100)
    loudspeaker.show(Cue.LENT)
    loudspeaker.show(Cue.CALL)
    wait_for((tmp_path / "fed").exists, "it was fed")
    assert (tmp_path / "fed").read_bytes() == sound(Cue.CALL, 100)
    loudspeaker.close()
    silent = Loudspeaker(70, ("/nowhere",), call_volume=0)
    silent.show(Cue.CALL)
    assert silent._voice._complained is False


def test_a_new_sound_ends_the_one_before(tmp_path: Path) -> None:
    voice = Voice()
    voice.give(player(tmp_path, "exec sleep 600"), b"first")
    program = voice._program
    assert program is not None
    voice.give(player(tmp_path, "exec sleep 600"), b"second")
    assert program.returncode is not None
    voice.hush()
    assert voice._program is None


@pytest.mark.parametrize(
    "command", [("/nowhere/aplay",), ("false",), (sys.executable, "-c", "import sys; sys.stdin.close()")]
)
def test_without_a_sound_card_nothing_fails(command: tuple[str, ...], caplog: pytest.LogCaptureFixture) -> None:
    voice = Voice()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        voice.give(command, bytes(20_000))
        if voice._program is not None:
            voice._program.wait()
    voice.hush()
    assert len(os.listdir("/proc/self/fd")) == before
    assert len(caplog.records) <= 1


def test_speech_is_given_as_text_and_ends_with_its_view(tmp_path: Path) -> None:
    program = player(tmp_path, "exec sleep 600")[0]
    speaker = EspeakSpeaker(_words_of, 80, 140, program)
    speaker.say((Message.of("say.title", title="$(rm -rf /) -f"), Message.of("ok.returned")), "kk")
    wait_for((tmp_path / "fed").exists, "it was fed")
    assert (tmp_path / "fed").read_text(encoding="utf-8").startswith("$(rm -rf /) -f. ")
    assert (tmp_path / "told").read_text().split()[-2:] == ["-v", "kk"]
    running = speaker._voice._program
    assert running is not None and running.poll() is None
    speaker.hush()
    assert running.returncode is not None


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_espeak_knows_the_language(language: str, tmp_path: Path) -> None:
    espeak = need_tool("espeak-ng")
    wrapped = tmp_path / "espeak"
    wrapped.write_text(f'#!/bin/sh\nexec {espeak} -w {tmp_path}/said.wav "$@"\n')
    wrapped.chmod(0o755)
    speaker = EspeakSpeaker(_words_of, 80, 140, str(wrapped))
    speaker.say((Message.of("ok.returned"),), language)
    program = speaker._voice._program
    assert program is not None
    assert program.wait(30) == 0
    with wave.open(str(tmp_path / "said.wav")) as file:
        assert file.getnframes() > 0.5 * file.getframerate()
    speaker.hush()


def test_recorded_phrases_are_played_one_after_the_other(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    (folder / "kk").mkdir(parents=True)
    for key in ("ok.returned", "say.visit"):
        (folder / "kk" / f"{key}.wav").write_bytes(sound(Cue.LOOK, 10))
    speaker = RecordedSpeaker(folder, player(tmp_path)[0])
    speech = (Message.of("say.title", title="Абай жолы"), Message.of("ok.returned"), Message.of("say.visit"))
    speaker.say(speech, "kk")
    wait_for((tmp_path / "fed").exists, "it was played")
    files = (tmp_path / "told").read_text().split()[1:]
    assert [Path(file).name for file in files] == ["ok.returned.wav", "say.visit.wav"]
    speaker.say(speech, "ru")
    assert speaker._voice._program is None


@pytest.fixture(name="pins")
def _pins() -> Iterator[MockFactory]:
    factory = MockFactory()
    yield factory
    factory.close()


def test_lamps_and_buzzer_show_done_and_not_done(pins: MockFactory) -> None:
    lights = Lights(17, 27, 22, pins)
    done, not_done, buzzer = (pins.pin(number) for number in (17, 27, 22))
    lights.show(Cue.LENT)
    wait_for(lambda: bool(done.state) and bool(buzzer.state), "done")
    assert not not_done.state
    lights.show(Cue.NOT_DONE)
    wait_for(lambda: bool(not_done.state) and not done.state, "not done")
    lights.close()
    assert not (done.state or not_done.state or buzzer.state)


def test_a_lamp_of_its_own_blinks_to_call_the_librarian_beside_the_others(pins: MockFactory) -> None:
    lights = Lights(17, None, 22, pins, call=24)
    done, buzzer, call = (pins.pin(number) for number in (17, 22, 24))
    lights.show(Cue.CALL)
    wait_for(lambda: bool(call.state), "it lights")
    assert not (done.state or buzzer.state)
    lights.show(Cue.LENT)
    wait_for(lambda: bool(done.state), "done")
    wait_for(lambda: not call.state, "it goes out")
    wait_for(lambda: bool(call.state), "it lights again")
    lights.close()
    assert not (call.state or done.state)


def test_a_lamp_alone_will_do(pins: MockFactory) -> None:
    lights = Lights(17, None, None, pins)
    for cue in Cue:
        lights.show(cue)
    lights.close()


@pytest.mark.filterwarnings("ignore::gpiozero.PinFactoryFallback")
def test_a_machine_without_pins_says_so() -> None:
    with pytest.raises(DeviceError, match="pins"):
        Lights(17, None, None)
