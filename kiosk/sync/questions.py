"""What the desk asks the central library while the sync runs: put by the desk's thread, answered by the sync's.

The sync's thread owns the connector, so it answers between two acts of a push and two pages of a pull.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

from kiosk.circulation.delivery import Accepted, Indeterminate, Outcome, Parcel, RefusedByCentral, Unreachable
from kiosk.circulation.events import Enquire
from kiosk.circulation.facts import Fact
from kiosk.errors import ConnectorError, KioskError
from kiosk.ports import Connector, Mirror, Neighbours, Question, Reply
from kiosk.sync.push import LONGEST_WORDS, fit
from kiosk.sync.vetting import vet_facts, vet_name

log = logging.getLogger(__name__)


class Questions:
    """One question at a time (ports.Central). The desk asks and gives up; the sync's thread takes and answers."""

    def __init__(
        self,
        tells: bool = False,
        asks_first: bool = False,
        deadline_s: float = 2.0,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """tells: the connector has a look-up, or knows other schools. wake: tells the sync's thread of a question."""
        self.deadline_s = deadline_s
        self.asks_first = asks_first
        self.wake = wake
        self._deliver: Callable[[Reply], None] = lambda reply: None
        self._tells = tells
        self._lock = Lock()
        self._question: Question | None = None
        self._taken = False
        self._online = False

    # The desk's side.

    def deliver_to(self, inbox: Callable[[Reply], None]) -> None:
        """Where replies are put, from the sync's thread."""
        self._deliver = inbox

    def tells(self) -> bool:
        """Whether it can be asked about a code at all."""
        return self._tells

    def is_there(self) -> bool:
        """Whether a reply can be hoped for now."""
        with self._lock:
            return self._online and self._question is None

    def ask(self, question: Question) -> None:
        """Put a question; returns at once."""
        with self._lock:
            self._question, self._taken = question, False
        self.wake()

    def give_up(self) -> bool:
        """Nobody waits for the reply any more. Whether the question may have left the kiosk.

        If the sync has not even taken it, it is busy, or another process has its turn: until it is heard of again,
        nobody is to wait for it a second time.
        """
        with self._lock:
            if not self._taken:
                self._question, self._online = None, False
            return self._taken

    # The side of the sync.

    def online(self, is_online: bool) -> None:
        """Central answered the last time, or it did not."""
        with self._lock:
            self._online = is_online

    def is_asked(self) -> bool:
        """Whether a question waits."""
        with self._lock:
            return self._question is not None and not self._taken

    def take(self) -> Question | None:
        """The question that waits, if one does. From now on it may leave the kiosk."""
        with self._lock:
            if self._question is None or self._taken:
                return None
            self._taken = True
            return self._question

    def answer(self, reply: Reply, was_there: bool) -> None:
        """The reply to the question that was taken."""
        with self._lock:
            self._question, self._taken = None, False
            self._online = was_there
        self._deliver(reply)


class Answering:
    """Answers what is asked, through one connector. Owned by the sync's thread."""

    def __init__(self, questions: Questions, connector: Connector, mirror: Mirror) -> None:
        self._questions = questions
        self._connector = connector
        self._mirror = mirror

    def serve(self) -> bool:
        """Answer the question that waits, if one does. Whether central was there, as far as that was seen."""
        question = self._questions.take()
        if question is None:
            return True
        acts = question.what if isinstance(question.what, tuple) else ()
        reply, was_there = Reply(question.request, (Indeterminate(),) * len(acts), away=True), False
        try:
            if isinstance(question.what, Enquire):
                reply, was_there = self._enquire(question.request, question.what), True
            else:
                reply, was_there = self._propose(question.request, acts)
        except KioskError as error:
            log.warning("sync: the desk asked, and no answer was found: %s", error)
        finally:
            self._questions.answer(reply, was_there)
        return was_there

    def _enquire(self, request: int, query: Enquire) -> Reply:
        """A card is asked for first, as the desk does; a number that is both is learned as both."""
        look_up = self._connector.look_up
        if look_up is None:
            return Reply(request, school=self._school_of(query))
        facts: list[Fact] = []
        for wanted, asked in (("card", look_up.patron), ("item", look_up.item)):
            if query.wants in ("any", wanted):
                facts += vet_facts(asked(query.code))
        self._mirror.learn(facts)
        return Reply(request, learned=bool(facts))

    def _school_of(self, query: Enquire) -> str:
        """Another school whose item this is."""
        if query.wants == "card" or not isinstance(self._connector, Neighbours):
            return ""
        return vet_name(self._connector.foreign_school(query.code) or "")

    def _propose(self, request: int, acts: Sequence[Parcel]) -> tuple[Reply, bool]:
        try:
            outcomes = list(self._connector.submit(acts))[: len(acts)]
        except ConnectorError as error:
            outcomes = [Indeterminate(str(error))]
        outcomes += [Indeterminate("fewer answers than acts")] * (len(acts) - len(outcomes))
        was_there = not any(isinstance(one, Unreachable | Indeterminate) for one in outcomes)
        return Reply(request, tuple(map(_fit, outcomes)), away=not was_there), was_there


def _fit(outcome: Outcome) -> Outcome:
    """What central said beside its answer, fit for the store."""
    match outcome:
        case Accepted(facts=facts):
            return replace(outcome, facts=fit(facts))
        case RefusedByCentral(text=text, facts=facts):
            return replace(outcome, text=text[:LONGEST_WORDS], facts=fit(facts))
    return outcome
