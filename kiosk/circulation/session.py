"""Who is at the kiosk: the session of a visit, its idle timer, the codes just seen, wrong PINs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from kiosk.circulation.acts import Act, Kind
from kiosk.circulation.model import Item, PatronRecord, Title
from kiosk.circulation.views import RowState

_KEEP_CODES = 16
_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class RecentCodes:
    """Codes and when each was last seen: a card left on the reader is one scan, however long it lies there."""

    seen: tuple[tuple[str, float], ...] = ()

    def saw(self, code: str, mono: float, window_s: float) -> tuple[RecentCodes, bool]:
        """Note a code. Also whether it is new: not seen within the window, which slides from the last time."""
        fresh = [(c, at) for c, at in self.seen if mono - at < window_s]
        is_new = all(c != code for c, _ in fresh)
        kept = [(c, at) for c, at in fresh if c != code][-_KEEP_CODES:]
        return RecentCodes((*kept, (code, mono))), is_new

    def without(self, code: str) -> RecentCodes:
        """As if that code had not been seen."""
        return RecentCodes(tuple((c, at) for c, at in self.seen if c != code))


@dataclass(frozen=True, slots=True)
class PinTries:
    """Wrong PINs of patrons since the start: (patron, how many, no new try before)."""

    wrong: tuple[tuple[str, int, float], ...] = ()

    def failed(self, patron_id: str, mono: float, tries: int, wait_s: float) -> PinTries:
        """Note a wrong PIN; after every `tries` of them the wait doubles, up to a thousand times the first one."""
        count = self.count(patron_id) + 1
        rounds = count // tries
        until = mono + wait_s * 2 ** min(rounds - 1, _DOUBLINGS) if count % tries == 0 else 0.0
        rest = tuple(entry for entry in self.wrong if entry[0] != patron_id)
        return PinTries((*rest, (patron_id, count, until))[-200:])

    def right(self, patron_id: str) -> PinTries:
        """Forget a patron's wrong PINs."""
        return PinTries(tuple(entry for entry in self.wrong if entry[0] != patron_id))

    def count(self, patron_id: str) -> int:
        """Wrong PINs in a row."""
        return next((n for p, n, _ in self.wrong if p == patron_id), 0)

    def must_wait(self, patron_id: str, mono: float) -> bool:
        """Whether the patron has to wait before the next try."""
        return any(p == patron_id and mono < until for p, _, until in self.wrong)


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one item in this visit. acts: ids of the transactions that did it and still stand, oldest first.

    borrower: whose loan a return ended, if it may be kept after all. declined: why the central library refused it.
    """

    item: Item
    title: Title
    state: RowState
    acts: tuple[str, ...] = ()
    due: date | None = None
    days: int | None = None
    borrower: str | None = None
    declined: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A visit. entries: newest first, one for an item. override_by: a librarian who lets it pass what the rules
    refuse, and why.

    acts: everything that was recorded in it, oldest first, also what was taken back again and the taking back.
    warned: seconds left, while the child is asked whether they are still there.
    """

    record: PatronRecord
    entries: tuple[Entry, ...] = ()
    override_by: str | None = None
    override_reason: str = ""
    without_card: bool = False
    acts: tuple[Act, ...] = ()
    warned: int | None = None

    def with_entry(self, entry: Entry) -> Session:
        """The entry put first, in place of the older one of its item; refusals seen before go."""
        rest = (old for old in self.entries if old.item.id != entry.item.id and old.state is not RowState.REFUSED)
        return replace(self, entries=(entry, *rest))

    def entry_of(self, item_id: str) -> Entry | None:
        """What became of an item in this visit."""
        return next((entry for entry in self.entries if entry.item.id == item_id), None)

    def waiting(self) -> tuple[Entry, ...]:
        """Items that wait for a return to make room, the first scanned first."""
        return tuple(entry for entry in reversed(self.entries) if entry.state is RowState.WAITING)

    def standing(self) -> tuple[Act, ...]:
        """What this visit recorded and did not take back, oldest first."""
        undone = {act.undoes for act in self.acts}
        return tuple(act for act in self.acts if act.kind is not Kind.UNDO and act.id not in undone)
