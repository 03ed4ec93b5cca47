"""A View as lines of plain text, none longer than 80 characters: for terminals. An action is [its name: its label].

Whatever can be touched with an argument is numbered: the rows, then the tiles of a pupil's set, then the lines of a
class. `numbered` gives the ids in that order, so that a number may be typed in place of an id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kiosk.circulation.views import LENT_NOW, Cell, CellState, Matrix, MatrixLine, PatronFace, Row, View, tells_state
from kiosk.text import Words

WIDTH = 80

CELL_MARKS = {
    CellState.GIVEN: "+",
    CellState.LACKING: ".",
    CellState.LATER: "-",
    CellState.OTHER_EDITION: "*",
    CellState.CHECK: "!",
    CellState.BACK: "<",
    CellState.DAMAGED: "%",
    CellState.LOST: "x",
}
"""One character for what a cell of a class says; `cell.given` and so on are its words."""
_NAMES = 24
_COLUMN = 3


def describe(view: View, words: Words) -> list[str]:
    """The lines of a view, from the top."""
    lines = _wrapped((_head(view, words),))
    for message in (view.message, view.prompt):
        if message is not None:
            lines += _wrapped((words.say(message),))
    if view.typed:
        lines += _wrapped(("> " + view.typed,))
    figures = (f"{words.label(figure.key)}: {figure.value}" for figure in view.figures)
    lines += _wrapped((" · ".join(figures),))
    margin = len(str(len(numbered(view)))) + 2
    entries = [
        *((_row(row, words), row.actions) for row in view.rows),
        *((_cell(cell, words), cell.actions) for cell in view.cells),
    ]
    for number, (text, actions) in enumerate(entries, 1):
        first, *more = _wrapped((text,), _buttons(actions, words), margin) or [""]
        lines += [_number(number, margin) + first.lstrip(), *more]
    if view.matrix is not None:
        lines += _matrix(view.matrix, words, len(entries), margin)
    return lines + _wrapped((), _buttons(view.actions, words))


def numbered(view: View) -> tuple[str, ...]:
    """The ids of what has a number in `describe`; the first has the number 1."""
    lines = view.matrix.lines if view.matrix is not None else ()
    return (*(row.id for row in view.rows), *(cell.id for cell in view.cells), *(line.id for line in lines))


def _head(view: View, words: Words) -> str:
    """Whom or what the screen is about, and how much of it is done."""
    progress = f"{view.progress[0]}/{view.progress[1]}" if view.progress is not None else ""
    face = _face(view.patron, words, progress) if view.patron is not None else progress
    return _joined(view.heading, face)


def _face(face: PatronFace, words: Words, progress: str) -> str:
    loans = str(face.loans) if face.limit is None else f"{face.loans}/{face.limit}"
    school_class = words.school_class(face.school_class) if face.school_class else ""
    return _joined(face.name, school_class, progress or loans)


def _row(row: Row, words: Words) -> str:
    told = words.state(row) if tells_state(row) else ""
    due = words.due(row) if row.state in LENT_NOW else ""
    return _with(words.text(row), told, due, words.shelf(row), words.note(row))


def _cell(cell: Cell, words: Words) -> str:
    title = cell.title.title if cell.title is not None and cell.title.title != cell.text else ""
    return _with(cell.text, words.cell(cell.state), title, words.say(cell.note) if cell.note is not None else "")


def _matrix(matrix: Matrix, words: Words, before: int, margin: int) -> list[str]:
    """A line of two letters for each subject, the pupils with a mark for each, what the marks mean, and what every
    line can do. Subjects that have no room beside the names follow in lines of their own, without the names.
    """
    heads = words.heads(matrix.heads)
    wide = max((len(one.text) for one in matrix.lines), default=0)
    names = min(max(wide, 1), _NAMES)
    across = max((WIDTH - margin - 2 - names) // _COLUMN, 1)
    common = matrix.lines[0].actions if matrix.lines else ()
    alike = all(line.actions == common for line in matrix.lines)
    lines = _columns(" " * (margin + names + 2), heads, across)
    for number, line in enumerate(matrix.lines, before + 1):
        at = ">" if line.id == matrix.at else " "
        name = _printable(line.text)
        name = name if len(name) <= names else name[: names - 1] + "…"
        begin = f"{_number(number, margin)}{at}{name:{names}} "
        lines += _line(line, words, begin, across)
        if not alike:
            lines += _wrapped((), _buttons(line.actions, words), margin + 1)
    used = {state for line in matrix.lines for state in line.cells if line.note is None}
    legend = (f"{mark} {words.cell(state)}" for state, mark in CELL_MARKS.items() if state in used)
    subjects = (f"{head} {subject}" for head, subject in zip(heads, matrix.heads, strict=True))
    lines += _wrapped((" · ".join(legend),)) + _wrapped((" · ".join(subjects),))
    if alike and common:
        span = f"{before + 1}–{before + len(matrix.lines)}:"
        lines += _wrapped((span,), _buttons(common, words))
    return lines


def _line(line: MatrixLine, words: Words, begin: str, across: int) -> Iterator[str]:
    if line.note is None:
        yield from _columns(begin, [CELL_MARKS[state] for state in line.cells], across)
        return
    first, *more = _wrapped((words.say(line.note),), (), len(begin)) or [""]
    yield from (begin + first.lstrip(), *more)


def _columns(begin: str, cells: Iterable[str], across: int) -> list[str]:
    cells = list(cells)
    parts = [cells[at : at + across] for at in range(0, len(cells), across)] or [[]]
    rows = ("".join(f"{_printable(cell):{_COLUMN}}" for cell in part) for part in parts)
    return [((begin if not at else " " * len(begin)) + row).rstrip() for at, row in enumerate(rows)]


def _number(number: int, margin: int) -> str:
    return f"{number}. ".rjust(margin)


def _buttons(actions: Iterable[str], words: Words) -> tuple[str, ...]:
    return tuple(f"[{name}: {words.action(name)}]" for name in actions)


def _with(text: str, *rest: str) -> str:
    told = _joined(*(part for part in rest if part != text))
    return f"{text} — {told}" if told else text


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _wrapped(texts: Iterable[str], whole: Iterable[str] = (), margin: int = 0) -> list[str]:
    """Lines of at most 80 characters: the words of `texts`, then each of `whole` in one piece if it fits a line at all.

    What could move the cursor of a terminal becomes a space.
    """
    pieces = [piece for text in texts for piece in _printable(text).split()] + [_printable(one) for one in whole]
    lines: list[str] = []
    room = 0
    for piece in pieces:
        if lines and len(piece) < room:
            lines[-1] += " " + piece
            room -= len(piece) + 1
            continue
        for start in range(0, len(piece), WIDTH - margin):
            lines.append(" " * margin + piece[start : start + WIDTH - margin])
        room = WIDTH - len(lines[-1])
    return lines


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
