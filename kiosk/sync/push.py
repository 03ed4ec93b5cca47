"""The way out: entries of the outbox to the central library, each once, in the order that each item needs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.circulation.delivery import (
    Delivery,
    Fate,
    Indeterminate,
    Outcome,
    Parcel,
    Posted,
    Reason,
    RefusedByCentral,
    Settled,
    Unreachable,
    fate,
)
from kiosk.circulation.facts import Fact
from kiosk.errors import ConnectorError
from kiosk.ports import Clock, Connector, Outbox
from kiosk.sync.backoff import Backoff, Chance
from kiosk.sync.vetting import vet_facts

log = logging.getLogger(__name__)

BATCH = 100
LONGEST_WORDS = 200
NO_ANSWER = "the central library gave no answer"
REST = Backoff(5.0, 3600.0)
"""How long an entry rests that central did not take for now, while the others go on."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What came of a push. failed: why central is not to be reached just now, "" if it is."""

    accepted: int = 0
    parked: int = 0
    failed: str = ""


class Push:
    """Sends what waits, through one connector. Owned by one thread."""

    def __init__(self, outbox: Outbox, connector: Connector, clock: Clock, chance: Chance, batch: int = BATCH) -> None:
        self._outbox = outbox
        self._connector = connector
        self._clock = clock
        self._chance = chance
        self._batch = batch
        self._accepted = 0
        self._parked = 0
        self._hard: set[int] = set()

    def run(self, stopping: Callable[[], bool] = lambda: False) -> Pushed:
        """Find out what became of entries in doubt, then send what may be sent, until nothing may or central is away.

        Nothing is kept in memory but one batch. stopping: asked between two batches.
        """
        self._accepted = self._parked = 0
        now = self._clock.read().wall
        hard, self._hard = self._hard, set()
        failed = self._find_out(now, stopping, hard) or self._send(now, stopping)
        if hard and not failed:
            failed = self._find_out(now, stopping, set())
        return Pushed(self._accepted, self._parked, failed)

    def _find_out(self, now: datetime, stopping: Callable[[], bool], later: set[int]) -> str:
        """What was sent, with nothing known since, is looked up before it is sent again. later: not these, of which
        the look-up failed the last time: one that central stumbles over must not hold up the others."""
        after, failed = 0, ""
        while not failed and not stopping() and (parcels := self._outbox.in_doubt(after, self._batch)):
            after, settled = parcels[-1].seq, []
            for parcel in parcels:
                if stopping():
                    break
                if parcel.seq in later:
                    continue
                outcome = self._connector.find_out(parcel)
                if isinstance(outcome, Unreachable | Indeterminate):
                    self._hard.add(parcel.seq)
                    failed = outcome.why or NO_ANSWER
                    break
                if outcome is None:
                    settled.append(self._not_there(parcel, now))
                elif not isinstance(outcome, Posted):
                    settled.append(self._settled(parcel, outcome, now))
            if settled:
                self._outbox.settle(settled)
        return failed

    def _not_there(self, parcel: Parcel, now: datetime) -> Settled:
        """It did not arrive. The first time it is sent again at once; one that is lost again and again rests, and the
        others go before it."""
        rest = timedelta(seconds=REST.delay_s(parcel.attempt - 1, self._chance)) if parcel.attempt > 1 else None
        return Settled(parcel.seq, Fate(Delivery.PENDING), now + rest if rest is not None else None)

    def _send(self, now: datetime, stopping: Callable[[], bool]) -> str:
        """Look through the outbox from its beginning; at one place again and again, until nothing there may go."""
        after = 0
        while not stopping():
            heads = self._outbox.heads(after, self._batch, now)
            if heads.behind:
                self._outbox.park_behind(heads.behind)
            if heads.parcels:
                parcels = self._outbox.begin(heads.parcels)
                failed = self._submit(parcels, now) if parcels else ""
                if failed:
                    return failed
            elif not heads.behind:
                if heads.end:
                    break
                after = heads.upto
        return ""

    def _submit(self, parcels: Sequence[Parcel], now: datetime) -> str:
        outcomes = list(self._connector.submit(parcels))[: len(parcels)]
        # All were given to the connector: of those that it says nothing of, nobody knows.
        outcomes += [Indeterminate("fewer answers than acts")] * (len(parcels) - len(outcomes))
        # What was posted is in doubt, and stays so.
        known = [pair for pair in zip(parcels, outcomes, strict=True) if not isinstance(pair[1], Posted)]
        if known:
            self._outbox.settle([self._settled(*pair, now) for pair in known])
        return next((one.why or NO_ANSWER for one in outcomes if isinstance(one, Unreachable | Indeterminate)), "")

    def _settled(self, parcel: Parcel, outcome: Outcome, now: datetime) -> Settled:
        limited = isinstance(outcome, RefusedByCentral) and outcome.reason is Reason.LOAN_LIMIT
        found = fate(outcome, limited and self._outbox.earlier_open(parcel.seq))
        found = replace(found, text=found.text[:LONGEST_WORDS], facts=fit(found.facts))
        self._accepted += found.delivery is Delivery.ACCEPTED
        self._parked += found.delivery is Delivery.PARKED
        if isinstance(outcome, Unreachable):
            return Settled(parcel.seq, found, left=False)
        if found.delivery is Delivery.PENDING:
            rest = timedelta(seconds=REST.delay_s(parcel.attempt + 1, self._chance))
            return Settled(parcel.seq, found, now + rest)
        return Settled(parcel.seq, found)


def fit(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """What central said beside its answer, if it can be understood: the answer holds without it."""
    try:
        return vet_facts(facts)
    except ConnectorError as error:
        log.warning("sync: %s", error)
        return ()
