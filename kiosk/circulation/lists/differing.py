"""In what a list says otherwise of a pupil, and what is written down then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kiosk.circulation.fold import fold
from kiosk.circulation.lists.facts import Known
from kiosk.circulation.lists.rows import ListRow
from kiosk.circulation.pupils import Name


def changes(row: ListRow, known: Known) -> Iterable[str]:
    """What a row says otherwise of a pupil, by name: see facts.Entry."""
    patron = known.patron
    if spelled(row.name, known.name) != known.name:
        yield "name"
    if row.language and row.language != patron.language:
        yield "language"
    if grouped(patron.groups, row.groups) != patron.groups:
        yield "groups"
    if (row.card and row.card not in known.cards) or (row.external_id and row.external_id != known.external_id):
        yield "card"
    if patron.left:
        yield "back"


_KAZAKH = frozenset("әғқңөұүһіӘҒҚҢӨҰҮҺІ")


def spelled(said: Name, known: Name) -> Name:
    """A name as it is to be written: as the list has it, but with the Kazakh letters that a list typed without them
    lost, and in the order that is known. What the list leaves out stays."""
    if said.key != known.key and Name(said.first, said.last).key == known.key:
        return known
    return Name(
        _better(said.last, known.last), _better(said.first, known.first), _better(said.patronymic, known.patronymic)
    )


def _better(said: str, known: str) -> str:
    if not said or (fold(said) == fold(known) and _kazakh(known) >= _kazakh(said)):
        return known
    return said


def _kazakh(word: str) -> int:
    return sum(letter in _KAZAKH for letter in word)


def grouped(known: Sequence[str], said: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The groups of a pupil after a list that speaks of some families of groups: the others stay."""
    families = {family for family, _ in said}
    kept = [group for group in known if family_of(group) not in families]
    return tuple(sorted({*kept, *(group for _, group in said)}))


def family_of(group: str) -> str:
    """What a group is a part of: "english-1" of "english", "boys" of "sex"."""
    if group in ("boys", "girls"):
        return "sex"
    family, dash, _ = group.partition("-")
    return family if dash and family in ("english", "kazakh", "russian", "group") else "profile"
