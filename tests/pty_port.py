"""A serial port that is a pseudo-terminal: what is written here is what a reader on that port sends."""

from __future__ import annotations

import os
import tty
from pathlib import Path
from types import TracebackType


class PtyPort:
    """A port at a path of its own that can vanish and come back, as a USB reader does when it is pulled out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._master = -1
        self.plug_in()

    def __enter__(self) -> PtyPort:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pull_out()

    def plug_in(self) -> None:
        """The port is there."""
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.path.symlink_to(os.ttyname(slave))
        os.close(slave)

    def pull_out(self) -> None:
        """The port is gone; who has it open gets an error."""
        if self._master >= 0:
            self.path.unlink()
            os.close(self._master)
            self._master = -1

    def send(self, data: bytes) -> None:
        """The reader sends bytes."""
        while data:
            data = data[os.write(self._master, data) :]
