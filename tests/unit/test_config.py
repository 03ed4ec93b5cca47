"""The settings: every problem at once and by its path; what the template shows is what the code does without it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.circulation.identify import Command, CommandName, ItemBarcode, PatronCard, identify
from kiosk.circulation.model import ItemKind, Patron
from kiosk.config import Config, load
from kiosk.config_devices import HidReader, PcscReader, Reading, SerialReader
from kiosk.errors import ConfigError
from kiosk.initialise import initialise, settings

SCHOOL = '[kiosk]\nschool = "№ 1"\n'
SHIPPED = {"calendar.holidays", "calendar.holidays_that_do_not_move", "calendar.closed"}
"""The days of a country and of certain years stand in the file alone, to be edited."""


def filled() -> str:
    """The settings as `kiosk init` writes them."""
    return settings("№ 1", "kiosk")


def loaded(text: str, folder: Path) -> Config:
    path = folder / "kiosk.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def problems(text: str, folder: Path) -> list[str]:
    """What is wrong with it, a line each."""
    with pytest.raises(ConfigError) as caught:
        loaded(text, folder)
    return list(caught.value.problems)


def test_little_is_needed(tmp_path: Path) -> None:
    config = loaded(SCHOOL, tmp_path)
    assert (config.school, config.store, config.folder) == ("№ 1", tmp_path / "kiosk.db", tmp_path)
    assert config.rules.rule_for(Patron("p", 1, "Айгүл"), ItemKind.BOOK, None).limit == 5


def keys(values: dict[str, Any], path: str = "") -> list[str]:
    """The path of every setting of a file."""
    found = []
    for key, value in values.items():
        name = f"{path}.{key}" if path else key
        found += keys(value, name) if isinstance(value, dict) and key != "idle_by_grade" else [name]
    return found


SETTINGS = keys(tomllib.loads(filled()))


def without(path: str) -> str:
    """The template without one setting."""
    table, _, key = path.rpartition(".")
    start = filled().index(f"\n[{table}]") + 1
    found = re.compile(rf"^{key} = (\[\n(.*\n)*?\]|.*)\n", re.M).search(filled(), start)
    assert found is not None
    return filled()[: found.start()] + filled()[found.end() :]


@pytest.mark.parametrize("path", [path for path in SETTINGS if path not in SHIPPED | {"kiosk.school"}])
def test_a_default_is_what_the_template_says(path: str, tmp_path: Path) -> None:
    assert path not in keys(tomllib.loads(without(path)))
    assert loaded(without(path), tmp_path) == loaded(filled(), tmp_path)


def test_the_shipped_days_are_the_only_difference_of_a_template_and_a_bare_file(tmp_path: Path) -> None:
    full, bare = loaded(filled(), tmp_path), loaded(SCHOOL, tmp_path)
    calendar = replace(full.rules.calendar, holidays=frozenset(), stays=frozenset(), closed=frozenset())
    assert replace(full, rules=replace(full.rules, calendar=calendar)) == bare
    assert date(2027, 5, 16) in full.rules.calendar.closed and (3, 22) in full.rules.calendar.holidays


def test_what_the_template_shows_in_comments_can_be_used(tmp_path: Path) -> None:
    shown = re.sub(r"^# ((?:\[\[|\w+ = ).*)$", r"\1", filled(), flags=re.M)
    assert shown.count("[[") == 4 and shown != filled()
    config = loaded(shown, tmp_path)
    assert config.devices.readers == (
        SerialReader(Reading("gate"), "/dev/serial/by-id/usb-..."),
        HidReader(Reading("scanner"), "0c2e:0b61"),
        PcscReader(Reading("cards", "card"), "ACR122U"),
    )
    teacher = config.rules.rule_for(Patron("p", 1, "Бақытжан", category="teacher"), ItemKind.BOOK, None)
    assert (teacher.limit, teacher.days, teacher.renewals) == (15, 30, 3)


SIP2 = """[central]
kind = "sip2"
[central.sip2]
host = "koha.school.kz"
port = 6002
login = "kiosk"
password_file = "koha.password"
institution = "ШК"
terminator = "crlf"
error_detection = false
encoding = "cp1251"
tls = true
ca_file = "ca.crt"
timeout_s = 2.5
"""


def test_a_library_system_is_reached_as_the_settings_say(tmp_path: Path) -> None:
    secret = tmp_path / "koha.password"
    secret.write_text("s3cret\n", encoding="utf-8")
    secret.chmod(0o600)
    config = loaded(SCHOOL + SIP2, tmp_path)
    sip2 = config.central.sip2
    assert (sip2.host, sip2.port, sip2.terminator, sip2.encoding, sip2.timeout_s) == (
        "koha.school.kz", 6002, "crlf", "cp1251", 2.5,
    )  # fmt: skip
    assert (sip2.password_file, sip2.ca_file, sip2.tls) == (secret, tmp_path / "ca.crt", True)


@pytest.mark.parametrize(
    ("central", "key"),
    [
        ('kind = "sql"', "central.sql.url"),
        ('kind = "sip2"', "central.sip2.host"),
        ('kind = "carry"', "central.carry.folder"),
        ('kind = "none"\nmode = "later"', "central.mode"),
        ('kind = "carry"\nmode = "central-first"\n[central.carry]\nfolder = "stick"', "central.mode"),
        ("deadline_s = 0", "central.deadline_s"),
        ("every_s = 0", "central.every_s"),
        ('[central.sip2]\nencoding = "utf-16"', "central.sip2.encoding"),
        ('[central.sip2]\nencoding = "nonsense"', "central.sip2.encoding"),
        ('[central.sip2]\nterminator = "lf"', "central.sip2.terminator"),
        ("[central.sip2]\nport = 0", "central.sip2.port"),
        ('[central.sip2]\npassword = "s3cret"', "central.sip2.password"),
        ('[central.sql]\npassword = "s3cret"', "central.sql.password"),
    ],
)
def test_what_is_wrong_about_a_central_library_is_named(central: str, key: str, tmp_path: Path) -> None:
    text = central if central.startswith("[") else f"[central]\n{central}"
    (problem,) = problems(f"{SCHOOL}{text}\n", tmp_path)
    assert problem.startswith(f"{key}: ")


def test_a_new_folder_has_settings_that_load(tmp_path: Path) -> None:
    name = 'Мектеп «№ 1» "Арман"\\'
    list(initialise(tmp_path, name, "kiosk-2", demo=False, today=None))
    config = load(tmp_path / "kiosk.toml")
    assert (config.school, config.name) == (name, "kiosk-2")


def test_every_problem_is_reported_at_once_with_its_path(tmp_path: Path) -> None:
    wrong = """
colour = "red"
[kiosk]
school = ""
timezone = "Asia/Nowhere"
languages = ["kk", "kk"]
battery_clock = "yes"
[central]
kind = "koha"
[visit]
idle_s = "long"
idle_by_grade = { "12" = 60 }
warning_s = 0
pin = "always"
pln_tries = 3
[rules]
hold_limit = -1
block_overdue = 1
[[rules.loan]]
kind = "scroll"
[[rules.loan]]
days = 0
[calendar]
closed_weekdays = ["caturday"]
holidays = ["02-30"]
closed = ["2026-10-26..2026-10-01"]
[codes]
card = "("
[codes.commands]
dance = "KIOSK-DANCE"
[[readers]]
port = ""
baud = 1
gives = "soup"
"""
    found = problems(wrong, tmp_path)
    assert sorted(line.partition(":")[0] for line in found) == sorted([
        "colour", "kiosk.school", "kiosk.timezone", "kiosk.languages", "kiosk.battery_clock", "central.kind",
        "visit.idle_s", "visit.idle_by_grade", "visit.warning_s", "visit.pin", "visit.pln_tries",
        "rules.hold_limit", "rules.block_overdue", "rules.loan[1].kind", "rules.loan[2].days",
        "calendar.closed_weekdays", "calendar.holidays", "calendar.closed", "codes.card", "codes.commands.dance",
        "readers[1].port", "readers[1].baud", "readers[1].gives",
    ])  # fmt: skip
    assert all("expected" in line or "is not a setting" in line for line in found)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[kiosk", "kiosk.toml: Expected"),
        ("kiosk = 1\n", "kiosk: a table is expected"),
        (SCHOOL + "readers = 1\n", "kiosk.readers: is not a setting"),
        ("readers = 1\n" + SCHOOL, "readers: an array of tables is expected"),
        (SCHOOL + "[visit]\nidle_s = true\n", "visit.idle_s: 5 to 3600 is expected, not True"),
        (SCHOOL + "[visit]\nidle_s = nan\n", "visit.idle_s: 5 to 3600 is expected, not nan"),
        (SCHOOL + f'name = "{"x" * 201}"\n', "kiosk.name: a text is expected"),
        (SCHOOL + "[rules.loan]\ndays = 3\n", "rules.loan: an array of tables is expected"),
        (SCHOOL + "[light]\ndone = 17\n[call]\nlamp = 17\n", "call.lamp: a pin of its own is expected"),
        (SCHOOL + "[call]\nlasts_s = 0\n", "call.lasts_s: 5 to 3600 is expected"),
        (SCHOOL + "[[rules.loan]]\nlimit = 1001\n", "rules.loan[1].limit: a whole number from -1 to 1000"),
    ],
)
def test_a_problem_is_said_with_what_is_expected(text: str, says: str, tmp_path: Path) -> None:
    assert any(says in line for line in problems(text, tmp_path)), problems(text, tmp_path)


@pytest.mark.parametrize(
    ("call", "offered"),
    [("", False), ("lasts_s = 60", False), ("volume = 90", True), ("lamp = 24", True), ("volume = 0", False)],
)
def test_a_librarian_can_be_called_where_something_calls_her(call: str, offered: bool, tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_text(SCHOOL + f"[call]\n{call}\n", encoding="utf-8")
    assert load(path).settings.calls is offered


def test_a_week_without_an_open_day_is_refused(tmp_path: Path) -> None:
    week = '["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]'
    found = problems(f"{SCHOOL}[calendar]\nclosed_weekdays = {week}\n", tmp_path)
    assert found == ["calendar.closed_weekdays: one day of the week at least must be open"]


def test_files_that_cannot_be_read_are_said_with_their_path(tmp_path: Path) -> None:
    for path, what in ((tmp_path / "none.toml", "there is no such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ConfigError, match=re.escape(what)) as caught:
            load(path)
        assert str(path) in str(caught.value)
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[kiosk]\nschool = "№"'.encode("utf-16"))
    with pytest.raises(ConfigError, match=r"latin\.toml"):
        load(latin)


def test_patterns_and_commands_are_what_codes_go_by(tmp_path: Path) -> None:
    codes = loaded(SCHOOL + '[codes]\ncard = "P\\\\d+"\nitem = "B\\\\d+"\n', tmp_path).codes
    assert identify("P1", codes) == PatronCard("P1")
    assert identify("B1", codes) == ItemBarcode("B1")
    assert identify("KIOSK-FINISH", codes) == Command(CommandName.FINISH)
    given = [("", "N", "C"), ('blank = "KN"', "KN", "C"), ('blank = ""\nnew_card = ""', "", "")]
    for line, blank, card in given:
        numbers = loaded(SCHOOL + f"[codes]\n{line}\n", tmp_path).codes
        assert (numbers.blank, numbers.new_card) == (blank, card)
    for wrong in ('blank = "n"', 'blank = "N1"', 'blank = "ABCD"', 'blank = "C"'):
        with pytest.raises(ConfigError, match="codes"):
            loaded(SCHOOL + f"[codes]\n{wrong}\n", tmp_path)
    own = loaded(SCHOOL + '[codes.commands]\nfinish = "BITTI"\nprint = ""\n', tmp_path).codes
    assert identify("BITTI", own) == Command(CommandName.FINISH)
    assert not any(name is CommandName.PRINT for name, _ in own.commands.values())


VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(), st.text(max_size=9), st.dates()),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, date):
        return value.isoformat()
    return repr(value)


@given(path=st.sampled_from(SETTINGS), value=VALUES)
def test_any_value_is_taken_or_named_as_wrong(
    tmp_path_factory: pytest.TempPathFactory, path: str, value: object
) -> None:
    table, _, key = path.rpartition(".")
    head = "" if table == "kiosk" else SCHOOL
    try:
        loaded(f"{head}[{table}]\n{key} = {_toml(value)}\n", tmp_path_factory.getbasetemp())
    except ConfigError as error:
        assert any(line.startswith((path, "kiosk.school", "calendar.closed_weekdays")) for line in error.problems)
