"""`kiosk import`: a file of patrons, items or loans into the ledger of a kiosk, while its desk may be running."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from kiosk.app import opened, system_clock
from kiosk.circulation.chips import ChipForm, canonical
from kiosk.circulation.intake import Intake
from kiosk.config import Config
from kiosk.imports.run import Progress, Report, run_import
from kiosk.store.intake import StoreImporter

PAUSE_S = 0.01


def rejects_beside(path: Path) -> Path:
    """Where the rows to be mended go if nobody names a place."""
    return path.with_name(f"{path.stem}-rejects.csv")


def import_file(
    config: Config,
    what: Intake,
    path: Path,
    mapping: Mapping[str, str] | None = None,
    rejects: Path | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
    chip: ChipForm | None = None,
) -> Report:
    """Import a file. chip: its cards are numbers of chips, in this form. Raises ImportFileError or StoreError; what was
    committed before stays."""
    with opened(config) as store:
        return run_import(
            what,
            path,
            StoreImporter(store, system_clock(config, store)),
            mapping=mapping,
            rejects_path=rejects or rejects_beside(path),
            progress=progress,
            pause=lambda: time.sleep(PAUSE_S),
            card=lambda number: number if chip is None else canonical(number, chip, config.devices.chips),
        )
