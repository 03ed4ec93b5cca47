"""What the keys mean on the keyboards that a scanner can be set to. Codes: linux/input-event-codes.h. Checked by a test
against X's own tables."""

from __future__ import annotations

_ROWS = ((41, *range(2, 14)), range(16, 28), (*range(30, 41), 43), (86, *range(44, 54)))
"""Key codes as they lie: digits with the key left of 1, upper, middle with the key left of Enter, lower with the key
left of Z."""
KEYPAD = dict(zip((71, 72, 73, 75, 76, 77, 79, 80, 81, 82), "7894561230", strict=True)) | {
    55: "*",
    74: "-",
    78: "+",
    83: ".",
    98: "/",
    117: "=",
    121: ",",
}

Characters = dict[int, str]

_PLAIN_SHIFTED_THIRD = {
    "us": (
        ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "<zxcvbnm,./"),
        ("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', ">ZXCVBNM<>?"),
        {},
    ),
    "de": (
        ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
        ('°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
        {8: "{", 9: "[", 10: "]", 11: "}", 12: "\\", 16: "@", 27: "~", 86: "|"},
    ),
    "fr": (
        ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
        ("~1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
        {3: "~", 4: "#", 5: "{", 6: "[", 7: "|", 8: "`", 9: "\\", 10: "^", 11: "@", 12: "]", 13: "}"},
    ),
    "ru": (
        ("ё1234567890-=", "йцукенгшщзхъ", "фывапролджэ\\", "/ячсмитьбю."),
        ('Ё!"№;%:?*()_+', "ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭ/", "|ЯЧСМИТЬБЮ,"),
        {},
    ),
    "kz": (
        ('("әіңғ,.үұқөһ', "йцукенгшщзхъ", "фывапролджэ\\", "<ячсмитьбю№"),
        (")!ӘІҢҒ;:ҮҰҚӨҺ", "ЙЦУКЕНГШЩЗХЪ", "ФЫВАПРОЛДЖЭ/", ">ЯЧСМИТЬБЮ?"),
        {},
    ),
}  # fmt: skip


def layout(name: str) -> tuple[Characters, Characters, Characters]:
    """The characters of a keyboard by key code: plain, with Shift, with the right Alt. Raises KeyError."""
    plain, shifted, third = _PLAIN_SHIFTED_THIRD[name]
    return _laid(plain) | {57: " "}, _laid(shifted) | {57: " "}, dict(third)


def _laid(rows: tuple[str, ...]) -> Characters:
    return {
        code: character
        for codes, row in zip(_ROWS, rows, strict=True)
        for code, character in zip(codes, row, strict=True)
    }
