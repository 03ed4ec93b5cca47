"""Cards of readers: many, lost, found, replaced in one act; lists of chip numbers in other forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.app import opened
from kiosk.cli import main
from kiosk.config import Config
from tests.driver import Console, faults, school


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Config:
    return school(tmp_path / "kiosk")


def card(config: Config, *words: str) -> str:
    """Run a command; what it said, also if it went wrong."""
    done = run("card", *words, "--config", config.path)
    return done.stdout if done.exit_code == 0 else done.stderr


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def acts(config: Config) -> list[tuple[str, str | None]]:
    """Every transaction: its kind and its patron."""
    with opened(config) as store:
        return [(one.act.kind.value, one.act.patron_id) for one in store.transactions()]


def who(config: Config, number: str) -> tuple[str | None, str | None]:
    """Whose visit a card opens, and the message."""
    with Console(config) as console:
        answer = console.send(f"scan {number}")
        console.quit()
    return (answer["patron"] or {}).get("name"), (answer["message"] or {}).get("key")


def test_a_lost_card_is_replaced_in_one_act(config: Config) -> None:
    before = len(acts(config))
    assert card(config, "replace", "P0", "0012345678", "--chip", "decimal") == "P0: lost; UID:00BC614E: in its place\n"
    ((kind, patron),) = acts(config)[before:]
    assert kind == "card_replaced" and patron is not None
    assert who(config, "UID:00BC614E") == ("Аты0 Т.", None)
    assert who(config, "P0") == (None, "err.card_lost")
    assert faults(config) == []


def test_a_reader_may_have_many_cards_and_a_lost_one_may_be_found(config: Config) -> None:
    assert card(config, "add", "P1", "0F00BC614E", "--chip", "hex") == "UID:00BC614E: added\n"
    assert card(config, "add", "P1", "P-NEW") == "P-NEW: added\n"
    assert {who(config, number) for number in ("P1", "UID:00BC614E", "P-NEW")} == {("Аты1 Т.", None)}
    assert card(config, "lost", "P-NEW") == "P-NEW: lost\n"
    assert who(config, "P-NEW") == (None, "err.card_lost")
    assert card(config, "found", "P-NEW") == "P-NEW: found\n"
    assert who(config, "P-NEW") == ("Аты1 Т.", None)
    assert [kind for kind, _ in acts(config)][-4:] == ["card_added", "card_added", "card_lost", "card_found"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("replace", "P99", "X"), "no reader has the card P99"),
        (("replace", "P0", "P1"), "the card P1 is another reader's"),
        (("replace", "P0", "P0"), "another card is expected"),
        (("add", "P99", "X"), "no reader has the card or external id P99"),
        (("add", "P0", "P1"), "the card P1 is another reader's"),
        (("lost", "P99"), "no reader has the card P99"),
        (("add", "P0", "12x", "--chip", "decimal"), "'12x' is no card's number in the form decimal"),
        (("add", "P0", "18824910", "--chip", "facility"), "is no card's number in the form facility"),
        (("add", "P0", ""), "'' is no card's number"),
    ],
)
def test_what_cannot_be_done_changes_nothing(words: tuple[str, ...], says: str, config: Config) -> None:
    before = acts(config)
    assert says in card(config, *words)
    assert acts(config) == before
    with opened(config) as store:
        assert store.patron_named("P1") != store.patron_named("P0")


def test_a_list_of_cards_in_another_form_gives_the_same_cards(config: Config, tmp_path: Path) -> None:
    """One class from the list of the canteen, the other from that of the turnstile: a card is one patron on any."""
    for name, form, number in (("1", "decimal", "0012345678 188,24910"), ("2", "hex_backwards", "C3B2A104")):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"card;last_name;first_name;class\n{number};Тегі{name};Аты{name};9 «А»\n", encoding="utf-8")
        done = run("import", "patrons", path, "--chip", form, "--config", config.path)
        assert done.exit_code == 0, done.stderr
    assert who(config, "UID:00BC614E") == ("Аты1 Т.", None)
    assert who(config, "UID:04A1B2C3") == ("Аты2 Т.", None)


def test_a_number_that_is_none_in_that_form_is_to_be_mended(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("card;last_name;first_name;class\nsoup;Тегі;Аты;9 «А»\n", encoding="utf-8")
    done = run("import", "patrons", path, "--chip", "decimal", "--config", config.path)
    assert done.exit_code == 3
    assert "no number of a chip" in (tmp_path / "list-rejects.csv").read_text(encoding="utf-8-sig")
