"""`kiosk outbox` and `kiosk sync`: what waits for the central library, and what staff do with what it did not take."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kiosk.cli_common import HELP, config_option, in_one_sentence
from kiosk.errors import ConfigError

if TYPE_CHECKING:
    from kiosk.config import Config
    from kiosk.ports import Connector
    from kiosk.store.outbox import Entry

Connect = Callable[["Config"], "Connector | None"]

by_option = click.option("--by", default="", help="Who does this: a name or a card; without it the login name.")
entries_argument = click.argument("entries", type=int, nargs=-1, required=True, metavar="ENTRY...")
json_option = click.option("--json", "as_json", is_flag=True, help="JSON, for other programs.")


def add_commands(main: click.Group, connect: Connect) -> None:
    """Hang `outbox` and `sync` under `kiosk`. connect: the connector that the settings name, None for "none"."""
    main.add_command(outbox)
    main.add_command(_sync_group(connect))


@click.group(context_settings=HELP)
def outbox() -> None:
    """What is on its way to the central library, and what it did not take."""


@outbox.command(name="list")
@config_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Also what is simply waiting.")
@in_one_sentence
def list_entries(config_path: Path, as_json: bool, everything: bool) -> None:
    """List what needs a person: parked entries, and accepted ones of which something is to be known."""
    from kiosk.circulation.delivery import OPEN, Delivery
    from kiosk.config import load
    from kiosk.syncing import outbox_of

    states = [Delivery.PARKED, *(sorted(OPEN) if everything else [])]
    with outbox_of(load(config_path)) as (entries, _, _):
        found = entries.entries(states, flagged=True)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        reason = one.reason or ""
        what = one.item or one.title or "-"
        click.echo(f"{one.seq:>7}  {one.at:%Y-%m-%d %H:%M}  {one.kind:<11}  {what:<14}  {one.delivery:<8}  {reason}")
    if not found:
        click.echo("Nothing needs a person.")


@outbox.command()
@config_option
@json_option
@click.argument("entry", type=int)
@in_one_sentence
def show(config_path: Path, as_json: bool, entry: int) -> None:
    """Everything about one ENTRY, and the ways to settle it."""
    from kiosk.config import load
    from kiosk.syncing import outbox_of

    with outbox_of(load(config_path)) as (entries, _, _):
        found = _as_json(entries.entry(entry))
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for key, value in found.items():
        if value not in (None, "", []):
            click.echo(f"{key:<9} {', '.join(value) if isinstance(value, list) else value}")
    for way in found["ways_out"]:
        click.echo(f"  kiosk outbox {way} {entry}{' --reason ...' if way == 'dismiss' else ''}: {_WAYS[way]}")


@outbox.command()
@config_option
@entries_argument
@by_option
@in_one_sentence
def retry(config_path: Path, entries: tuple[int, ...], by: str) -> None:
    """Send entries again as they are."""
    _settle(config_path, entries, "retry", by, "")


@outbox.command()
@config_option
@entries_argument
@by_option
@click.option("--reason", default="", help="Why, for those who come later.")
@in_one_sentence
def resolve(config_path: Path, entries: tuple[int, ...], by: str, reason: str) -> None:
    """Send entries again; what stands against them in the central library gives way."""
    _settle(config_path, entries, "resolve", by, reason)


@outbox.command()
@config_option
@entries_argument
@by_option
@click.option("--reason", required=True, help="Why they are never to be sent.")
@in_one_sentence
def dismiss(config_path: Path, entries: tuple[int, ...], by: str, reason: str) -> None:
    """Let entries rest for good: the central library's word holds. Nothing is deleted."""
    _settle(config_path, entries, "dismiss", by, reason)


@outbox.command()
@config_option
@entries_argument
@by_option
@click.option("--reason", default="", help="What was done about it.")
@in_one_sentence
def seen(config_path: Path, entries: tuple[int, ...], by: str, reason: str) -> None:
    """What is to be known of accepted entries is known: they are not listed any more."""
    _settle(config_path, entries, "seen", by, reason)


def _settle(config_path: Path, entries: tuple[int, ...], way: str, by: str, reason: str) -> None:
    from kiosk.circulation.delivery import WayOut
    from kiosk.config import load
    from kiosk.syncing import outbox_of

    who = by.strip() or getpass.getuser()
    with outbox_of(load(config_path)) as (found, _, _):
        for entry in entries:
            found.settle_by_hand(entry, WayOut(way), who[:200], reason.strip()[:500])
            click.echo(f"{entry}: {_DONE[way]}")


_WAYS = {
    "retry": "send it again as it is",
    "resolve": "send it again; what stands against it in the central library gives way",
    "dismiss": "let it rest for good; the central library's word holds",
    "seen": "it is known; do not list it any more",
}
_DONE = {
    "retry": "will be sent again",
    "resolve": "will be sent again, and what stands against it gives way",
    "dismiss": "rests for good",
    "seen": "is known",
}


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.seq,
        "kind": entry.kind.value,
        "at": entry.at.isoformat(timespec="milliseconds"),
        "delivery": entry.delivery.value,
        "reason": entry.reason.value if entry.reason else None,
        "text": entry.text,
        "attempts": entry.attempts,
        "item": entry.item,
        "title": entry.title,
        "patron": entry.patron_id,
        "ways_out": [way.value for way in entry.ways_out],
    }


def _sync_group(connect: Connect) -> click.Group:
    @click.group(context_settings=HELP)
    def sync() -> None:
        """Agreeing with the central library."""

    @sync.command()
    @config_option
    @json_option
    @in_one_sentence
    def status(config_path: Path, as_json: bool) -> None:
        """How far the central library knows, when it was last heard of, and what is wrong."""
        from kiosk.config import load

        found = _status(load(config_path))
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
            return
        for key, value in found.items():
            if value is not None:
                click.echo(f"{key:<9} {value}")

    @sync.command()
    @config_option
    @click.option(
        "--accept-smaller", is_flag=True, help="Also if the central library lists far less than is known here."
    )
    @in_one_sentence
    def once(config_path: Path, accept_smaller: bool) -> None:
        """Try everything that waits, whatever its back-off, and take in what is new."""
        from kiosk.config import load
        from kiosk.syncing import alone, open_sync

        config = load(config_path)
        connector = connect(config)
        if connector is None:
            raise ConfigError(['central.kind: is "none"; name a central library to agree with'])
        with alone(config):
            round_of = open_sync(config, connector)
            try:
                done = round_of.once(accept_smaller)
            finally:
                round_of.close()
        click.echo(
            f"sent: {done.pushed.accepted}, parked: {done.pushed.parked}, taken in: {done.pulled.facts}"
            + ("" if done.reached else "; the central library could not be reached")
        )
        if done.told:
            click.echo(done.told)
        if done.problem:
            click.echo(f"kiosk: {done.problem}", err=True)
            sys.exit(1)

    return sync


def _status(config: Config) -> dict[str, Any]:
    """The console's `sync` object, and more."""
    from kiosk.store.outbox_rows import outbox_state
    from kiosk.syncing import outbox_of

    with outbox_of(config) as (entries, mirror, store):
        noted = mirror.noted()
        with store.connection().read() as db:
            state = outbox_state(db)
        flagged = sum(1 for one in entries.entries([], flagged=True))
        oldest = entries.oldest()
    return {
        "state": "none" if config.central.kind == "none" else state.state,
        "pending": state.pending,
        "parked": state.parked,
        "kind": config.central.kind,
        "flagged": flagged,
        "oldest": oldest.isoformat(timespec="seconds") if oldest else None,
        "contact": noted.get("contact"),
        "problem": noted.get("problem") or None,
        "stick": noted.get("stick"),
        "offset_s": int(noted["offset_s"]) if "offset_s" in noted else None,
        "version": int(noted["version"]) if "version" in noted else None,
    }
