"""Documents as a printer prints them: nothing cut, nothing over the edge, headings on every page, codes that read."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kiosk.circulation.model import SchoolClass, SetLine
from kiosk.circulation.own_codes import card_number, label_number
from kiosk.circulation.sheet_sums import coverage, sheet_of, stock
from kiosk.circulation.sheets import (
    CardFace,
    ClassDebts,
    ClassSheet,
    Debt,
    Debtor,
    LabelFace,
    Leaver,
    Pupil,
    TitleStock,
)
from kiosk.config_outputs import LABEL_CODES, LABEL_PAPERS
from kiosk.reports.bars import CODES, CodeError, bars
from kiosk.reports.classes import class_sheet, coverage_sheet
from kiosk.reports.debts import clearance, debtors
from kiosk.reports.fitting import clean, shortened, wrapped
from kiosk.reports.label_papers import PAPERS
from kiosk.reports.labels import card_sheets, label_sheets
from kiosk.reports.paper import Box
from kiosk.reports.stock import stock_sheet
from kiosk.text import languages, words
from tests.printed import Printed, in_order
from tests.textbook_facts import FIVE, held, set_of

SCHOOL = "№ 41 Ыбырай Алтынсарин атындағы жалпы орта білім беретін мектеп"
MADE = datetime(2026, 8, 20, 10, 15)
LONG = "Нұрмұхамедбекова-Серікбайқызы Әлияхан Бейбітшілікқызы"
SUBJECTS = (
    "Қазақ тілі", "Қазақ әдебиеті", "Орыс тілі мен әдебиеті", "Ағылшын тілі", "Математика", "Информатика",
    "Жаратылыстану", "Қазақстан тарихы", "Дүниежүзі тарихы", "Алғашқы әскери және технологиялық дайындық",
    "Көркем еңбек", "Музыка", "Құқық негіздері", "География",
)  # fmt: skip
HOSTILE = (
    "\u202eкері\u202c \x00\x07\x1b[31m{nb} {n}",
    "Ғ" * 500, "А\u0301" + "\u0301" * 80, "😀🏫 عائشة", "\u200b" * 40 + "Ә",
    "<b>&amp;</b> ](http://x) **x**", "a\r\nb\tc\u2028d", "   ", "",
)  # fmt: skip

every_language = pytest.mark.parametrize("language", languages())


def sheet(pupils: int, subjects: int = 14, school_class: SchoolClass | None = None) -> ClassSheet:
    lines = [SetLine(subject) for subject in SUBJECTS[:subjects]]
    names = [LONG if n == 3 else f"Қаһарманов{n} Мұхаммед Мақсұтұлы" for n in range(pupils)]
    numbers = ("12345", "B00000018", "N417305620177", "")
    people = [
        Pupil(
            name,
            (),
            tuple(held(subject, number=numbers[(n + k) % 4]) for k, subject in enumerate(SUBJECTS) if k % 5),
        )
        for n, name in enumerate(names)
    ]
    return sheet_of(school_class or FIVE, 2026, "kk", LONG, set_of(*lines), people)


def sound(printed: Printed) -> None:
    """Whatever the document, each of its pages is in order."""
    for page in range(len(printed)):
        assert printed.outside(page) == [], page
        assert printed.overlaps(page) == [], page
        assert f"{page + 1} / {len(printed)}" in printed.text(page)
        assert SCHOOL in printed.text(page)


# The class sheet


@every_language
def test_a_class_of_27_with_14_subjects_signs_on_one_sheet(language: str) -> None:
    printed = Printed(class_sheet([sheet(27)], SCHOOL, MADE, words(language)))
    sound(printed)
    assert len(printed) == 1 and printed.size_mm() == (297, 210)
    text = printed.text()
    spoken = words(language)
    assert in_order(text, spoken.label("paper.class_sheet"), "2026/2027")
    assert "20.08.2026" in text and words(language).school_class(SchoolClass(5, "Ә")) in text
    for key in ("paper.pupil", "paper.class_teacher", "paper.librarian", "paper.name_in_full"):
        assert spoken.label(key).split()[0] in text
    assert "Қаһарманов26" in text and "Бейбітшілікқызы" in text


def test_a_class_of_36_goes_on_on_a_second_sheet_with_the_same_headings() -> None:
    printed = Printed(class_sheet([sheet(36, 16)], SCHOOL, MADE, words("kk")))
    sound(printed)
    assert len(printed) == 2
    assert all("Оқушының аты-жөні" in printed.text(page) for page in (0, 1))
    assert "Кітапханашы" in printed.text(1)


def test_a_class_without_a_set_signs_and_several_classes_begin_on_pages_of_their_own() -> None:
    bare = sheet_of(SchoolClass(11), 2026, "kk", "", None, [Pupil("Әбіл Айша")])
    printed = Printed(class_sheet([bare, sheet(5, 3), sheet(9, 1)], SCHOOL, MADE, words("ru")))
    sound(printed)
    assert len(printed) == 3
    assert "11 класс" in printed.text(0) and "Әбіл Айша" in printed.text(0)


# The lists


@every_language
def test_22_classes_are_one_sheet_and_their_subjects_follow(language: str) -> None:
    classes = [SchoolClass(grade, letter) for grade in range(1, 12) for letter in "АӘ"]
    covers = [coverage(sheet(25, school_class=one)) for one in reversed(classes)]
    printed = Printed(coverage_sheet(covers, 2026, SCHOOL, MADE, words(language)))
    sound(printed)
    spoken = words(language)
    assert in_order(printed.text(), *(f" {spoken.school_class(one)} " for one in classes))
    assert spoken.label("paper.total") in printed.text() and "550" in printed.text()
    assert all("1" in printed.text(page) for page in range(1, len(printed)))
    assert "Математика" in printed.text(1)


@pytest.mark.parametrize("language", ["kk"])
def test_what_is_missing_and_what_is_too_many(language: str) -> None:
    sheets = [sheet(25, school_class=SchoolClass(grade, "А")) for grade in range(1, 12)]
    titles = [TitleStock(subject, "", grade, "kk", 2020, 3 * grade) for grade in range(1, 12) for subject in SUBJECTS]
    printed = Printed(stock_sheet(stock(sheets, titles), 2026, SCHOOL, MADE, words(language)))
    sound(printed)
    assert "−22" in printed.text() and "2020: 3" in printed.text()
    head = words(language).label("paper.editions").split()[0]
    assert all(head in printed.text(page) for page in range(len(printed)))


def test_without_sets_nothing_is_too_many() -> None:
    titles = [TitleStock("Алгебра", "", 5, "kk", 2020, 30)]
    text = Printed(stock_sheet(stock([], titles), 2026, SCHOOL, MADE, words("en"))).text()
    assert "no sets yet" in text and "+30" not in text


def debts(n: int) -> tuple[Debt, ...]:
    title = f"Қазақстан Республикасының тарихы: ең көне дәуірден бүгінгі күнге дейінгі оқиғалар жинағы, {n}-бөлім"
    return tuple(
        Debt(title if k % 2 else "Алгебра", "B00000018", date(2025, 9, 2), date(2026, 5, 25), 87) for k in range(n)
    )


@every_language
def test_debtors_stand_by_class_with_their_name_again_on_the_next_page(language: str) -> None:
    classes = [
        ClassDebts(SchoolClass(5, "Ә"), (Debtor("Ахметов Әлі", debts(60)), Debtor(LONG, debts(2), left=True))),
        ClassDebts(None, (Debtor("Оспанов Бақытжан", debts(1)),)),
    ]
    printed = Printed(debtors(classes, False, SCHOOL, MADE, words(language)))
    sound(printed)
    assert len(printed) > 1
    for page in (0, 1):
        assert in_order(
            printed.text(page), words(language).school_class(SchoolClass(5, "Ә")), "Ахметов Әлі", "25.05.2026"
        )
    assert "63" in printed.text(0)


def test_a_school_in_which_nobody_owes_anything_says_so() -> None:
    assert "Ешкім қарыз емес" in Printed(debtors([], False, SCHOOL, MADE, words("kk"))).text()


@every_language
def test_who_leaves_has_a_sheet_with_what_is_out_or_that_nothing_is(language: str) -> None:
    leavers = [
        Leaver(LONG, SchoolClass(9, "А"), debts(3)),
        Leaver("Әбіл Айша", None, ()),
        Leaver("Ән А", None, debts(40)),
    ]
    printed = Printed(clearance(leavers, SCHOOL, MADE, words(language)))
    sound(printed)
    assert "Бейбітшілікқызы" in printed.text(0) and "B00000018" in printed.text(0)
    spoken = words(language)
    assert spoken.label("paper.owes_nothing") in printed.text(1)
    assert all(spoken.label("paper.parent") in printed.text(page) for page in (0, 1, len(printed) - 1))


# Hostile texts


@given(st.text(max_size=200))
@example("А" + "\u0301" * 50)
@example("\ud800\U0010ffff")
def test_what_is_printed_of_a_text_is_one_line_of_letters(text: str) -> None:
    known = set(map(ord, "АБВабвәғқ abc?"))
    kept = clean(text, known)
    assert kept == " ".join(kept.split())
    assert {ord(letter) for letter in kept} <= known | {ord("?")}


@given(st.text("абв -", max_size=80), st.integers(1, 30), st.integers(1, 4))
def test_lines_fit_and_only_the_end_is_left_out(text: str, width: int, most: int) -> None:
    text = " ".join(text.split())
    lines = wrapped(text, width, len, most)
    assert 1 <= len(lines) <= most and all(len(line) <= max(width, 1) for line in lines)
    said = "".join("".join(lines).split())
    whole = "".join(text.split())
    assert said == whole or (said.endswith("…") and whole.startswith(said[:-1]))


def test_a_text_that_is_too_wide_ends_in_dots() -> None:
    assert shortened("кітапхана", 5, len) == "кіта…" and shortened("кітап", 5, len) == "кітап"


def test_hostile_names_break_no_page() -> None:
    people = [Pupil(name, (), (held(name or "x", name[:5], number=name[:64]),)) for name in HOSTILE]
    made = sheet_of(FIVE, 2026, "kk", HOSTILE[1], set_of(*(SetLine(name) for name in HOSTILE)), people)
    printed = Printed(class_sheet([made], SCHOOL, MADE, words("kk")))
    sound(printed)
    assert "кері [31m{nb} {n}" in printed.text()
    owed = tuple(Debt(name, name[:64], date(2026, 1, 1), None) for name in HOSTILE)
    of = [ClassDebts(None, tuple(Debtor(name, owed) for name in HOSTILE))]
    sound(Printed(debtors(of, True, SCHOOL, MADE, words("kk"))))
    sound(Printed(clearance([Leaver(name, None, owed) for name in HOSTILE], SCHOOL, MADE, words("kk"))))
    labels = [LabelFace("B00000018", name, "1") for name in HOSTILE]
    for code in CODES:
        printed = Printed(label_sheets(labels, PAPERS["a4-3x8-70x37"], code, 1, (0, 0), HOSTILE[1], MADE, words("kk")))
        assert printed.outside() == printed.overlaps() == []


def test_a_longer_school_than_any_breaks_no_page() -> None:
    school = SCHOOL * 8
    printed = Printed(class_sheet([sheet(25)], school, MADE, words("kk")))
    assert len(printed) == 1 and printed.outside() == printed.overlaps() == []


# Labels and cards


def read(printed: Printed, page: int, dpi: int) -> list[str]:
    return sorted(code.text for code in zxingcpp.read_barcodes(printed.picture(page, dpi)))


def test_the_settings_know_every_paper_and_every_code() -> None:
    assert tuple(PAPERS) == LABEL_PAPERS and LABEL_CODES == CODES


LABELS = [name for name, paper in PAPERS.items() if not paper.cut]


@pytest.mark.parametrize(
    ("name", "code"), [*((name, "code128") for name in LABELS), (LABELS[0], "qr"), (LABELS[-1], "qr")]
)
def test_every_label_of_a_sheet_reads_at_203_dots_an_inch(name: str, code: str) -> None:
    paper = PAPERS[name]
    faces = [
        LabelFace(label_number("N", 41730562, n), f"{SUBJECTS[n % 14]}, 5-сынып, 2-бөлім" if n % 2 else "", str(n))
        for n in range(paper.labels)
    ]
    chosen = next(one for one in CODES if one == code)
    printed = Printed(label_sheets(faces, paper, chosen, 1, (0, 0), SCHOOL, MADE, words("kk")))
    assert len(printed) == 1 and printed.size_mm() == (210, 297)
    assert printed.outside() == printed.overlaps() == []
    assert read(printed, 0, 203) == [face.number for face in faces]


@pytest.mark.parametrize(("code", "dpi"), [("code128", 203), ("code128", 300), ("qr", 203)])
def test_every_card_reads(code: str, dpi: int) -> None:
    faces = [CardFace(card_number("C", n * 1234567), LONG if n else "Ән А", SchoolClass(5, "Ә")) for n in range(9)]
    faces.append(CardFace("P0000018", "Әбіл Айша"))
    chosen = next(one for one in CODES if one == code)
    printed = Printed(card_sheets(faces, PAPERS["cards-2x5-85.6x54"], chosen, 1, (0, 0), SCHOOL, MADE, words("ru")))
    assert len(printed) == 1 and printed.outside() == printed.overlaps() == []
    assert read(printed, 0, dpi) == sorted(face.number for face in faces)
    assert "Бейбітшілікқызы" in printed.text() and "5 «Ә»" in printed.text()


def test_a_sheet_that_is_partly_used_goes_on_at_its_first_free_label() -> None:
    paper = PAPERS["a4-5x13-38.1x21.2"]
    faces = [LabelFace(label_number("N", 1, n)) for n in range(5)]
    printed = Printed(label_sheets(faces, paper, "code128", 63, (0, 0), SCHOOL, MADE, words("kk")))
    assert len(printed) == 2
    assert [read(printed, page, 300) for page in (0, 1)] == [
        [face.number for face in faces[:3]], [face.number for face in faces[3:]],
    ]  # fmt: skip
    codes = zxingcpp.read_barcodes(printed.picture(0, 300))
    assert all(code.position.top_left.x > 2 * 40.6 / 25.4 * 300 for code in codes), "two labels of the row are used"
    assert all(code.position.top_left.y > 260 / 25.4 * 300 for code in codes), "it is the last row"


def test_a_printer_that_shifts_is_put_right() -> None:
    paper = PAPERS["a4-3x8-70x37"]
    (_, usual), (_, shifted) = (next(paper.boxes(1, 1, shift)) for shift in ((0.0, 0.0), (1.5, -2.0)))
    assert (shifted.x - usual.x, shifted.y - usual.y) == (1.5, -2.0)


@pytest.mark.parametrize("name", PAPERS)
def test_labels_lie_on_the_sheet_and_not_on_each_other(name: str) -> None:
    paper = PAPERS[name]
    boxes = [box for sheet_no, box in paper.boxes(1, paper.labels) if sheet_no == 0]
    assert len(boxes) == paper.labels == len({(box.x, box.y) for box in boxes})
    assert all(box.x >= -0.01 and box.x + box.width <= 210.01 for box in boxes)
    assert all(box.y >= -0.01 and box.y + box.height <= 297.01 for box in boxes)


def test_a_number_that_has_no_code_128_is_said() -> None:
    with pytest.raises(CodeError, match="QR"):
        bars("Қ-17", Box(0, 0, 80, 10))
    with pytest.raises(CodeError, match="too long"):
        bars("N" * 40, Box(0, 0, 38, 10))


@given(st.text("0123456789ABCNP-./$+%", min_size=1, max_size=16), st.floats(45, 90))
@settings(max_examples=50)
def test_bars_are_whole_dots_wide_and_keep_their_white_margins(number: str, width: float) -> None:
    found = bars(number, Box(10, 5, width, 8))
    dot = 25.4 / 300
    assert all(abs(bar.width / dot - round(bar.width / dot)) < 1e-6 for bar in found)
    module = min(bar.width for bar in found)
    white = (found[0].x - 10, 10 + width - (found[-1].x + found[-1].width))
    assert min(white) >= 10 * module - 1e-6
