"""What is recorded in a visit: decide, have it committed, and only then say so."""

from __future__ import annotations

from dataclasses import replace

from kiosk.circulation.acts import Act, Kind, Relied
from kiosk.circulation.asking import in_our_words
from kiosk.circulation.events import Acts, Answer, Committed, Declined, Event, FindActs, Looked, LookUp
from kiosk.circulation.ledger import with_act, with_holds
from kiosk.circulation.model import LENDABLE, ItemRecord, ItemStatus, LoanLine, Title, TitleRecord
from kiosk.circulation.policy import (
    WAITS,
    Allowed,
    Refused,
    decide_checkout,
    decide_counted_checkout,
    is_overdue,
    let_pass,
    room_taken,
)
from kiosk.circulation.returns import (
    Recorded,
    after_checkin,
    decide_checkin,
    decide_counted_checkin,
    decide_found,
    decide_renewal,
    decide_undo,
)
from kiosk.circulation.session import Entry, Session
from kiosk.circulation.views import Days, Message, RowState
from kiosk.circulation.visit.state import (
    Serve,
    State,
    Step,
    after,
    ask,
    circumstances,
    commit,
    new_id,
    refusal_message,
    refuse,
    relied_on,
)


def _session(state: State) -> Session:
    assert state.session is not None
    return state.session


def lent_message(allowed: Allowed) -> Message:
    """ "Until Friday", or "for 10 days" while the kiosk does not know the date."""
    if allowed.due is not None:
        return Message.of("ok.checked_out", date=allowed.due)
    return Message.of("ok.checked_out_days", days=Days(allowed.days))


def checkout(state: State, event: Event, record: ItemRecord) -> Step:
    """Lend an item that nobody has."""
    session = _session(state)
    state, act_id = new_id(state)
    decision = decide_checkout(circumstances(state, event.now), session.record, record, act_id)
    if isinstance(decision, Refused):
        return _not_lent(state, event, record, decision)
    decision = _let_pass(session, record, decision)
    return commit(state, event, decision.acts, relied_on(session.record, record), after(_lent, record, decision))


def _let_pass(session: Session, record: ItemRecord, allowed: Allowed) -> Allowed:
    """What the central library refused in this visit, and a librarian lets pass, is written down as such."""
    entry = session.entry_of(record.item.id)
    if entry is None or not entry.declined or session.override_by is None:
        return allowed
    *others, act = allowed.acts
    return replace(allowed, acts=(*others, let_pass(act, session.override_by, entry.declined, session.override_reason)))


def _not_lent(state: State, event: Event, record: ItemRecord, refused: Refused, declined: str = "") -> Step:
    row = RowState.WAITING if refused.reason in WAITS else RowState.REFUSED
    session = _session(state).with_entry(Entry(record.item, record.title, row, declined=declined))
    state = replace(state, session=session, message=refusal_message(refused))
    return serve_next(state, event)


def _lent(state: State, event: Event, answer: Answer, record: ItemRecord, allowed: Allowed) -> Step:
    if isinstance(answer, Declined):
        return _not_lent(state, event, record, declined(state, answer), answer.reason.name)
    allowed = agreed(allowed, answer)
    state = _noted(state, allowed, record)
    entry = Entry(
        record.item, record.title, RowState.BORROWED, tuple(act.id for act in allowed.acts), allowed.due, allowed.days
    )
    session = _session(state).with_entry(entry)
    return serve_next(replace(state, session=session, message=lent_message(allowed)), event)


def agreed(allowed: Allowed, answer: Answer) -> Allowed:
    """What was decided, as it was recorded: the central library may have given another date."""
    if not isinstance(answer, Committed):
        return allowed
    dates = [act.due for act in answer.acts if act.due is not None]
    return replace(allowed, acts=answer.acts, due=dates[-1] if allowed.due is not None and dates else allowed.due)


def declined(state: State, answer: Declined) -> Refused:
    """Why the central library refused what the patron of this visit wished."""
    return in_our_words(answer.reason, state.rules, _session(state).record)


def _noted(state: State, allowed: Allowed, record: ItemRecord) -> State:
    """The patron's own record, with what was just recorded."""
    session = _session(state)
    patron = session.record
    for act in allowed.acts:
        patron = with_act(patron, act, record.title, record.item)
    return replace(state, session=replace(session, record=patron))


def pass_on(state: State, event: Event, record: ItemRecord) -> Step:
    """The item is on loan to somebody else: returned for them, then lent if the rules allow. No name is shown."""
    session, around = _session(state), circumstances(state, event.now)
    state, checkin_id = new_id(state)
    state, checkout_id = new_id(state)
    returned = decide_checkin(around, record, checkin_id)
    if isinstance(returned, Refused):
        return _not_lent(state, event, record, returned)
    back = after_checkin(record, returned.acts[0])
    decision = decide_checkout(around, session.record, back, checkout_id)
    relied = relied_on(session.record, record)
    if isinstance(decision, Refused):
        return commit(state, event, returned.acts, relied, after(_returned_only, back, decision))
    both = replace(decision, acts=(*returned.acts, *_let_pass(session, record, decision).acts))
    return commit(state, event, both.acts, relied, after(_lent, back, both))


def _returned_only(state: State, event: Event, answer: Answer, record: ItemRecord, refused: Refused) -> Step:
    return _not_lent(state, event, record, refused)


def checkin(state: State, event: Event, record: ItemRecord) -> Step:
    """Take an item back: its borrower is here, or nobody is."""
    state, act_id = new_id(state)
    decision = decide_checkin(circumstances(state, event.now), record, act_id)
    if isinstance(decision, Refused):
        return _not_taken(state, record, decision)
    patron = state.session.record if state.session else None
    return commit(state, event, decision.acts, relied_on(patron, record), after(_taken_back, record, decision))


def _not_taken(state: State, record: ItemRecord, refused: Refused) -> Step:
    """Said, and in a visit shown, so that a librarian's card can let it pass."""
    if state.session is not None:
        state = replace(state, session=state.session.with_entry(Entry(record.item, record.title, RowState.REFUSED)))
    return refuse(state, refused)


def _taken_back(state: State, event: Event, answer: Answer, record: ItemRecord, allowed: Allowed) -> Step:
    assert record.loan is not None
    act = allowed.acts[0]
    entry = Entry(record.item, record.title, RowState.RETURNED, (act.id,), borrower=record.loan.patron_id)
    reserved = after_checkin(record, act).item.status is ItemStatus.HOLD_SHELF
    late = is_overdue(record.loan, event.now)
    key = "ok.returned_reserved" if reserved else "ok.returned_late" if late else "ok.returned"
    state = replace(state, message=Message.of(key))
    if state.session is None:
        others = tuple(old for old in state.lobby.returned if old.item.id != record.item.id)
        return replace(state, lobby=replace(state.lobby, returned=(entry, *others))), ()
    state = _noted(state, allowed, record)
    return room_made(replace(state, session=_session(state).with_entry(entry)), event)


def found(state: State, event: Event, records: tuple[ItemRecord, ...], message: Message) -> Step:
    """Items that the ledger does not have on loan were handed in: record them for the librarian to check."""
    acts: tuple[Act, ...] = ()
    for record in records:
        state, act_id = new_id(state)
        acts += decide_found(record, act_id).acts
    relied = tuple(one for record in records for one in relied_on(item=record))
    return commit(state, event, acts, tuple(dict.fromkeys(relied)), after(_found, records, acts, message))


def _found(
    state: State,
    event: Event,
    answer: Answer,
    records: tuple[ItemRecord, ...],
    acts: tuple[Act, ...],
    message: Message,
) -> Step:
    if state.session is not None:
        session = state.session
        for record, act in zip(records, acts, strict=True):
            session = session.with_entry(Entry(record.item, record.title, RowState.FOUND, (act.id,)))
        state = replace(state, session=session)
    else:
        done = {record.item.id for record in records}
        left = tuple(record for record in state.lobby.found if record.item.id not in done)
        state = replace(state, lobby=replace(state.lobby, found=left))
    return replace(state, message=message), ()


def serve_next(state: State, event: Event) -> Step:
    """Try the next of the queue: what was scanned at home, what a return made room for, what staff allowed."""
    if not state.queue or state.session is None:
        return replace(state, queue=()), ()
    first, *rest = state.queue
    return serve(replace(state, queue=tuple(rest), retries=0), Serve(event.now, first))


def serve(state: State, event: Serve) -> Step:
    """Look one of the queue up afresh and lend it if the rules allow now."""
    patron_id = _session(state).record.patron.id
    return ask(state, event, LookUp(patron_id=patron_id, item_id=event.item_id), after(_served))


def _served(state: State, event: Event, answer: Answer) -> Step:
    assert isinstance(answer, Looked)
    if answer.item is None or answer.patron is None:
        return serve_next(state, event)
    state = replace(state, session=replace(_session(state), record=answer.patron))
    if answer.item.loan is None:
        return checkout(state, event, answer.item)
    if answer.item.loan.patron_id != answer.patron.patron.id:
        return pass_on(state, event, answer.item)
    entry = _session(state).entry_of(answer.item.item.id)
    if entry is not None and entry.state is RowState.REFUSED:
        return checkin(state, event, answer.item)
    return serve_next(state, event)


def undo(state: State, event: Event, item_id: str) -> Step:
    """Take back what this visit last did with an item."""
    entry = _session(state).entry_of(item_id)
    if entry is None or entry.state is not RowState.BORROWED:
        return state, ()
    return ask(state, event, FindActs(entry.acts), after(_undo_found, entry))


def _undo_found(state: State, event: Event, answer: Answer, entry: Entry) -> Step:
    """The loan goes with all that was done to it since; the return by its last borrower, if it had one, stands."""
    assert isinstance(answer, Acts)
    kinds = [recorded.act.kind for recorded in answer.acts]
    last = kinds.index(Kind.CHECKOUT) if Kind.CHECKOUT in kinds else 0
    acts: tuple[Act, ...] = ()
    relied: tuple[Relied, ...] = ()
    for recorded in answer.acts[: last + 1]:
        state, act_id = new_id(state)
        decision = decide_undo(recorded, act_id, acts)
        if isinstance(decision, Refused):
            return refuse(state, decision)
        acts, relied = acts + decision.acts, relied + recorded.relied
    return commit(state, event, acts, tuple(dict.fromkeys(relied)), after(_undone, entry, Allowed(acts)))


def _undone(state: State, event: Event, answer: Answer, entry: Entry, allowed: Allowed) -> Step:
    record = _session(state).record
    for act in allowed.acts:
        record = with_act(record, act, entry.title, entry.item)
    left = entry.acts[: -len(allowed.acts)]
    gone = replace(entry, state=RowState.UNDONE, acts=left, due=None, days=None, borrower=None)
    session = replace(_session(state), record=record).with_entry(gone)
    return room_made(replace(state, session=session, message=Message.of("ok.undone")), event)


def room_made(state: State, event: Event) -> Step:
    """A loan has ended, or a limit has risen: what waits for that is tried again."""
    waiting = tuple(entry.item.id for entry in _session(state).waiting())
    return serve_next(replace(state, queue=(*state.queue, *waiting)), event)


def keep(state: State, event: Event, item_id: str) -> Step:
    """ "I am keeping it": the return is taken back and the loan renewed instead, if the rules allow that."""
    entry = _session(state).entry_of(item_id)
    if entry is None or entry.state is not RowState.RETURNED or not entry.acts:
        return state, ()
    return ask(state, event, FindActs(entry.acts[-1:]), after(_keep_found, entry))


def _keep_found(state: State, event: Event, answer: Answer, entry: Entry) -> Step:
    assert isinstance(answer, Acts)
    recorded = answer.acts[0]
    state, act_id = new_id(state)
    decision = decide_undo(recorded, act_id)
    if isinstance(decision, Refused):
        return refuse(state, decision)
    patron_id = _session(state).record.patron.id
    return ask(
        state, event, LookUp(patron_id, entry.item.id, entry.title.id), after(_kept_decided, entry, recorded, decision)
    )


def _kept_decided(
    state: State, event: Event, answer: Answer, entry: Entry, recorded: Recorded, undo_act: Allowed
) -> Step:
    assert isinstance(answer, Looked) and answer.patron is not None and answer.title is not None
    undone, around = undo_act.acts[0], circumstances(state, event.now)
    back = with_act(answer.patron, undone, entry.title, entry.item)
    line = next(line for line in back.loans if line.item is not None and line.item.id == entry.item.id)
    if any(act.kind is Kind.CHECKOUT for act in _session(state).standing()):
        taken = room_taken(around, back, line)
        if taken is not None:
            return refuse(state, taken)
    holds = with_holds(answer.title.holds, undone)
    others_in = answer.title.copies_in - (answer.item is not None and answer.item.item.status in LENDABLE)
    state, act_id = new_id(state)
    decision = decide_renewal(around, back, line, holds, others_in, act_id)
    kept = undo_act if isinstance(decision, Refused) else replace(decision, acts=(*undo_act.acts, *decision.acts))
    return commit(state, event, kept.acts, recorded.relied, after(_kept, entry, line, kept, decision))


def _kept(
    state: State,
    event: Event,
    answer: Answer,
    entry: Entry,
    line: LoanLine,
    allowed: Allowed,
    decision: Allowed | Refused,
) -> Step:
    session = _session(state)
    record = session.record
    if isinstance(answer, Declined):
        allowed, decision = replace(allowed, acts=answer.acts), declined(state, answer)
    elif isinstance(decision, Allowed):
        allowed = agreed(allowed, answer)
        decision = replace(decision, due=allowed.due)
    for act in allowed.acts:
        record = with_act(record, act, entry.title, entry.item)
    if isinstance(decision, Refused):
        due, days, message = line.loan.due, line.loan.days, refusal_message(decision)
    else:
        due, days, message = decision.due, decision.days, renewed_message(decision)
    standing = tuple(act.id for act in decision.acts) if isinstance(decision, Allowed) else ()
    kept = replace(entry, state=RowState.KEPT, acts=standing, due=due, days=days, borrower=None)
    session = replace(session, record=record).with_entry(kept)
    return replace(state, session=session, message=message), ()


def renewed_message(allowed: Allowed) -> Message:
    """The new due date, or the length while the kiosk does not know the date."""
    if allowed.due is not None:
        return Message.of("ok.renewed", date=allowed.due)
    return Message.of("ok.renewed_days", days=Days(allowed.days))


def borrow_counted(state: State, event: Event, record: TitleRecord) -> Step:
    """Lend one copy of a title held by count, chosen from the catalogue."""
    session = _session(state)
    state, act_id = new_id(state)
    decision = decide_counted_checkout(circumstances(state, event.now), session.record, record, act_id)
    if isinstance(decision, Refused):
        return refuse(state, decision)
    relied = relied_on(session.record, title=record)
    return commit(state, event, decision.acts, relied, after(_counted_done, record.title, decision))


def return_counted(state: State, event: Event, line: LoanLine) -> Step:
    """Take back one copy of a title held by count, named on the account page."""
    state, act_id = new_id(state)
    allowed = decide_counted_checkin(line, act_id)
    return commit(
        state, event, allowed.acts, relied_on(_session(state).record), after(_counted_done, line.title, allowed)
    )


def _counted_done(state: State, event: Event, answer: Answer, title: Title, allowed: Allowed) -> Step:
    if isinstance(answer, Declined):
        return refuse(state, declined(state, answer))
    allowed = agreed(allowed, answer)
    act = allowed.acts[0]
    record = with_act(_session(state).record, act, title, None)
    state = replace(state, session=replace(_session(state), record=record))
    if act.kind is Kind.CHECKOUT:
        return replace(state, message=lent_message(allowed)), ()
    return room_made(replace(state, message=Message.of("ok.returned")), event)
