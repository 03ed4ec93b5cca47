"""What all tests share."""

from __future__ import annotations

import os
from collections.abc import Callable
from tempfile import gettempdir

import pytest
from hypothesis import settings

# A busy machine is slow, not wrong: no example fails for the time that it took.
settings.register_profile("kiosk", deadline=None)
settings.load_profile("kiosk")

# The library of PC/SC reads once in a process where pcscd is: that of the tests, never the machine's.
os.environ["PCSCLITE_CSOCK_NAME"] = f"{gettempdir()}/kiosk-test-pcscd-{os.getpid()}"

FIGURE = "figure"


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Says what was counted or measured; all of it is printed at the end of the run."""
    return lambda text: record_property(FIGURE, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures, after the tests."""
    reports = [one for found in terminalreporter.stats.values() for one in found if isinstance(one, pytest.TestReport)]
    said = [
        (one.nodeid, text)
        for one in reports
        if one.when == "call"
        for name, text in one.user_properties
        if name == FIGURE
    ]
    if said:
        terminalreporter.section("figures")
    for nodeid, text in sorted(said):
        terminalreporter.line(f"{nodeid.rpartition('::')[2]}: {text}")
