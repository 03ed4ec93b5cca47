"""The demo school: its promised numbers, its codes, its cast, and that a seed always gives the same school."""

import datetime
import hashlib
import json
from collections import Counter, defaultdict

import pytest

from kiosk import demo
from kiosk.demo import cast, stock
from kiosk.demo.readers import CLASSES

TODAY = datetime.date(2026, 10, 5)
#: SHA-256 of the three tables as JSON, the same on Python 3.11 and 3.13; it changes with the generator or its tables
FINGERPRINT = "53eddb72815179241224bc6537ae3a121739c7e2d0b3eae5ed1297adebecb394"

OTHER_SEEDS = (0, 1, 7, 99, 31337)


@pytest.fixture(scope="module")
def school() -> demo.School:
    return demo.school(2026, TODAY)


@pytest.fixture(scope="module", params=(2026, *OTHER_SEEDS))
def any_school(request: pytest.FixtureRequest) -> demo.School:
    return demo.school(request.param, TODAY)


def pupils(school: demo.School) -> list[dict[str, str]]:
    return [row for row in school.patrons if row["category"] == "pupil"]


def numbered(school: demo.School) -> list[dict[str, str]]:
    return [row for row in school.items if row["count"] in ("", "1")]


def patron(school: demo.School, card: str) -> dict[str, str]:
    (found,) = [row for row in school.patrons if row["card"] == card]
    return found


def item(school: demo.School, barcode: str) -> dict[str, str]:
    (found,) = [row for row in school.items if row["barcode"] == barcode]
    return found


def loans_of(school: demo.School, card: str) -> list[tuple[str, int]]:
    """(title, days until due) of a card's loans."""
    return [
        (item(school, loan["barcode"])["title"], (datetime.date.fromisoformat(loan["due"]) - TODAY).days)
        for loan in school.loans
        if loan["card"] == card
    ]


def passes_luhn(code: str) -> bool:
    """An own reckoning: double every second digit from the right, the digit sum ends in 0."""
    digits = [int(char) for char in code[1:]]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


# The numbers of the school


def test_columns_are_the_canonical_import_columns_and_all_values_text(school: demo.School) -> None:
    patron_columns = "card,last_name,first_name,patronymic,class,category,language,expires,phone,address,external_id"
    item_columns = (
        "barcode,inventory_no,title,author,publisher,year,isbn,pages,price,language,udc,bbk,branch,kind,grade,subject,"
        "part,location,count"
    )
    for rows, columns in (
        (school.patrons, patron_columns),
        (school.items, item_columns),
        (school.loans, "card,barcode,due,since"),
    ):
        assert {",".join(row) for row in rows} == {columns}
        assert all(type(value) is str and value == value.strip() for row in rows for value in row.values())


def test_529_pupils_in_22_classes_and_176_of_them_have_no_card(any_school: demo.School) -> None:
    sizes = Counter(row["class"] for row in pupils(any_school))
    assert (len(sizes), sizes.total()) == (22, 529)
    assert sum(row["card"] == "" for row in pupils(any_school)) == 176
    assert {int(name.split()[0]) for name in sizes} == set(range(1, 12))


def test_classes_are_written_with_kazakh_letters_and_taught_in_one_language(any_school: demo.School) -> None:
    languages = defaultdict(set)
    for row in pupils(any_school):
        languages[row["class"]].add(row["language"])
    assert languages["5 «Ә»"] == {"kk"}
    assert {name: {language} for name, language, _ in CLASSES} == dict(languages)
    assert {name.split()[1] for name, found in languages.items() if found == {"kk"}} == {"«А»", "«Ә»", "«Б»"}
    assert sum(found == {"ru"} for found in languages.values()) == 4


def test_staff_a_room_and_a_group_borrow_too(any_school: demo.School) -> None:
    others = Counter(row["category"] for row in any_school.patrons if row["category"] != "pupil")
    assert others == {"teacher": 30, "librarian": 1, "room": 1, "group": 1}


def test_6000_numbered_items_and_titles_held_by_count(any_school: demo.School) -> None:
    items = numbered(any_school)
    kinds = Counter(row["kind"] for row in items)
    assert len(items) == 6000
    assert kinds["textbook"] == 3500
    assert kinds["equipment"] == 3
    assert kinds["reference"] > 50 and kinds["periodical"] > 20 and kinds["book"] > 2000
    counted = [row for row in any_school.items if row["count"] not in ("", "1")]
    assert all(int(row["count"]) > 1 and not row["barcode"] + row["inventory_no"] for row in counted)
    assert sum(row["kind"] == "textbook" for row in counted) >= 12
    assert all(int(row["pages"]) < 48 for row in counted if row["kind"] == "book")
    assert sum(row["kind"] == "book" for row in counted) >= 5


def test_forty_labels_are_torn_and_a_few_gifts_have_no_inventory_number(any_school: demo.School) -> None:
    items = numbered(any_school)
    assert sum(row["barcode"] == "" for row in items) == 40
    assert sum(row["inventory_no"] == "" for row in items) == 12
    assert all(row["barcode"] or row["inventory_no"] for row in items)


def test_books_are_at_least_500_works_in_all_branches(school: demo.School) -> None:
    books = [row for row in numbered(school) if row["kind"] == "book"]
    assert len({(row["title"], row["author"]) for row in books if row["author"]}) >= 500
    branches = "балалар, жаратылыстану, көркем әдебиет, оқулық, техника, тіл/әдебиеттану, қоғамдық, өнер/спорт"
    assert ", ".join(sorted({row["branch"] for row in school.items})) == branches
    kazakh = sum(row["language"] == "kk" for row in books)
    assert len(books) / 2 < kazakh < len(books)


def test_textbooks_say_subject_grade_language_and_year(school: demo.School) -> None:
    for row in school.items:
        if row["kind"] == "textbook":
            assert row["subject"] in row["title"] and row["grade"] in row["title"] and row["part"] in row["title"]
            assert row["language"] in ("kk", "ru") and 2018 <= int(row["year"]) <= 2025
            assert ("сынып" in row["title"]) == (row["language"] == "kk")


# Names


def test_every_kazakh_letter_occurs_in_pupils_names(any_school: demo.School) -> None:
    names = "".join(row["last_name"] + row["first_name"] + row["patronymic"] for row in pupils(any_school)).lower()
    assert set("әғқңөұүһі") <= set(names)
    assert not set("abcdehikmoptxyə'ʼ") & set(names)


def test_names_agree_in_gender_and_come_in_all_the_written_forms(school: demo.School) -> None:
    forms: Counter[str] = Counter()
    for row in pupils(school):
        last, patronymic = row["last_name"], row["patronymic"]
        male = patronymic.endswith(("ұлы", "ич")) or last.endswith(("ов", "ев", "ин", "ұлы"))
        female = patronymic.endswith(("қызы", "вна")) or last.endswith(("ова", "ева", "ина", "қызы"))
        assert not (male and female), row
        forms[next((end for end in ("ұлы", "қызы", "ич", "вна") if patronymic.endswith(end)), patronymic)] += 1
    assert set(forms) == {"ұлы", "қызы", "ич", "вна", ""}
    assert min(forms.values()) > 20


def test_namesakes_sit_in_different_classes_only(any_school: demo.School) -> None:
    classes = defaultdict(list)
    for row in pupils(any_school):
        classes[row["last_name"], row["first_name"]].append(row["class"])
    namesakes = [found for found in classes.values() if len(found) > 1]
    assert len(namesakes) == 4
    assert all(len(set(found)) == len(found) for found in namesakes)


# Codes


def test_cards_and_barcodes_have_their_own_prefix_length_and_a_luhn_digit(any_school: demo.School) -> None:
    cards = [row["card"] for row in any_school.patrons if row["card"]]
    barcodes = [row["barcode"] for row in any_school.items if row["barcode"]]
    assert {(card[0], len(card)) for card in cards} == {("P", 8)}
    assert {(barcode[0], len(barcode)) for barcode in barcodes} == {("B", 9)}
    assert all(passes_luhn(code) for code in cards + barcodes)


@pytest.mark.parametrize(("digits", "check"), [("7992739871", "3"), ("000000", "0"), ("000001", "8")])
def test_luhn_digit_is_the_standard_one(digits: str, check: str) -> None:
    assert demo.luhn_digit(digits) == check


def test_numbers_are_unique(any_school: demo.School) -> None:
    for rows, column in (
        (any_school.patrons, "card"),
        (any_school.patrons, "external_id"),
        (any_school.items, "barcode"),
        (any_school.items, "inventory_no"),
    ):
        values = [row[column] for row in rows if row[column]]
        assert len(values) == len(set(values)), column
    assert all(row["external_id"] for row in any_school.patrons)
    assert all(row["inventory_no"].isdecimal() for row in any_school.items if row["inventory_no"])


def test_an_isbn_is_valid_and_names_one_edition_and_none_is_from_before_1991(any_school: demo.School) -> None:
    editions = defaultdict(set)
    for row in any_school.items:
        if row["isbn"]:
            weights = [1, 3] * 6 + [1]
            total = sum(int(char) * weight for char, weight in zip(row["isbn"], weights, strict=True))
            assert total % 10 == 0 and int(row["year"]) > 1990
            assert row["isbn"].startswith(("978601", "9789965", "9785", "978019"))
            editions[row["isbn"]].add((row["title"], row["author"], row["year"], row["publisher"], row["part"]))
        elif row["kind"] in ("book", "textbook") and row["barcode"]:
            assert int(row["year"]) <= 1990
    assert all(len(found) == 1 for found in editions.values())


def test_every_edition_is_printed_in_a_year_when_it_could_be(school: demo.School) -> None:
    since = {(work.title, work.author): int(work.since.lstrip("=") or stock.OLDEST_YEAR) for work in stock.works()}
    for row in numbered(school):
        if row["kind"] == "book":
            assert since[row["title"], row["author"]] <= int(row["year"]) <= stock.LATEST_YEAR


# Loans


def test_loans_refer_to_cards_and_barcodes_and_no_item_is_lent_twice(any_school: demo.School) -> None:
    cards = {row["card"]: row for row in pupils(any_school) if row["card"]}
    items = {row["barcode"]: row for row in any_school.items if row["barcode"]}
    assert len(any_school.loans) == 180
    assert len({loan["barcode"] for loan in any_school.loans}) == 180
    for loan in any_school.loans:
        assert loan["card"] in cards
        assert items[loan["barcode"]]["kind"] == "book" and items[loan["barcode"]]["location"] != "Оқу залы"
    held = Counter(loan["card"] for loan in any_school.loans)
    assert all(1 <= number <= 4 for card, number in held.items() if card != demo.FULL_CARD)


def test_most_loans_are_due_soon_and_twelve_pupils_are_overdue(any_school: demo.School) -> None:
    overdue = set()
    for loan in any_school.loans:
        due, since = datetime.date.fromisoformat(loan["due"]), datetime.date.fromisoformat(loan["since"])
        assert due - since == datetime.timedelta(days=10)
        assert since <= TODAY
        if due < TODAY:
            overdue.add(loan["card"])
    assert len(overdue) == 12


def test_loan_dates_move_with_today_and_cards_stay_valid() -> None:
    for today in (datetime.date(2026, 8, 31), datetime.date(2026, 9, 1), datetime.date(2028, 2, 29)):
        moved = demo.school(2026, today)
        due = {loan["barcode"]: loan["due"] for loan in moved.loans}
        assert due[demo.ARASHA_BARCODE] == (today + datetime.timedelta(days=3)).isoformat()
        assert all(row["expires"] > max(due.values()) for row in moved.patrons if row["expires"])


# The cast


def test_aigul_has_three_books(any_school: demo.School) -> None:
    aigul = patron(any_school, demo.AIGUL_CARD)
    assert (aigul["first_name"], aigul["last_name"], aigul["class"]) == ("Айгүл", "Әбілова", "5 «Ә»")
    assert loans_of(any_school, demo.AIGUL_CARD) == [("Араша", 3), ("Ұшқан ұя", 10), ("Менің атым Қожа", 10)]


def test_the_other_fixed_people_are_as_described(any_school: demo.School) -> None:
    assert loans_of(any_school, demo.DEMO_PUPIL) == []
    assert loans_of(any_school, demo.RUSSIAN_PUPIL_CARD) == []
    assert [days for _, days in loans_of(any_school, demo.OVERDUE_CARD)] == [-6, 4]
    assert len(loans_of(any_school, demo.FULL_CARD)) == 5
    assert min(days for _, days in loans_of(any_school, demo.FULL_CARD)) > 0
    for card, category in (
        (demo.LIBRARIAN_CARD, "librarian"),
        (demo.TEACHER_CARD, "teacher"),
        (demo.ROOM_CARD, "room"),
        (demo.GROUP_CARD, "group"),
    ):
        assert patron(any_school, card)["category"] == category
    (cardless,) = [row for row in any_school.patrons if row["external_id"] == demo.CARDLESS_EXTERNAL_ID]
    assert (cardless["card"], cardless["class"], cardless["last_name"]) == ("", "3 «Ә»", "Жұмабеков")


def test_the_fixed_books_are_as_described(any_school: demo.School) -> None:
    lent = {loan["barcode"] for loan in any_school.loans}
    titles = [item(any_school, barcode)["title"] for barcode in demo.FREE_BARCODES]
    assert titles[:3] == ["Шығанақ", "Тағдыр", "Асыл сөз"]
    assert not lent & {*demo.FREE_BARCODES, demo.ONLY_COPY_BARCODE}
    for barcode in (demo.ONLY_COPY_BARCODE, demo.BOZTORGHAI_BARCODE):
        only = item(any_school, barcode)
        title = [row for row in any_school.items if (row["title"], row["author"]) == (only["title"], only["author"])]
        assert title == [only]
    assert demo.BOZTORGHAI_BARCODE in lent
    assert item(any_school, demo.ONLY_COPY_BARCODE)["year"] == "1965"
    assert item(any_school, demo.REFERENCE_BARCODE)["location"] == "Оқу залы"
    assert item(any_school, demo.REFERENCE_BARCODE)["kind"] == "reference"
    textbook = item(any_school, demo.TEXTBOOK_BARCODE)
    assert (textbook["kind"], textbook["title"], textbook["year"]) == ("textbook", "Алгебра, 7-сынып", "2023")
    assert item(any_school, demo.EQUIPMENT_BARCODE)["kind"] == "equipment"
    (torn,) = [row for row in any_school.items if row["inventory_no"] == demo.TORN_INVENTORY_NO]
    assert (torn["barcode"], torn["title"]) == ("", "Абай жолы. 1-кітап")


def test_every_fixed_copy_is_a_book_to_lend_unless_it_says_otherwise(any_school: demo.School) -> None:
    for known in cast.ITEMS:
        (row,) = [row for row in any_school.items if row["inventory_no"] == known.inventory_no]
        lendable = row["kind"] == "book" and row["location"].startswith("Абонемент")
        here = (demo.REFERENCE_BARCODE, demo.TEXTBOOK_BARCODE, demo.EQUIPMENT_BARCODE)
        assert lendable != (known.barcode in here)


# Determinism and speed


def test_the_same_seed_gives_the_same_school_on_every_python(school: demo.School) -> None:
    tables = [school.patrons, school.items, school.loans]
    text = json.dumps(tables, ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == FINGERPRINT
    assert demo.school(2026, TODAY) == school == demo.school()


def test_another_seed_gives_another_school(school: demo.School) -> None:
    other = demo.school(2027, TODAY)
    assert other.patrons != school.patrons and other.items != school.items and other.loans != school.loans
