"""People's names as Kazakh schools write them: surname, given name and patronymic agree in gender.

Two traditions: in Kazakh-medium classes names keep the Kazakh letters, the patronymic is joined (-ұлы/-қызы) or
Russian in form (-ович/-овна) or absent, the surname ends in -ов/-ова, is bare, or is itself like a patronymic; in
Russian-medium classes Russian, Kazakh (written with Russian letters), Korean, German and Ukrainian names stand side by
side.
"""

from dataclasses import dataclass
from random import Random

ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"

_KK_MALE = """Айбек Айсұлтан Алихан Али Алмас Аңсар Арлан Арман Асанәлі Асқар Ахмет Әділет Әлихан Әмір Бауыржан Батырхан
    Бейбарыс Бекзат Бексұлтан Ғалымжан Ғани Данияр Дәулет Диас Дінмұхаммед Елдос Ерасыл Ермек Ернар Ерсұлтан Ерхан
    Жанболат Жандос Жәнібек Жігер Ибраһим Ілияс Ислам Қайсар Қаһарман Қуат Мағжан Мансұр Марғұлан Мақсат Мейіржан
    Мерей Мирас Мұхаммед Мұстафа Нұрали Нұрдәулет Нұрислам Нұрсұлтан Нұртас Олжас Өміржан Өркен Рамазан Рүстем
    Сәбит Сағи Санжар Сұңқар Сырым Темірлан Тоқтар Ұлан Хамза Шыңғыс Ыбырай"""
_KK_FEMALE = """Айгүл Айгерім Айдана Айзере Айша Айым Ақбота Ақерке Ақниет Арайлым Аружан Асылым Аяжан Аяулым Әдемі
    Әлия Әсел Әсем Балнұр Бибігүл Гауһар Гүлдана Гүлназ Гүлнұр Дана Дильназ Еркежан Еңлік Жансая Жанель Жаннұр
    Жұлдыз Жиһан Зейнеп Зере Интизар Іңкәр Кәусар Қарақат Қымбат Қызғалдақ Лаура Маржан Мәдина Меруерт Мөлдір
    Назерке Нұрай Нұргүл Нұрсая Өрім Перизат Раяна Сабина Салтанат Сезім Сымбат Таңшолпан Томирис Тоғжан Ұлболсын
    Ұлпан Үміт Фариза Хадиша Шұғыла Ырысты Інжу"""
_KK_FATHERS = """Азамат Айдос Алмас Арман Асқар Әділ Әсет Бақыт Бауыржан Берік Болат Ғабит Ғалым Данияр Дархан Дәурен
    Ерболат Ержан Ерлан Жанат Жеңіс Қайрат Қанат Қуат Мақсұт Марат Мұрат Нұрболат Нұрлан Олжас Өмірбек Руслан Рүстем
    Самат Серік Талғат Тимур Төлеген Ұлан Үсен Шыңғыс Ілияс"""
_KK_SURNAMES = """Айтбаев Ахметов Әбілов Әлиев Әшімов Баймұхамбетов Байжанов Бекенов Бөкенов Ғабдуллин Досанов Дүйсенов
    Ермеков Есенов Есімов Жақсыбеков Жанұзақов Жүнісов Жұмабеков Ибрагимов Исаев Ідірісов Кенжебаев Көпеев Қалиев
    Қасымов Қаһарманов Қожахметов Құрманов Мәмбетов Мұқанов Мұсаев Мыңбаев Нұрғалиев Нұрпейісов Омаров Оспанов Өтегенов
    Рахметов Сағындықов Садықов Сәрсенов Сейітов Смағұлов Сүлейменов Тәжібаев Тілеубаев Төлегенов Тұрсынов Уәлиев
    Үмбетов Хамитов Шәріпов Ысқақов"""
_KK_BARE = """Әбдіқадыр Бейсенбай Ғабит Дәулетбек Есенғали Жұмағали Қалдыбек Қуаныш Мұхтар Мырзахмет Нұрмұхамед
    Орынбасар Өтеген Рысбек Сағат Серікбай Төлеу Тұрғанбек Үсен Ілияс"""

_RU_MALE = """Александр Алексей Андрей Артём Богдан Виктор Владислав Глеб Даниил Дмитрий Егор Иван Илья Кирилл Максим
    Матвей Михаил Никита Павел Роман Сергей Степан Тимофей Ярослав"""
_RU_FEMALE = """Алина Анастасия Анна Валерия Варвара Вероника Виктория Дарья Ева Екатерина Елизавета Кристина Ксения
    Мария Милана Ольга Полина София Татьяна Ульяна Юлия Яна"""
_RU_FATHERS = """Александров Алексеев Анатольев Андреев Викторов Владимиров Вячеславов Денисов Дмитриев Евгеньев
    Иванов Игорев Максимов Михайлов Николаев Олегов Павлов Романов Сергеев Юрьев"""
_RU_SURNAMES = """Иванов Петров Кузнецов Попов Соколов Лебедев Козлов Новиков Морозов Волков Соловьёв Васильев Зайцев
    Павлов Семёнов Голубев Виноградов Богданов Фёдоров Никитин Крылов Красовский Вишневский Шевченко Бондаренко
    Коваленко Мельник Ким Цой Пак Ли Шмидт Вебер Гейст"""

_MIXED_MALE = "Алихан Арсен Аскар Дамир Данияр Ерлан Ильяс Мирас Руслан Санжар Тамерлан Тимур"
_MIXED_FEMALE = "Айгерим Алия Асель Дана Динара Жанна Камила Мадина Сабина Самира Томирис"
_MIXED_FATHERS = "Бауржанов Болатов Ерланов Ильясов Канатов Маратов Муратов Нурланов Русланов Талгатов"
_MIXED_SURNAMES = """Абдуллаев Ахметов Жумабеков Искаков Касымов Нургалиев Рахимов Сулейменов Тулегенов Хасанов
    Юсупов"""


@dataclass(frozen=True)
class Name:
    """A full name in the official order: surname, given name, patronymic ("" where there is none)."""

    last: str
    first: str
    patronymic: str = ""


def pick(rng: Random, options: list[str] | tuple[str, ...]) -> str:
    """One of `options`, by `rng.random()` alone, whose sequence no Python version changes."""
    return options[int(rng.random() * len(options))]


def _word(rng: Random, words: str) -> str:
    """One of the space-separated `words`."""
    return pick(rng, words.split())


def kazakh_order(text: str) -> tuple[int, ...]:
    """A key that sorts by the Kazakh alphabet, case and marks apart: Ә stands after А, І after Ы."""
    return tuple(ALPHABET.find(char) for char in text.lower())


def feminine(surname: str) -> str:
    """A woman's form: -ова, -ева, -ина, -ская; other surnames stay as they are."""
    if surname.endswith("ский"):
        return surname.removesuffix("ий") + "ая"
    return surname + "а" if surname.endswith(("ов", "ев", "ёв", "ин")) else surname


def kazakh_name(rng: Random, female: bool) -> Name:
    """A name from a Kazakh-medium class."""
    first = _word(rng, _KK_FEMALE if female else _KK_MALE)
    father = _word(rng, _KK_FATHERS)
    joined = father + ("қызы" if female else "ұлы")
    kind = rng.random()
    if kind < 0.06:
        return Name(joined, first)
    if kind < 0.25:
        return Name(_word(rng, _KK_BARE), first, joined if rng.random() < 0.7 else "")
    surname = _word(rng, _KK_SURNAMES)
    form = rng.random()
    patronymic = joined if form < 0.5 else father + ("овна" if female else "ович") if form < 0.78 else ""
    return Name(feminine(surname) if female else surname, first, patronymic)


def russian_class_name(rng: Random, female: bool) -> Name:
    """A name from a Russian-medium class: seven in ten Russian and kindred, three Kazakh in Russian letters."""
    if rng.random() < 0.7:
        firsts, fathers, surnames = (_RU_FEMALE if female else _RU_MALE), _RU_FATHERS, _RU_SURNAMES
    else:
        firsts, fathers, surnames = (_MIXED_FEMALE if female else _MIXED_MALE), _MIXED_FATHERS, _MIXED_SURNAMES
    surname = _word(rng, surnames)
    patronymic = _word(rng, fathers) + ("на" if female else "ич") if rng.random() < 0.9 else ""
    return Name(feminine(surname) if female else surname, _word(rng, firsts), patronymic)


def random_name(rng: Random, language: str, female: bool) -> Name:
    """A name for a class taught in `language` (kk or ru)."""
    return kazakh_name(rng, female) if language == "kk" else russian_class_name(rng, female)
