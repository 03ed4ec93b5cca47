"""Draws what `motion.py` says: things are drawn elsewhere than where they are, for a moment; where they are touched and
what they say is settled from the first frame on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics import Canvas, Color, PopMatrix, PushMatrix, Rectangle, Scale, Translate
from kivy.uix.widget import Widget

from kiosk.circulation.views import Row, View
from kiosk.screens import motion
from kiosk.screens.drawings import BigCover, Cover, Shelf
from kiosk.screens.look import Look
from kiosk.screens.motion import Scene, Track
from kiosk.screens.page import Page
from kiosk.screens.rows import standing

Undo = Callable[[], None]


class Motion:
    """One motion at a time. on: False if nothing ever moves. now: seconds of a clock that never goes back."""

    def __init__(self, now: Callable[[], float], on: bool, rests: Callable[[], bool]) -> None:
        """rests: whether the screen is dimmed, as nobody is there."""
        self._now, self._on, self._rests = now, on, rests
        self._begun = 0.0
        self._tracks: list[Track] = []
        self._undo: list[Undo] = []
        self._keep_drawing = Clock.create_trigger(lambda _: Window.canvas.ask_update(), 0, interval=True)
        self._telling: Page | None = None
        self._told = 0
        self._tell = Clock.create_trigger(self._tell_on, motion.HOME_STEP_S, interval=True)
        # Just before a frame is drawn everything has found its place.
        Window.bind(on_draw=self._step)

    @property
    def is_moving(self) -> bool:
        """Whether something is not where it will be."""
        return bool(self._tracks)

    def finish(self) -> None:
        """Everything is in its place at once."""
        self._keep_drawing.cancel()
        self._tracks = []
        undo, self._undo = self._undo, []
        for one in undo:
            one()

    def follow(self, before: View | None, view: View, page: Page, look: Look) -> None:
        """A page shows a view now, after another one: move what the two say; home's story is told while it is there."""
        if self._on:
            self._play(motion.scene(before, view), page, look)
        telling = page if self._on and page.tells and not view.appearance.spoken else None
        if telling is not self._telling:
            self._stop_telling()
            self._telling = telling
            if telling is not None:
                self._tell()

    def _stop_telling(self) -> None:
        self._tell.cancel()
        self._told = 0
        if self._telling is not None:
            self._telling.tell(-1)

    def _tell_on(self, _: float) -> None:
        if self._telling is None:
            return
        step, self._told = self._told, (self._told + 1) % (motion.HOME_STEPS + motion.HOME_PAUSE)
        self._telling.tell(step if step < motion.HOME_STEPS and not self._rests() else -1)

    def _play(self, scene: Scene, page: Page, look: Look) -> None:
        for tracks, undo in _parts(scene, page, look):
            self._tracks += tracks
            self._undo.append(undo)
        if self._tracks:
            self._begun = self._now()
            self._keep_drawing()

    def _step(self, *_: Any) -> None:
        if not self._tracks:
            return
        after_s = self._now() - self._begun
        for track in self._tracks:
            track.at(after_s)
        if after_s >= max(track.ends_s for track in self._tracks):
            self.finish()


class Shift:
    """Draws a widget, with all that is in it, elsewhere or in another size, until it is undone."""

    def __init__(self, widget: Widget) -> None:
        """In its place, as large as it is."""
        self._widget = widget
        self._before = (PushMatrix(), Translate(0, 0), Scale(1, 1, 1))
        self._after = PopMatrix()
        for at, one in enumerate(self._before):
            widget.canvas.before.insert(at, one)
        widget.canvas.after.add(self._after)

    def by(self, x: float, y: float) -> None:
        """So far from its place."""
        self._before[1].xy = (x, y)

    def sized(self, share: float) -> None:
        """So large, around its middle."""
        self._before[2].origin = self._widget.center
        self._before[2].xyz = (share, share, 1)

    def undo(self) -> None:
        """Back in its place."""
        for one in self._before:
            self._widget.canvas.before.remove(one)
        self._widget.canvas.after.remove(self._after)


def _parts(scene: Scene, page: Page, look: Look) -> Iterator[tuple[list[Track], Undo]]:
    if scene.fades:
        yield _fade(page, look)
    stage = page.stage
    if stage is None:
        return
    match scene.cover:
        case motion.Cover.RISES:
            yield _light(stage, look)
            yield _rise(stage, look)
        case motion.Cover.SINKS:
            yield _nudge(stage, (0, -look.px(motion.SINK)), motion.RETURN_S, motion.out_cubic)
        case motion.Cover.STEPS_ASIDE:
            yield _nudge(stage, (look.px(motion.STEP), 0), motion.REFUSE_S, motion.in_out_quad)
    rows = stage.ids.list.ids.rows
    if scene.shelved is not None and rows.children:
        yield _shelve(stage, scene.shelved, rows, look)
    if scene.emptied and page.spines is not None:
        yield _empty(page.spines)


def _fade(page: Page, look: Look) -> tuple[list[Track], Undo]:
    """Felt over all that stands above the shelf, thinner and thinner."""
    red, green, blue, _ = look.palette.felt
    felt, sheet = Color(red, green, blue, 1), Rectangle()
    for one in (felt, sheet):
        page.canvas.after.add(one)

    def apply(gone: float) -> None:
        low = min((child.top for child in page.children if isinstance(child, Shelf)), default=page.y)
        sheet.pos, sheet.size = (page.x, low), (page.width, page.top - low)
        felt.a = (1 - motion.FADE_FROM) * (1 - gone)

    def undo() -> None:
        for one in (felt, sheet):
            page.canvas.after.remove(one)

    return [Track(apply, motion.FADE_S)], undo


def _rise(stage: Any, look: Look) -> tuple[list[Track], Undo]:
    book, seal = Shift(stage.ids.place), Shift(stage.ids.seal)
    far = look.px(motion.RISE)

    def undo() -> None:
        book.undo()
        seal.undo()

    return [
        Track(lambda gone: book.by(0, far * (gone - 1)), motion.RISE_S, motion.out_cubic),
        Track(
            lambda gone: seal.sized(motion.SEAL_FROM + (1 - motion.SEAL_FROM) * gone),
            motion.SEAL_S,
            motion.out_back,
            motion.RISE_S,
        ),
    ], undo


def _light(stage: Any, look: Look) -> tuple[list[Track], Undo]:
    """The scanner's light over the cover, once; drawn with it, wherever that is."""
    colour, beam = Color(*look.palette.beam), Rectangle()
    over = stage.ids.place.canvas.after
    for one in (colour, beam):
        over.add(one)

    def apply(gone: float) -> None:
        cover = stage.ids.cover
        beam.pos = (cover.x, cover.top - gone * cover.height)
        beam.size = (cover.width, look.px(4))
        colour.a = 1 if gone < 1 else 0

    def undo() -> None:
        for one in (colour, beam):
            over.remove(one)

    return [Track(apply, motion.SCAN_S)], undo


def _nudge(stage: Any, way: tuple[float, float], lasts_s: float, ease: motion.Ease) -> tuple[list[Track], Undo]:
    book = Shift(stage.ids.place)
    there = motion.there_and_back(ease)
    return [Track(lambda gone: book.by(way[0] * gone, way[1] * gone), lasts_s, there)], book.undo


def _shelve(stage: Any, row: Row, rows: Any, look: Look) -> tuple[list[Track], Undo]:
    """The cover that stood large goes into the first row, and all rows come down by one."""
    branch, title, grade = standing(row)
    size = (look.px(178), look.px(244))
    author = row.title.author if row.title is not None else ""
    flying = BigCover(branch=branch, title=title, grade=grade, author=author, size_hint=(None, None), size=size)
    place, share, paper = Translate(0, 0), Scale(1, 1, 1), Canvas()
    for one in (PushMatrix(), place, share, flying.canvas, PopMatrix()):
        paper.add(one)
    stage.canvas.after.add(paper)
    listed, first = Shift(rows), rows.children[-1]
    target = next((one for one in first.walk() if isinstance(one, Cover)), first)

    def apply(gone: float) -> None:
        listed.by(0, (first.height + look.px(8)) * (1 - gone))
        x, y = target.to_window(target.x, target.y)
        from_x, from_y = stage.ids.cover.pos
        place.xy = (from_x + (x - from_x) * gone, from_y + (y - from_y) * gone)
        small = 1 + (target.height / size[1] - 1) * gone
        share.xyz = (small, small, 1)

    def undo() -> None:
        listed.undo()
        stage.canvas.after.remove(paper)

    return [Track(apply, motion.SHELVE_S, motion.out_cubic)], undo


def _empty(spines: Any) -> tuple[list[Track], Undo]:
    def apply(gone: float) -> None:
        spines.leaving = 1 - gone

    return [Track(apply, motion.RETURN_S, motion.out_cubic)], lambda: apply(1.0)
