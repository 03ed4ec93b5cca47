"""The words that lists use for languages, categories, kinds and months, folded (fold.py), and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from kiosk.circulation.fold import fold
from kiosk.circulation.model import LIBRARIAN, PUPIL, ItemKind

T = TypeVar("T")


def _meant(usual: Mapping[T, str]) -> dict[str, T]:
    return {fold(word): value for value, words in usual.items() for word in words.split(";")}


LANGUAGE_FILLERS = frozenset(
    fold(word) for word in ("тілі", "тілінде", "тіл", "оқыту", "язык", "языке", "на", "обучения", "language")
)
LANGUAGES = _meant(
    {
        "kk": "kk;kaz;kz;қаз;каз;қазақ;қазақша;мемлекеттік;казахский;казахском;казахская;казахша;kazakh;qazaq",
        "ru": "ru;rus;орыс;орысша;рус;русский;русском;русская;russian",
        "en": "en;eng;ағылшын;ағылшынша;ағыл;англ;английский;английском;english",
        "de": "de;ger;deu;неміс;немісше;нем;немецкий;немецком;german",
        "fr": "fr;fre;fra;француз;французша;французский;french",
        "tr": "tr;tur;түрік;түрікше;турецкий;turkish",
        "uz": "uz;uzb;өзбек;өзбекше;узбекский;uzbek",
        "ug": "ug;uig;ұйғыр;ұйғырша;уйгурский;uyghur",
        "tg": "tg;tgk;тәжік;тәжікше;таджикский;tajik",
        "ky": "ky;kir;қырғыз;қырғызша;киргизский;кыргызский;kyrgyz",
        "tt": "tt;tat;татар;татарша;татарский;tatar",
        "zh": "zh;chi;zho;қытай;қытайша;китайский;chinese",
        "ko": "ko;kor;корей;корейше;корейский;korean",
        "ar": "ar;ara;араб;арабша;арабский;arabic",
        "uk": "uk;ukr;украин;украинский;ukrainian",
        "pl": "pl;pol;поляк;польский;polish",
        "es": "es;spa;испан;испанский;spanish",
        "la": "la;lat;латын;латинский;latin",
    }
)
CATEGORIES = _meant(
    {
        PUPIL: "pupil;оқушы;оқушылар;ученик;ученица;учащийся;учащаяся;учащиеся;school pupil;schoolchild;шәкірт;"
        "лицеист;гимназист",
        "student": "student;студент;студентка",
        "teacher": "teacher;мұғалім;мұғалімдер;ұстаз;учитель;учительница;педагог;преподаватель;оқытушы;тәрбиеші;"
        "воспитатель;воспитательница;сынып жетекшісі;классный руководитель",
        "staff": "staff;қызметкер;қызметкерлер;сотрудник;сотрудница;работник;персонал;техперсонал;employee;директор;"
        "завуч;психолог;әкімшілік;администрация",
        LIBRARIAN: "librarian;кітапханашы;библиотекарь;кітапхана меңгерушісі;заведующая библиотекой",
        "parent": "parent;ата-ана;родитель;родители;әкесі;анасы",
        "pensioner": "pensioner;зейнеткер;пенсионер;пенсионерка",
        "room": "room;кабинет;сынып бөлмесі;бөлме;classroom;кабинеты",
        "group": "group;топ;группа;тобы;балабақша тобы;группа детского сада",
        "visitor": "visitor;басқа;өзге;другое;прочие;other",
    }
)
KINDS = _meant(
    {
        ItemKind.BOOK: "book;books;кітап;кітаптар;книга;книги;көркем әдебиет;көркем;художественная литература;"
        "художественная;балалар әдебиеті;детская литература;монография",
        ItemKind.TEXTBOOK: "textbook;textbooks;оқулық;оқулықтар;учебник;учебники;оқу құралы;оқу-әдістемелік құрал;"
        "учебное пособие;оқу әдебиеті;учебная литература;жұмыс дәптері;рабочая тетрадь;учебная",
        ItemKind.REFERENCE: "reference;reference book;анықтамалық;анықтама;справочник;справочная литература;"
        "энциклопедия;энциклопедиялар;сөздік;словарь;атлас;encyclopedia;encyclopaedia;dictionary",
        ItemKind.PERIODICAL: "periodical;periodicals;мерзімді басылым;мерзімді баспасөз;журнал;газет;газета;"
        "периодика;периодическое издание;периодические издания;magazine;journal;newspaper",
        ItemKind.EQUIPMENT: "equipment;құрал-жабдық;құрал;жабдық;оборудование;планшет;ноутбук;техника;device",
    }
)
_MONTHS = (
    "қаңтар;января;январь", "ақпан;февраля;февраль", "наурыз;марта;март", "сәуір;апреля;апрель",
    "мамыр;мая;май", "маусым;июня;июнь", "шілде;июля;июль", "тамыз;августа;август",
    "қыркүйек;сентября;сентябрь", "қазан;октября;октябрь", "қараша;ноября;ноябрь", "желтоқсан;декабря;декабрь",
)  # fmt: skip
MONTHS = _meant(dict(enumerate(_MONTHS, 1)))
