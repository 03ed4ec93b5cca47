"""What a library holds beside books to lend and textbooks: reference works, periodicals, equipment, brochures."""

from random import Random

from kiosk.demo.codes import IsbnIssuer, shelf_marks

_ROOM = "Оқу залы"

# title|author|publisher|year|volumes|pages|language|branch|UDC
_REFERENCE = """
Қазақстан ұлттық энциклопедиясы||Қазақ энциклопедиясы|2003|10|720|kk|қоғамдық|030
Балалар энциклопедиясы||Қазақ энциклопедиясы|2008|5|320|kk|балалар|030
Абай. Энциклопедия||Атамұра|1995|1|720|kk|тіл/әдебиеттану|821.512.122
Мұхтар Әуезов энциклопедиясы||Атамұра|2011|1|688|kk|тіл/әдебиеттану|821.512.122
Қазақ әдеби тілінің сөздігі||Дәуір|2011|15|752|kk|тіл/әдебиеттану|811.512.122
Қазақ тілінің фразеологиялық сөздігі|І. Кеңесбаев|Арыс|2007|1|800|kk|тіл/әдебиеттану|811.512.122
Қазақ тілінің орфографиялық сөздігі||Дәуір|2013|1|720|kk|тіл/әдебиеттану|811.512.122
Қазақша-орысша сөздік||Дайк-Пресс|2008|1|962|kk|тіл/әдебиеттану|811.512.122
Орысша-қазақша сөздік||Дайк-Пресс|2005|1|1152|kk|тіл/әдебиеттану|811.512.122
Қазақстанның Қызыл кітабы||Дәуір|2010|2|324|kk|жаратылыстану|59
Қазақ совет энциклопедиясы||Қазақ энциклопедиясы|1972|12|640|kk|қоғамдық|030
Қазақстан географиялық атласы||Мектеп|2012|1|80|kk|жаратылыстану|91
Казахская ССР. Краткая энциклопедия||Қазақ энциклопедиясы|1985|4|608|ru|қоғамдық|030
Детская энциклопедия||Педагогика|1971|12|560|ru|балалар|030
Энциклопедия для детей||Аванта+|1998|10|688|ru|балалар|030
Что такое. Кто такой||Педагогика|1990|3|384|ru|балалар|030
Толковый словарь живого великорусского языка|В. Даль|Русский язык|1989|4|700|ru|тіл/әдебиеттану|811.161.1
Словарь русского языка|С. Ожегов|Русский язык|1984|1|816|ru|тіл/әдебиеттану|811.161.1
Справочник по правописанию и литературной правке|Д. Розенталь|Айрис-пресс|2007|1|368|ru|тіл/әдебиеттану|811.161.1
Англо-русский словарь|В. Мюллер|Русский язык|1992|1|848|ru|тіл/әдебиеттану|811.111
Атлас мира||Дрофа|2006|1|96|ru|жаратылыстану|91
Oxford Advanced Learner's Dictionary|A. S. Hornby|Oxford University Press|2015|1|1796|en|тіл/әдебиеттану|811.111
"""

# title|language|branch|issues
_PERIODICALS = """
Ақ желкен|kk|балалар|12
Балдырған|kk|балалар|12
Қазақстан мектебі|kk|қоғамдық|8
Жұлдыз|kk|көркем әдебиет|6
Простор|ru|көркем әдебиет|6
Мурзилка|ru|балалар|8
Юный натуралист|ru|жаратылыстану|6
Наука и жизнь|ru|жаратылыстану|6
"""
_PERIODICALS_YEAR = "2025"

# title|branch
_EQUIPMENT = """
Электронды кітап оқығыш|техника
Электронды кітап оқығыш|техника
Тоғызқұмалақ тақтасы|өнер/спорт
"""

# title|language|pages|branch|count
_BROCHURES = """
Жол жүру ережелері: оқушы жадынамасы|kk|16|қоғамдық|60
Қазақстан Республикасының мемлекеттік рәміздері|kk|24|қоғамдық|45
Кітапхананы пайдалану ережелері|kk|8|қоғамдық|80
Судағы қауіпсіздік: балаларға кеңес|kk|12|қоғамдық|35
Правила пожарной безопасности в школе|ru|16|қоғамдық|30
Первоцветы нашего края|ru|32|жаратылыстану|20
"""


def _lines(table: str) -> list[list[str]]:
    return [line.split("|") for line in table.strip().splitlines()]


def reading_room(rng: Random, isbns: IsbnIssuer) -> list[dict[str, str]]:
    """Reference works volume by volume, issues of periodicals and the equipment, one row per copy, all to use here."""
    rows = [row for line in _lines(_REFERENCE) for row in _volumes(rng, isbns, line)]
    for title, language, branch, issues in _lines(_PERIODICALS):
        for issue in range(1, int(issues) + 1):
            rows.append(
                {
                    "title": f"{title}, {_PERIODICALS_YEAR}, №{issue}",
                    "year": _PERIODICALS_YEAR,
                    "pages": "48",
                    "price": "650",
                    "language": language,
                    "udc": "050",
                    "branch": branch,
                    "kind": "periodical",
                    "part": str(issue),
                    "location": _ROOM,
                }
            )
    for title, branch in _lines(_EQUIPMENT):
        kinds = {"title": title, "branch": branch, "kind": "equipment", "language": "kk"}
        rows.append(kinds | {"year": "2024", "price": "48000", "location": _ROOM})
    return rows


def _volumes(rng: Random, isbns: IsbnIssuer, line: list[str]) -> list[dict[str, str]]:
    """The volumes of one reference work; they appeared one after another, each with an ISBN if from after 1990."""
    title, author, publisher, year, volumes, pages, language, branch, code = line
    udc, bbk = shelf_marks(code)
    rows = []
    for volume in range(1, int(volumes) + 1):
        part = str(volume) if volumes != "1" else ""
        mark = f". {part}-том" if language == "kk" else f". Том {part}"
        rows.append(
            {
                "title": title + (mark if part else ""),
                "author": author,
                "publisher": publisher,
                "year": year,
                "isbn": isbns.issue(int(year), kazakh=language == "kk", english=language == "en"),
                "pages": pages,
                "price": str(100 * (30 + int(rng.random() * 90))),
                "language": language,
                "udc": udc,
                "bbk": bbk,
                "branch": branch,
                "kind": "reference",
                "part": part,
                "location": _ROOM,
            }
        )
    return rows


def brochures() -> list[dict[str, str]]:
    """Thin brochures, below the 48 pages from which the inventory book counts, held by count."""
    return [
        {
            "title": title,
            "year": "2023",
            "pages": pages,
            "language": language,
            "branch": branch,
            "kind": "book",
            "location": "Абонемент, Сөре Д-1",
            "count": count,
        }
        for title, language, pages, branch, count in _lines(_BROCHURES)
    ]
