"""Hostile workbooks: bombs, entities, damaged parts. Each is refused with a sentence, at a small cost."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import ImportFileError
from kiosk.imports.tables import read_table

RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ROOT = (
    f'<Relationships><Relationship Id="r1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)
BOOK = '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>'
PARTS = (
    f'<Relationships><Relationship Id="r1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{RELATION}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{RELATION}/styles" Target="styles.xml"/></Relationships>'
)


def workbook(path: Path, sheet: str | bytes, strings: str | bytes = "<sst/>", **others: str | bytes) -> Path:
    parts: dict[str, str | bytes] = {
        "_rels/.rels": ROOT,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": PARTS,
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": strings,
        "xl/styles.xml": "<styleSheet/>",
        **others,
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def sheet(rows: str) -> str:
    return f"<worksheet><sheetData>{rows}</sheetData></worksheet>"


def test_shared_strings_rich_text_and_readings(tmp_path: Path) -> None:
    strings = "<sst><si><t>Абай</t></si><si><r><t>жо</t></r><r><t>лы</t></r><rPh><t>x</t></rPh></si><si/></sst>"
    rows = '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" t="s"><v>1</v></c><c t="s"><v>2</v></c></row>'
    assert list(read_table(workbook(tmp_path / "x", sheet(rows), strings))) == [(3, ["Абай", "", "жолы"])]


def test_prefixed_names_inline_strings_and_cells_without_places(tmp_path: Path) -> None:
    rows = '<x:row><x:c t="inlineStr"><x:is><x:t>Абай</x:t></x:is></x:c><x:c><x:f>1+1</x:f><x:v>2.0</x:v></x:c></x:row>'
    text = f'<x:worksheet xmlns:x="s"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    assert list(read_table(workbook(tmp_path / "x", text))) == [(1, ["Абай", "2"])]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "columns"),
        ('<row r="9999999"><c><v>1</v></c></row>', "rows"),
        ('<row><c t="s"><v>7</v></c></row>', "damaged"),
        ('<row><c t="str"><v>' + "x" * 10_001 + "</v></c></row>", "10,000 characters"),
        ("<row><c>", "damaged"),
        ("<a>" * 200, "damaged"),
        ("".join(f"<a{number}/>" for number in range(2000)), "damaged"),
        ("".join(f'<a b{number}="1"/>' for number in range(2000)), "damaged"),
        ("<a b='" + "x" * 3_000_000 + "'/>", "1 MB"),
    ],
)
def test_a_sheet_over_the_limits_is_refused(tmp_path: Path, rows: str, says: str) -> None:
    with pytest.raises(ImportFileError, match=says):
        list(read_table(workbook(tmp_path / "x", sheet(rows))))


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    with pytest.raises(ImportFileError, match="document type"):
        list(read_table(workbook(tmp_path / "x", sheet(""), bomb)))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x", b" " * 201 * 1024 * 1024)
    tracemalloc.start()
    try:
        with pytest.raises(ImportFileError, match="unpacks to more than 200 MB"):
            list(read_table(path))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_member_that_is_longer_than_it_says_is_refused(tmp_path: Path) -> None:
    text = sheet('<row><c t="str"><v>Абай</v></c></row>' * 3000).encode()
    path = workbook(tmp_path / "x", text)
    data = path.read_bytes()
    size = len(text).to_bytes(4, "little")
    assert data.count(size) == 2
    path.write_bytes(data.replace(size, (1000).to_bytes(4, "little")))
    with pytest.raises(ImportFileError):
        list(read_table(path))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(ImportFileError, match="no Excel workbook"):
        list(read_table(tmp_path / "x"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_text_in_any_part_is_rows_or_an_import_file_error(tmp_path: Path, data: st.DataObject) -> None:
    rows = '<row r="1"><c r="A1" t="s" s="0"><v>0</v></c><c r="B1" s="1"><v>45000</v></c></row>'
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    parts = {"sheet": sheet(rows), "strings": "<sst><si><t>Абай</t></si></sst>", "xl/styles.xml": styles,
             "xl/workbook.xml": BOOK, "_rels/.rels": ROOT, "xl/_rels/workbook.xml.rels": PARTS}  # fmt: skip
    name = data.draw(st.sampled_from(sorted(parts)))
    at = data.draw(st.integers(0, len(parts[name])))
    junk = data.draw(st.text(max_size=6) | st.sampled_from(['"', "-1", "1e999", "<c/>", "nan", "99999999999", "&#0;"]))
    parts[name] = parts[name][:at] + junk + parts[name][at + data.draw(st.integers(0, 3)) :]
    others = {part: parts[part] for part in parts if "/" in part}
    encoded = {part: text.encode("utf-8", "surrogatepass") for part, text in others.items()}
    try:
        found = list(read_table(workbook(tmp_path / "x", parts["sheet"], parts["strings"], **encoded)))
    except ImportFileError:
        return
    assert all(isinstance(cell, str) for _, cells in found for cell in cells)
