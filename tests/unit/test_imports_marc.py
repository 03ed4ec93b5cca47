"""ISO 2709: families, codings and copies are recognised in the records; a broken one does not stop the others."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pymarc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.circulation.intake import Intake, ItemRow
from kiosk.circulation.model import READING_ROOM_POINT, ItemKind
from kiosk.errors import ImportFileError
from kiosk.imports.iso2709 import BrokenRecord, parse
from kiosk.imports.rows import Parsed, read_rows

Fields = list[tuple[str, str]]
REAL = Path(__file__).parents[3] / "shared" / "data" / "marc" / "rusmarc-cp1251.iso"


def record(fields: Fields, coding: str = "utf-8", leader: str = "nam0 ") -> bytes:
    """A record; fields: tag and content, "$" for the subfield mark, the indicators first."""
    directory, body = b"", b""
    for tag, content in fields:
        data = content.replace("$", "\x1f").encode(coding) + b"\x1e"
        directory += f"{tag}{len(data):04}{len(body):05}".encode()
        body += data
    base = 24 + len(directory) + 1
    length = base + len(body) + 1
    head = f"{length:05}{leader}22{base:05} i 450 "
    return head.encode() + directory + b"\x1e" + body + b"\x1d"


ABAI: Fields = [
    ("001", "KZ/1"),
    ("010", "  $a978-601-00-0000-1$d1500 тг."),
    ("100", "  $a20190101d1965    m  y0kazy0189    ca"),
    ("101", "0 $akaz"),
    ("105", "  $aa   z   000yy"),
    ("200", "1 $aАбай жолы$eроман-эпопея$fМ. Әуезов"),
    ("210", "  $aАлматы$cЖазушы$d1965"),
    ("215", "  $a480 б.$d21 см"),
    ("675", "  $a821.512.122-31"),
    ("686", "  $a77.29$2rugasnti"),
    ("686", "  $a84(5Қаз)7$2rubbk"),
    ("700", " 1$aӘуезов$bМ.$gМұхтар"),
]
TITLE = ItemRow(
    title="Абай жолы", author="Әуезов М.", publisher="Жазушы", year=1965, isbn="9786010000001", pages=480,
    price="1500", language="kk", udc="821.512.122-31", bbk="84(5Қаз)7",
)  # fmt: skip


def read(tmp_path: Path, *records: bytes) -> list[Parsed]:
    path = tmp_path / "catalogue.dat"
    path.write_bytes(b"".join(records))
    return list(read_rows(Intake.ITEMS, path))


def row(tmp_path: Path, fields: Fields, coding: str = "utf-8", leader: str = "nam0 ") -> ItemRow:
    (parsed,) = read(tmp_path, record(fields, coding, leader))
    assert isinstance(parsed.row, ItemRow), parsed.reason
    return parsed.row


@pytest.mark.parametrize("coding", ["utf-8", "kz1048"])
def test_a_unimarc_record_without_copies_is_a_title(tmp_path: Path, coding: str) -> None:
    assert row(tmp_path, ABAI, coding) == TITLE


@pytest.mark.parametrize(("coding", "code"), [("cp1251", "89"), ("cp866", "79"), ("koi8-r", "99"), ("utf-8", "50")])
def test_the_coding_is_that_of_the_text_or_of_field_100(tmp_path: Path, coding: str, code: str) -> None:
    fields = [("100", f"  $a20190101d1965    m  y0rusy01{code}    ca"), ("200", "1 $aТихий Дон")]
    assert row(tmp_path, fields, coding).title == "Тихий Дон"


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        (("910", "  $a0$b12345$h2000001$dЧЗ"), ("2000001", "12345", READING_ROOM_POINT)),
        (("899", "  $aKZ$j84/А13$p380184"), ("380184", "", "")),
        (("899", "  $aKZ$bС2$j84/А13$p380184"), ("380184", "", "")),
        (("899", "  $aKZ$b12345$h2000001"), ("2000001", "12345", "")),
        (("852", "  $aKZ$p2000001"), ("2000001", "", "")),
        (("995", "  $bKZ$f2000001$j12345"), ("2000001", "12345", "")),
    ],
)
def test_copies_are_found_where_systems_keep_them(
    tmp_path: Path, field: tuple[str, str], numbers: tuple[str, str, str]
) -> None:
    found = row(tmp_path, [*ABAI, field])
    assert (found.barcode, found.inventory_no, found.service_point) == numbers
    assert found.title == "Абай жолы"


def test_each_copy_is_a_row_with_the_number_of_its_record(tmp_path: Path) -> None:
    copies = [("910", f"  $a0$b{number}$hB{number}$e1 200,50") for number in (1, 2, 3)]
    parsed = read(tmp_path, record(ABAI), record([*ABAI, *copies]))
    assert [entry.line for entry in parsed] == [1, 2, 2, 2]
    assert [entry.row.barcode for entry in parsed if isinstance(entry.row, ItemRow)] == ["", "B1", "B2", "B3"]
    assert isinstance(parsed[1].row, ItemRow) and parsed[1].row.price == "1200.50"


def test_a_batch_without_numbers_is_held_by_count(tmp_path: Path) -> None:
    found = row(tmp_path, [*ABAI, ("910", "  $aU$b77$130")])
    assert (found.count, found.barcode, found.inventory_no) == (30, "", "")


def test_a_volume_is_titled_as_its_set(tmp_path: Path) -> None:
    embedded = ("461", " 0$1001RU\\1$12001 $aЗадачи и этюды$vВып. 13")
    found = row(tmp_path, [("200", "0 $aВып. 13."), embedded])
    assert (found.title, found.part) == ("Задачи и этюды", "Вып. 13.")
    found = row(tmp_path, [("200", "1 $aТысяча лет /"), ("461", "  $tИстория Казахстана$vТ. 1")])
    assert (found.title, found.part) == ("История Казахстана. Тысяча лет", "Т. 1")


@pytest.mark.parametrize(
    ("fields", "leader", "kind"),
    [
        ([("105", "  $aa   j   000yy")], "nam0 ", ItemKind.TEXTBOOK),
        ([("105", "  $aa   f   000yy")], "nam0 ", ItemKind.REFERENCE),
        ([("606", "0 $aАлгебра$jУчебные издания")], "nam0 ", ItemKind.TEXTBOOK),
        ([], "nas0 ", ItemKind.PERIODICAL),
        ([], "nam0 ", None),
    ],
)
def test_the_kind_is_taken_from_the_codes(tmp_path: Path, fields: Fields, leader: str, kind: ItemKind | None) -> None:
    assert row(tmp_path, [("200", "1 $aАлгебра"), *fields], leader=leader).kind == kind


def marc21(*extra: pymarc.Field) -> pymarc.Record:
    def field(tag: str, *subfields: tuple[str, str], second: str = " ") -> pymarc.Field:
        return pymarc.Field(tag, pymarc.Indicators("1", second), [pymarc.Subfield(*pair) for pair in subfields])

    fields = [pymarc.Field("008", data="190101s1965    kz            000 1 kaz d")]
    fields.append(field("020", ("a", "978-601-00-0000-1 (қатты мұқ.)"), ("c", "1500 тг.")))
    fields.append(field("080", ("a", "821.512.122-31")))
    fields.append(field("084", ("a", "84(5Қаз)7"), ("2", "rubbk")))
    fields.append(field("100", ("a", "Әуезов М.,")))
    fields.append(field("245", ("a", "Абай жолы :"), ("b", "роман-эпопея /"), ("c", "М. Әуезов.")))
    fields.append(field("264", ("a", "Алматы :"), ("b", "Жазушы,"), ("c", "1965."), second="1"))
    fields.append(field("300", ("a", "480 б. ;"), ("c", "21 см.")))
    return pymarc.Record(fields=[*fields, *extra])


def test_a_marc_21_record_gives_the_same_title(tmp_path: Path) -> None:
    (parsed,) = read(tmp_path, marc21().as_marc())
    assert parsed.row == TITLE


@pytest.mark.parametrize(
    ("tag", "subfields", "numbers"),
    [
        ("952", [("p", "2000001"), ("i", "12345"), ("c", "Оқу залы"), ("o", "84 А13")], ("2000001", "12345")),
        ("852", [("p", "2000001"), ("c", "Оқу залы")], ("2000001", "")),
        ("876", [("p", "2000001"), ("l", "Оқу залы")], ("2000001", "")),
        ("999", [("i", "2000001"), ("l", "Оқу залы")], ("2000001", "")),
    ],
)
def test_copies_of_marc_21_records(
    tmp_path: Path, tag: str, subfields: list[tuple[str, str]], numbers: tuple[str, str]
) -> None:
    copy = pymarc.Field(tag, pymarc.Indicators(" ", " "), [pymarc.Subfield(*pair) for pair in subfields])
    (parsed,) = read(tmp_path, marc21(copy).as_marc())
    assert isinstance(parsed.row, ItemRow)
    assert (parsed.row.barcode, parsed.row.inventory_no) == numbers
    assert parsed.row.service_point == READING_ROOM_POINT


def test_marc_8_cyrillic_is_read(tmp_path: Path) -> None:
    title = "10$a\x1b(NtIHIJ dON"  # escape to Basic Cyrillic, where a letter has the code of its Latin kin
    assert row(tmp_path, [("245", title)], "ascii", "nam  ").title == "Тихий Дон"


def test_wrong_lengths_after_a_recoding_are_survived(tmp_path: Path) -> None:
    recoded = record(ABAI, "kz1048").decode("kz1048").encode("utf-8")
    (parsed,) = read(tmp_path, recoded)
    assert parsed.row == TITLE


def test_broken_records_are_reported_with_their_numbers_and_the_others_read(tmp_path: Path) -> None:
    good = record(ABAI)
    no_title = record([("001", "x")])
    parsed = read(tmp_path, good, b"garbage\x1d", no_title, b"\r\n", good, b"0" * 120_000 + b"\x1d", good, good[:100])
    assert [entry.line for entry in parsed if entry.row] == [1, 4, 6]
    reasons = {entry.line: entry.reason for entry in parsed if entry.row is None}
    assert "leader" in reasons[2] and "no title" in reasons[3] and "longer" in reasons[5] and "cut off" in reasons[7]
    assert all(f"record {line} " in reason for line, reason in reasons.items())


def test_a_catalogue_whose_first_record_is_broken_is_still_one(tmp_path: Path) -> None:
    first, second = read(tmp_path, b"?????" + record(ABAI)[5:12] + b"?????" + record(ABAI)[17:], record(ABAI))
    assert first.row is None and second.row == TITLE


def test_records_are_items_only(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(record(ABAI))
    with pytest.raises(ImportFileError, match="items only"):
        read_rows(Intake.PATRONS, path)


@given(st.binary(max_size=300) | st.binary(max_size=80).map(lambda junk: record(ABAI)[:-40] + junk))
def test_any_bytes_are_a_record_or_a_broken_one(data: bytes) -> None:
    with suppress(BrokenRecord):
        parse(data)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_byte_costs_at_most_the_records_it_touches(tmp_path: Path, data: st.DataObject) -> None:
    whole = record(ABAI) * 3
    at = data.draw(st.integers(0, len(record(ABAI)) - 1))
    damaged = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    path = tmp_path / "x"
    path.write_bytes(damaged)
    try:
        parsed = list(read_rows(Intake.ITEMS, path))
    except ImportFileError:
        assert at < 24  # no leader in front: no longer known for a catalogue
        return
    assert [entry.row for entry in parsed[-1:]] == [TITLE]


@pytest.mark.skipif(not REAL.exists(), reason="the sample of real records is not here")
def test_real_records_of_a_national_library_are_all_read() -> None:
    parsed = list(read_rows(Intake.ITEMS, REAL))
    assert {entry.line for entry in parsed} == set(range(1, 82))
    assert not [entry.reason for entry in parsed if entry.row is None]
    rows = [entry.row for entry in parsed if isinstance(entry.row, ItemRow)]
    assert all("\ufffd" not in row.title and row.title.isprintable() for row in rows)
    assert len({row.barcode for row in rows if row.barcode}) == 92
