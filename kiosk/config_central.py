"""`[central]`: which central library the kiosk agrees with, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.config_table import Table, one_of, text_of

MODES = ("replica", "central-first")
KINDS = ("none", "sql", "sip2", "carry")


@dataclass(frozen=True, slots=True)
class SqlCentral:
    """`[central.sql]`. url: without a password. password_file: None if systemd holds it, or there is none."""

    url: str = ""
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Sip2Central:
    """`[central.sip2]`; see kiosk.sync.sip2.Sip2Settings."""

    host: str = ""
    port: int = 6001
    login: str = ""
    password_file: Path | None = None
    institution: str = ""
    terminator: str = "cr"
    error_detection: bool = True
    encoding: str = "utf-8"
    tls: bool = False
    ca_file: Path | None = None
    timeout_s: float = 5.0
    keep_alive_s: float = 60.0


@dataclass(frozen=True, slots=True)
class CarryCentral:
    """`[central.carry]`; see kiosk.sync.carry.CarrySettings."""

    folder: Path = Path()
    key_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Central:
    """`[central]`. kind: "none" or a connector's. mode: "replica" (decide here, tell central later) or "central-first"
    (ask it first, for at most deadline_s). every_s: from one round to the next, if nothing happens here meanwhile.
    lend_unknown: an item that is unknown here, while a central library that lists nothing is away.
    """

    kind: str = "none"
    mode: str = "replica"
    deadline_s: float = 2.0
    lend_unknown: bool = False
    every_s: float = 30.0
    sql: SqlCentral = SqlCentral()
    sip2: Sip2Central = Sip2Central()
    carry: CarryCentral = CarryCentral()


def read_central(table: Table, folder: Path) -> Central:
    """The table, with relative paths from the data folder. Only the kind that is named has to be complete."""
    kind = table.get("kind", "none", lambda v: one_of(v, KINDS), " or ".join(f'"{kind}"' for kind in KINDS))
    central = Central(
        kind=kind,
        mode=table.get("mode", "replica", lambda v: one_of(v, MODES), '"replica" or "central-first"'),
        deadline_s=table.seconds("deadline_s", 2.0, 0.2, 30.0),
        lend_unknown=table.flag("lend_unknown", False),
        every_s=table.seconds("every_s", 30.0, 1.0),
        sql=_sql(table.table("sql"), folder, kind == "sql"),
        sip2=_sip2(table.table("sip2"), folder, kind == "sip2"),
        carry=_carry(table.table("carry"), folder, kind == "carry"),
    )
    if central.kind == "carry" and central.mode == "central-first":
        table.bad("mode", '"replica" is expected: a central library met by a USB stick cannot be asked')
    table.finish()
    return central


def _sql(table: Table, folder: Path, wanted: bool) -> SqlCentral:
    sql = SqlCentral(url=table.text("url"), password_file=table.file("password_file", folder))
    if wanted and not sql.url:
        table.bad("url", "postgresql://USER@HOST/DATABASE or sqlite:///FILE is expected")
    table.finish()
    return sql


def _sip2(table: Table, folder: Path, wanted: bool) -> Sip2Central:
    default = Sip2Central()
    sip2 = Sip2Central(
        host=table.text("host"),
        port=table.whole("port", default.port, 1, 65535),
        login=table.text("login"),
        password_file=table.file("password_file", folder),
        institution=table.text("institution"),
        terminator=table.get("terminator", default.terminator, lambda v: one_of(v, ("cr", "crlf")), '"cr" or "crlf"'),
        error_detection=table.flag("error_detection", default.error_detection),
        encoding=table.get("encoding", default.encoding, _encoding, 'an encoding, "utf-8" or "cp1251"'),
        tls=table.flag("tls", default.tls),
        ca_file=table.file("ca_file", folder),
        timeout_s=table.seconds("timeout_s", default.timeout_s, 0.1, 60.0),
        keep_alive_s=table.seconds("keep_alive_s", default.keep_alive_s, 1.0),
    )
    if wanted and not sip2.host:
        table.bad("host", "the name or address of the SIP2 server is expected")
    table.finish()
    return sip2


def _carry(table: Table, folder: Path, wanted: bool) -> CarryCentral:
    stick, key_file = table.file("folder", folder), table.file("key_file", folder)
    if wanted and stick is None:
        table.bad("folder", 'the folder in which the USB stick appears is expected, "/media/kiosk"')
    table.finish()
    return CarryCentral(stick or Path(), key_file)


def _encoding(value: Any) -> str:
    """One in which ASCII is one byte a letter, as SIP2's codes and bars need it."""
    letters = "".join(map(chr, range(32, 127)))
    try:
        if letters.encode(text_of(value)) == letters.encode("ascii"):
            return text_of(value)
    except (LookupError, UnicodeError):
        pass
    raise ValueError
