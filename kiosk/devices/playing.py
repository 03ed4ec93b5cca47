"""Programs that make themselves heard: aplay for sounds, espeak-ng for speech. Without them, or without a sound card,
nothing is heard and nothing else happens."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Sequence

from kiosk.errors import DeviceError

log = logging.getLogger(__name__)

APLAY = ("aplay", "-q", "-")
_END_WITHIN_S = 1.0


def play_through(wav: bytes, player: Sequence[str] = APLAY) -> None:
    """Play a sound to its end. Raises DeviceError."""
    try:
        done = subprocess.run(player, input=wav, capture_output=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DeviceError(f"{player[0]}: {error}") from error
    if done.returncode != 0:
        raise DeviceError(f"{player[0]}: {done.stderr.decode(errors='replace').strip()[:200]}")


class Voice:
    """At most one program that is heard at a time. All methods belong to one thread."""

    def __init__(self) -> None:
        self._program: subprocess.Popen[bytes] | None = None
        self._complained = False

    def give(self, command: Sequence[str], fed: bytes) -> None:
        """Run a program in place of the one that runs, and feed it so many bytes: less than a pipe holds, 64 KiB."""
        self.hush()
        try:
            self._program = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            assert self._program.stdin is not None
            with self._program.stdin as pipe:
                pipe.write(fed)
        except OSError as error:
            self._complain(f"{command[0]}: {error.strerror}")

    def hush(self) -> None:
        """End the program that runs."""
        program, self._program = self._program, None
        if program is None:
            return
        if program.poll() is None:
            program.terminate()
            try:
                program.wait(_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        elif program.returncode != 0:
            self._complain(f"{program.args[0]!r} ended with {program.returncode}; is there a sound card?")  # type: ignore[index]

    def _complain(self, what: str) -> None:
        """Once: a kiosk without a sound card is no fault."""
        if not self._complained:
            self._complained = True
            log.warning("no sound: %s", what)
