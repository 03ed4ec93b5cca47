"""Two letters for a subject, as staff write them over the columns of a class: Ал, Ге, Қт. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

_PAIR = 2


def parse_heads(text: str) -> dict[str, str]:
    """«Алгебра Ал; Қазақ тілі Қт» as subjects, folded, and their letters."""
    pairs = (one.strip().rpartition(" ") for one in text.split(";"))
    return {subject.casefold(): letters for subject, _, letters in pairs if subject}


def subject_heads(subjects: Sequence[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """Letters for each subject, no two alike as long as the subjects are not.

    known: what schools use. Of others the first letters: of one word two, of several one of each of the first two; if
    those are taken, the first letter with a later one, and at last a number.
    """
    taken: dict[str, str] = {}
    wanted = {subject: known.get(" ".join(subject.split()).casefold(), "") for subject in subjects}
    for subject in sorted(wanted, key=lambda one: not wanted[one]):
        taken.setdefault(next(one for one in _choices(subject, wanted[subject]) if one not in taken), subject)
    letters = {subject: head for head, subject in taken.items()}
    return tuple(letters[subject] for subject in subjects)


def _choices(subject: str, known: str) -> Iterator[str]:
    """What may stand for a subject, the best first, without an end."""
    words = ["".join(letter for letter in word if letter.isalnum()) for word in subject.split()]
    words = [word for word in words if word] or ["?"]
    first, rest = words[0], "".join(words[1:])
    initial = first[0].upper()
    if known:
        yield known[:_PAIR]
    for second in (*(word[0] for word in words[1:]), *first[1:], *rest):
        yield initial + second.lower()
    yield from (f"{initial}{number}" for number in count(1))
