"""What staff have done that is no act in the ledger: each kind of deed with the part of the kiosk that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kiosk.circulation.events import Deed, StaffAnswer
from kiosk.config import Config
from kiosk.ports import Clock
from kiosk.store import SqliteStore

Doer = Callable[[Any], StaffAnswer]


class Backroom:
    """Does deeds, on the desk's thread. doers: gives, of each kind of deed, what does it; asked with the first one."""

    def __init__(self, doers: Callable[[], Mapping[type[Deed], Doer]]) -> None:
        self._open = doers
        self._doers: Mapping[type[Deed], Doer] | None = None

    def do(self, deed: Deed) -> StaffAnswer:
        """Do it, and say what came of it. Raises StoreError if the ledger cannot be used."""
        if self._doers is None:
            self._doers = self._open()
        return self._doers[type(deed)](deed)


def open_backroom(config: Config, store: SqliteStore, clock: Clock) -> Backroom:
    """The backroom of a kiosk."""
    return Backroom(lambda: _doers(config, store, clock))


def _doers(config: Config, store: SqliteStore, clock: Clock) -> Mapping[type[Deed], Doer]:
    """What a deed needs is imported when it is done."""
    from kiosk.circulation.lists.deeds import LIST_DEEDS
    from kiosk.circulation.staff.exception_facts import SettleEntry
    from kiosk.circulation.staff.health import LookAtMachine
    from kiosk.circulation.staff.papers import MakePaper

    def make_paper(deed: MakePaper) -> StaffAnswer:
        from kiosk.papers import make_deed

        return make_deed(config, store, clock, deed)

    def settle_entry(deed: SettleEntry) -> StaffAnswer:
        from kiosk.exceptions_desk import settle

        return settle(store, clock, deed)

    def look(deed: LookAtMachine) -> StaffAnswer:
        from kiosk.exceptions_desk import look_at_machine

        return look_at_machine(config, store, clock)

    def class_lists() -> Doer:
        from kiosk.class_desk import ClassDesk

        return ClassDesk(store, clock, config.lists_folder).do

    lists: list[Doer] = []

    def do_lists(deed: Deed) -> StaffAnswer:
        if not lists:
            lists.append(class_lists())
        return lists[0](deed)

    doers: dict[type[Deed], Doer] = {MakePaper: make_paper, SettleEntry: settle_entry, LookAtMachine: look}
    return {**doers, **dict.fromkeys(LIST_DEEDS, do_lists)}
