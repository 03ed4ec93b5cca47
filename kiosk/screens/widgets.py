"""What every page is made of: words that fit, buttons, the bar of controls, a list. Their shapes are in widgets.kv."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label
from kivy.uix.layout import Layout
from kivy.uix.scrollview import ScrollView
from kivy.uix.widget import Widget

from kiosk.screens.fitting import bar_widths, fit, wrap
from kiosk.screens.lettering import line_height, measure
from kiosk.screens.look import LEADING
from kiosk.screens.themes import Tone
from kiosk.screens.wires import SAME_KEY_S, SAME_TOUCH_S, Wires


class Words(Label):
    """A text set in the largest of `sizes` that fits its box, on at most `lines` lines, else cut with «…».

    words: the whole text; sizes: of the design, largest first; cut: whether something is missing on the screen.
    drawn: the letters are part of a picture, and no larger in large text.
    """

    words = StringProperty("")
    sizes = ListProperty([22])
    lines = NumericProperty(2)
    look = ObjectProperty(None, allownone=True)
    cut = BooleanProperty(False)
    drawn = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        self._fit_soon = Clock.create_trigger(self._fit, -1)
        super().__init__(**kwargs)
        for name in ("words", "sizes", "lines", "look", "size", "bold"):
            self.fbind(name, self._fit_soon)
        self._fit_soon()

    def _fit(self, *_: object) -> None:
        if not self.words:
            self.text, self.cut = "", False
        if not self.words or self.look is None or self.width < 2:
            return
        sizes = [self.look.pt(size) if self.drawn else self.look.type(size) for size in self.sizes]
        width = floor(self.width)
        fitted = fit(self.words, width, sizes, measure(self.bold), self.lines_at)
        self.font_size = fitted.size
        self.text_size = (width, None)
        self.text = "\n".join(fitted.lines)
        self.cut = not fitted.whole

    def lines_at(self, size: float) -> int:
        """How many lines of that size the box holds."""
        height = line_height(int(size), self.bold)
        room: int = 1 + floor((self.height + 1 - height) / (height * LEADING))
        return max(min(room, int(self.lines)), 0)


class Heading(Words):
    """A sentence in the colour of its tone."""

    tone = ObjectProperty(Tone.PLAIN)


class Sign(Label):
    """A sign of the icon font."""


class Touchable(ButtonBehavior):
    """Sends its action once when a finger has touched it and left it again inside."""

    action = StringProperty("")
    argument = StringProperty("")
    wires = ObjectProperty(None, allownone=True)
    within_s = SAME_TOUCH_S

    def on_release(self) -> None:
        """A touch ended here; one that outlived its screen, or bounced, is nothing."""
        if self.wires is None or self.get_root_window() is None:
            return
        if self.wires.gate.lets(self, self.center, self.within_s):
            self.fire()

    def fire(self) -> None:
        """What a touch does."""
        self.wires.press(self.action, self.argument)


class Edged(Touchable):
    """What has an edge can be touched, and nothing else has one. Goes with a widget."""

    primary = BooleanProperty(False)
    down = NumericProperty(0)
    thick = NumericProperty(2)
    radius = NumericProperty(0)
    ground = ColorProperty([0, 0, 0, 0])
    frame = ColorProperty([0, 0, 0, 0])
    low = ColorProperty([0, 0, 0, 0])
    ink = ColorProperty([0, 0, 0, 0])


class PushButton(Edged, BoxLayout):
    """A button: a word, perhaps a sign before it, after it (`after`) or over it (`stacked`). bare: without its sign;
    solid: the sign is that of a fact.
    """

    words = StringProperty("")
    sign = StringProperty("")
    sizes = ListProperty([20, 18, 16])
    lines = NumericProperty(2)
    stacked = BooleanProperty(False)
    bare = BooleanProperty(False)
    after = BooleanProperty(False)
    solid = BooleanProperty(False)
    slack = NumericProperty(0)

    def on_kv_post(self, base_widget: Widget) -> None:
        """The parts that the kv file made; only those with something to show stay in the button."""
        self._parts = (self.ids.sign.__self__, self.ids.words.__self__)
        for name in ("sign", "words", "bare", "after", "stacked"):
            self.fbind(name, self._arrange)
        for name in ("width", "sizes"):
            self.fbind(name, self._centre)
        for name in ("text", "font_size", "height", "lines"):
            self._parts[1].fbind(name, self._centre)
        self._arrange()

    def _centre(self, *_: object) -> None:
        """Sign and words together stand in the middle."""
        sign, words = self._parts
        if len(self.children) < 2 or self.stacked:
            self.slack = 0
            return
        look = App.get_running_app().look
        width = measure(True)
        room = max(self.width - 2 * look.px(10) - sign.width - self.spacing, 1)
        # At the size that all of the room allows: by the present one, small words would keep their room small.
        fitted = fit(self.words, floor(room), [look.type(size) for size in self.sizes], width, words.lines_at)
        wide = max(width(line, fitted.size) for line in fitted.lines)
        self.slack = max((room - wide) / 2 - look.px(2), 0)

    def _arrange(self, *_: object) -> None:
        """A sign stands before the words or after them; with no words it stands alone."""
        sign, words = self._parts
        shown = ((sign, self.sign and not (self.bare and self.words)), (words, self.words))
        wanted = [part for part, said in shown if said]
        if self.after:
            wanted.reverse()
        px = App.get_running_app().look.px
        sign.size_hint = (1, 1) if not self.words else (1, None) if self.stacked else (None, 1)
        sign.size = (px(29), px(26))
        if self.children[::-1] != wanted:
            self.clear_widgets()
            for part in wanted:
                self.add_widget(part)
        self._centre()

    def natural_widths(self, points: float, with_sign: bool, stacked: bool = False) -> tuple[float, float]:
        """The width that the words want on one line, and on two, at that size; with the sign beside them or not."""
        look = App.get_running_app().look
        size = look.type(points)
        frame = look.px(8 if stacked else 20)
        if self.sign and with_sign:
            frame += look.px(29 + 10)
        width = measure(True)
        one = two = width(self.words, size)
        longest = max((width(word, size) for word in self.words.split()), default=0.0)
        for share in (0.5, 0.55, 0.6, 0.66, 0.75, 0.85):
            lines = wrap(self.words, max(one * share, longest), size, width)
            if len(lines) <= 2:
                two = max(width(line, size) for line in lines)
                break
        return one + frame + 2, two + frame + 2


class TurnButton(PushButton):
    """Turns the pages of what is shown, or opens a part of it: no act of anybody. turn: None: it is as any button."""

    turn: Callable[[], None] | None = None

    def fire(self) -> None:
        """To the next page, or the one before."""
        if self.turn is not None:
            self.turn()
        else:
            super().fire()


class Key(Edged, Label):
    """A key of a keyboard or a keypad: a letter or a sign. There are many, so it is a single widget."""

    within_s = SAME_KEY_S
    words = StringProperty("")
    sign = StringProperty("")
    tinted = BooleanProperty(False)
    typed = ObjectProperty(None, allownone=True)

    def fire(self) -> None:
        """Its letter goes to the keyboard that it belongs to."""
        self.typed(self)


@dataclass(frozen=True, slots=True)
class Control:
    """A button of the bar as a page wants it. right: it belongs to the right end; after: its sign stands after its
    words; solid: its sign is that of a fact; turn: what it does on the page itself, in place of sending its action.
    """

    action: str
    words: str
    argument: str = ""
    primary: bool = False
    right: bool = False
    sign: str = ""
    after: bool = False
    solid: bool = False
    turn: Callable[[], None] | None = None


class Bar(Layout):
    """The controls below the shelf: as wide as their words want, what goes on at the right end.

    Signs stand beside the words; where the width does not suffice, over them; where words are large, nowhere.
    stretch: the last one takes what is left over.
    """

    wires = ObjectProperty(None, allownone=True)
    gap = NumericProperty(10)
    least = NumericProperty(80)
    comfortable = NumericProperty(184)
    lines = NumericProperty(1)
    stretch = BooleanProperty(False)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._shown: tuple[Control, ...] = ()
        self._buttons: list[PushButton] = []
        for name in ("children", "size", "pos", "gap", "comfortable", "lines"):
            self.fbind(name, self._trigger_layout)

    def show(self, controls: Sequence[Control]) -> None:
        """Show these buttons, left to right; the same ones stay the same widgets."""
        if tuple(controls) == self._shown:
            return
        same = [_sends(one) for one in self._shown] == [_sends(one) for one in controls]
        self._shown = tuple(controls)
        if not same:
            self.clear_widgets()
            self._buttons = [self._button(one) for one in controls]
            for button in self._buttons:
                self.add_widget(button)
        for button, control in zip(self._buttons, controls, strict=True):
            button.words, button.primary, button.sign = control.words, control.primary, control.sign
            button.after, button.solid = control.after, control.solid
        self._trigger_layout()

    def _button(self, control: Control) -> PushButton:
        if control.turn is None:
            return PushButton(wires=self.wires, action=control.action, argument=control.argument)
        button = TurnButton(wires=self.wires)
        button.turn = control.turn
        return button

    def do_layout(self, *_: object) -> None:
        """Share the room out: on two lines what goes on is on the lower one."""
        count = len(self._buttons)
        lines = min(int(self.lines), count)
        if not lines:
            return
        # One line alone is as high as one of several, and stands where the last one does.
        high = (self.height - self.gap * (int(self.lines) - 1)) / int(self.lines)
        upper = count // 2 if lines > 1 else 0
        for at, low in ((slice(0, upper), high + self.gap), (slice(upper, count), 0.0)):
            if self._buttons[at]:
                self._lay_out(self._buttons[at], self._shown[at], self.y + low, high)

    def _lay_out(self, buttons: Sequence[PushButton], shown: Sequence[Control], y: float, high: float) -> None:
        available = self.width - self.gap * (len(buttons) - 1)
        natural, widths, sizes = self._ways(buttons, available)
        x = self.x
        left_over = max(available - sum(widths), 0.0)
        if self.stretch:
            widths[-1], left_over = widths[-1] + left_over, 0.0
        for button, width, control in zip(buttons, widths, shown, strict=True):
            if control.right and left_over:
                x, left_over = x + left_over, 0.0
            button.size = (width, high)
            button.pos = (x, y)
            x += width + self.gap
        _set_alike(buttons, widths, natural, sizes)

    def _ways(
        self, buttons: Sequence[PushButton], available: float
    ) -> tuple[list[tuple[float, float]], list[float], tuple[int, ...]]:
        """How wide the buttons would be, how wide they get, and the sizes of their words."""
        large = App.get_running_app().look.large
        ways = [(True, False, 20), *([] if large else [(False, True, 18), (False, True, 16)])]
        ways += [(False, False, size) for size in _BAR_SIZES]
        for beside, stacked, size in ways:
            natural = [button.natural_widths(size, beside, stacked) for button in buttons]
            if sum(max(two, self.least) for _, two in natural) <= available:
                break
        for button in buttons:
            button.stacked, button.bare = stacked, not beside and not stacked
        wanted = [[max(width, self.least) for width in ends] for ends in zip(*natural, strict=True)]
        widths = bar_widths(wanted[0], wanted[1], available, self.comfortable)
        return natural, widths, tuple(one for one in _BAR_SIZES if one <= size)


def _sends(control: Control) -> tuple[object, ...]:
    return control.action, control.argument, control.turn


def _set_alike(
    buttons: Sequence[PushButton], widths: Sequence[float], natural: Sequence[tuple[float, float]], sizes: Sequence[int]
) -> None:
    """All words in one size: the largest at which each fits its button."""
    look = App.get_running_app().look
    for size in sizes:
        share = look.type(size) / look.type(sizes[0])
        if all(two * share <= width + 1 for (_, two), width in zip(natural, widths, strict=True)):
            break
    for button in buttons:
        button.sizes = [one for one in sizes if one <= size]


_BAR_SIZES = (20, 18, 16)


class Scroller(ScrollView):
    """A list that scrolls when it is longer than its place. count: how many rows it has.

    A kv rule must not look at `ids.rows.children` instead: Kivy never lets go of a widget whose rule binds through ids.
    """

    gap = NumericProperty(8)
    count = NumericProperty(0)

    def show(self, rows: Sequence[Widget]) -> None:
        """Show these rows from the beginning."""
        self.ids.rows.clear_widgets()
        for row in rows:
            self.ids.rows.add_widget(row)
        self.count = len(rows)
        self.scroll_x, self.scroll_y = 0, 1


class Rows(Scroller):
    """From the top, in columns."""

    columns = NumericProperty(1)


class RowsStage(BoxLayout):
    """A list that takes the whole stage."""

    columns = NumericProperty(1)


def connect(root: Widget, wires: Wires) -> None:
    """Give the wires to every touchable widget of a tree made by a kv file."""
    for widget in root.walk():
        if isinstance(widget, Touchable | Bar):
            widget.wires = wires
