"""What must be true once a simulation has come to rest."""

from __future__ import annotations

from collections.abc import Iterator

from kiosk.circulation.acts import Kind
from kiosk.circulation.delivery import Delivery
from kiosk.circulation.facts import HoldFact, ItemFact
from tests.simulation.world import World
from tests.sync_fixture import Kiosk, central_loans, disagreements


def problems(world: World) -> list[str]:
    """Everything that is not as it must be, a sentence each."""
    return [
        *(f"{kiosk.path.stem}: {problem}" for kiosk in world.kiosks for problem in _of_kiosk(world, kiosk)),
        *_order(world),
        *_blind(world),
        *_holders(world),
    ]


def _of_kiosk(world: World, kiosk: Kiosk) -> Iterator[str]:
    yield from kiosk.faults()
    states = {row[0]: row[1:] for row in kiosk.rows(
        "SELECT t.id, o.state, o.reason FROM outbox o JOIN transactions t ON t.seq = o.seq"
    )}  # fmt: skip
    for act in kiosk.acknowledged:
        if act.kind not in kiosk.connector.carries:
            continue
        state, reason = states.get(act.id, (None, None))
        times = world.central.counts[act.id]
        if state == Delivery.ACCEPTED and times == 1:
            continue
        if state == Delivery.PARKED and reason and not times:
            continue
        if state == Delivery.DISMISSED and not times:
            continue
        yield f"{act.kind} {act.id} is {state} ({reason}), and was taken in by central {times} times"
    yield from disagreements(kiosk, world.central, _covered(world, kiosk))


def _covered(world: World, kiosk: Kiosk) -> set[str]:
    """Items and holds that a parked act still lies over, by barcode and id; an item also if its hold is such a one,
    here or in central; a hold also if another of the same patron on the title is."""
    rows = kiosk.rows(
        "SELECT DISTINCT coalesce(i.barcode, substr(k.key, instr(k.key, ':') + 1)) FROM outbox_keys k "
        "LEFT JOIN items i ON k.key = 'item:' || i.id"
    )
    kept = kiosk.rows(
        "SELECT i.barcode FROM outbox_keys k JOIN holds h ON k.key = 'hold:' || h.id JOIN items i ON i.id = h.item_id"
    )
    places = set(
        kiosk.rows(
            "SELECT p.central_id, t.central_id FROM outbox_keys k JOIN holds h ON k.key = 'hold:' || h.id "
            "JOIN known_as p ON p.kind = 'patron' AND p.local_id = h.patron_id "
            "JOIN known_as t ON t.kind = 'title' AND t.local_id = h.title_id"
        )
    )
    covered = {row[0] for row in (*rows, *kept)}
    for hold in world.central.all(HoldFact):
        if (hold.patron_id, hold.title_id) in places:
            covered.add(hold.id)
        item = world.central.get(ItemFact, hold.item_id)
        if hold.id in covered and item is not None and item.barcode is not None:
            covered.add(item.barcode)
    return covered


def _order(world: World) -> Iterator[str]:
    """Of one item, central got each kiosk's acts in order, but for what a return passed."""
    newest: dict[tuple[str, str], tuple[int, set[int]]] = {}
    for one in world.central.delivered:
        if one.item_id is None:
            continue
        item = world.central.get(ItemFact, one.item_id)
        key = (one.kiosk, item.barcode or item.id if item else one.item_id)
        seq, returns = newest.get(key, (0, set()))
        if one.seq < seq and not any(passed > one.seq for passed in returns):
            yield f"{one.kiosk}: {one.kind} of {key[1]} ({one.seq}) came after {seq}"
        newest[key] = (max(seq, one.seq), returns | {one.seq} if one.kind is Kind.CHECKIN else returns)


def _blind(world: World) -> Iterator[str]:
    for kiosk, network in zip(world.kiosks, world.networks, strict=True):
        for act_id in network.resent_blindly:
            yield f"{kiosk.path.stem}: {act_id} was sent again before anybody found out whether it had arrived"


def _holders(world: World) -> Iterator[str]:
    """Central has each book where it is, if every clock that spoke of it was right and nothing of it is parked."""
    covered = set().union(*(_covered(world, kiosk) for kiosk in world.kiosks)) | world.uncertain
    loans = central_loans(world.central)
    for barcode, card in world.holders.items():
        if barcode not in covered and (found := loans.get(barcode, (None,))[0]) != card:
            yield f"{barcode} is with {card or 'nobody'}, but in central with {found or 'nobody'}"
