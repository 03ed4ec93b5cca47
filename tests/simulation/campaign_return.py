"""May: the textbooks come back, torn, swapped, lost, in the hands of somebody else; and some pupils leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kiosk.circulation.views import Cell, Row
from tests.simulation.campaign import Campaign, Work, together
from tests.simulation.campaign_hands import Effort, Hand
from tests.simulation.campaign_truth import Class, Copy, Person

RETURNED = ("ok.returned", "tb.all_back")
CONDITIONS = ("worn", "torn", "written", "wet", "dirty", "pages_missing", "cover")


@dataclass(frozen=True)
class MayRates:
    """How often something happens: of copies; swapped, brought_for_other, leaver: of pupils."""

    lost: float = 0.015
    forgotten: float = 0.02
    damaged: float = 0.04
    torn_label: float = 0.01
    double_scan: float = 0.03
    swapped: float = 0.04
    brought_for_other: float = 0.03
    leaver: float = 0.02


class Returning:
    """The days on which a campaign's books come back."""

    def __init__(self, campaign: Campaign, rates: MayRates | None = None) -> None:
        self._campaign = campaign
        self._rates = rates or MayRates()
        self._truth = campaign.school.truth
        self._chance = campaign.chance
        self.efforts: list[Effort] = []
        self._carried: dict[str, list[Copy]] = {}
        self._certain: set[int] = set()

    def collect(self, days: Sequence[Sequence[Work]]) -> None:
        """The stations work at the same time, and nobody hears of the others."""
        for copy in self._truth.copies:
            if copy.holder:
                self._carried.setdefault(copy.holder, []).append(copy)
        for works in days:
            for work in works:
                self._mix(work)
        hands = self._campaign.hands
        together([self._day(hand, works) for hand, works in zip(hands, days, strict=True)])

    def _happens(self, what: str) -> bool:
        happens: bool = self._chance.random() < getattr(self._rates, what)
        self._campaign.happened[what] += happens
        return happens

    def _mix(self, work: Work) -> None:
        """Two pupils have had each other's copies for months; one brings a book of somebody in another class."""
        for one, other in zip(work.pupils[::2], work.pupils[1::2], strict=False):
            pairs = [
                (mine, theirs)
                for mine in self._carried.get(one.key, ())
                for theirs in self._carried.get(other.key, ())
                if mine.number and theirs.number and mine.title == theirs.title
            ]
            if pairs and self._happens("swapped"):
                mine, theirs = self._chance.choice(pairs)
                self._hand(mine, one, other)
                self._hand(theirs, other, one)
        for person in work.pupils:
            others = [copy for copy in self._truth.copies if self._is_of_another_grade(copy, work.of)]
            if others and self._happens("brought_for_other"):
                copy = self._chance.choice(others)
                self._carried[copy.holder].remove(copy)
                self._carried.setdefault(person.key, []).append(copy)
                self._certain.add(id(copy))

    def _is_of_another_grade(self, copy: Copy, of: Class) -> bool:
        return bool(copy.number and copy.holder) and copy.shelf[0] != of.grade and id(copy) not in self._certain

    def _hand(self, copy: Copy, giver: Person, taker: Person) -> None:
        self._carried[giver.key].remove(copy)
        self._carried[taker.key].append(copy)
        self._certain.add(id(copy))

    def _day(self, hand: Hand, works: Sequence[Work]) -> Iterator[None]:
        hand.sign_in()
        for work in works:
            leavers = [person for person in work.pupils if self._happens("leaver")]
            stayers = [person for person in work.pupils if person not in leavers]
            self._open(hand, "collect", work.of)
            self._chance.shuffle(stayers)
            for person in stayers:
                self._turn(hand, person)
                yield
            for person in leavers:
                self._leave(hand, work.of, person)
                yield
        hand.sign_out()

    def _open(self, hand: Hand, mode: str, of: Class) -> None:
        hand.home()
        hand.press(mode)
        hand.press("choose", of.label)
        hand.expect("staff_names", why=f"{mode} of {of.label}")

    def _turn_to(self, hand: Hand, person: Person, page: str) -> None:
        if person.card:
            hand.scan(person.card)
        else:
            while hand.view.name != "staff_names" and "back" in hand.view.actions:
                hand.press("back")
            hand.press("choose", hand.id_of(person))
        if hand.at != hand.id_of(person) or hand.view.name != page:
            hand.surprises.append(f"{person} brings books: {hand.view.name} {hand.view.message}")

    def _turn(self, hand: Hand, person: Person) -> None:
        effort = Effort(least_scans=bool(person.card), least_taps=not person.card)
        scans, taps = hand.scans, hand.taps
        self._turn_to(hand, person, "collect_pupil")
        pile = list(self._carried.get(person.key, ()))
        self._chance.shuffle(pile)
        # What can only be touched goes first, while the tiles are on the screen; what is not theirs lies at the bottom.
        for copy in sorted(pile, key=lambda one: (one.holder != person.key, bool(one.number or one.isbn))):
            self._one(hand, person, copy, effort)
        effort.scans, effort.taps = hand.scans - scans, hand.taps - taps
        self.efforts.append(effort)

    def _one(self, hand: Hand, person: Person, copy: Copy, effort: Effort) -> None:
        if id(copy) in self._certain:
            effort.clean = False
            hand.scan(copy.number)
            hand.expect("collect_condition", why=f"{copy} in the hands of {person}")
            self._truth.take(copy)
        elif self._happens("forgotten"):
            effort.clean = False
        elif self._happens("lost"):
            effort.clean = False
            self._lost(hand, copy)
        elif copy.number and self._happens("torn_label"):
            effort.clean = False
            self._relabelled(hand, copy)
        else:
            self._back(hand, copy, effort)

    def _back(self, hand: Hand, copy: Copy, effort: Effort) -> None:
        if copy.number or copy.isbn:
            effort.least_scans += 1
            hand.scan(copy.number or copy.isbn)
            self._returned(hand, copy)
            if self._happens("double_scan"):
                effort.clean = False
                hand.scan(copy.number or copy.isbn)
                self._returned(hand, copy)
        else:
            effort.least_taps += 1
            self._all_tiles(hand)
            hand.press("hand_in", self._tile(hand, copy).id)
            self._returned(hand, copy)
        if copy.number and self._happens("damaged"):
            effort.least_taps += 1
            condition = self._chance.choice(CONDITIONS)
            hand.press("choose", condition)
            self._truth.conditions[copy.number] = condition
        self._truth.take(copy)

    def _returned(self, hand: Hand, copy: Copy) -> None:
        key = hand.view.message.key if hand.view.message else ""
        if key not in RETURNED:
            hand.surprises.append(f"{copy} comes back: {hand.view.name} {hand.view.message}")

    def _all_tiles(self, hand: Hand) -> None:
        """From the copy that came back last to all of them."""
        if hand.view.name == "collect_condition":
            hand.press("back")

    def _tile(self, hand: Hand, copy: Copy) -> Cell | Row:
        """The copy among those that are out."""
        text, title = f"{copy.shelf[2]} {copy.shelf[3]}".strip(), copy.title.rpartition(" ")[0]
        everything: tuple[Cell | Row, ...] = (*hand.view.cells, *hand.view.rows)
        found = [
            one
            for one in everything
            if one.text in (text, title) and one.title and one.title.year == copy.edition and one.actions
        ]
        assert found, f"{copy} is not on the screen: {hand.view}"
        return found[0]

    def _lost(self, hand: Hand, copy: Copy) -> None:
        """Of a copy held by count a screen can say so only once it is ticked."""
        self._all_tiles(hand)
        if not copy.number:
            hand.press("hand_in", self._tile(hand, copy).id)
        hand.press("open", self._tile(hand, copy).id)
        hand.press("choose", "lost" if copy.number else "beyond_use")
        hand.expect("collect_pupil", why=f"{copy} is lost")
        self._truth.lose(copy)

    def _relabelled(self, hand: Hand, copy: Copy) -> None:
        self._all_tiles(hand)
        hand.press("relabel")
        hand.press("choose", self._tile(hand, copy).id)
        label = hand.new_label()
        hand.scan(label)
        self._returned(hand, copy)
        if copy.number in self._truth.conditions:
            self._truth.conditions[label] = self._truth.conditions.pop(copy.number)
        copy.number = label
        self._truth.take(copy)

    def _leave(self, hand: Hand, of: Class, person: Person) -> None:
        """Everything comes back, and the sheet is signed."""
        self._open(hand, "clearance", of)
        self._turn_to(hand, person, "clearance")
        for copy in list(self._carried.get(person.key, ())):
            if copy.number or copy.isbn:
                hand.scan(copy.number or copy.isbn)
            else:
                self._all_tiles(hand)
                hand.press("hand_in", self._tile(hand, copy).id)
            self._truth.take(copy)
        self._all_tiles(hand)
        still_out = [copy for copy in self._truth.copies if copy.holder == person.key]
        if still_out:
            return
        hand.press("clear")
        if not hand.view.message or hand.view.message.key != "tb.cleared":
            hand.surprises.append(f"{person} leaves: {hand.view.name} {hand.view.message}")
