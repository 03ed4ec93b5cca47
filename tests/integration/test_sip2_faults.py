"""A thousand acts of a whole desk through a SIP2 server that goes wrong two times out of five: each is applied once."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable

import pytest

from kiosk.circulation.delivery import Outcome, Parcel
from kiosk.store.outbox_rows import PARCEL, to_parcel
from kiosk.sync.secret import Secret
from kiosk.sync.sip2 import Sip2Settings
from kiosk.sync.sip2.connector import Sip2Connector
from kiosk.sync.sip2.deeds import Deed, errand
from kiosk.sync.sip2.line import Line
from kiosk.sync.sip2.messages import Message
from tests.driver import full
from tests.sip2_library import Library
from tests.sip2_server import Fault, Faults, Sip2Server, serving
from tests.sync_fixture import ITEMS, MONDAY, PATRONS, Kiosk, KioskClock, folder_in_memory, new_kiosk

ACTS = full(1200, 200)
RATE = 0.4
BARE = tuple(one for one in Fault if one not in (Fault.GARBLED, Fault.WRONG_SUM))
"""Without checksums nobody can tell that a letter is another."""
SEEDS = range(full(3, 1))


def connector(server: Sip2Server, clock: KioskClock, timeout_s: float) -> Sip2Connector:
    settings = Sip2Settings(
        "127.0.0.1", server.port, "kiosk", timeout_s=timeout_s, error_detection=server.error_detection
    )
    return Sip2Connector(Line(settings, Secret("secret")), settings, lambda: clock.read().wall)


def live(kiosk: Kiosk, chance: random.Random) -> None:
    """A few minutes at a desk: loans, returns, renewals."""
    card, item = f"P{chance.randrange(PATRONS)}", f"A{chance.randrange(ITEMS)}"
    match chance.randrange(4):
        case 0 if item in kiosk.loans():
            kiosk.scan(item)
            kiosk.wait(30)
        case 1:
            kiosk.scan(card)
            kiosk.press("account")
            kiosk.press("renew_all")
            kiosk.press("finish")
        case _:
            kiosk.visit(card, item, f"A{chance.randrange(ITEMS)}")


def rest(kiosk: Kiosk) -> int:
    """Rounds until nothing is on its way."""
    rounds = 0
    while {"pending", "sending"} & kiosk.states().keys():
        kiosk.sync.once()
        kiosk.clock.move(60)
        rounds += 1
        assert rounds < 500, kiosk.states()
    return rounds


def by_item(entries: list[tuple[str, str, str]]) -> dict[str, list[tuple[str, str]]]:
    found = defaultdict(list)
    for what, item, card in entries:
        found[item].append((what, card))
    return dict(found)


def expected(kiosk: Kiosk) -> list[tuple[str, str, str]]:
    """What central must have done, once and in order for each item."""
    words = {Deed.LEND: "lent", Deed.GIVE_BACK: "returned", Deed.RENEW: "renewed"}
    made = []
    with kiosk.store.connection().read() as db:
        for row in db.execute(f"{PARCEL} ORDER BY o.seq").fetchall():
            one = errand(to_parcel(row, lambda _, local: local))
            if one.deed in words and one.card:
                made.append((words[one.deed], one.number, one.card))
    return made


def without_renewals(entries: dict[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    return {item: [one for one in found if one[0] != "renewed"] for item, found in entries.items()}


def renewals(applied: list[tuple[str, str]], made: list[tuple[str, str]]) -> bool:
    """Whether what was applied is, in its order, part of what was made."""
    rest = iter(made)
    return all(one in rest for one in applied)


def blind_repeats(read: list[Message]) -> list[str]:
    """Acts that were asked for a second time with no look-up of their item or patron between."""
    open_acts: dict[tuple[str, ...], None] = {}
    blind = []
    for message in read:
        if message.code in ("17", "63"):
            about = message.text("item" if message.code == "17" else "patron")
            for key in [key for key in open_acts if about in key]:
                del open_acts[key]
        elif message.code in ("11", "09", "29", "15"):
            patron = message.text("patron") if message.code != "09" else ""
            key = (message.code, message.text("item"), message.text("at"), patron)
            if key in open_acts:
                blind.append(repr(key))
            open_acts[key] = None
    return blind


@pytest.mark.parametrize(("seed", "detection"), [*((seed, True) for seed in SEEDS), (7, False)])
def test_every_act_is_applied_once_and_none_is_asked_for_again_without_a_look_up(
    seed: int, detection: bool, figure: Callable[[str], None]
) -> None:
    clock = KioskClock(MONDAY)
    library = Library(lambda: clock.read().wall).fill(PATRONS, ITEMS)
    chance = random.Random(seed)
    faults = Faults(RATE, seed, tuple(Fault) if detection else BARE)
    with (
        folder_in_memory() as folder,
        serving(library, faults=faults, late_s=0.08, error_detection=detection) as server,
    ):
        kiosk = new_kiosk(folder, connector(server, clock, 0.04), clock, imported=True, chance=chance)
        rounds = 0
        while len(kiosk.acknowledged) < (ACTS if detection else ACTS // 2):
            for _ in range(chance.randrange(1, 9)):
                live(kiosk, chance)
            kiosk.round()
            rounds += 1
        rounds += rest(kiosk)
        assert set(kiosk.states()) == {"accepted"}, kiosk.rows(
            "SELECT seq, reason, text FROM outbox WHERE state <> 'accepted'"
        )
        applied, made = by_item(library.done), by_item(expected(kiosk))
        assert without_renewals(applied) == without_renewals(made)
        # A renewal of which the date is there already is not asked for again: it may be missing, never doubled.
        assert all(renewals(applied.get(item, []), entries) for item, entries in made.items())
        assert blind_repeats(server.read) == []
        assert {number: card for number, (card, _) in kiosk.loans().items()} == library.loans()
        assert kiosk.faults() == []
        figure(f"{len(kiosk.acknowledged)} acts, {len(server.read)} requests, {server.lines} lines, {rounds} rounds")


class Forgetful(Sip2Connector):
    """It sends again without a look-up what may have arrived."""

    def find_out(self, parcel: Parcel) -> Outcome | None:
        return None


def test_a_connector_that_forgets_to_look_up_is_noticed() -> None:
    clock = KioskClock(MONDAY)
    library = Library(lambda: clock.read().wall).fill(PATRONS, ITEMS)
    faults = Faults(RATE, 1, (Fault.CUT_AFTER,), only=frozenset({"11"}))
    with folder_in_memory() as folder, serving(library, faults=faults) as server:
        settings = Sip2Settings("127.0.0.1", server.port, "kiosk")
        forgetful = Forgetful(Line(settings, Secret("secret")), settings, lambda: clock.read().wall)
        kiosk = new_kiosk(folder, forgetful, clock, imported=True)
        for n in range(ITEMS):
            kiosk.visit(f"P{n % PATRONS}", f"A{n}")
        rest(kiosk)
        assert blind_repeats(server.read), "asked for again, unseen"
        applied, made = by_item(library.done), by_item(expected(kiosk))
        assert not all(renewals(applied.get(item, []), entries) for item, entries in made.items()), "applied twice"
        forgetful.close()
