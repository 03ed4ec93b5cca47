"""The words: catalogues that are whole and alike, dates and plurals of each language, views as plain text."""

import ast
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import babel.messages
import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

import kiosk
from kiosk import text
from kiosk.circulation.identify import NotOursReason
from kiosk.circulation.model import PinKind, SchoolClass
from kiosk.circulation.policy import Refusal
from kiosk.circulation.rules import VisitSettings
from kiosk.circulation.views import CellState, Days, Message, PatronFace, Row, RowState, View
from kiosk.circulation.visit.signing import PICTURES
from kiosk.plain import describe
from kiosk.text import PLACEHOLDER, Words

PACKAGE = Path(kiosk.__file__).parent
LANGUAGES = text.languages()
FRIDAY = date(2026, 10, 2)

#: values that a refusal does not always have
OPTIONAL = {Refusal.RENEW_LIMIT.value: {"date"}}

every_language = pytest.mark.parametrize("language", LANGUAGES)


@cache
def strict(language: str) -> Words:
    return Words(language, strict=True)


@cache
def catalogue(language: str) -> Catalog:
    with (PACKAGE / "locale" / language / "LC_MESSAGES" / "kiosk.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def strings(message: babel.messages.Message) -> tuple[str, ...]:
    """The text of a message, or all forms of one that is counted; empty where it is missing."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


@cache
def texts(language: str) -> dict[str, tuple[str, ...]]:
    """Every text by its key; of a counted one all forms."""
    found = {}
    for message in catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = strings(message)
    return found


def placeholders(template: str) -> set[str]:
    return {name for name, _ in PLACEHOLDER.findall(template)}


def sources() -> Iterator[ast.Module]:
    for path in sorted((PACKAGE / "circulation").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


@cache
def keys_in_code() -> frozenset[str]:
    """Every string of the core that looks like a key, the values of its enumerations included."""
    return frozenset(
        node.value
        for tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z]+\.[a-z_]+", node.value)
    )


@cache
def keys_in_front_ends() -> frozenset[str]:
    """Every quoted string of the screens and the console that begins like a key of the catalogues."""
    sections = "|".join({key.split(".")[0] for key in texts("kk")})
    paths = [PACKAGE / "console.py", PACKAGE / "plain.py", PACKAGE / "text.py", *(PACKAGE / "screens").rglob("*.py")]
    paths += (PACKAGE / "reports").rglob("*.py")
    quoted = re.compile(rf"""(['"])((?:{sections})\.[a-z_]+(?:\.[a-z_]+)?)\1""")
    found: set[str] = set()
    for path in (*paths, *(PACKAGE / "screens").rglob("*.kv")):
        found |= {key for _, key in quoted.findall(path.read_text(encoding="utf-8"))}
    return frozenset(found)


def said(node: ast.expr) -> list[str]:
    """The keys that an expression may stand for."""
    match node:
        case ast.Constant(value=str(key)):
            return [key]
        case ast.IfExp(body=body, orelse=orelse):
            return said(body) + said(orelse)
        case ast.Attribute(value=ast.Name(id="Refusal"), attr=name):
            return [Refusal[name].value]
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="Refusal"), attr=name), attr="value"):
            return [Refusal[name].value]
    return []


@cache
def params_in_code() -> dict[str, set[str]]:
    """What the core passes with each key that it names: say(state, KEY, n=...), Message.of, Message, Refused."""
    passed: dict[str, set[str]] = defaultdict(set)
    for tree in sources():
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            match call:
                case ast.Call(func=ast.Name(id="say"), args=[_, key]):
                    pass
                case ast.Call(func=ast.Attribute(value=ast.Name(id="Message"), attr="of"), args=[key]):
                    pass
                case ast.Call(func=ast.Name(id="Message" | "Refused"), args=[key, *_]):
                    pass
                case _:
                    continue
            names = {keyword.arg for keyword in call.keywords if keyword.arg}
            for pair in (node for argument in call.args[1:] for node in ast.walk(argument)):
                match pair:
                    case ast.Tuple(elts=[ast.Constant(value=str(name)), _]):
                        names.add(name)
            for one in said(key):
                passed[one] |= names
    return passed


def actions_in_code() -> set[str]:
    """The actions that the visit answers to and that its views offer."""
    step = ast.parse((PACKAGE / "circulation/visit/step.py").read_text(encoding="utf-8"))
    view = ast.parse((PACKAGE / "circulation/visit/view.py").read_text(encoding="utf-8"))
    answered = {
        node.value.value
        for node in ast.walk(step)
        if isinstance(node, ast.MatchValue)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    drawn = {node.value for node in ast.walk(view) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return (answered & drawn) | {"more_time"}


# The catalogues


def test_kazakh_russian_and_english_are_there_and_the_visit_knows_no_other() -> None:
    assert {"kk", "ru", "en"} <= set(LANGUAGES)
    assert set(VisitSettings().languages) <= set(LANGUAGES)


def test_the_looks_at_the_code_see_something() -> None:
    assert len(keys_in_code()) > 70
    assert {"err.undo_too_late", "err.qr_foreign", "ok.returned_reserved", "prompt.which_one"} <= keys_in_code()
    assert {"err.console", "item.shelf_place", "fmt.preschool"} <= keys_in_front_ends()
    passed = params_in_code()
    assert passed["ok.renewed_some"] == {"done", "left"}
    assert passed["prompt.is_it_you"] == {"name", "class"}
    assert passed["err.overdue"] == {"title"}
    assert passed["err.renew_limit"] == {"date"}
    assert {"finish", "renew_all", "picture", "undo_all", "no_card", "keep", "borrow"} <= actions_in_code()


@every_language
def test_every_key_that_is_used_has_a_text(language: str) -> None:
    wanted = set(keys_in_code() | keys_in_front_ends())
    wanted |= {f"action.{action}" for action in actions_in_code()}
    wanted |= {f"state.{state.value}" for state in RowState} | {f"cell.{state.value}" for state in CellState}
    wanted |= {f"picture.{picture}" for picture in PICTURES}
    wanted |= {f"date.{style}" for style in text.DATE_STYLES}
    wanted |= {refusal.value for refusal in Refusal} | {reason.value for reason in NotOursReason}
    assert wanted - set(texts(language)) == set()


@every_language
def test_no_key_has_two_texts(language: str) -> None:
    """The reader of catalogues would take one of them without a word."""
    path = Path(kiosk.__file__).parent / "locale" / language / "LC_MESSAGES" / "kiosk.po"
    lines = path.read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if line.startswith('msgid "') and line != 'msgid ""']
    assert sorted(keys) == sorted(set(keys))


@every_language
def test_no_catalogue_has_a_key_that_another_lacks(language: str) -> None:
    assert set(texts(language)) == set(texts("kk"))


@every_language
def test_every_text_is_said_as_it_stands(language: str) -> None:
    forms = catalogue(language).num_plurals
    for message in catalogue(language):
        assert not message.fuzzy, f"{message.id}: a fuzzy text is left out"
        found = strings(message)
        assert all(found), f"{message.id}: a text is missing"
        assert len(found) == (forms if message.pluralizable else 1), message.id
        if message.id:
            assert all(string == " ".join(string.split()) for string in found), f"{message.id}: stray white space"
    assert not catalogue(language).obsolete


@every_language
def test_the_head_names_the_language(language: str) -> None:
    assert str(catalogue(language).locale) == language
    assert text.language_name(language) not in ("", language)


@every_language
def test_counted_texts_are_counted_in_every_language(language: str) -> None:
    def counted(one: str) -> set[str]:
        return {message.id[0] for message in catalogue(one) if isinstance(message.id, list | tuple)}

    assert counted(language) == counted("kk")
    assert {f"plural.{noun}" for noun in ("book", "textbook", "day", "pupil")} <= counted(language)


@every_language
def test_placeholders_are_the_same_in_every_language_and_form(language: str) -> None:
    for key, forms in texts(language).items():
        for form in forms:
            assert placeholders(form) == placeholders(texts("kk")[key][0]), key
            assert not set("{}") & set(PLACEHOLDER.sub("", form)), f"{key}: a brace that is no placeholder"
            assert all(style in ("", *text.DATE_STYLES) for _, style in PLACEHOLDER.findall(form)), key


@every_language
def test_placeholders_are_what_the_core_passes(language: str) -> None:
    passed = params_in_code()
    for key in keys_in_code():
        assert placeholders(texts(language)[key][0]) == passed.get(key, set()), key


@every_language
def test_only_a_sentence_of_its_own_may_want_an_optional_value(language: str) -> None:
    for key, names in OPTIONAL.items():
        (form,) = texts(language)[key]
        first, *_ = re.split(r"(?<=[.!?])\s+", form)
        assert not placeholders(first) & names, key


@every_language
def test_nothing_is_glued_to_a_placeholder(language: str) -> None:
    """A case ending would have to harmonise with a value that nobody knows here; a whole noun needs not."""
    for key, forms in texts(language).items():
        for form in forms:
            assert not re.search(r"[^\W\d_]\{|\}[^\W\d_]", form), key
            ending = re.search(r"\}[-–—'’](\w+)", form)
            if language == "kk" and ending:
                assert re.match(r"сынып|бөлім", ending.group(1)), key


def test_kazakh_nouns_are_singular_after_a_number() -> None:
    plural = re.compile(r"\{(?:n|days|done|left)\} \w+?(?:лар|лер|дар|дер|тар|тер)\b")
    assert plural.search("{n} кітаптар") and not plural.search("{n} кітап")
    assert [key for key, forms in texts("kk").items() for form in forms if plural.search(form)] == []


def test_russian_does_not_ask_whether_the_reader_is_a_boy_or_a_girl() -> None:
    """No «взял(а)», no participle or past tense of a single you."""
    gendered = re.compile(r"\w\(а\)|\w/а\b|\b[Вв]ы (?:не )?\w+(?:л|ла|лся|лась|ен|ена|ан|ана)\b")
    assert all(
        gendered.search(wrong) for wrong in ("Взял(а)", "вы взяла", "Вы не вернул", "вы записана", "Вы подписан")
    )
    assert [key for key, forms in texts("ru").items() for form in forms if gendered.search(form)] == []


def test_kazakh_can_be_printed() -> None:
    for key, (form,) in texts("kk").items():
        assert form.encode("utf-8").decode("utf-8") == form
        assert form.encode("kz1048").decode("kz1048") == form, key


@every_language
def test_letters_are_what_they_look_like(language: str) -> None:
    """No Latin i or ə in a Cyrillic word, as DOMAIN.md 5 found them in libraries' own documents."""
    for key, forms in texts(language).items():
        for form in forms:
            assert unicodedata.is_normalized("NFC", form), key
            for word in re.findall(r"[^\W\d_]+", PLACEHOLDER.sub(" ", form)):
                alphabets = {unicodedata.name(letter).split()[0] for letter in word}
                assert len(alphabets) == 1, f"{key}: {word} mixes {alphabets}"


@every_language
def test_every_refusal_says_also_what_to_do_next(language: str) -> None:
    for key in [*(refusal.value for refusal in Refusal), *(reason.value for reason in NotOursReason)]:
        said = strict(language).sentences(Message(key, tuple((name, "1") for name in params_in_code().get(key, ()))))
        assert len(said) >= 2, f"{key}: {said}"


@every_language
def test_a_button_that_a_text_names_is_called_so(language: str) -> None:
    words = strict(language)
    for key in ("prompt.scan_next", "info.already_yours"):
        assert words.action("finish") in words.label(key)
    for key in ("err.hold_already", "err.already_yours"):
        assert words.action("account") in words.label(key)


# Messages


def test_a_message_is_said_in_each_language() -> None:
    lent = Message.of("ok.checked_out", date=FRIDAY)
    assert strict("kk").say(lent) == "Кітап берілді. Қайтару мерзімі: жұма, 2 қазан"
    assert strict("ru").say(lent) == "Книга выдана. Срок возврата: пятница, 2 октября"
    assert strict("en").say(lent) == "Borrowed. Due back: Friday, 2 October"


def test_days_are_said_while_the_date_is_not_known() -> None:
    lent = Message.of("ok.checked_out_days", days=Days(10))
    assert strict("kk").say(lent) == "Кітап берілді. Мерзімі: 10 күн"
    assert strict("ru").say(lent) == "Книга выдана. Срок: 10 дней"
    assert strict("en").say(lent) == "Borrowed. You have it for 10 days"


def test_a_message_comes_sentence_by_sentence() -> None:
    full = Message.of("err.limit", n=5)
    assert strict("kk").sentences(full) == ("Қолыңыздағы кітап саны: 5", "Алдымен біреуін қайтарыңыз")
    assert strict("kk").sentences(Message.of("ok.bye")) == ("Рақмет!", "Тағы келіңіз")


def test_a_full_stop_in_a_value_ends_no_sentence() -> None:
    ready = Message.of("ok.hold_ready", title="Мысалдар. 1-бөлім.")
    assert strict("kk").sentences(ready) == ("Брондалған кітап дайын: Мысалдар. 1-бөлім.",)


def test_the_librarian_confirms_a_date_with_its_year() -> None:
    for language in LANGUAGES:
        assert "2026" in strict(language).say(Message.of("prompt.confirm_date", date=FRIDAY))


def test_a_message_with_a_number_takes_its_form() -> None:
    def asked(language: str, n: int) -> str:
        return strict(language).sentences(Message.of("prompt.still_here", n=n))[1]

    assert [asked("kk", n) for n in (1, 10)] == ["Шығуға 1 секунд қалды", "Шығуға 10 секунд қалды"]
    assert [asked("ru", n) for n in (1, 3, 10)] == [
        "До выхода 1 секунда", "До выхода 3 секунды", "До выхода 10 секунд",
    ]  # fmt: skip
    assert [asked("en", n) for n in (1, 10)] == ["Signing out in 1 second", "Signing out in 10 seconds"]


@every_language
@given(value=st.text(max_size=30))
def test_a_value_goes_in_as_it_is(language: str, value: str) -> None:
    said = strict(language).say(Message.of("ok.hold_ready", title=value))
    template = texts(language)["ok.hold_ready"][0]
    assert said == template.replace("{title}", value)


@pytest.mark.parametrize(
    "value", ["{title}", "{0}", "{title.__class__}", "{n!r:>99999999}", "%s %(n)d", "\\1\\g<0>", "{"]
)
def test_a_hostile_value_is_only_a_text(value: str) -> None:
    assert strict("en").say(Message.of("ok.hold_ready", title=value)) == f"Your reserved book is ready: {value}"


@every_language
def test_a_missing_value_takes_only_its_sentence_away(language: str) -> None:
    words = Words(language)
    assert words.say(Message.of("err.renew_limit")) == texts(language)["err.renew_limit"][0].split(". ")[0] + "."
    assert words.sentences(Message.of("prompt.still_here")) == (
        texts(language)["prompt.still_here"][0].split("? ")[0] + "?",
    )
    assert words.say(Message.of("ok.hold_ready")) == texts(language)["ok.hold_ready"][0].replace("{title}", "…")
    with pytest.raises(KeyError):
        strict(language).say(Message.of("err.renew_limit"))


@every_language
def test_no_message_of_the_core_raises_for_a_person(language: str) -> None:
    words = Words(language)
    for key in keys_in_code():
        for params in ({}, {"n": "many"}, {"n": -1}, {"date": 5, "days": FRIDAY, "title": Days(1)}):
            assert words.say(Message(key, tuple(params.items())))  # type: ignore[arg-type]


def test_an_unknown_key_is_shown_and_logged_once_and_fails_a_test(caplog: pytest.LogCaptureFixture) -> None:
    words = Words("kk")
    assert words.label("err.no_such") == words.say(Message.of("err.no_such", n=2)) == "err.no_such"
    assert [record.getMessage() for record in caplog.records] == [
        "the kk catalogue has no text for err.no_such; the key is shown instead"
    ]
    with pytest.raises(KeyError, match=r"err\.no_such"):
        strict("kk").label("err.no_such")


@pytest.mark.parametrize("language", ["de", "", ".", "../locale/kk", "kk/../kk", "KK"])
def test_a_language_without_a_catalogue_is_refused_by_name(language: str) -> None:
    with pytest.raises(ValueError, match="kk, ru"):
        text.words(language)


def test_a_language_is_read_once() -> None:
    assert text.words("kk") is text.words("kk")


# Dates, counts, classes, rows


@pytest.mark.parametrize(
    ("language", "words", "short", "long"),
    [
        ("kk", "Жұма, 2 қазан", "2 қазан", "2026 ж. 2 қазан, жұма"),
        ("ru", "Пятница, 2 октября", "2 октября", "2 октября 2026 г., пятница"),
        ("en", "Friday, 2 October", "2 October", "Friday, 2 October 2026"),
    ],
)
def test_a_date_in_words(language: str, words: str, short: str, long: str) -> None:
    known = strict(language)
    assert (known.date_words(FRIDAY), known.date_short(FRIDAY), known.date_long(FRIDAY)) == (words, short, long)
    assert known.date_numeric(FRIDAY) == "02.10.2026"


def test_the_months_and_weekdays_are_kazakh() -> None:
    months = [strict("kk").date_short(date(2026, month, 1)).split()[1] for month in range(1, 13)]
    assert months == [
        "қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым",
        "шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан",
    ]  # fmt: skip
    weekdays = [strict("kk").date_words(date(2026, 10, day)).split(",")[0] for day in range(5, 12)]
    assert weekdays == ["Дүйсенбі", "Сейсенбі", "Сәрсенбі", "Бейсенбі", "Жұма", "Сенбі", "Жексенбі"]


def test_nouns_stay_singular_after_kazakh_numbers() -> None:
    assert [strict("kk").count("book", n) for n in (0, 1, 2, 5, 21)] == [f"{n} кітап" for n in (0, 1, 2, 5, 21)]
    assert strict("kk").count("pupil", 24) == "24 оқушы"


def test_counted_things_agree_with_russian_and_english_numbers() -> None:
    assert [strict("ru").count("book", n) for n in (1, 2, 5, 11, 21, 112)] == [
        "1 книга", "2 книги", "5 книг", "11 книг", "21 книга", "112 книг",
    ]  # fmt: skip
    assert [strict("en").count("textbook", n) for n in (0, 1, 2)] == ["0 textbooks", "1 textbook", "2 textbooks"]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "kk"])
def test_plural_forms_are_those_of_cldr(language: str) -> None:
    """Whatever CLDR tells apart, the catalogue tells apart; Kazakh has one form for all that CLDR tells apart."""
    forms = texts(language)["plural.book"]
    seen: dict[str, str] = {}
    for n in range(1000):
        form = strict(language).count("book", n).replace(str(n), "{n}")
        assert seen.setdefault(Locale(language).plural_form(n), form) == form, n
    assert set(seen.values()) == set(forms)


def test_classes_are_written_as_the_school_writes_them() -> None:
    assert strict("kk").school_class(SchoolClass(5, "Ә")) == "5 «Ә»"
    assert strict("en").school_class(SchoolClass(5, "Ә")) == "5 Ә"
    assert [strict(one).school_class(SchoolClass(11)) for one in ("kk", "ru", "en")] == [
        "11-сынып",
        "11 класс",
        "Grade 11",
    ]
    assert strict("kk").school_class(SchoolClass(0)) == "Даярлық тобы"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("1", "Араша", RowState.BORROWED, due=FRIDAY), "Кітап берілді"),
        (Row("1", "Араша", RowState.ON_LOAN, due=FRIDAY), "Мерзімі: 2 қазан"),
        (Row("1", "Араша", RowState.ON_LOAN, days=10), "Мерзімі: 10 күн"),
        (Row("1", "Араша", RowState.ON_LOAN), "Қолыңызда"),
        (Row("1", "Араша", RowState.OVERDUE, due=FRIDAY), "Мерзімі өтті: 2 қазан"),
        (Row("1", "Араша", RowState.HOLD_WAITING, place=3), "Кезектегі орныңыз: 3"),
        (Row("1", "Араша", RowState.HOLD_READY, due=FRIDAY), "Дайын. Алып кету мерзімі: 2 қазан"),
        (Row("1", "Араша", RowState.OUT, due=FRIDAY), "Басқа оқырманда. Қайтару мерзімі: 2 қазан"),
        (Row("1", "Араша", RowState.OUT), "Басқа оқырманда"),
        (Row("1", "Араша", RowState.IN, shelf="A-3"), "Кітапханада"),
    ],
)
def test_a_row_says_its_state(row: Row, said: str) -> None:
    assert strict("kk").state(row) == said


@every_language
@pytest.mark.parametrize("state", RowState)
def test_every_state_is_said_with_all_facts_and_with_none(language: str, state: RowState) -> None:
    words = strict(language)
    bare = words.state(Row("1", "Араша", state))
    assert bare and words.due(Row("1", "Араша", state)) == ""
    full = Row("1", "Араша", state, due=FRIDAY, days=10, place=2, shelf="A-3")
    assert words.state(full) and "2" in words.due(full) and "A-3" in words.shelf(full)


def test_a_picture_row_is_its_word() -> None:
    assert strict("kk").text(Row("fish", "fish", RowState.CHOICE, actions=("picture",))) == "Балық"
    for language in LANGUAGES:
        assert len({strict(language).label(f"picture.{picture}") for picture in PICTURES}) == len(PICTURES)


# Views for a terminal

AIGUL = PatronFace("17", "Айгүл Ә.", SchoolClass(5, "Ә"), 3, 5)


def visit(language: str) -> View:
    rows = (
        Row("a", "Менің атым Қожа", RowState.BORROWED, due=FRIDAY, days=10, actions=("undo",)),
        Row("b", "Тағдыр", RowState.RETURNED, actions=("keep",)),
        Row("c", "Араша", RowState.OVERDUE, due=date(2026, 9, 25), days=10),
    )
    return View(
        "visit",
        language,
        message=Message.of("ok.checked_out", date=FRIDAY),
        prompt=Message.of("prompt.scan_next"),
        rows=rows,
        actions=("not_me", "account", "search", "number", "language", "finish"),
        patron=AIGUL,
    )


def described(view: View) -> list[str]:
    return describe(view, strict(view.language))


def test_a_visit_in_kazakh_as_plain_text() -> None:
    assert described(visit("kk")) == [
        "Айгүл Ә. · 5 «Ә» · 3/5",
        "Кітап берілді. Қайтару мерзімі: жұма, 2 қазан",
        "Келесі кітапты сканерлеңіз немесе «Дайын» түймесін басыңыз",
        "1. Менің атым Қожа — Кітап берілді · Мерзімі: 2 қазан [undo: Болдырмау]",
        "2. Тағдыр — Кітап қайтарылды [keep: Бұл кітап менде қалады]",
        "3. Араша — Мерзімі өтті: 25 қыркүйек",
        "[not_me: Бұл мен емес] [account: Менің кітаптарым] [search: Кітап іздеу]",
        "[number: Нөмірін теру] [language: Тілді ауыстыру] [finish: Дайын]",
    ]


def test_the_same_visit_in_russian_and_english() -> None:
    assert described(visit("ru"))[3:6] == [
        "1. Менің атым Қожа — Книга выдана · Срок: 2 октября [undo: Отменить]",
        "2. Тағдыр — Книга возвращена [keep: Оставляю у себя]",
        "3. Араша — Срок прошёл: 25 сентября",
    ]
    assert described(visit("en"))[:4] == [
        "Айгүл Ә. · 5 Ә · 3/5",
        "Borrowed. Due back: Friday, 2 October",
        "Scan the next book or press Done",
        "1. Менің атым Қожа — Borrowed · Due: 2 October [undo: Undo]",
    ]


def test_search_rows_say_where_the_book_stands() -> None:
    row = Row("a", "Ұшқан ұя", RowState.IN, shelf="A-3", actions=("borrow", "hold"))
    view = View("search", "kk", prompt=Message.of("menu.search"), rows=(row,), actions=("search", "back"), typed="ұшқ")
    assert described(view) == [
        "Кітап іздеу",
        "> ұшқ",
        "1. Ұшқан ұя — Кітапханада · Сөредегі орны: A-3 [borrow: Кітап алу]",
        "   [hold: Брондау]",
        "[search: Кітап іздеу] [back: Артқа]",
    ]


def test_numbers_stand_under_each_other() -> None:
    rows = tuple(Row(f"{n} «А»", f"{n} «А»", RowState.CHOICE, actions=("choose",)) for n in range(1, 12))
    lines = described(View("no_card", "kk", prompt=Message.of("prompt.choose_class"), rows=rows))
    assert lines[1] == " 1. 1 «А» [choose: Таңдау]"
    assert lines[11] == "11. 11 «А» [choose: Таңдау]"


def test_a_picture_pin_shows_words_and_dots() -> None:
    rows = tuple(Row(name, name, RowState.CHOICE, actions=("picture",)) for name in PICTURES)
    prompt = Message.of("prompt.enter_pictures")
    lines = described(View("pin", "kk", prompt=prompt, rows=rows, typed="••", pin=PinKind.PICTURES))
    assert lines[1:3] == ["> ••", " 1. Ат [picture: Басу]"]


@every_language
def test_a_view_with_nothing_on_it_says_nothing(language: str) -> None:
    assert described(View("home", language)) == []


@every_language
@given(title=st.text(max_size=300), name=st.text(max_size=100))
def test_nothing_is_cut_and_no_line_is_too_long(language: str, title: str, name: str) -> None:
    row = Row("a", title, RowState.HOLD_READY, due=FRIDAY, shelf=title, actions=("cancel_hold", "renew_all"))
    face = PatronFace("1", name, SchoolClass(11, "Ғ"), 12, None)
    lines = described(View("account", language, rows=(row, row), actions=("back", "finish"), patron=face))
    assert all(len(line) <= 80 and line.isprintable() for line in lines)
    shown = "".join("".join(lines).split())
    for value in (title, name):
        assert "".join("".join(c if c.isprintable() else " " for c in value).split()) in shown
