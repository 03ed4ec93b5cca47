"""How the devices of a running kiosk are, in a file: another process, `kiosk doctor`, cannot open them meanwhile."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from kiosk.devices.supervisor import Health

log = logging.getLogger(__name__)


def keep(path: Path, healths: Iterable[Health]) -> None:
    """Write it down, in one go. A disk that has no room for it does not stop a device."""
    new = path.with_suffix(".new")
    try:
        new.write_text(json.dumps([asdict(health) for health in healths], ensure_ascii=False), encoding="utf-8")
        os.replace(new, path)
    except OSError as error:
        log.warning("%s: %s", path, error.strerror)


def kept(path: Path) -> tuple[Health, ...]:
    """What was written last; nothing if it cannot be read."""
    try:
        return tuple(Health(**health) for health in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return ()
