"""The settings: one TOML file into frozen dataclasses, every problem of it reported at once with the key's path."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.circulation.calendar import Calendar
from kiosk.circulation.identify import CodeRules, CommandName
from kiosk.circulation.model import ItemKind
from kiosk.circulation.rules import (
    DEFAULT_LOAN_RULES,
    Clears,
    LoanRule,
    NoCard,
    PinUse,
    Rules,
    Slips,
    StaffSettings,
    TextbookSettings,
    VisitSettings,
)
from kiosk.config_central import Central, read_central
from kiosk.config_devices import Devices, read_devices
from kiosk.config_outputs import CAMERA, Outputs, read_outputs
from kiosk.config_table import Table, number_of, one_of, text_of
from kiosk.errors import ConfigError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one kiosk. store: the ledger's file. battery_clock: it keeps the time while it is off.

    dim_after_s: how long nothing stirs before the screen rests; 0: it never does. motion: whether anything on it
    moves. lists_folder: where staff at the screen choose class lists from.
    """

    path: Path
    school: str
    name: str
    timezone: ZoneInfo
    store: Path
    battery_clock: bool
    dim_after_s: float
    motion: bool
    central: Central
    rules: Rules
    settings: VisitSettings
    codes: CodeRules
    devices: Devices
    outputs: Outputs
    lists_folder: Path

    @property
    def folder(self) -> Path:
        """The data folder, where the settings are."""
        return self.path.parent


def load(path: Path) -> Config:
    """Read the settings. Raises ConfigError with every problem found."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file; `kiosk init` makes one"]) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError([f"{path}: {error}"]) from error
    problems: list[str] = []
    top = Table(values, "", problems)
    kiosk, codes = top.table("kiosk"), top.table("codes")
    outputs = read_outputs(top, path.parent)
    settings = _with(outputs, _visit(top.table("visit"), kiosk, _staff(top.table("staff"), top.table("textbooks"))))
    config = Config(
        path=path,
        school=kiosk.text("school"),
        name=kiosk.text("name", "kiosk"),
        timezone=kiosk.get("timezone", ZoneInfo("Asia/Almaty"), lambda name: ZoneInfo(text_of(name)), "a time zone"),
        store=path.parent / kiosk.text("store", "kiosk.db"),
        battery_clock=kiosk.flag("battery_clock", False),
        dim_after_s=kiosk.seconds("dim_after_s", 180.0),
        motion=kiosk.flag("motion", True),
        central=read_central(top.table("central"), path.parent),
        settings=settings,
        rules=_rules(top.table("rules"), top.table("calendar")),
        codes=_codes(codes, settings.languages),
        devices=read_devices(top, codes),
        outputs=outputs,
        lists_folder=_lists(top.table("lists"), path.parent),
    )
    if not config.school:
        kiosk.bad("school", "the name of the school is expected")
    kiosk.finish()
    codes.finish()
    top.finish()
    if problems:
        raise ConfigError(problems)
    return config


def _lists(table: Table, folder: Path) -> Path:
    """Where class lists are looked for, and in the folders in it: sticks are mounted there."""
    found = folder / table.text("folder", "/media/kiosk")
    table.finish()
    return found


def _visit(table: Table, kiosk: Table, staff: StaffSettings) -> VisitSettings:
    default = VisitSettings()
    by_grade = table.get(
        "idle_by_grade",
        default.idle_by_grade,
        lambda v: tuple((_grade(g), float(number_of(s, (int, float), 5, 3600))) for g, s in v.items()),
        'seconds by grade, {"1" = 60}',
    )
    limit = table.whole("no_card_limit", -1, -1, 100)
    settings = VisitSettings(
        languages=kiosk.get("languages", default.languages, _languages, 'languages, ["kk", "ru", "en"]'),
        idle_s=table.seconds("idle_s", default.idle_s, 5),
        idle_by_grade=by_grade,
        warning_s=table.whole("warning_s", default.warning_s, 1, 60),
        same_scan_s=table.seconds("same_scan_s", default.same_scan_s, 0, 30),
        grace_s=table.seconds("grace_s", default.grace_s, 1),
        summary_s=table.seconds("summary_s", default.summary_s, 1),
        summary_code_s=table.seconds("summary_code_s", default.summary_code_s, 1),
        pin=table.get("pin", default.pin, PinUse, '"off" or "if_set"'),
        pin_tries=table.whole("pin_tries", default.pin_tries, 1, 20),
        pin_wait_s=table.seconds("pin_wait_s", default.pin_wait_s),
        no_card=table.get("no_card", default.no_card, NoCard, '"off", "pin" or "open"'),
        no_card_limit=None if limit < 0 else limit,
        takes_returns=table.flag("takes_returns", default.takes_returns),
        ask_liked=table.flag("ask_liked", default.ask_liked),
        staff=staff,
        night=table.get("night", default.night, _span, 'two times of day, "20:00-07:00", or ""'),
    )
    table.finish()
    return settings


def _staff(table: Table, textbooks: Table) -> StaffSettings:
    default = StaffSettings()
    settings = StaffSettings(
        idle_s=table.seconds("idle_s", default.idle_s, 10),
        pin_tries=table.whole("pin_tries", default.pin_tries, 1, 20),
        pin_wait_s=table.seconds("pin_wait_s", default.pin_wait_s, 1),
        textbooks=_textbooks(textbooks),
    )
    table.finish()
    return settings


def _textbooks(table: Table) -> TextbookSettings:
    default = TextbookSettings()
    settings = TextbookSettings(clears=table.get("clears", default.clears, Clears, '"title" or "copy"'))
    table.finish()
    return settings


def _with(outputs: Outputs, settings: VisitSettings) -> VisitSettings:
    """A visit knows only that there is a camera, a voice, a printer or a way to call, and when slips are wanted."""
    return replace(
        settings,
        speaks=outputs.speech.kind != "none",
        camera=CAMERA if outputs.camera.kind != "none" else "",
        slips=outputs.printer.slips if outputs.printer.kind != "none" else Slips.NEVER,
        calls=outputs.call.is_heard_or_seen,
        call_s=outputs.call.lasts_s,
    )


def _languages(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or len(set(value)) < len(value):
        raise ValueError
    return tuple(re.fullmatch(r"[a-z]{2,3}", text_of(one)).group() for one in value)  # type: ignore[union-attr]


def _span(value: Any) -> tuple[time, time] | None:
    if value == "":
        return None
    begin, end = text_of(value).split("-")
    return time.fromisoformat(begin), time.fromisoformat(end)


def _grade(value: Any) -> int:
    grade = int(value)
    if not 0 <= grade <= 11:
        raise ValueError
    return grade


def _rules(table: Table, calendar: Table) -> Rules:
    default = Rules()
    loan = tuple(_loan_rule(one) for one in table.tables("loan"))
    rules = Rules(
        calendar=_calendar(calendar),
        loan_rules=(*loan, *DEFAULT_LOAN_RULES),
        block_overdue=table.flag("block_overdue", default.block_overdue),
        only_copies_stay=table.flag("only_copies_stay", default.only_copies_stay),
        lend_unchecked=table.flag("lend_unchecked", default.lend_unchecked),
        check_returns=table.flag("check_returns", default.check_returns),
        textbook_self_return=table.flag("textbook_self_return", default.textbook_self_return),
        hold_limit=table.whole("hold_limit", default.hold_limit, 0, 100),
        hold_shelf_days=table.whole("hold_shelf_days", default.hold_shelf_days, 1, 100),
    )
    table.finish()
    return rules


def _loan_rule(table: Table) -> LoanRule:
    default = LoanRule()
    limit = table.whole("limit", default.limit or 0, -1, 1000)
    rule = LoanRule(
        category=table.text("category") or None,
        kind=table.get("kind", None, ItemKind, "book, textbook, reference, periodical or equipment"),
        service_point=table.text("service_point") or None,
        limit=None if limit < 0 else limit,
        days=table.whole("days", default.days, 1, 366),
        renewals=table.whole("renewals", default.renewals, 0, 100),
        until_year_end=table.flag("until_year_end", default.until_year_end),
        leaves=table.flag("leaves", default.leaves),
        self_service=table.flag("self_service", default.self_service),
    )
    table.finish()
    return rule


def _calendar(table: Table) -> Calendar:
    default = Calendar()
    calendar = Calendar(
        closed_weekdays=table.get(
            "closed_weekdays",
            default.closed_weekdays,
            lambda v: frozenset(WEEKDAYS.index(one) for one in _list(v)),
            'days of the week, ["saturday", "sunday"]',
        ),
        holidays=table.get("holidays", default.holidays, _month_days, 'days of the year, ["03-08"]'),
        stays=table.get("holidays_that_do_not_move", default.stays, _month_days, 'days of the year, ["01-07"]'),
        moves=table.flag("holidays_move", default.moves),
        closed=table.get("closed", default.closed, _days, 'days or spans, ["2026-10-26..2026-11-01"]'),
        year_end=table.get("school_year_end", default.year_end, _month_day, 'a day of the year, "05-25"'),
    )
    table.finish()
    if len(calendar.closed_weekdays) == 7:
        table.bad("closed_weekdays", "one day of the week at least must be open")
        return replace(calendar, closed_weekdays=default.closed_weekdays)
    return calendar


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


def _month_day(value: Any) -> tuple[int, int]:
    day = date.fromisoformat(f"2027-{text_of(value)}")
    return day.month, day.day


def _month_days(value: Any) -> frozenset[tuple[int, int]]:
    return frozenset(_month_day(one) for one in _list(value))


def _days(value: Any) -> frozenset[date]:
    days: set[date] = set()
    for one in _list(value):
        first, _, last = str(one).partition("..")
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        if not 0 <= (end - start).days <= 366:
            raise ValueError
        days.update(start + timedelta(days=n) for n in range((end - start).days + 1))
    return frozenset(days)


def _codes(table: Table, languages: tuple[str, ...]) -> CodeRules:
    commands = table.table("commands")
    known: dict[str, tuple[CommandName, str]] = {}
    for name in CommandName:
        if code := commands.text(name, f"KIOSK-{name.upper()}"):
            known[code] = (name, "")
    for language in dict.fromkeys(("kk", "ru", "en", *languages)):
        if code := commands.text(f"language_{language}", f"KIOSK-LANGUAGE-{language.upper()}"):
            known[code] = (CommandName.LANGUAGE, language)
    commands.finish()
    rules = CodeRules(
        card=table.get("card", None, _pattern, "a pattern (regular expression)"),
        item=table.get("item", None, _pattern, "a pattern (regular expression)"),
        phone=table.get("phone", None, _pattern, "a pattern (regular expression)"),
        card_check=table.flag("card_check", False),
        item_check=table.flag("item_check", False),
        blank=table.get("blank", "N", _prefix, 'one to three capital letters A to Z, or "",'),
        new_card=table.get("new_card", "C", _prefix, 'one to three capital letters A to Z, or "",'),
        other=table.get("other", "any", _other, '"any", "card", "item" or "none"'),
        commands=known,
    )
    if rules.blank and rules.blank == rules.new_card:
        table.bad("new_card", "another beginning than that of blank labels is expected")
    return rules


def _prefix(value: Any) -> str:
    return re.fullmatch(r"[A-Z]{0,3}", text_of(value)).group()  # type: ignore[union-attr]


def _other(value: Any) -> str:
    return one_of(value, ("any", "card", "item", "none"))


def _pattern(value: Any) -> re.Pattern[str]:
    try:
        return re.compile(text_of(value))
    except re.error:
        raise ValueError from None
