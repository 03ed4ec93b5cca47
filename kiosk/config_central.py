"""`[central]`: which central library the kiosk agrees with, and how it is reached."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kiosk.config_table import Table, one_of

KINDS = ("none", "sql")


@dataclass(frozen=True, slots=True)
class SqlCentral:
    """`[central.sql]`. url: without a password. password_file: None if systemd holds it, or there is none."""

    url: str = ""
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Central:
    """`[central]`. kind: "none" or a connector's. mode: "replica" (decide here, tell central later). every_s: from one
    round to the next, if nothing happens here meanwhile.
    """

    kind: str = "none"
    mode: str = "replica"
    every_s: float = 30.0
    sql: SqlCentral = SqlCentral()


def read_central(table: Table, folder: Path) -> Central:
    """The table, with relative paths from the data folder. Only the kind that is named has to be complete."""
    sql = table.table("sql")
    central = Central(
        kind=table.get("kind", "none", lambda v: one_of(v, KINDS), " or ".join(f'"{kind}"' for kind in KINDS)),
        mode=table.get("mode", "replica", lambda v: one_of(v, ("replica",)), '"replica"'),
        every_s=table.seconds("every_s", 30.0, 1.0),
        sql=SqlCentral(url=sql.text("url"), password_file=sql.file("password_file", folder)),
    )
    if central.kind == "sql" and not central.sql.url:
        sql.bad("url", "postgresql://USER@HOST/DATABASE or sqlite:///FILE is expected")
    sql.finish()
    table.finish()
    return central
