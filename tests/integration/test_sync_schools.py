"""A label of another school at a desk whose central library has several: it says whose book that is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.circulation.model import Scan
from kiosk.desk import Type
from kiosk.sync.central.schema import items
from tests.central_fixture import DATABASES, OTHER_SCHOOL, Central, central_in
from tests.sync_fixture import MONDAY, Kiosk, KioskClock, folder_in_memory, new_kiosk


@pytest.fixture(params=DATABASES)
def central(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Central]:
    """With a book of the other school, B77."""
    with central_in(request.param, tmp_path) as made:
        book = items.insert().values(
            school_id=made.schools[OTHER_SCHOOL], id="I77", version=2, title_id="T1", barcode="B77",
            inventory_no="N77", kind="book", status="available", service_point="loan_desk",
        )  # fmt: skip
        made.change(book, school=OTHER_SCHOOL)
        yield made


@pytest.fixture
def kiosk(central: Central) -> Iterator[Kiosk]:
    with folder_in_memory() as folder:
        made = new_kiosk(folder, central.connector(), KioskClock(MONDAY), asks="tells")
        assert made.round().reached
        yield made
        made.off()


def named(kiosk: Kiosk) -> dict[str, object]:
    """The school that the message names."""
    message = kiosk.desk.view().message
    assert message is not None
    return dict(message.params)


def test_at_home_and_in_a_visit_the_school_is_named(kiosk: Kiosk) -> None:
    assert kiosk.scan("B77") == "err.other_school"
    assert named(kiosk) == {"school": OTHER_SCHOOL}
    kiosk.scan("C1")
    assert kiosk.scan("B77") == "err.other_school"
    assert kiosk.scan("B1") == "ok.checked_out"
    assert kiosk.rows("SELECT count(*) FROM items WHERE barcode = 'B77'") == [(0,)]


def test_a_number_that_was_typed_names_it_too(kiosk: Kiosk) -> None:
    kiosk.scan("C1")
    kiosk.press("number")
    assert kiosk.take(Type("B77")) == "err.other_school"


def test_a_card_is_nobody_s_book(kiosk: Kiosk) -> None:
    assert kiosk.take(Scan("B77", "gate", "card")) == "err.card_unknown"


def test_what_no_school_has_or_several_have_is_unknown(kiosk: Kiosk, central: Central) -> None:
    central.change(items.update().values(barcode=items.c.barcode + "x").where(items.c.id != "I77"))
    assert kiosk.scan("NOTHING") == "err.code_unknown"
    kiosk.scan("C1")
    assert kiosk.scan("B1x") == "err.book_unknown", "both schools have it"
    assert kiosk.scan("B5x") == "err.book_unknown", "it is ours, and comes with the next pull"


def test_while_central_is_away_it_is_unknown(kiosk: Kiosk) -> None:
    assert kiosk.questions is not None
    kiosk.questions.online(False)
    assert kiosk.scan("B77") == "err.code_unknown"
