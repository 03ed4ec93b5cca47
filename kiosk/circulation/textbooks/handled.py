"""A pupil who hands textbooks in, as the pages know it on which that happens: what is out, back, owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.circulation.acts import Act
from kiosk.circulation.ledger import with_act
from kiosk.circulation.model import Condition, Item, ItemKind, Loan, LoanLine, Mark, PatronRecord, Title
from kiosk.circulation.textbooks.collecting import Came, after_act
from kiosk.circulation.textbooks.debts import Debt, open_debts
from kiosk.circulation.views import Cell, CellState, Message, PatronFace, Row, RowState


@dataclass(frozen=True, slots=True)
class Handled:
    """A copy that came back while this pupil was at the desk.

    key: the loan that it ended, or the copy, on nobody's name. item: as it is now, None of one held by count. was: its
    condition at issue; condition: now. holder: who had it, "" if nobody. acts: that stand, the oldest first. cleared:
    the pupil's own loan that it ended in place of its own copy. gone: nobody can learn from it any more: it is owed.
    """

    key: str
    came: Came
    title: Title
    item: Item | None
    was: Condition
    condition: Condition
    holder: str
    acts: tuple[str, ...]
    loan: Loan | None = None
    cleared: LoanLine | None = None
    gone: bool = False

    @property
    def is_damaged(self) -> bool:
        """Whether it came back otherwise than it was given out."""
        return self.condition is not self.was

    def state(self) -> CellState:
        """How its tile looks."""
        if self.is_damaged:
            return CellState.DAMAGED
        return CellState.BACK if self.cleared is None else CellState.CHECK


@dataclass(frozen=True, slots=True)
class Desk:
    """What is known of the pupil. all_kinds: books count as textbooks do.

    done: what was recorded here and can be taken back, in groups, the newest last. spent: what was taken back, and the
    taking back.
    """

    record: PatronRecord
    debts: tuple[Debt, ...] = ()
    handled: tuple[Handled, ...] = ()
    done: tuple[tuple[str, ...], ...] = ()
    spent: tuple[str, ...] = ()
    all_kinds: bool = False

    @classmethod
    def of(cls, record: PatronRecord, marks: Sequence[Mark], all_kinds: bool = False) -> Desk:
        """As the ledger has it."""
        return cls(record, open_debts(marks), all_kinds=all_kinds)

    @property
    def out(self) -> tuple[LoanLine, ...]:
        """What the pupil still has."""
        return tuple(line for line in self.record.loans if self.all_kinds or kind_of(line) is ItemKind.TEXTBOOK)

    def find(self, key: str) -> Handled | LoanLine | None:
        """A copy by the id of its tile: back, or still out."""
        back = next((one for one in self.handled if one.key == key), None)
        return back or next((line for line in self.record.loans if line.loan.id == key), None)

    def progress(self) -> tuple[int, int]:
        """How many of how many of the pupil's copies are dealt with; one that is lost is not."""
        back = sum(1 for one in self.handled if self._is_own(one))
        return back, back + len(self.out) + len(self.debts)

    def _is_own(self, one: Handled) -> bool:
        return not one.gone and (one.holder == self.record.patron.id or one.cleared is not None)

    def after(self, acts: Sequence[Act], title: Title, item: Item | None, handled: Handled | None) -> Desk:
        """Once acts are recorded."""
        record = self.record
        for act in acts:
            record = with_act(record, act, title, item)
        rest = tuple(one for one in self.handled if handled is None or one.key != handled.key)
        ids = tuple(act.id for act in acts)
        return replace(
            self, record=record, handled=(*rest, handled) if handled is not None else rest, done=(*self.done, ids)
        )

    def without(self, undone: Sequence[Act], record: PatronRecord, marks: Sequence[Mark]) -> Desk:
        """Once acts were taken back, and the ledger was asked anew."""
        taken_back = {act.undoes for act in undone}
        handled: list[Handled] = []
        for one in self.handled:
            acts = tuple(act_id for act_id in one.acts if act_id not in taken_back)
            if acts[:1] != one.acts[:1]:
                continue
            item = one.item
            for act in undone:
                item = after_act(item, act) if item is not None else None
            condition = item.condition if item is not None else one.condition if acts == one.acts else one.was
            gone = one.gone and acts == one.acts
            handled.append(replace(one, item=item, condition=condition, acts=acts, gone=gone))
        done = tuple(group for group in self.done if not taken_back.intersection(group))
        spent = (*self.spent, *(act_id for act in undone for act_id in (act.undoes, act.id) if act_id is not None))
        debts = open_debts(marks)
        return replace(self, record=record, debts=debts, handled=tuple(handled), done=done, spent=spent)

    # What the screen shows of it.

    def face(self) -> PatronFace:
        """The pupil."""
        patron = self.record.patron
        return PatronFace(patron.id, patron.public_name, patron.school_class, len(self.out))

    def cells(self, may_settle: bool) -> tuple[Cell, ...]:
        """A tile for each copy. may_settle: lost ones may be settled by whoever is at the desk."""
        tiles = [
            *(self._out_cell(line) for line in self.out),
            *(self._back_cell(one) for one in self.handled if self._is_own(one)),
        ]
        tiles.sort(key=lambda cell: cell.text)
        owed = (
            Cell(
                debt.mark.what,
                debt.title,
                CellState.LOST,
                note=Message.of("tb.owed_since", date=debt.day),
                actions=("replace",) if may_settle else (),
            )
            for debt in self.debts
        )
        return (*tiles, *owed)

    def _out_cell(self, line: LoanLine) -> Cell:
        action = "hand_in" if line.item is None else "open"
        return Cell(line.loan.id, text_of(line.title), CellState.GIVEN, line.title, actions=(action,))

    def _back_cell(self, one: Handled) -> Cell:
        note = condition_words(one.condition) if one.is_damaged else None
        if note is None and one.cleared is not None:
            note = Message.of("tb.other_copy")
        return Cell(one.key, text_of(one.title), one.state(), one.title, note, ("open",))


def kind_of(line: LoanLine) -> ItemKind:
    """What kind of thing a loan is of."""
    return line.item.kind if line.item is not None else line.title.kind


def text_of(title: Title) -> str:
    """What a tile says: the subject and the part of a textbook, else the title."""
    return f"{title.subject} {title.part}".strip() if title.subject else title.title


def condition_words(condition: Condition) -> Message:
    """A condition by its key in the catalogues."""
    return Message.of(f"cond.{condition.value}")


def row_of(one: Handled | LoanLine) -> Row:
    """The copy that is at hand, for the large picture of the screen."""
    if isinstance(one, LoanLine):
        note = condition_words(one.item.condition) if one.item is not None else None
        return Row(one.loan.id, one.title.title, RowState.ON_LOAN, one.title, one.loan.due, note=note)
    state = RowState.FOUND if one.came in (Came.FOUND, Came.LOST_FOUND) else RowState.RETURNED
    return Row(one.key, one.title.title, state, one.title, note=condition_words(one.condition))
