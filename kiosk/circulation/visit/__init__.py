"""A patron's visit: `step(state, event) -> (state, effects)` and `view(state) -> View`.

The way of a scan: step.py takes every event in; scans.py decides what a card or an item means here (DESIGN.md 4's
table); lending.py has the acts recorded and says so once they are; signing, account, catalogue
and ending have what is done by touch; view.py draws.
"""

from kiosk.circulation.visit.state import State, restarted, start
from kiosk.circulation.visit.step import step
from kiosk.circulation.visit.view import view

__all__ = ["State", "restarted", "start", "step", "view"]
