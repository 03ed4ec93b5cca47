"""Textbook days of a whole school by simulation: three stations without a network, and mistakes of every kind.

Librarians drive real desks by scans and touches and read what the screens say. Who has which book is written down
apart, by the simulation alone; in the evening all stations and the central library must say the same.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kiosk.circulation.model import TextbookSet
from kiosk.circulation.textbooks.sets import teaches_a_language
from tests.simulation.campaign_hands import Effort, Hand
from tests.simulation.campaign_school import School
from tests.simulation.campaign_truth import Class, Copy, Person, Shelf

SAME_SCAN_S = 2.0
"""A second copy of a title is not told from a code that was read twice if it comes sooner."""
_LETTERS = str.maketrans("0123456789", "абвгдежзик")


@dataclass(frozen=True)
class Rates:
    """How often something happens: of copies handed out, of pupils; labelled: of copies without a label."""

    double_scan: float = 0.03
    other_grade: float = 0.01
    other_language: float = 0.01
    second_copy: float = 0.01
    others_copy: float = 0.01
    mixed_up: float = 0.005
    passed_on: float = 0.005
    unknown: float = 0.01
    foreign: float = 0.01
    torn: float = 0.01
    missing: float = 0.01
    labelled: float = 0.10
    wrong_pupil: float = 0.03
    absent: float = 0.04
    unlisted: float = 0.01
    slip: float = 0.10


@dataclass(frozen=True)
class Work:
    """What a station does in a day: these pupils of a class. teacher: who takes the pile for all of them."""

    of: Class
    pupils: tuple[Person, ...]
    teacher: bool = False


def plan(classes: Sequence[Class], stations: int, teacher: str) -> list[list[Work]]:
    """Classes in turn to the stations; the first is divided between two of them. teacher: the label of a class."""
    days: list[list[Work]] = [[] for _ in range(stations)]
    first, *rest = classes
    half = len(first.pupils) // 2
    days[0].append(Work(first, tuple(first.pupils[:half])))
    days[1].append(Work(first, tuple(first.pupils[half:])))
    for at, one in enumerate(rest):
        days[(at + 2) % stations].append(Work(one, tuple(one.pupils), one.label == teacher))
    return days


@dataclass
class Campaign:
    """Days of work. efforts: of each pupil's turn; happened: mistakes, by name."""

    school: School
    seed: int
    rates: Rates = Rates()
    efforts: list[Effort] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    slips: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._passed_on: set[str] = set()
        self.hands = [Hand(kiosk, 41730560 + n) for n, kiosk in enumerate(self.school.kiosks)]

    @property
    def surprises(self) -> list[str]:
        """Where a screen was not what the one before it expected."""
        return [one for hand in self.hands for one in hand.surprises]

    def issue(self, days: Sequence[Sequence[Work]], term: int = 1) -> None:
        """A day of handing out: the stations work at the same time, and nobody hears of the others."""
        self._passed_on.clear()
        together([self._day(hand, works, term) for hand, works in zip(self.hands, days, strict=True)])

    def _day(self, hand: Hand, works: Sequence[Work], term: int) -> Iterator[None]:
        hand.sign_in()
        for work in works:
            hand.open_class(work.of)
            if work.teacher:
                self._teacher(hand, work.of, term)
                continue
            waiting = [person for person in work.pupils if self.needs(work.of, person, term)]
            pupils = [*waiting, *self._unlisted(work)] if term == 1 else waiting
            self.chance.shuffle(pupils)
            for at, person in enumerate(pupils):
                self._turn(hand, work.of, person, pupils[at + 1 :], term)
                yield
            yield from self._afternoon(hand, work, term)
        hand.sign_out()

    def happens(self, what: str) -> bool:
        """Whether this goes wrong now."""
        happens: bool = self.chance.random() < getattr(self.rates, what)
        return happens

    def _unlisted(self, work: Work) -> list[Person]:
        new = ["Келген" + person.key[1:].translate(_LETTERS) for person in work.pupils if self.happens("unlisted")]
        return [Person(f"Жаңа {surname}", f"Жаңа {surname}") for surname in new]

    # A pupil's turn.

    def _turn(self, hand: Hand, of: Class, person: Person, later: Sequence[Person], term: int) -> None:
        effort = Effort(least_scans=bool(person.card), least_taps=not person.card)
        scans, taps = hand.scans, hand.taps
        listed = person in of.pupils
        wrong = self._mistaken_for(of, person, later, term) if listed and self.happens("wrong_pupil") else None
        if not listed:
            self._add(hand, of, person)
            effort.clean = False
        elif wrong is not None:
            effort.clean = False
            hand.turn_to(wrong)
        else:
            hand.turn_to(person)
            if self.happens("absent"):
                self._is_absent(hand, person)
                return
        for shelf in self.needs(of, person, term):
            effort.clean &= self._one_place(hand, of, person, shelf, effort)
        if wrong is not None and "wrong_pupil" in hand.view.actions:
            self.happened["wrong_pupil"] += 1
            hand.press("wrong_pupil")
            hand.press("choose", hand.id_of(person))
            if hand.view.name != "tb_pupil" or hand.at != hand.id_of(person):
                hand.surprises.append(f"the pile did not go to {person}: {hand.view.name} {hand.view.message}")
        self.school.truth.absent.discard(person.key)
        hand.served.add(hand.id_of(person))
        done = hand.view.progress
        if not done or done[0] != done[1]:
            # Something lacks: the list comes round to them again.
            hand.served.discard(hand.id_of(person))
        effort.scans, effort.taps = hand.scans - scans, hand.taps - taps
        self.efforts.append(effort)

    def _mistaken_for(self, of: Class, person: Person, later: Sequence[Person], term: int) -> Person | None:
        """One who is still to come, and lacks all of the same: nothing on the screen looks wrong."""
        wanted = set(self.needs(of, person, term))
        return next((one for one in later if one in of.pupils and wanted <= set(self.needs(of, one, term))), None)

    def _add(self, hand: Hand, of: Class, person: Person) -> None:
        self.happened["unlisted"] += 1
        if hand.view.name == "tb_pupil":
            hand.press("back")
        hand.press("more")
        hand.press("choose", "add_pupil")
        hand.type(" ".join(reversed(person.name.split())))
        hand.expect("tb_pupil", why=f"adding {person}")
        hand.ids[person.key] = hand.at
        of.pupils.append(person)

    def _is_absent(self, hand: Hand, person: Person) -> None:
        self.happened["absent"] += 1
        self.school.truth.absent.add(person.key)
        hand.served.add(hand.id_of(person))
        hand.press("absent")
        hand.expect("tb_pupil", "tb_class", why=f"{person} is absent")

    def needs(self, of: Class, person: Person, term: int) -> list[Shelf]:
        """From which shelves a pupil is still to get something, in the order of the pile."""
        has = {copy.shelf for copy in self.school.truth.of(person)}
        lines = self._set_of(of).lines
        shelves = {(of.grade, of.language, line.subject, line.part): None for line in lines if line.term <= term}
        wanted = [shelf for shelf in shelves if shelf not in has]
        self.chance.shuffle(wanted)
        return wanted

    def _set_of(self, of: Class) -> TextbookSet:
        textbooks = self.school.set_of(of.grade, of.language)
        assert textbooks is not None
        return textbooks

    def _one_place(self, hand: Hand, of: Class, person: Person, shelf: Shelf, effort: Effort) -> bool:
        """One book of the pile. Whether all went well."""
        truth = self.school.truth
        there = truth.free(shelf)
        if not there or self.happens("missing"):
            self.happened["missing"] += 1
            return False
        clean = not self._stray(hand, of, person, shelf)
        if self.happens("mixed_up") and (copy := self._of_classmate(hand, person, shelf)) is not None:
            self.happened["mixed_up"] += 1
            hand.scan(copy.number)
            hand.press("give_anyway")
            hand.expect("tb_pupil", why=f"{copy} is given anyway")
            hand.served.discard(hand.ids[copy.holder])
            truth.give(copy, person, hand.name, hand.now)
            return False
        if self.happens("passed_on") and (copy := self._given_elsewhere(hand, shelf)) is not None:
            self.happened["passed_on"] += 1
            self._passed_on.add(copy.number)
            hand.hand_over(copy)
            truth.give(copy, person, hand.name, hand.now)
            return False
        copy = self.chance.choice(there)
        label = False
        if copy.number and self.happens("torn"):
            self.happened["torn"] += 1
            hand.put_away(copy.number[:6])
            truth.ghosts.add(copy.number)
            copy.number, label, clean = "", True, False
        elif not copy.number and copy.isbn:
            label = self.happens("labelled")
        if copy.number or copy.isbn:
            effort.least_scans += 2 if label else 1
        else:
            effort.least_taps += 1
        hand.hand_over(copy, label)
        truth.give(copy, person, hand.name, hand.now)
        if (copy.number or copy.isbn) and self.happens("double_scan"):
            self.happened["double_scan"] += 1
            before = hand.view.progress
            hand.scan(copy.number or copy.isbn)
            if hand.view.progress != before or hand.view.name != "tb_pupil":
                hand.surprises.append(f"{copy} scanned twice: {hand.view.name} {hand.view.message}")
            clean = False
        return clean

    def _of_classmate(self, hand: Hand, person: Person, shelf: Shelf) -> Copy | None:
        """A copy with a label that this station gave to somebody else."""
        mine = {key for key, patron_id in hand.ids.items() if patron_id in hand.served}
        found = [
            copy
            for copy in self.school.truth.copies
            if copy.number
            and copy.shelf == shelf
            and copy.holder in mine
            and copy.holder != person.key
            and copy.number not in self._passed_on
            and (copy.station == hand.name or copy.at is None or copy.at.date() != hand.now.date())
        ]
        return self.chance.choice(found) if found else None

    def _given_elsewhere(self, hand: Hand, shelf: Shelf) -> Copy | None:
        """A copy that another station gave out today, left behind on the pile. Today's new labels say nothing here."""
        found = [
            copy
            for copy in self.school.truth.copies
            if copy.number
            and not copy.number.startswith("N")
            and copy.shelf == shelf
            and copy.holder
            and copy.station != hand.name
            and self._is_today(hand, copy)
            and copy.number not in self._passed_on
        ]
        return self.chance.choice(found) if found else None

    def _is_today(self, hand: Hand, copy: Copy) -> bool:
        """Whether it was given earlier today, by the clock of any station."""
        return copy.at is not None and copy.at.date() == hand.now.date() and copy.at < hand.now

    def _stray(self, hand: Hand, of: Class, person: Person, shelf: Shelf) -> bool:
        """Something that does not belong into the pile. Whether there was."""
        truth, strays = self.school.truth, []
        if self.happens("other_grade"):
            strays.append(("other_grade", self._readable(lambda one: one[0] != of.grade)))
        if self.happens("other_language"):
            strays.append((
                "other_language",
                self._readable(
                    lambda one: one[0] == of.grade and one[1] != of.language and not teaches_a_language(one[2])
                ),
            ))  # fmt: skip
        if self.happens("second_copy"):
            mine = {copy.shelf for copy in truth.of(person)}
            strays.append(("second_copy", self._readable(lambda one: one in mine)))
        if self.happens("others_copy"):
            copy = self._of_classmate(hand, person, shelf)
            strays.append(("others_copy", copy.number if copy is not None else ""))
        if self.happens("unknown"):
            strays.append(("unknown", "4870004109876"))
        found = False
        for what, code in strays:
            if code:
                found = True
                self.happened[what] += 1
                hand.kiosk.wait(SAME_SCAN_S)
                hand.put_away(code)
        if self.happens("foreign"):
            found = True
            self.happened["foreign"] += 1
            hand.scan("https://okulyk.example/kz/7/algebra?id=12")
            hand.expect("tb_pupil", why="a code of somebody else")
        return found

    def _readable(self, fits: object) -> str:
        """The code on some copy that lies on such a shelf."""
        assert callable(fits)
        found = [copy for one in self.school.truth.shelves() if fits(one) for copy in self.school.truth.free(one)[:3]]
        codes = [copy.number or copy.isbn for copy in found if copy.number or copy.isbn]
        return self.chance.choice(codes) if codes else ""

    # Later the same day.

    def _afternoon(self, hand: Hand, work: Work, term: int) -> Iterator[None]:
        """Some who were absent come; slips come back."""
        truth = self.school.truth
        for person in work.pupils:
            if person.key in truth.absent and self.chance.random() < 0.5:
                truth.absent.discard(person.key)
                hand.open_class(work.of)
                hand.turn_to(person)
                effort = Effort(clean=False)
                for shelf in self.needs(work.of, person, term):
                    self._one_place(hand, work.of, person, shelf, effort)
                yield
            elif person.key not in truth.absent and self.happens("slip"):
                self.happened["slip"] += 1
                hand.open_class(work.of)
                hand.press("open", hand.id_of(person))
                taps = hand.taps
                hand.press("slip")
                hand.press("choose", "received")
                assert hand.taps - taps == 2
                self.slips.add(person.key)
                yield

    def _teacher(self, hand: Hand, of: Class, term: int) -> None:
        """The pile of a class: what can be scanned is, copy by copy; the rest in one touch."""
        truth = self.school.truth
        by_id = {hand.id_of(person): person for person in of.pupils}
        pupils = [by_id[one] for one in hand.order]
        hand.press("more")
        hand.press("choose", "teacher_pile")
        wanted = {(one.subject, one.part): one.edition for one in self._set_of(of).lines if one.term <= term}
        for place, edition in wanted.items():
            shelf = (of.grade, of.language, *place)
            waiting = list(pupils)
            for copy in [one for one in truth.free(shelf) if one.number][: len(pupils)]:
                hand.scan(copy.number)
                hand.expect("tb_class", why=f"the teacher takes {copy}")
                truth.give(copy, waiting.pop(0), hand.name, hand.now)
            for person in waiting:
                left = sorted((one for one in truth.free(shelf)), key=lambda one: one.edition != edition)
                if left:
                    truth.give(left[0], person)
        hand.press("give_rest")
        hand.expect("tb_class", why="the teacher takes the rest")
        self.happened["teacher_pile"] += 1


def together(days: Sequence[Iterator[None]]) -> None:
    """Several work at the same time: a pupil here, a pupil there."""
    running = list(days)
    while running:
        for one in list(running):
            if next(one, "done") == "done":
                running.remove(one)
