"""Which column of a table is which: the usual Kazakh, Russian and English headings, and what the user maps.

Headings are compared folded (fold.py): case, punctuation, Kazakh letters and look-alikes do not matter. A heading in
two languages («Тегі / Фамилия», «ЖСН (ИИН)») is known if its parts agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kiosk.circulation.fold import fold
from kiosk.circulation.intake import Intake
from kiosk.errors import ImportFileError

FULL_NAME = "full_name"
IGNORED = "-"
OWN_COLUMNS = ("line", "reason")
COLUMN_LIMIT = 64
_PARTS = re.compile(r"[/\\|()\[\]\n]")
_SHOWN = 30

# Each column with the headings that mean it. A column is also its own heading: last_name, "Last name", "LAST-NAME".
_PATRONS = {
    "card": "билет; билет нөмірі; оқырман билеті; оқырман билетінің нөмірі; билет №; карта; карта нөмірі; штрих-код; "
    "штрихкод; № билета; номер билета; читательский билет; номер читательского билета; читательский; карточка; "
    "номер карты; card number; card no; barcode; library card; reader card; cardnumber",
    "last_name": "тегі; тек; оқушының тегі; фамилия; фамилия ученика; surname; family name; lastname",
    "first_name": "аты; есімі; оқушының аты; имя; имя ученика; name; given name; firstname",
    "patronymic": "әкесінің аты; отчество; middle name; middlename",
    FULL_NAME: "аты-жөні; аты жөні; оқушының аты-жөні; оқырманның аты-жөні; тегі, аты; тегі, аты, әкесінің аты; "
    "тегі аты-жөні; толық аты; ФИО; Ф.И.О.; ФИО ученика; ФИО читателя; ФИО учащегося; Т.А.Ә.; "
    "фамилия, имя; фамилия, имя, отчество; фамилия и имя; ученик; оқушы; читатель; оқырман",
    "class": "сынып; сыныбы; класс; класс, литер; сынып литері; grade",
    "category": "санаты; санат; категория; оқырман санаты; категория читателя; patron category; role; должность; "
    "лауазымы; қызметі; рөлі; роль",
    "language": "оқыту тілі; тілі; тіл; язык обучения; язык; оқу тілі; language of instruction",
    "expires": "жарамдылық мерзімі; мерзімі; жарамды; срок действия; действителен до; годен до; expiry; expiry date; "
    "valid until; expires on",
    "phone": "телефон; телефоны; байланыс нөмірі; байланыс телефоны; ұялы телефон; контактный телефон; "
    "контактный номер; номер телефона; мобильный телефон; phone number; tel; тел",
    "address": "мекенжайы; мекенжай; мекен-жайы; тұрғылықты мекенжайы; адрес; домашний адрес; адрес проживания",
    "external_id": "ЖСН; ИИН; IIN; JSN; жеке сәйкестендіру нөмірі; сыртқы нөмір; внешний номер; id",
}
_ITEMS = {
    "barcode": "штрих-код; штрихкод; штрих коды; дана штрих-коды; bar code; код экземпляра",
    "inventory_no": "инвентарлық нөмір; инвентарлық нөмірі; инвентарь нөмірі; түгендеу нөмірі; инв. №; № инв.; "
    "инв. нөмірі; инв. нөмір; инвентарный номер; инвентарный №; инв. номер; инвентарный; inventory number; inventory; "
    "accession number; inventory no",
    "title": "атауы; кітаптың атауы; кітап атауы; кітаптың аты; аты; кітап; тақырыбы; оқулықтың атауы; оқулық атауы; "
    "название; название книги; заглавие; наименование; книга; book; book title; название учебника",
    "author": "авторы; автор; авторлары; авторы, құрастырушы; авторы-құрастырушы; авторлар; авторы книги; authors",
    "publisher": "баспа; баспасы; издательство; изд-во; издатель; publishing house",
    "year": "жылы; шыққан жылы; басылған жылы; басылым жылы; жыл; год; год издания; год выпуска; "
    "year of publication; publication year",
    "isbn": "ИСБН; ISBN нөмірі; ISBN номер",
    "pages": "бет саны; беттер саны; бет; көлемі; количество страниц; кол-во страниц; страниц; страницы; стр; объем; "
    "объём; page count; number of pages",
    "price": "бағасы; баға; құны; бағасы, теңге; бағасы, тг; цена; стоимость; цена, тенге; цена, тг; cost",
    "language": "тілі; тіл; кітап тілі; басылым тілі; оқыту тілі; язык; язык издания; язык обучения",
    "udc": "ӘОЖ; ОӘЖ; УДК; ӘОЖ УДК; УДК ӘОЖ",
    "bbk": "ББК; КБЖ; КБЖ ББК; LBC",
    "branch": "саласы; бөлімі; сала; білім саласы; отрасль; отрасль знаний; раздел; отдел; section",
    "kind": "түрі; түр; басылым түрі; құжат түрі; вид; тип; вид издания; тип издания; вид документа; type; item type",
    "grade": "сыныбы; сынып; класс; class",
    "subject": "пәні; пән; предмет; учебный предмет; дисциплина",
    "part": "бөлім; бөлігі; кітап бөлімі; том; томы; часть; volume; vol",
    "location": "орны; орналасқан жері; сөре; сөресі; сақтау орны; тұрған орны; место; место хранения; полка; "
    "стеллаж; фонд; shelf; place",
    "count": "саны; дана саны; данасы; дана; количество; кол-во; экз; экземпляров; количество экземпляров; "
    "кол-во экз; экземпляры; copies; quantity; qty",
}
_LOANS = {
    "card": _PATRONS["card"].replace("штрих-код; ", "").replace("штрихкод; ", "").replace("barcode; ", "")
    + "; оқырман; читатель; borrower card; patron card",
    "barcode": _ITEMS["barcode"] + "; кітаптың штрих-коды; штрих-код книги; кітап; книга; item; item barcode",
    "inventory_no": _ITEMS["inventory_no"],
    "due": "қайтару мерзімі; қайтару күні; қайтарылатын күні; мерзімі; срок возврата; срок сдачи; дата возврата; "
    "вернуть до; due date; return date",
    "since": "берілген күні; алған күні; алынған күні; дата выдачи; выдано; выдана; взята; issued; issue date; "
    "date issued; loan date",
}
_KNOWN: Mapping[Intake, Mapping[str, str]] = {
    what: {fold(heading): column for column, usual in columns.items() for heading in (column, *usual.split(";"))}
    for what, columns in ((Intake.PATRONS, _PATRONS), (Intake.ITEMS, _ITEMS), (Intake.LOANS, _LOANS))
}
COLUMNS: Mapping[Intake, tuple[str, ...]] = {
    Intake.PATRONS: tuple(_PATRONS),
    Intake.ITEMS: tuple(_ITEMS),
    Intake.LOANS: tuple(_LOANS),
}
# Of each group one column has to be there.
_NEEDED: Mapping[Intake, tuple[tuple[str, ...], ...]] = {
    Intake.PATRONS: (("first_name", FULL_NAME),),
    Intake.ITEMS: (("title",),),
    Intake.LOANS: (("card",), ("barcode", "inventory_no")),
}


@dataclass(frozen=True, slots=True)
class Headings:
    """The heading row of a table. names: every column's heading, made unique; columns: what each is, None: not used."""

    line: int
    names: tuple[str, ...]
    columns: tuple[str | None, ...]

    @property
    def unused(self) -> tuple[str, ...]:
        """The headings of columns that are not imported."""
        pairs = zip(self.names, self.columns, strict=True)
        return tuple(name for name, column in pairs if column is None and name not in OWN_COLUMNS)


def column_of(what: Intake, heading: str) -> str | None:
    """The column that a heading usually means, or None."""
    known = _KNOWN[what]
    if column := known.get(fold(heading)):
        return column
    parts = [part for part in (fold(part) for part in _PARTS.split(heading)) if part]
    meant = {known[part] for part in parts if part in known}
    return meant.pop() if len(parts) > 1 and len(meant) == 1 else None


def knows(what: Intake, mapping: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a cell is a heading, usual or mapped."""
    mapped = {_key(heading) for heading in mapping}
    return lambda cell: bool(cell) and (column_of(what, cell) is not None or _key(cell) in mapped)


def find_headings(
    what: Intake, rows: Sequence[tuple[int, list[str]]], mapping: Mapping[str, str], name: str
) -> Headings:
    """The heading row among the first rows of a table: the one with most different known headings.

    mapping: {heading: column} as the user gives it; goes before what is usual; column "-" leaves a column out. Raises
    ImportFileError, naming what was found, if none is known, a needed column is missing, two headings mean one column,
    or the mapping names a heading or a column that does not exist.
    """
    mapped = {_key(heading) for heading in mapping}

    def different(row: tuple[int, list[str]]) -> int:
        cells = {_key(cell): cell for cell in row[1] if cell}
        usual = {column_of(what, cell) for key, cell in cells.items() if key not in mapped} - {None}
        return len(usual) + len(mapped & cells.keys()) + len(set(OWN_COLUMNS) & cells.keys())

    line, cells = max(rows, key=different, default=(0, []))
    written = [" ".join(cell.split()) for cell in cells]
    if len([heading for heading in written if heading not in OWN_COLUMNS]) > COLUMN_LIMIT:
        raise ImportFileError(f"{name}: more than {COLUMN_LIMIT} columns")
    names = _unique(written)
    found = f"the headings found are: {_shown(names)}"
    meant = _check_mapping(what, mapping, names, name, found)
    columns: list[str | None] = []
    for heading, unique in zip(written, names, strict=True):
        column = meant.get(_key(unique), meant.get(_key(heading)))
        if column is None and heading not in OWN_COLUMNS:
            usual = column_of(what, heading)
            column = None if usual in meant.values() else usual
        columns.append(None if column == IGNORED else column)
    for column in COLUMNS[what]:
        if columns.count(column) > 1:
            twice = [heading for heading, its in zip(names, columns, strict=True) if its == column]
            raise ImportFileError(
                f"{name}: the headings {_shown(twice)} all mean the column {column}; "
                "say which one is meant and leave the others out"
            )
    for group in _NEEDED[what]:
        if not set(group) & set(columns):
            raise ImportFileError(f"{name}: no column for {' or '.join(group)}; {found}")
    return Headings(line, tuple(names), tuple(columns))


def _check_mapping(
    what: Intake, mapping: Mapping[str, str], names: Sequence[str], name: str, found: str
) -> dict[str, str]:
    meant: dict[str, str] = {}
    there = {_key(heading) for heading in names}
    for heading, column in mapping.items():
        key = _key(heading)
        if column != IGNORED and column not in COLUMNS[what]:
            raise ImportFileError(
                f"{name}: {what} have no column {column!r}; the columns are {', '.join(COLUMNS[what])}"
            )
        if key not in there:
            raise ImportFileError(f"{name}: there is no heading {heading!r} to be {column}; {found}")
        meant[key] = column
    return meant


def _unique(headings: Sequence[str]) -> list[str]:
    """Headings by which a cell can be named: an empty one gets its number, a repeated one too."""
    names: list[str] = []
    for number, heading in enumerate(headings, 1):
        fresh = heading
        while not fresh or fresh in names:
            fresh = f"{fresh} ({number})".strip()
        names.append(fresh)
    return names


def _key(heading: str) -> str:
    return fold(heading) or heading.strip()


def _shown(headings: Sequence[str]) -> str:
    shown = ", ".join(f"«{heading[:_SHOWN]}»" for heading in headings[:20])
    return shown + (" ..." if len(headings) > 20 else "") if headings else "none"
