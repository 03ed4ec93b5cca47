"""The demo school's people as rows of a patrons file: pupils class by class, teachers, librarian, a room, a group."""

import datetime
from collections.abc import Iterable
from random import Random

from kiosk.demo import cast
from kiosk.demo.codes import card_number
from kiosk.demo.names import Name, kazakh_order, pick, random_name

PATRON_COLUMNS = (
    "card",
    "last_name",
    "first_name",
    "patronymic",
    "class",
    "category",
    "language",
    "expires",
    "phone",
    "address",
    "external_id",
)

#: class, language of instruction, pupils: 22 classes, 529 pupils; letters follow the Kazakh alphabet, В and Г are
#: the Russian-medium classes
CLASSES = (
    ("1 «А»", "kk", 27),
    ("1 «Ә»", "kk", 26),
    ("1 «Б»", "kk", 25),
    ("2 «А»", "kk", 26),
    ("2 «Ә»", "kk", 25),
    ("2 «В»", "ru", 24),
    ("3 «А»", "kk", 26),
    ("3 «Ә»", "kk", 25),
    ("4 «А»", "kk", 25),
    ("4 «В»", "ru", 24),
    ("5 «А»", "kk", 25),
    ("5 «Ә»", "kk", 25),
    ("6 «А»", "kk", 24),
    ("6 «В»", "ru", 23),
    ("7 «А»", "kk", 24),
    ("7 «Ә»", "kk", 23),
    ("8 «А»", "kk", 25),
    ("8 «Г»", "ru", 22),
    ("9 «А»", "kk", 24),
    ("9 «Ә»", "kk", 22),
    ("10 «А»", "kk", 20),
    ("11 «А»", "kk", 19),
)
CARDLESS_PUPILS = 176
TEACHERS = 30
_CARDLESS_TEACHERS = 4

_STREETS_KK = ("Абай", "Жамбыл", "Тәуелсіздік", "Мәңгілік Ел", "Қабанбай батыр", "Сәтбаев", "Әуезов", "Мектеп")
_STREETS_RU = ("Абая", "Жамбыла", "Ауэзова", "Сатпаева", "Пушкина", "Школьная", "Садовая", "Гагарина")

_FIXED_ADULTS = (
    (cast.LIBRARIAN_CARD, Name("Нұрғалиева", "Қарлығаш", "Төлегенқызы"), "librarian", "K100007"),
    (cast.TEACHER_CARD, Name("Оспанов", "Бақытжан", "Мұратұлы"), "teacher", "K100008"),
)
_COLLECTIVES = (
    (cast.ROOM_CARD, Name("12-кабинет", ""), "room", "K100009"),
    (cast.GROUP_CARD, Name("«Балапан» тобы", "", ""), "group", "K100010"),
)


def grade_of(class_name: str) -> int:
    """The grade of a class written `5 «Ә»`."""
    return int(class_name.split()[0])


def card_expiry(today: datetime.date) -> datetime.date:
    """The 30th of September after the school year of `today`: a card is valid a year, September is for renewing it."""
    return datetime.date(today.year + (1 if today.month >= 9 else 0), 9, 30)


def patrons(rng: Random, today: datetime.date) -> list[dict[str, str]]:
    """All borrowers: 529 pupils (exactly 176 without a card), 30 teachers, a librarian, a room and a group."""
    expires = card_expiry(today).isoformat()
    taken = {(pupil.name.last, pupil.name.first) for pupil in cast.PUPILS}
    rows = [row for name, language, size in CLASSES for row in _class_list(rng, name, language, size, taken)]
    _hand_out_cards(rng, rows)
    for place, row in enumerate(rows):
        row["external_id"] = row["external_id"] or f"K{100101 + place}"
    for card, name, category, external_id in _FIXED_ADULTS:
        rows.append(_row(name, category, "kk", card=card, external_id=external_id))
    number = 2000
    for place in range(TEACHERS - 1):
        language = "ru" if place % 5 == 4 else "kk"
        name = _unused_name(rng, language, rng.random() < 0.8, taken)
        number += 1 + int(rng.random() * 3)
        card = "" if place < _CARDLESS_TEACHERS else card_number(number)
        rows.append(_row(name, "teacher", language, card=card, external_id=f"K{200001 + place}"))
    for row in rows:
        row["expires"] = expires
        _add_contacts(rng, row)
    for card, name, category, external_id in _COLLECTIVES:
        rows.append(_row(name, category, "kk", card=card, external_id=external_id))
    return rows


def _class_list(
    rng: Random, class_name: str, language: str, size: int, taken: set[tuple[str, str]]
) -> list[dict[str, str]]:
    """One class in the order of its register; `?` stands for a card that chance may give."""
    fixed = [pupil for pupil in cast.PUPILS if pupil.class_name == class_name]
    rows = []
    for pupil in fixed:
        card = "?" if pupil.card is None else pupil.card
        rows.append(_row(pupil.name, "pupil", language, class_name, card or "-", pupil.external_id))
    for _ in range(size - len(fixed)):
        name = _unused_name(rng, language, rng.random() < 0.49, taken)
        rows.append(_row(name, "pupil", language, class_name, "?"))
    return sorted(rows, key=lambda row: (kazakh_order(row["last_name"]), kazakh_order(row["first_name"])))


def _unused_name(rng: Random, language: str, female: bool, taken: set[tuple[str, str]]) -> Name:
    """A name whose surname and given name nobody has yet: the only namesakes are the ones that the cast plants."""
    while True:
        name = random_name(rng, language, female)
        if (name.last, name.first) not in taken:
            taken.add((name.last, name.first))
            return name


def _hand_out_cards(rng: Random, pupils: Iterable[dict[str, str]]) -> None:
    """Leave 176 pupils without a card and number the others' cards, with the gaps that lost cards leave."""
    pupils = list(pupils)
    open_rows = [row for row in pupils if row["card"] == "?"]
    never = sum(1 for row in pupils if row["card"] == "-")
    without = list(range(len(open_rows)))
    rng.shuffle(without)
    cardless = set(without[: CARDLESS_PUPILS - never])
    number = cast.LAST_FIXED_CARD
    for place, row in enumerate(open_rows):
        number += 1 + int(rng.random() * 3)
        row["card"] = "" if place in cardless else card_number(number)
    for row in pupils:
        row["card"] = row["card"].replace("-", "")


def _add_contacts(rng: Random, row: dict[str, str]) -> None:
    """A phone for five in six, an address for all, in the language of the class."""
    if rng.random() < 5 / 6:
        digits = f"{int(rng.random() * 10000):04d}"
        row["phone"] = f"+7 700 000 {digits[:2]} {digits[2:]}"
    house, flat = 1 + int(rng.random() * 90), 1 + int(rng.random() * 70)
    if row["language"] == "kk":
        row["address"] = f"{pick(rng, _STREETS_KK)} көшесі, {house}-үй, {flat}-пәтер"
    else:
        row["address"] = f"ул. {pick(rng, _STREETS_RU)}, д. {house}, кв. {flat}"


def _row(
    name: Name, category: str, language: str, class_name: str = "", card: str = "", external_id: str = ""
) -> dict[str, str]:
    """One patron in the canonical columns, with nothing but what is given."""
    row = dict.fromkeys(PATRON_COLUMNS, "")
    row |= {"last_name": name.last, "first_name": name.first, "patronymic": name.patronymic, "class": class_name}
    return row | {"card": card, "category": category, "language": language, "external_id": external_id}
