"""Numbers on the demo school's labels and cards, with check digits, and its shelf marks.

A card reads `P` + 6 digits + check digit, an item's barcode `B` + 7 digits + check digit; the check digit is Luhn's
(ISO/IEC 7812, mod 10) over the digits. The letter and the length tell a card from an item before any look-up, and
both fit Code 39 and Code 128. Inventory numbers are bare digits, as in an inventory book.
"""

from random import Random

CARD_DIGITS = 6
BARCODE_DIGITS = 7

#: country of a literature -> (UDC number, BBK number); the countries are the codes of the tables of works
LITERATURES = {
    "kz": ("821.512.122", "84(5Қаз)"),
    "ru": ("821.161.1", "84(2Рос)"),
    "be": ("821.161.3", "84(4Беи)"),
    "kg": ("821.512.154", "84(5Кыр)"),
    "av": ("821.351.12", "84(2Рос=Ава)"),
    "gb": ("821.111", "84(4Вел)"),
    "us": ("821.111(73)", "84(7Сое)"),
    "fr": ("821.133.1", "84(4Фра)"),
    "de": ("821.112.2", "84(4Гем)"),
    "it": ("821.131.1", "84(4Ита)"),
    "es": ("821.134.2", "84(4Исп)"),
    "co": ("821.134.2(861)", "84(7Кол)"),
    "br": ("821.134.3(81)", "84(7Бра)"),
    "dk": ("821.113.4", "84(4Дан)"),
    "se": ("821.113.6", "84(4Шве)"),
    "fi": ("821.113.6(480)", "84(4Фин)"),
    "ar": ("821.411.21", "84(5Ара)"),
}

#: form of a literary work -> (UDC form number, BBK form number)
FORMS = {"": ("-3", "44"), "p": ("-1", "5"), "d": ("-2", "6"), "f": ("-34", "82.3")}

#: beginning of a UDC number -> BBK number, for the branches of knowledge; the longest beginning wins
BBK_OF_UDC = {
    "004": "32.97",
    "1": "87",
    "159.9": "88",
    "17": "87.7",
    "33": "65",
    "37": "74",
    "39": "63.5",
    "51": "22.1",
    "52": "22.6",
    "53": "22.3",
    "54": "24",
    "55": "26.3",
    "57": "28.0",
    "59": "28.6",
    "62": "30",
    "74": "85.1",
    "78": "85.3",
    "79": "75",
    "8": "80",
    "81": "81",
    "82": "83",
    "91": "26.8",
    "94": "63.3",
}


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` + it pass the Luhn test."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def card_number(number: int) -> str:
    """The card with this running number: `card_number(1) == "P0000018"`."""
    digits = f"{number:0{CARD_DIGITS}d}"
    return f"P{digits}{luhn_digit(digits)}"


def item_barcode(number: int) -> str:
    """The item's barcode with this running number: `item_barcode(1) == "B00000018"`."""
    digits = f"{number:0{BARCODE_DIGITS}d}"
    return f"B{digits}{luhn_digit(digits)}"


def isbn13(first_twelve: str) -> str:
    """An ISBN-13 without hyphens: the twelve digits and their EAN check digit."""
    total = sum(int(char) * (3 if place % 2 else 1) for place, char in enumerate(first_twelve))
    return f"{first_twelve}{-total % 10}"


class IsbnIssuer:
    """Plausible ISBNs with valid check digits, no two alike, so that one ISBN always names one edition."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._issued: set[str] = set()

    def issue(self, year: int, kazakh: bool, english: bool = False) -> str:
        """An ISBN for a book printed in `year`, "" up to 1990.

        kazakh: a publisher in Kazakhstan, which used group 601 from 2008, 9965 from 1997 and 5 before.
        """
        if year <= 1990:
            return ""
        group = "978601" if year >= 2008 else "9789965" if year >= 1997 else "9785"
        group = group if kazakh else "978019" if english else "9785"
        while True:
            width = 12 - len(group)
            isbn = isbn13(f"{group}{int(self._rng.random() * 10**width):0{width}d}")
            if isbn not in self._issued:
                self._issued.add(isbn)
                return isbn


def shelf_marks(code: str) -> tuple[str, str]:
    """UDC and BBK of a work, from its code in the tables: `kz-p` (a country and a form) or a UDC number itself."""
    country, _, form = code.partition("-")
    if country in LITERATURES:
        udc, bbk = LITERATURES[country]
        udc_form, bbk_form = FORMS[form]
        return (f"398.2({country.upper()})", bbk_form) if form == "f" else (udc + udc_form, f"{bbk}-{bbk_form}")
    beginnings = [known for known in BBK_OF_UDC if code.startswith(known)]
    return code, BBK_OF_UDC[max(beginnings, key=len)] if beginnings else ""
