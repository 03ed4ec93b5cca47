"""Kazakh text for matching and sorting: what is folded is compared, never shown.

Source: DOMAIN.md 5 (folding table, look-alikes found in the field's own documents); CLDR collation of kk.
"""

from __future__ import annotations

import re
import unicodedata

_FOLD = str.maketrans(
    {"ә": "а", "ғ": "г", "қ": "к", "ң": "н", "ө": "о", "ұ": "у", "ү": "у", "һ": "х", "і": "и", "ё": "е"}
)
_LATIN = "iəaeopcxyIƏAEOPCXYKMTHBk"
_CYRILLIC = "іәаеорсхуІӘАЕОРСХУКМТНВк"
_LOOK_ALIKE = str.maketrans(_LATIN, _CYRILLIC)
_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_RANK = {letter: rank for rank, letter in enumerate(_ALPHABET)}
_WORD = re.compile(r"[^\W_]+")
_HAS_CYRILLIC = re.compile(r"[\u0400-\u04ff]")


def mend(text: str) -> str:
    """Replace Latin letters inside words that are otherwise Cyrillic by the ones they look like; NFC.

    «кiтапхана» typed with a Latin i becomes «кітапхана»; a word wholly in Latin letters stays.
    """
    return _WORD.sub(_mend_word, unicodedata.normalize("NFC", text))


def _mend_word(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_LOOK_ALIKE) if _HAS_CYRILLIC.search(word) else word


def fold(text: str) -> str:
    """What is left of a text for matching: lower case, look-alikes mended, Kazakh letters on their Russian kin.

    Words are separated by one space, punctuation is gone: «Ұшқан ұя!» gives "ушкан уя".
    """
    return " ".join(_WORD.findall(mend(text).lower().translate(_FOLD)))


def sort_key(text: str) -> tuple[tuple[int, ...], str]:
    """A key that sorts by the Kazakh alphabet: Ё after Е, Қ after К, І after Ы. Digits and Latin come first."""
    lowered = unicodedata.normalize("NFC", text).lower()
    ranks = tuple(1_000_000 + _RANK[letter] if letter in _RANK else ord(letter) for letter in lowered)
    return ranks, text
