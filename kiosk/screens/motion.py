"""What moves when one View follows another, and for how long. Pure: no Kivy; `moving.py` draws it.

A motion tells what the words beside it have said already: where a book came from, what became of it. Nothing waits for
one, and the next View finishes it at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from kiosk.circulation.views import Row, View
from kiosk.screens.largest import newest_row
from kiosk.screens.themes import Tone
from kiosk.screens.tone import tone_of_message, tone_of_row

SCAN_S = 0.12
"""The light crosses the cover, top to bottom."""
RISE_S, SEAL_S = 0.18, 0.12
"""A new cover comes up from the shelf; after it, its seal grows."""
SHELVE_S = 0.2
"""The cover before it shrinks into the first row, and the rows move down."""
RETURN_S = 0.2
"""A returned cover sinks and comes back; a spine of the limit empties."""
REFUSE_S = 0.22
"""A refused cover steps aside and back."""
FADE_S = 0.12
"""From page to page the stage fades in."""
FADE_FROM = 0.4
"""So much of it is there in the first frame: what is new can be read at once."""
HOME_STEP_S, HOME_STEPS, HOME_PAUSE = 1.5, 4, 36
"""Home tells its story in four steps, then stays as it is for so many: each step costs a frame, with nobody there."""

RISE, SINK, STEP = 40.0, 24.0, 12.0
"""How far, in lengths of the design."""
SEAL_FROM = 0.6
"""Of its size, while the cover comes up."""

Ease = Callable[[float], float]
"""How far something is, of its way, after a share of its time; both from 0 to 1."""


def linear(t: float) -> float:
    """Evenly."""
    return t


def out_cubic(t: float) -> float:
    """Fast, then slower."""
    return 1 - (1 - t) ** 3


def out_back(t: float) -> float:
    """A little too far, then back."""
    u = t - 1
    return u * u * (2.70158 * u + 1.70158) + 1


def in_out_quad(t: float) -> float:
    """Gently at both ends."""
    return 2 * t * t if t < 0.5 else 1 - 2 * (1 - t) ** 2


def there_and_back(ease: Ease) -> Ease:
    """All the way in the first half of the time, and back in the second."""
    return lambda t: ease(2 * t) if t < 0.5 else 1 - ease(2 * t - 1)


@dataclass(frozen=True, slots=True)
class Track:
    """One part of a motion. apply: takes how far it is; called with where it ends as the last."""

    apply: Callable[[float], None]
    lasts_s: float
    ease: Ease = linear
    starts_s: float = 0.0

    @property
    def ends_s(self) -> float:
        """Seconds from the beginning of the motion."""
        return self.starts_s + self.lasts_s

    def at(self, after_s: float) -> None:
        """Show it so long after the motion began."""
        self.apply(self.ease(min(max((after_s - self.starts_s) / self.lasts_s, 0.0), 1.0)))


class Cover(Enum):
    """What the large book does."""

    STAYS = "stays"
    RISES = "rises"
    SINKS = "sinks"
    STEPS_ASIDE = "steps aside"


@dataclass(frozen=True, slots=True)
class Scene:
    """What moves. shelved: the row of the book that stood large before, if it is the first of the list now. emptied: a
    spine of the limit became free.
    """

    fades: bool = False
    cover: Cover = Cover.STAYS
    shelved: Row | None = None
    emptied: bool = False


STILL = Scene()


def scene(before: View | None, view: View) -> Scene:
    """What moves as a View follows another one.

    Nothing does at a sign-out, when home comes (what was there is gone within one frame), under the idle warning, when
    the look itself changes, and for whoever listens instead of looking.
    """
    if before is None or view.appearance != before.appearance or view.appearance.spoken:
        return STILL
    if view.countdown is not None or before.countdown is not None:
        return STILL
    if before.patron is not None and (view.patron is None or view.patron.id != before.patron.id):
        return STILL
    if view.name != before.name:
        return Scene(fades=view.name != "home")
    row, former = newest_row(view), newest_row(before)
    cover = _cover(before, view, row, former)
    others = [one for one in view.rows if one is not row]
    shelved = former is not None and row is not None and others and others[0].id == former.id != row.id
    emptied = view.patron is not None and before.patron is not None and view.patron.loans < before.patron.loans
    return Scene(cover=cover, shelved=former if shelved else None, emptied=emptied)


def _cover(before: View, view: View, row: Row | None, former: Row | None) -> Cover:
    again = view.scans != before.scans
    refused = view.message is not None and tone_of_message(view.message) is Tone.REFUSED
    if refused:
        return Cover.STEPS_ASIDE if again or view.message != before.message else Cover.STAYS
    if row is None or (former is not None and (row.id, row.state) == (former.id, former.state)):
        return Cover.STAYS
    tone = tone_of_row(row.state)
    if tone is Tone.RETURNED:
        return Cover.SINKS
    if tone is Tone.REFUSED:
        return Cover.STEPS_ASIDE
    return Cover.RISES if former is None or former.id != row.id else Cover.STAYS
