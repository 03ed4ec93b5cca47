"""Cells of CSV files so that no spreadsheet program runs or changes them, and back.

Such programs run what begins with = + - @ as a formula, and turn 000042 into 42. An apostrophe in front stops them;
whoever reads the file here takes it off again, so nothing is lost on a round trip, also of what begins with one.
"""

from __future__ import annotations

import re

_CHANGED = re.compile(r"'*(?:[=+\-@\t\r\n]|0[0-9]|[0-9]{12,}$|[0-9]+[./,-][0-9./,-]*$)")
_RUN = re.compile(r"[=+\-@\t\r\n]")
_FORMULA_TEXT = re.compile(r'="([^"]*)"')


def guarded(cell: str) -> str:
    """The cell so that a spreadsheet program neither changes nor runs it."""
    return f"'{cell}" if _CHANGED.match(cell) else cell


def disarmed(cell: str) -> str:
    """The cell so that it is not run. Numbers and dates stay as they are, for programs that are no spreadsheets."""
    return f"'{cell}" if _RUN.match(cell) or (cell.startswith("'") and _CHANGED.match(cell)) else cell


def unguarded(cell: str) -> str:
    """What was guarded or disarmed; also what other programs write to the same end, ="000042"."""
    if cell.startswith("'") and _CHANGED.match(cell, 1):
        return cell[1:]
    if cell.startswith('="') and (match := _FORMULA_TEXT.fullmatch(cell)):
        return match.group(1)
    return cell
