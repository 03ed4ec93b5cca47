"""Catalogue records (ISO 2709) -> rows of items: MARC 21, and the UNIMARC family with RUSMARC and KAZMARC.

Which of the two a record is shows from its title: field 245 or field 200. A record with several copies gives a row for
each; one that names no copy gives one row with a title and no count: the title is known, its copies are not.
Copies are looked for where library systems keep them: IRBIS 910, Koha 952 and 995, RUSMARC 899, MARC 21 852 and 876.

Extras that are not what a column holds (a price in roubles, "1 CD-ROM" for pages) are left out, not rejected: nobody
could mend them in the rejects file. Source: UNIMARC manual; RUSMARC 899; IRBIS 910 (^b inventory, ^h barcode).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kiosk.circulation.fold import fold
from kiosk.circulation.model import ItemKind
from kiosk.imports import iso2709, values, words
from kiosk.imports.iso2709 import BrokenRecord, Field, Record

Cells = dict[str, str]
_AUTHORS = 3
_COPY_LIMIT = 1_000
_END_MARKS = " /:;,=+"


@dataclass(frozen=True, slots=True)
class _Copies:
    """Where a tag keeps a copy's numbers: the subfield codes, tried in order. total: a number of unnumbered copies."""

    tag: str
    barcode: str
    inventory: str
    place: str
    price: str = ""
    total: str = ""


_UNIMARC_COPIES: tuple[_Copies, ...] = (
    _Copies("910", "h", "b", "d", "e", "1"),
    _Copies("995", "f", "j", "e"),
    _Copies("899", "p", "", "c"),
    _Copies("852", "p", "", "c"),
)
_MARC21_COPIES: tuple[_Copies, ...] = (
    _Copies("952", "p", "i", "c", "g"),
    _Copies("852", "p", "", "cb", "9"),
    _Copies("876", "p", "", "l", "c"),
    _Copies("910", "h", "b", "d", "e", "1"),
    _Copies("999", "i", "", "l", "p"),
)


class Records:
    """The records of a file: number, and the cells of each copy by column, or a sentence if the record is broken.

    share: how much of the file was read so far, 0 to 1.
    """

    def __init__(self, path: Path) -> None:
        self.share = 0.0
        self._path = path

    def __iter__(self) -> Iterator[tuple[int, list[Cells] | str]]:
        size = max(self._path.stat().st_size, 1)
        for number, data, end in iso2709.frames(self._path):
            self.share = end / size
            if isinstance(data, str):
                yield number, data
                continue
            try:
                yield number, cells_of(iso2709.parse(data))
            except BrokenRecord as broken:
                yield number, f"record {number} cannot be read: {broken}"


def cells_of(record: Record) -> list[Cells]:
    """The cells of each copy that the record describes; of the title alone if it names none. Raises BrokenRecord."""
    if record.all("245"):
        title, copies = _marc21(record), _MARC21_COPIES
    elif record.all("200"):
        title, copies = _unimarc(record), _UNIMARC_COPIES
    else:
        raise BrokenRecord("it has no title (neither field 200 nor field 245)")
    found: list[Cells] = []
    for kept in copies:
        found = found or _copies(record, kept)
    if len(found) > _COPY_LIMIT:
        raise BrokenRecord(f"it has more than {_COPY_LIMIT:,} copies")
    return [{column: cell for column, cell in {**title, **copy}.items() if cell} for copy in found or [{}]]


def _copies(record: Record, kept: _Copies) -> list[Cells]:
    found: list[Cells] = []
    for field in record.all(kept.tag):
        inventory = _one_of(field, kept.inventory)
        barcode = _one_of(field, kept.barcode)
        if kept.tag == "899":  # some systems keep IRBIS's codes here; in RUSMARC b is a stock, h half a shelf mark
            inventory = next((code for code in field.all("b") if re.fullmatch(r"\d{3}[\d/-]*", code)), "")
            barcode = barcode or next((code for code in field.all("h") if re.fullmatch(r"\d{6,}", code)), "")
        total = _one_of(field, kept.total)
        copy = {
            "barcode": barcode,
            "inventory_no": inventory,
            "location": _one_of(field, kept.place),
            "price": _fitting(values.price, _one_of(field, kept.price)),
            "count": total if not barcode and total.isdecimal() and int(total[:6]) > 0 else "",
        }
        if copy["count"]:
            copy["inventory_no"] = ""  # of the whole batch, not of a copy
        if copy["barcode"] or copy["inventory_no"] or copy["count"]:
            found.append(copy)
    return found


def _unimarc(record: Record) -> Cells:
    title, part = _unimarc_title(record)
    coded = record.first("105", "a")[4:8]
    forms = [form for field in record.all("606", "608") for form in field.all("j") + field.all("a")]
    language = record.first("101", "a")
    return {
        "title": title,
        "part": part,
        "author": _unimarc_author(record),
        "publisher": "; ".join(_tidy(name) for field in record.all("210", "214") for name in field.all("c")),
        "year": _year(record.first("210", "d") or record.first("214", "d") or record.first("100", "a")[9:13]),
        "isbn": ", ".join(code for field in record.all("010") for code in field.all("a")),
        "pages": _fitting(values.pages, record.first("215", "a")),
        "price": _fitting(values.price, record.first("010", "d")),
        "language": _language(language),
        "udc": record.first("675", "a"),
        "bbk": _bbk(record.all("686")),
        "kind": _kind(record, "textbook" if "j" in coded else "reference" if set("efg") & set(coded) else "", forms),
    }


def _unimarc_title(record: Record) -> tuple[str, str]:
    """Title and part. A volume of a set («Т. 2» in 200, the set in 461) is titled as the set, its number is the part.

    The first indicator of 200 says whether the volume's own title means anything without the set's.
    """
    field = record.all("200")[0]
    own = ". ".join(_tidy(title) for title in field.all("a"))
    parts = ", ".join(_tidy(part) for code, part in field.subfields if code in ("h", "i") and part)
    whole, number = _set_of(record)
    if not whole or fold(whole) == fold(own):
        return own, parts or number
    if field.indicators[0] == "0":
        return whole, ", ".join(filter(None, (own, parts)))
    return f"{whole}. {own}", number or parts


def _set_of(record: Record) -> tuple[str, str]:
    """Title and number in the set to which a volume belongs: 461 with $t and $v, or with field 200 embedded in it."""
    for field in record.all("461"):
        embedded = "200"
        for code, value in field.subfields:
            if code == "1":
                embedded = value[:3]
            elif code in ("a", "t") and embedded == "200" and value:
                return _tidy(value), _tidy(field.first("v") or field.first("h"))
    return "", ""


def _unimarc_author(record: Record) -> str:
    people = []
    for field in record.all("700", "701")[:_AUTHORS]:
        family, given = field.first("a"), field.first("b") or field.first("g")
        people.append(" ".join(filter(None, (_tidy(family), given))))
    return ", ".join(filter(None, people)) or _tidy(record.first("200", "f"))


def _marc21(record: Record) -> Cells:
    field = record.all("245")[0]
    coded = next((value for its in record.all("008") for _, value in its.subfields), "")
    published = [its for its in record.all("264") if its.indicators[1] == "1"] or record.all("260", "264")
    forms = [form for its in record.all("650", "655") for form in its.all("v") + its.all("x") + its.all("a")]
    people = [_tidy(name) for its in record.all("100", "700")[:_AUTHORS] if (name := its.first("a"))]
    language = record.first("041", "a")[:3] or coded[-5:-2]
    return {
        "title": ". ".join(_tidy(title) for title in field.all("a")),
        "part": ", ".join(_tidy(part) for code, part in field.subfields if code in ("n", "p") and part),
        "author": ", ".join(people) or _tidy(field.first("c")),
        "publisher": "; ".join(_tidy(name) for its in published for name in its.all("b")),
        "year": _year(next((year for its in published if (year := its.first("c"))), "")),
        "isbn": ", ".join(code for its in record.all("020") for code in its.all("a")),
        "pages": _fitting(values.pages, record.first("300", "a")),
        "price": _fitting(values.price, record.first("020", "c")),
        "language": _language(language),
        "udc": record.first("080", "a"),
        "bbk": _bbk(record.all("084")),
        "kind": _kind(record, "reference" if set("der") & set(coded[24:28]) else "", forms),
    }


def _kind(record: Record, coded: str, forms: list[str]) -> str:
    """What the record says of its kind; "" if it says nothing. coded: the kind by the codes of its contents."""
    if record.leader[6:7] in "ac" and record.leader[7:8] == "s":
        return ItemKind.PERIODICAL
    if coded:
        return coded
    if any(re.match(r"учеб(ник|ны)|оку(лык| курал)|textbook", fold(form)) for form in forms):
        return ItemKind.TEXTBOOK
    return ""


def _language(code: str) -> str:
    code = code.strip().lower()
    if code in ("und", "mul", "zxx") or not re.fullmatch("[a-z]{3}", code):
        return ""
    return words.LANGUAGES.get(code, code)


def _bbk(fields: list[Field]) -> str:
    """The first index of the Russian library classification; other classifications say so in $2."""
    for field in fields:
        system = fold(field.first("2"))
        if not system or "bbk" in system or "ббк" in system:
            return field.first("a")
    return ""


def _year(text: str) -> str:
    match = re.search(r"1[4-9]\d\d|20\d\d", text)
    return match.group() if match else ""


def _tidy(text: str) -> str:
    """Without the punctuation by which cataloguing rules join one subfield to the next."""
    return text.strip().rstrip(_END_MARKS)


def _fitting(read: Callable[[str, str], object], text: str) -> str:
    try:
        return str(read("", text) or "")
    except values.BadValue:
        return ""


def _one_of(field: Field, codes: str) -> str:
    return next((found for code in codes if (found := field.first(code))), "")
