"""A librarian at a station: what she scans and touches, counted; she reads the screen and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kiosk import demo
from kiosk.circulation.model import Scan
from kiosk.circulation.own_codes import label_number
from kiosk.circulation.views import Cell, CellState, MatrixLine, Row, View
from kiosk.desk import Press, Type
from tests.simulation.campaign_school import PIN
from tests.simulation.campaign_truth import Class, Copy, Person
from tests.sync_fixture import Kiosk

PACE_S = 0.5
"""Two scans a second."""


@dataclass
class Effort:
    """What a pupil's turn cost. least: the same without a single needless move. clean: nobody made a mistake."""

    scans: int = 0
    taps: int = 0
    least_scans: int = 0
    least_taps: int = 0
    clean: bool = True


@dataclass
class Hand:
    """Somebody of the staff. surprises: where the screen was not what she expected of it."""

    kiosk: Kiosk
    roll: int
    view: View = field(default_factory=lambda: View("", ""))
    scans: int = 0
    taps: int = 0
    ids: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    served: set[str] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)
    _labels: int = 0

    @property
    def name(self) -> str:
        """Of the station."""
        return self.kiosk.path.stem

    @property
    def now(self) -> datetime:
        """What the station's clock shows."""
        return self.kiosk.clock.read().wall

    @property
    def at(self) -> str:
        """Whose turn it is, as the screen shows it."""
        return self.view.patron.id if self.view.patron is not None else ""

    # Moves.

    def scan(self, code: str, after_s: float = PACE_S) -> None:
        """Read a code."""
        self.scans += 1
        self._take(Scan(code), after_s)

    def press(self, action: str, argument: str = "") -> None:
        """Touch what the screen offers."""
        lines = self.view.matrix.lines if self.view.matrix is not None else ()
        places: tuple[Row | Cell | MatrixLine, ...] = (*self.view.rows, *self.view.cells, *lines)
        offered = argument and any(argument == one.id and action in one.actions for one in places)
        if not offered and action not in self.view.actions:
            self.surprises.append(f"{self.view.name} does not offer {action} {argument}: {self.view.actions}")
        self.taps += 1
        self._take(Press(action, argument), PACE_S)

    def type(self, text: str) -> None:
        """Write something."""
        self._take(Type(text), PACE_S)

    def _take(self, given: Scan | Press | Type, after_s: float) -> None:
        self.view = self.kiosk.desk.take(given).view
        self.kiosk.wait(after_s)

    def expect(self, *names: str, why: str = "") -> bool:
        """Whether it is this screen."""
        if self.view.name in names:
            return True
        self.surprises.append(f"{why}: {self.view.name} in place of {names}: {self.view.message}")
        return False

    # Ways.

    def sign_in(self) -> None:
        """Card and PIN."""
        known = self.kiosk.rows("SELECT id, external_id, first_name || ' ' || last_name FROM patrons")
        self.ids = {row[1] or row[2]: row[0] for row in known}
        self.scan(demo.LIBRARIAN_CARD)
        self.type(PIN)
        self.expect("staff_home", why="signing in")

    def home(self) -> None:
        """Back until there is no more back."""
        while "back" in self.view.actions:
            self.press("back")
        self.expect("staff_home", why="going home")

    def sign_out(self) -> None:
        """Home, and out."""
        self.home()
        self.press("exit")

    def open_class(self, one: Class) -> None:
        """Its picture, from wherever she is."""
        self.home()
        self.press("issue")
        self.press("choose", one.label)
        self.expect("tb_class", why=f"opening {one.label}")
        self.see_class()

    def see_class(self) -> None:
        """Remember the list as it stands on the screen, and who of it waits for nothing."""
        if self.view.matrix is not None:
            lines = self.view.matrix.lines
            self.order = [line.id for line in lines]
            self.served = {line.id for line in lines if line.note is not None or CellState.LACKING not in line.cells}

    def id_of(self, person: Person) -> str:
        """What this station calls somebody whom she sees before her."""
        return self.ids[person.key]

    def new_label(self) -> str:
        """The next one of her roll."""
        self._labels += 1
        return label_number("N", self.roll, self._labels)

    def turn_to(self, person: Person) -> None:
        """Somebody of the class steps forward."""
        wanted = self.id_of(person)
        if person.card:
            self.scan(person.card)
        else:
            if self.view.name == "tb_pupil" and self._next() == wanted:
                self.press("next_pupil")
            if self.at != wanted:
                if self.view.name == "tb_pupil":
                    self.press("back")
                self.press("open", wanted)
        if self.at != wanted:
            self.surprises.append(f"turn of {person}: {self.view.name} {self.at} {self.view.message}")

    def _next(self) -> str:
        """Who will be next, as the list says: the first after this one who is not served."""
        start = self.order.index(self.at) + 1 if self.at in self.order else 0
        going_round = self.order[start:] + self.order[:start]
        waiting = [one for one in going_round if one not in self.served and one != self.at]
        return waiting[0] if waiting else ""

    def hand_over(self, copy: Copy, label: bool = False) -> None:
        """Give a copy as it can be given: by its label, its ISBN, a touch; label: a blank one is stuck on it."""
        done = self.view.progress
        if copy.number:
            self.scan(copy.number)
        elif copy.isbn:
            self.scan(copy.isbn)
            if label:
                copy.number = self.new_label()
                self.scan(copy.number)
        else:
            text = f"{copy.shelf[2]} {copy.shelf[3]}".strip()
            cell = next((one for one in self.view.cells if one.text == text and "give_counted" in one.actions), None)
            if cell is None:
                self.surprises.append(f"no tile for {copy}: {[one.text for one in self.view.cells]}")
                return
            self.press("give_counted", cell.id)
        now = self.view.progress
        if self.view.name != "tb_pupil" or not done or not now or now[0] != done[0] + 1:
            self.surprises.append(f"{copy} is not given: {self.view.name} {done} {now} {self.view.message}")

    def put_away(self, code: str) -> None:
        """Scan something that does not belong here, and lay it aside when the screen says so."""
        self.scan(code)
        if self.expect("tb_aside", why=f"{code} is to lie aside"):
            self.press("ok")
            self.expect("tb_pupil", why=f"{code} lies aside")
