"""Views of the staff's screens in every state that they have to show; `showcase.views` has them with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from kiosk.circulation.model import Condition, ItemKind, PinKind, SchoolClass, Title
from kiosk.circulation.views import (
    Cell,
    CellState,
    Figure,
    Matrix,
    MatrixLine,
    Message,
    PatronFace,
    Row,
    RowState,
    View,
)

HOME_ACTIONS = ("exit", "issue", "collect", "care", "sets", "lists", "exceptions", "papers", "language")
FIGURES = (Figure("stat.visits", 57), Figure("stat.loans", 121), Figure("stat.returns", 96))


def _home(actions: tuple[str, ...] = HOME_ACTIONS, *figures: Figure, message: Message | None = None) -> View:
    return View("staff_home", "kk", message, Message.of("lib.title"), figures=figures, actions=actions)


SUBJECTS = (
    "Алгебра", "Геометрия", "Қазақ тілі", "Қазақ әдебиеті", "Орыс тілі", "Ағылшын тілі", "Қазақстан тарихы",
    "География", "Биология", "Физика", "Химия", "Информатика",
)  # fmt: skip
NAMES = (
    "Абай Н.", "Айбек С.", "Айша Қ.", "Алина Р.", "Асқар Т.", "Әдия М.", "Бауыржан О.", "Ботагөз Е.", "Ғани Ш.",
    "Дәулет І.", "Еңлік А.", "Жансая Б.", "Зере Ж.", "Иман К.", "Кәусар У.", "Қайрат Д.", "Мадина Ә.", "Мирас Ғ.",
    "Нұрлан П.", "Өмір Ж.", "Сания Х.", "Тимур В.", "Ұлжан Қ.", "Шыңғыс Л.",
)  # fmt: skip
_MORE_SUBJECTS = (
    "Дүниежүзі тарихы",
    "Көркем еңбек",
    "Музыка",
    "Орыс әдебиеті",
    "Құқық негіздері",
    "Жаһандық құзыреттер",
)
_MARKS = {
    "+": CellState.GIVEN, ".": CellState.LACKING, "!": CellState.CHECK, "-": CellState.LATER,
    "*": CellState.OTHER_EDITION, "<": CellState.BACK, "%": CellState.DAMAGED, "x": CellState.LOST,
}  # fmt: skip
_USUAL, _NONE, _ABSENT = "++++++++++.+", "............", ""
_OF_THE_CLASS = (
    *([_USUAL] * 4), "+++!++++++.+", *([_USUAL] * 4), _ABSENT, *([_USUAL] * 2),
    "+++++.++++.+", _USUAL, "+++++++.....", *([_NONE] * 6), _ABSENT, *([_NONE] * 2),
)  # fmt: skip


def _line(at: int, name: str, marks: str) -> MatrixLine:
    note = Message.of("tb.absent") if marks == _ABSENT else None
    return MatrixLine(f"p{at}", name, tuple(_MARKS[mark] for mark in marks), note, ("open",))


def _class(
    names: Sequence[str] = NAMES,
    marks: Sequence[str] = _OF_THE_CLASS,
    heads: tuple[str, ...] = SUBJECTS,
    message: Message | None = None,
) -> View:
    lines = tuple(_line(at, name, marks[at % len(marks)]) for at, name in enumerate(names))
    actions = ("back", "class_sheet", "missing", "more", "next_pupil")
    matrix = Matrix(heads, lines, "p14")
    return View("tb_class", "kk", message, actions=actions, heading="7 «А»", progress=(149, 288), matrix=matrix)


def _textbook(subject: str, grade: int = 7) -> Title:
    return Title(subject, 1, f"{subject} {grade}", "", ItemKind.TEXTBOOK, grade=grade, subject=subject)


KAUSAR = PatronFace("p14", "Кәусар У.", SchoolClass(7, "А"), 7)
_LONG_NAME = PatronFace("p2", "Мұхаммедғали-Абдулрахман Ж.", SchoolClass(11, "Ғ"), 5)
_BEGIN_ACTIONS = ("back", "absent", "slip", "next_pupil")
_PUPIL_ACTIONS = ("back", "undo_last", "wrong_pupil", "next_pupil")
_EDITION = Message.of("tb.wrong_edition", year=2019)


def _cells(marks: str, *actions: str, subjects: Sequence[str] = SUBJECTS) -> tuple[Cell, ...]:
    """A tile for each subject; of another edition with a note, of what is there with these actions."""
    return tuple(
        Cell(
            f"c{at}", subject, _MARKS[mark], _textbook(subject), _EDITION if mark == "*" else None,
            actions if mark not in ".-" else (),
        )
        for at, (subject, mark) in enumerate(zip(subjects, marks, strict=True))
    )  # fmt: skip


def _given(subject: str, grade: int = 7, state: RowState = RowState.BORROWED) -> Row:
    return Row(f"i-{subject}", subject, state, _textbook(subject, grade))


def _pupil(
    marks: str, *rows: Row, message: Message | None = None, actions: tuple[str, ...] = (), name: str = "tb_pupil",
    face: PatronFace = KAUSAR, subjects: Sequence[str] = SUBJECTS,
) -> View:  # fmt: skip
    done = sum(mark in "+*<%" for mark in marks)
    cells = _cells(marks, *actions, subjects=subjects)
    prompt = Message.of("prompt.scan_book")
    return View(name, "kk", message, prompt if not rows else None, rows,
                _PUPIL_ACTIONS if rows else _BEGIN_ACTIONS, face, cells=cells,
                progress=(done, len(marks)))  # fmt: skip


def _aside(message: Message, book: Title, cell: Cell | None, face: PatronFace = KAUSAR) -> View:
    return View(
        "tb_aside", "kk", message, Message.of("tb.set_aside"),
        (Row("i1", book.title, RowState.REFUSED, book),), ("give_anyway", "ok"), face,
        cells=(cell,) if cell is not None else (), progress=(7, 12),
    )  # fmt: skip


_KOZHA = Title("t1", 1, "Менің атым Қожа", "Бердібек Соқпақбаев", branch="балалар")
_HERE = Row("here", "Әбілова Айгүл", RowState.BORROWED, _KOZHA, note=Message.of("exc.here", when=date(2026, 9, 22)))
_CENTRAL = Row("central", "", RowState.BORROWED, note=Message.of("exc.lent_to_other"))
_AIGUL = Row("patron", "Әбілова Айгүл", RowState.CHOICE, actions=("choose",))


def _exception(
    *rows: Row, says: str = "exc.on_loan_elsewhere", question: str = "exc.who_has_it", actions: tuple[str, ...] = ()
) -> View:
    return View(
        "exception", "kk", Message.of(says), Message.of(question), rows, ("back", *actions),
        progress=(1, 2),
    )  # fmt: skip


def _choice(name: str, prompt: Message, *rows: Row, actions: tuple[str, ...] = ("back",), **facts: str) -> View:
    return View(name, "kk", prompt=prompt, rows=rows, actions=actions, **facts)  # type: ignore[arg-type]


def _tile(one: str, text: str = "", note: Message | None = None, state: RowState = RowState.CHOICE) -> Row:
    return Row(one, text, state, note=note, actions=("choose",))


_CLASSES = tuple(
    _tile(f"{grade}{letter}", f"{grade} «{letter}»", Message.of("tb.progress_short", done=grade * 20, total=288))
    for grade in range(1, 12) for letter in "АӘ"
)  # fmt: skip
_CONDITIONS = (*(_tile(one.value, "", Message.of(f"cond.{one.value}")) for one in Condition),
               _tile("lost", "", Message.of("cond.lost"), RowState.REFUSED))  # fmt: skip
_REASONS = tuple(_tile(one, "", Message.of(f"reason.{one}")) for one in ("lesson", "teacher", "parent", "agreed"))


def _list(
    name: str, heading: str, *rows: Row, message: Message | None = None, actions: tuple[str, ...] = (),
    figures: tuple[Figure, ...] = (),
) -> View:  # fmt: skip
    return View(name, "kk", message, rows=rows, actions=("back", *actions), heading=heading, figures=figures)


def _plain(one: str, text: str, state: RowState, note: Message) -> Row:
    return Row(one, text, state, note=note)


def _lists() -> dict[str, View]:
    """Class lists: the files on a stick, what one would change, one of another school, one being taken in."""

    def pupil(name: str, key: str, *actions: str, **told: str) -> Row:
        return Row(name, name, RowState.CHOICE, note=Message(key, tuple(told.items())), actions=actions)

    asked, ways = Message.of("prompt.lists_do"), ("back", "exit")
    figures = {"doubtful": 2, "missing": 12, "new": 30, "moved": 5, "changed": 3, "up": 472, "same": 1}
    files = ("5Ә сынып 2026-2027.xlsx", "KINGSTON/Списки классов.xlsx", "KINGSTON/7 «Б».csv")
    preview = View(
        "lists",
        "kk",
        prompt=asked,
        heading="Тізім.xlsx · 2026-2027",
        rows=(
            pupil("Ахметова Айгерім · 6 «А»", "lists.doubt_namesake", "settle"),
            pupil("Ким М. · 6 «А»", "lists.doubt_initial", "settle"),
            pupil("Оспанов Дәулет Серікұлы · 1 «Ә»", "lists.row_new"),
            pupil("Жұмабаев Нұрлан · 6 «Б»", "lists.row_moved", **{"class": "5 «А»"}),
            pupil("Мұхаммедғали-Абдулрахманова Гүлбаршын Қанатқызы · 10 «Ә»", "lists.row_changed"),
            pupil("Цой Лев · 8 «В»", "lists.row_missing"),
        ),
        figures=tuple(Figure(f"lists.{name}", n) for name, n in figures.items()),
        actions=(*ways, "left_too", "do_list"),
    )
    return {
        "lists": View(
            "lists",
            "kk",
            prompt=Message.of("prompt.lists_file"),
            rows=tuple(Row(name, name, RowState.CHOICE, actions=("choose",)) for name in files),
            actions=(*ways, "look_again", "past_lists", "move_up"),
        ),
        "lists-preview": preview,
        "lists-strange": replace(
            preview,
            message=Message.of("lists.stop_missing", missing=510, n=529),
            figures=(Figure("lists.new", 498), Figure("lists.same", 19), Figure("lists.missing", 510)),
            actions=(*ways, "left_stay", "even_so"),
        ),
        "lists-working": View(
            "lists", "kk", prompt=Message.of("lists.working"), heading="Тізім.xlsx", progress=(150, 551)
        ),
    }


_EXCEPTIONS = (
    Row("e1", _KOZHA.title, RowState.WAITING, _KOZHA, note=Message.of("exc.on_loan_elsewhere"), actions=("open",)),
    Row("e2", "Жаңабай Серік", RowState.WAITING, note=Message.of("exc.twin"), actions=("open",)),
    Row("i3", "Алгебра 7", RowState.FOUND, _textbook("Алгебра"), note=Message.of("exc.returned"), actions=("open",)),
)  # fmt: skip


def staff_views() -> dict[str, View]:
    """Every state by its name, in Kazakh."""
    return {
        "staff-pin": View(
            "staff_pin", "kk", prompt=Message.of("prompt.enter_pin"), actions=("back",), pin=PinKind.DIGITS
        ),
        "staff-home": _home(
            HOME_ACTIONS, *FIGURES, Figure("stat.exceptions", 2), message=Message.of("sync.done", time="09:41")
        ),
        "staff-home-quiet": _home((*HOME_ACTIONS[:-1], "health", "clearance", "language"), *FIGURES),
        "staff-home-helper": _home(("exit", "issue", "collect", "language")),
        "tb-class": _class(message=Message.of("tb.missing", subjects="Химия")),
        "tb-class-large": _class(
            (*NAMES, "Мұхаммедғали-Абдулрахман Ж.", *NAMES[:4]), message=Message.of("tb.missing", subjects="Химия")
        ),
        "tb-class-pile": replace(
            _class(message=Message.of("tb.missing", subjects="Химия, Биология")),
            prompt=Message.of("tb.teacher_scans"),
            actions=("back", "undo_last", "give_rest"),
        ),
        "tb-class-two-pages": _class((*NAMES, *NAMES[:12])),
        "tb-class-many-subjects": _class(NAMES[:12], ("+*-!<%x..++++++++.",), (*SUBJECTS, *_MORE_SUBJECTS)),
        "tb-pupil": _pupil("+++++++.....", _given("Алгебра")),
        "tb-pupil-nothing": _pupil("..........--", face=_LONG_NAME),
        "tb-pupil-edition": _pupil("++*+........", _given("Қазақ тілі"), message=_EDITION),
        "tb-pupil-many": _pupil("+" * 12 + "....--", _given("Информатика"), subjects=(*SUBJECTS, *_MORE_SUBJECTS)),
        "collect-pupil": _pupil(
            "<<%x++++++!+", _given("Қазақ тілі", state=RowState.RETURNED), name="collect_pupil", actions=("undo",)
        ),
        "tb-aside": _aside(
            Message.of("tb.wrong_grade", grade=8),
            _textbook("География", 8),
            Cell("c7", "География, 7-сынып", CellState.LACKING),
        ),
        "tb-aside-several": replace(
            _aside(
                Message.of("tb.wrong_grade", grade=8),
                _textbook("География", 8),
                Cell("c7", "География, 7-сынып", CellState.LACKING),
            ),
            rows=tuple(
                Row(f"i{at}", title.title, RowState.REFUSED, title, actions=("give_anyway", "ok"))
                for at, title in enumerate((_textbook("География", 8), _textbook("Химия", 9), _KOZHA))
            ),
        ),
        "tb-aside-second": _aside(
            Message.of("tb.subject_duplicate"),
            _textbook("Алгебра"),
            Cell("c0", "Алгебра", CellState.GIVEN),
            _LONG_NAME,
        ),
        "tb-aside-language": _aside(Message.of("tb.wrong_language", lang="орыс"), _textbook("Информатика"), None),
        "exception": _exception(
            _HERE,
            Row("central", "Сейітов Ерлан", RowState.BORROWED, note=Message.of("exc.central", when=date(2026, 9, 21))),
            _AIGUL,
            actions=("somebody_else", "in_library"),
        ),
        "exception-without-a-name": _exception(_HERE, _CENTRAL, _AIGUL, actions=("somebody_else", "in_library")),
        "exception-without-a-book": _exception(
            Row("here", "Жаңабай Серік", RowState.BORROWED, note=Message.of("exc.here", when=date(2026, 9, 22))),
            says="exc.twin",
            question="exc.look_at_it",
            actions=("seen",),
        ),
        "exception-label": _exception(
            _HERE, says="exc.label_taken", question="exc.new_label", actions=("retry", "let_rest")
        ),
        "exception-returned": _exception(
            _HERE, *_CONDITIONS[:3], *_CONDITIONS[-2:-1], says="exc.returned", question="exc.how_does_it_look"
        ),
        "staff-classes": _choice("staff_classes", Message.of("prompt.choose_class"), *_CLASSES),
        "papers": _choice(
            "papers",
            Message.of("prompt.choose_paper"),
            *(
                Row(one, "", RowState.CHOICE, note=Message.of(f"paper.{one}"), actions=("choose",))
                for one in ("class_sheet", "coverage", "stock", "debtors", "clearance", "cards", "roll")
            ),
        ),
        "staff-names": _choice(
            "staff_names",
            Message.of("prompt.scan_or_choose"),
            *(_tile(f"p{at}", name) for at, name in enumerate((*NAMES, _LONG_NAME.name))),
            actions=("back", "add_pupil"),
            heading="7 «А»",
        ),
        "collect-condition": replace(
            _choice(
                "collect_condition",
                Message.of("prompt.how_does_it_look"),
                _given("Алгебра", state=RowState.RETURNED),
                *_CONDITIONS,
                actions=("back", "next_pupil"),
            ),
            patron=KAUSAR,
            progress=(3, 12),
        ),
        "collect-condition-many": _choice(
            "collect_condition",
            Message.of("prompt.how_does_it_look"),
            *_CONDITIONS,
            *(_tile(one, "", Message.of("action.relabel")) for one in ("beyond_use", "relabel", "not_back")),
        ),
        "exception-condition": _exception(_HERE, *_CONDITIONS[:8], question="prompt.how_does_it_look"),
        "care-pupil": View(
            "care_pupil",
            "kk",
            prompt=Message.of("care.how"),
            actions=("back",),
            patron=KAUSAR,
            cells=tuple(
                Cell(one, one, CellState.GIVEN if one == "4" else CellState.LACKING, actions=("choose",))
                for one in "12345"
            ),
        ),
        "care-best": View(
            "staff_names",
            "kk",
            prompt=Message.of("tb.raid_best"),
            actions=("back",),
            rows=tuple(Row(f"p{at}", f"{name} 7 «А»", RowState.CHOICE) for at, name in enumerate(NAMES[:5])),
        ),
        "clearance": View(
            "clearance",
            "kk",
            prompt=Message.of("tb.leaver"),
            patron=KAUSAR,
            progress=(1, 3),
            actions=("back", "undo_last"),
            rows=(
                replace(_given("Алгебра", state=RowState.OVERDUE), actions=("open",)),
                replace(_given("Химия", state=RowState.RETURNED), actions=("open",)),
                Row(
                    "owed",
                    "Физика 7",
                    RowState.REFUSED,
                    actions=("replace",),
                    note=Message.of("tb.owed", number="T00123", date=date(2026, 5, 25)),
                ),
            ),
        ),
        "lists": _list(
            "lists",
            "5-сынып.xlsx · 2026-2027",
            Row("l1", "Сәрсенова Айгүл", RowState.CHOICE, actions=("settle",), note=Message.of("lists.doubt_namesake")),
            Row("l2", "Ахметов Дәулет", RowState.CHOICE, note=Message.of("lists.row_new")),
            actions=("exit", "left_too", "do_list"),
            figures=tuple(
                Figure(f"lists.{one}", n)
                for one, n in (("new", 31), ("moved", 4), ("same", 480), ("doubtful", 1), ("missing", 12))
            ),
        ),
        "lists-working": View(
            "lists", "kk", prompt=Message.of("lists.working"), heading="5-сынып.xlsx", progress=(200, 529)
        ),
        "staff-reason": _choice(
            "staff_reason", Message.of("lib.override_reason"), *_REASONS, actions=("back", "type_reason")
        ),
        "staff-text": View("staff_text", "kk", prompt=Message.of("prompt.pupil_name"), actions=("back",)),
        "staff-text-wrong": View(
            "staff_text", "kk", Message.of("err.generic"), Message.of("prompt.pupil_name"), actions=("back",)
        ),
        "exceptions": _list(
            "exceptions", "", *_EXCEPTIONS, message=Message.of("sync.conflict", n=3), actions=("all_checked",)
        ),
        "health": _list(
            "health",
            "",
            _plain("device:printer", "printer", RowState.REFUSED, Message.of("health.broken")),
            _plain("parked", "", RowState.REFUSED, Message.of("sync.rejected", n=2)),
            _plain("device:gate", "gate", RowState.CHOSEN, Message.of("health.works")),
            _plain("central", "", RowState.CHOSEN, Message.of("sync.online")),
            _plain("contact", "", RowState.CHOSEN, Message.of("health.contact", date=date(2026, 9, 22))),
            _plain("waiting", "", RowState.CHOSEN, Message.of("sync.pending", n=7)),
            _plain("clock", "", RowState.CHOSEN, Message.of("health.clock_trusted")),
            _plain("disk", "", RowState.CHOSEN, Message.of("health.disk", n=5120)),
            message=Message.of("health.faults", n=2),
            actions=("look_again",),
        ),
        **_lists(),
        "staff-home-technician": _home(("exit", "health", "language"), message=Message.of("sync.offline")),
    }
