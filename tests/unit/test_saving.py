"""A document's file: whole or not at all, under a name of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.reports.saving import NotSaved, overwrite, save


def test_a_document_is_kept_under_a_name_that_people_read(tmp_path: Path) -> None:
    path = save(tmp_path / "paper", "Оқулық беру тізімдемесі, 5 «Ә», 2026-08-20", b"%PDF")
    assert path.name == "Оқулық беру тізімдемесі, 5 «Ә», 2026-08-20.pdf"
    assert path.read_bytes() == b"%PDF" and path.stat().st_mode & 0o777 == 0o640


def test_no_document_takes_the_place_of_another(tmp_path: Path) -> None:
    paths = [save(tmp_path, "тізім", str(n).encode()) for n in range(3)]
    assert [path.name for path in paths] == ["тізім.pdf", "тізім-2.pdf", "тізім-3.pdf"]
    assert [path.read_bytes() for path in paths] == [b"0", b"1", b"2"]


@given(name=st.text(max_size=300))
def test_no_name_leads_out_of_the_folder(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("paper")
    path = save(folder, name, b"x")
    assert path.parent == folder and list(folder.iterdir()) == [path]


def test_a_name_may_be_a_path_or_nothing(tmp_path: Path) -> None:
    assert save(tmp_path, "../../etc/passwd", b"x").parent == tmp_path
    assert save(tmp_path, "...", b"x").name == "paper.pdf"


def test_a_folder_that_cannot_be_written_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "paper").write_text("a file", encoding="utf-8")
    with pytest.raises(NotSaved, match="the document was not written"):
        save(tmp_path / "paper", "тізім", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["paper"]


FULL = """
import resource, signal, sys
from pathlib import Path
from kiosk.reports.saving import NotSaved, save
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    save(Path(sys.argv[1]), "list", b"x" * 100_000)
except NotSaved as error:
    print(error)
"""


def test_of_a_document_that_does_not_fit_there_is_no_part(tmp_path: Path) -> None:
    """No file of the process may grow over a thousand bytes, as on a disk that is nearly full."""
    done = subprocess.run([sys.executable, "-c", FULL, tmp_path], capture_output=True, text=True, check=True)
    assert "the document was not written: File too large" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_document_replaces_the_one_at_a_path_in_one_moment(tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"
    overwrite(out, b"1")
    overwrite(out, b"2")
    assert out.read_bytes() == b"2" and list(tmp_path.iterdir()) == [out]
