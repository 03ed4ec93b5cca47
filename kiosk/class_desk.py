"""What the screen's pages of class lists have done for them, on the desk's thread: in parts that hold nobody up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kiosk.circulation.events import StaffAnswer
from kiosk.circulation.lists.deeds import (
    DoList,
    FindLists,
    ListLooked,
    ListRefused,
    ListsFound,
    ListStep,
    LookAtList,
    LookAtMovingUp,
    PastLists,
    PastListsFound,
    PastListShown,
    UndoList,
)
from kiosk.circulation.lists.facts import Plan
from kiosk.class_listing import ClassListing, Look
from kiosk.errors import FileFault, ImportFileError
from kiosk.ports import Clock
from kiosk.store import SqliteStore
from kiosk.store.class_lists import PlanOutdated

MOST_FILES = 100
_SUFFIXES = frozenset({".xlsx", ".xlsm", ".csv", ".txt", ".tsv"})
_FAULTS = {
    FileFault.EMPTY: "err.list_empty",
    FileFault.UNREADABLE: "err.list_unreadable",
    FileFault.NO_TABLE: "err.list_no_table",
    FileFault.ENCODING: "err.list_encoding",
    FileFault.DAMAGED: "err.list_damaged",
    FileFault.PROTECTED: "err.list_protected",
    FileFault.TOO_BIG: "err.list_too_big",
    FileFault.NO_NAMES: "err.list_no_names",
}
Deed = FindLists | LookAtList | LookAtMovingUp | DoList | PastLists | UndoList


class ClassDesk:
    """Answers the deeds of class lists. folder: where files are looked for, and in the folders in it."""

    def __init__(self, store: SqliteStore, clock: Clock, folder: Path) -> None:
        self._store = store
        self._clock = clock
        self._folder = folder
        self._looked: tuple[Look, Plan] | None = None
        self._work: Iterator[ListStep] = iter(())

    def do(self, deed: Deed) -> StaffAnswer:
        """Do a deed. Raises StoreError if the ledger cannot be used."""
        match deed:
            case FindLists():
                return ListsFound(tuple(self._files()))
            case LookAtList(file, answers):
                return self._look(file, dict(answers))
            case LookAtMovingUp():
                return self._look_up()
            case DoList(left_too, staff, begin):
                if begin:
                    self._work = self._doing(left_too, staff)
                return self._step()
            case PastLists():
                return self._past()
            case UndoList(batch, begin):
                if begin:
                    self._work = self._undoing(batch)
                return self._step()

    def _listing(self) -> ClassListing:
        return ClassListing(self._store, self._clock)

    def _files(self) -> list[str]:
        """The files that may be class lists, as paths below the folder. A link leads nowhere."""
        found: list[str] = []
        try:
            folders = [self._folder, *(one for one in sorted(self._folder.iterdir()) if _is_folder(one))][:MOST_FILES]
        except OSError:
            return []
        for folder in folders:
            try:
                files = sorted(one for one in folder.iterdir() if _is_list(one))
            except OSError:  # a stick that is being pulled out
                continue
            found += [str(one.relative_to(self._folder)) for one in files]
        return found[:MOST_FILES]

    def _look(self, file: str, answers: dict[str, str]) -> StaffAnswer:
        if file not in self._files():
            return ListRefused(_FAULTS[FileFault.UNREADABLE])
        try:
            look = self._listing().look(self._folder / file)
        except ImportFileError as error:
            return ListRefused(_FAULTS[error.fault])
        except OSError:
            return ListRefused(_FAULTS[FileFault.UNREADABLE])
        plan = self._listing().plan(look, answers)
        self._looked = look, plan
        return ListLooked(Path(file).name, plan, len(look.listed.faults) + look.listed.more_faults)

    def _look_up(self) -> StaffAnswer:
        listing = self._listing()
        look, plan = listing.moving_up(listing.this_year())
        self._looked = look, plan
        return ListLooked("", plan)

    def _step(self) -> StaffAnswer:
        try:
            return next(self._work, None) or ListRefused("err.list_changed")
        except PlanOutdated:
            return ListRefused("err.list_changed")

    def _doing(self, left_too: bool, staff: str) -> Iterator[ListStep]:
        if self._looked is None:
            return
        (look, plan), self._looked = self._looked, None
        done = 0
        for done, of, _ in self._listing().working(look, plan, left_too, staff):
            if done < of:
                yield ListStep(done, of, over=False)
        yield ListStep(done, done, over=True)

    def _undoing(self, batch: str) -> Iterator[ListStep]:
        listing = self._listing()
        of = next((one.pupils for one in listing.lists.lists() if one.id == batch), 0)
        undone = None
        for undone in listing.lists.undoing(batch):
            yield ListStep(undone.undone, max(of, undone.undone), over=False, kept=undone.kept)
        if undone is not None:
            yield ListStep(undone.undone, undone.undone, over=True, kept=undone.kept)

    def _past(self) -> StaffAnswer:
        zone = self._clock.read().wall.tzinfo
        return PastListsFound(
            tuple(
                PastListShown(one.id, one.file_name, one.begun.astimezone(zone), one.pupils, one.undone)
                for one in self._listing().lists.lists()[:MOST_FILES]
            )
        )


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and path.name.isprintable()


def _is_list(path: Path) -> bool:
    return (
        path.suffix.lower() in _SUFFIXES
        and path.name.isprintable()
        and not path.name.startswith((".", "~$"))
        and not path.is_symlink()
        and path.is_file()
    )
