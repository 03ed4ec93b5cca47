"""The textbook stock: a set per grade and language of instruction, part of it numbered, the rest held by count.

A school numbers what is dear and stays for years; brochures and the cheaper books of the lower grades are held by
count. So the subjects stand in the order in which the library numbered them, until `NUMBERED_TEXTBOOKS` are reached;
what comes after is a row with a count.
"""

from random import Random

from kiosk.demo.codes import IsbnIssuer
from kiosk.demo.readers import CLASSES, grade_of

NUMBERED_TEXTBOOKS = 3500
_LANGUAGES = ("kk", "ru")
#: sets of Russian-medium grades that the school has no class of this year
_IDLE_RUSSIAN_GRADES = (3, 5, 7, 9)
_IDLE_SET = 12
_YEARS = (2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025)

# grades|subject in Kazakh|subject in Russian ("" if Kazakh-medium only)|publisher|author|parts|year
_SUBJECTS = """
1|Әліппе|Букварь|Атамұра|Ә. Е. Жұмабаева|2|
2-4|Әдебиеттік оқу|Литературное чтение|Атамұра||2|
5-9|Қазақ әдебиеті|Русская литература|Атамұра||1|
10-11|Қазақ әдебиеті||Мектеп||2|
7-9|Алгебра|Алгебра|Мектеп|А. Е. Әбілқасымова|1|2023
10-11|Алгебра және анализ бастамалары||Мектеп|А. Е. Әбілқасымова|2|
5-6|Математика|Математика|Атамұра|Т. А. Алдамұратова|2|
1-4|Математика|Математика|Алматыкітап|А. Б. Ақпаева|2|
7-9|Физика|Физика|Арман-ПВ|Н. Ә. Закирова|1|
10-11|Физика||Арман-ПВ||1|
7-9|Химия|Химия|Мектеп|М. Қ. Оспанова|1|
10-11|Химия||Мектеп|М. Қ. Оспанова|2|
7-9|Биология|Биология|Мектеп|Е. А. Очкур|1|
10-11|Биология||Мектеп||1|
5-9|Қазақстан тарихы|История Казахстана|Атамұра||1|
10-11|Қазақстан тарихы||Мектеп||1|
7-9|Геометрия|Геометрия|Мектеп|В. А. Смирнов|1|
10-11|Геометрия||Мектеп|В. А. Смирнов|1|
7-9|География|География|Мектеп||1|
5-11|Ағылшын тілі|Английский язык|Express Publishing||1|
2-4|Қазақ тілі|Русский язык|Атамұра||1|
5-9|Қазақ тілі|Русский язык|Мектеп||1|
10-11|География||Мектеп||1|
10-11|Дүниежүзі тарихы||Мектеп||1|
5-6|Жаратылыстану|Естествознание|Атамұра||1|
5-9|Дүниежүзі тарихы|Всемирная история|Мектеп||1|
10-11|Информатика||Арман-ПВ|Г. И. Салғараева|1|
5-9|Информатика|Информатика|Арман-ПВ|Г. И. Салғараева|1|
9|Құқық негіздері|Основы права|Мектеп||1|
10-11|Құқық негіздері||Атамұра||1|
10-11|Алғашқы әскери және технологиялық дайындық||Мектеп||1|
1-4|Жаратылыстану|Естествознание|Атамұра||1|
1-4|Дүниетану|Познание мира|Алматыкітап||1|
2-9|Орыс тілі|Казахский язык|Алматыкітап||1|
2-4|Ағылшын тілі|Английский язык|Express Publishing||1|
3-4|Цифрлық сауаттылық|Цифровая грамотность|Арман-ПВ||1|
1-6|Музыка|Музыка|Атамұра||1|
1-9|Көркем еңбек|Художественный труд|Келешек-2030||1|
"""

#: how Kazakh authors are spelt on the Russian editions: Әбілқасымова, Абылкасымова
_RUSSIAN_LETTERS = str.maketrans("ӘәҒғҚқҰұІі", "АаГгКкУуЫы")

Textbook = tuple[dict[str, str], int]


def textbooks(rng: Random, isbns: IsbnIssuer) -> tuple[list[Textbook], list[Textbook]]:
    """The textbook editions with their number of copies: the numbered ones (3,500 copies), those held by count."""
    numbered: list[Textbook] = []
    counted: list[Textbook] = []
    left = NUMBERED_TEXTBOOKS
    for line in _SUBJECTS.strip().splitlines():
        grades, in_kazakh, in_russian, publisher, author, parts, year = line.split("|")
        first, _, last = grades.partition("-")
        for grade in range(int(first), int(last or first) + 1):
            for language, subject in zip(_LANGUAGES, (in_kazakh, in_russian), strict=True):
                pupils = _pupils(grade, language)
                if not subject or not pupils:
                    continue
                for part in _parts(parts):
                    row = _row(rng, subject, grade, language, part, publisher, author)
                    for edition, copies in _editions(rng, isbns, row, pupils + int(rng.random() * 4), year):
                        take = min(copies, left)
                        left -= take
                        if take:
                            numbered.append((edition, take))
                        else:
                            counted.append((edition, copies))
    return numbered, counted


def subjects(grade: int, language: str) -> list[tuple[str, str]]:
    """Subject and part of each textbook of a grade in a language."""
    found = []
    for line in _SUBJECTS.strip().splitlines():
        grades, *names, _, _, parts, _ = line.split("|")
        first, _, last = grades.partition("-")
        subject = dict(zip(_LANGUAGES, names, strict=True))[language]
        if subject and int(first) <= grade <= int(last or first):
            found += [(subject, part) for part in _parts(parts)]
    return found


def _parts(parts: str) -> tuple[str, ...]:
    return ("",) if parts == "1" else tuple(str(n + 1) for n in range(int(parts)))


def _pupils(grade: int, language: str) -> int:
    """How many copies a set needs: the grade's pupils in that language, or last years' set that nobody uses now."""
    pupils = sum(size for name, taught_in, size in CLASSES if grade_of(name) == grade and taught_in == language)
    idle = language == "ru" and grade in _IDLE_RUSSIAN_GRADES
    return pupils or (_IDLE_SET if idle else 0)


def _row(
    rng: Random, subject: str, grade: int, language: str, part: str, publisher: str, author: str
) -> dict[str, str]:
    """One textbook title, without year and ISBN."""
    title = f"{subject}, {grade}-сынып" if language == "kk" else f"{subject}, {grade} класс"
    if part:
        title += f", {part}-бөлім" if language == "kk" else f", часть {part}"
    return {
        "title": title,
        "author": author if language == "kk" else author.translate(_RUSSIAN_LETTERS),
        "publisher": publisher,
        "pages": str(16 * (6 + int(rng.random() * (6 + grade // 2)))),
        "language": language,
        "udc": "373.167.1",
        "bbk": "74.26",
        "branch": "оқулық",
        "kind": "textbook",
        "grade": str(grade),
        "subject": subject,
        "part": part,
        "location": f"Абонемент, Сөре О-{grade}",
    }


def _editions(rng: Random, isbns: IsbnIssuer, row: dict[str, str], copies: int, year: str) -> list[Textbook]:
    """The set's print years: all one edition, or, in one set of four, the older half and a newer half."""
    if year:
        return [(_printed(rng, isbns, row, year), copies)]
    newest = 3 + int(rng.random() * 5)
    if rng.random() < 0.75:
        return [(_printed(rng, isbns, row, str(_YEARS[newest])), copies)]
    older = copies // 2
    years = (str(_YEARS[newest - 3]), str(_YEARS[newest]))
    return [(_printed(rng, isbns, row, years[0]), older), (_printed(rng, isbns, row, years[1]), copies - older)]


def _printed(rng: Random, isbns: IsbnIssuer, row: dict[str, str], year: str) -> dict[str, str]:
    """The title as printed in `year`, with an ISBN and a price in tenge."""
    price = 10 * (90 + int(rng.random() * 160))
    return row | {"year": year, "isbn": isbns.issue(int(year), kazakh=True), "price": str(price)}
