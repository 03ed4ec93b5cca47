"""Views in every state that a screen has to show, among them the longest names and titles that a school has.

`kiosk screenshots` draws them, and the tests look at them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from kiosk.circulation.appearance import CHOICES
from kiosk.circulation.model import ItemKind, PinKind, SchoolClass, Title
from kiosk.circulation.views import Days, Message, PatronFace, Row, RowState, SyncState, View
from kiosk.circulation.visit.signing import PICTURES
from kiosk.showcase_staff import staff_views
from kiosk.showcase_year import year_views

DUE = date(2026, 10, 2)
SOON = date(2026, 9, 25)


def _title(name: str, author: str, branch: str, kind: ItemKind = ItemKind.BOOK) -> Title:
    return Title(name, 1, name, author, kind, branch=branch)


KOZHA = _title("Менің атым Қожа", "Бердібек Соқпақбаев", "балалар")
NEST = _title("Ұшқан ұя", "Бауыржан Момышұлы", "көркем әдебиет")
WORD = _title("Асыл сөз", "Мағжан Жұмабаев", "тіл/әдебиеттану")
ARASHA = _title("Араша", "Қ. Баянбай", "жаратылыстану")
SHYGANAK = _title("Шығанақ", "Ғабит Мұстафин", "көркем әдебиет")
LONG = _title(
    "Қазақстан Республикасындағы жаратылыстану-математикалық бағыттағы пәндерді оқытудың әдістемелік негіздері: "
    "бастауыш сынып мұғалімдеріне арналған көмекші құрал",
    "Ә. Қ. Құдайбергенова, С. Т. Мұхаммеджанов",
    "қоғамдық",
)
ALGEBRA = _title("Алгебра 9 сынып", "Ә. Шыныбеков", "", ItemKind.TEXTBOOK)

AIGUL = PatronFace("p1", "Айгүл Ә.", SchoolClass(5, "Ә"), 4, 5)
LONG_NAME = PatronFace("p2", "Мұхаммедғали-Абдулрахман Ж.", SchoolClass(11, "Ғ"), 5, 5)
TEACHER = PatronFace("p3", "Гүлнар С.", None, 4, 12)
PRESCHOOL = PatronFace("p4", "Ия Ш.", SchoolClass(0), 1, 3)

HOME_ACTIONS = ("no_card", "search", "number", "language", "appearance", "help")
VISIT_ACTIONS = ("not_me", "account", "search", "number", "language", "appearance", "finish")


def _row(state: RowState, title: Title, due: date | None = DUE, *actions: str, **facts: object) -> Row:
    return Row(f"i-{title.title[:8]}", title.title, state, title, due=due, actions=actions, **facts)  # type: ignore[arg-type]


BORROWED = _row(RowState.BORROWED, KOZHA, DUE, "undo")
BORROWED_NEST = _row(RowState.BORROWED, NEST, DUE, "undo")
RETURNED = _row(RowState.RETURNED, ARASHA, None, "keep")
ON_LOAN = _row(RowState.ON_LOAN, WORD, SOON)
LATE = _row(RowState.OVERDUE, SHYGANAK, date(2026, 9, 14))


LANGUAGES = ("kk", "ru", "en")


def _home(**facts: object) -> View:
    return View("home", "kk", prompt=Message.of("home.scan_card"), actions=HOME_ACTIONS, languages=LANGUAGES, **facts)  # type: ignore[arg-type]


def _visit(*rows: Row, message: Message | None = None, patron: PatronFace = AIGUL) -> View:
    prompt = Message.of("prompt.scan_next" if rows else "prompt.scan_book")
    return View("visit", "kk", message, prompt, rows, VISIT_ACTIONS, patron)


def _calling(view: View) -> View:
    """Where something calls the librarian."""
    actions = tuple("call" if one == "help" else one for one in view.actions)
    return replace(view, actions=actions if "call" in actions else (*actions, "call"))


def _account(*rows: Row, message: Message | None = None, patron: PatronFace = AIGUL) -> View:
    actions = ("renew_all", "back", "not_me", "finish") if rows else ("back", "not_me", "finish")
    return View("account", "kk", message, Message.of("menu.my_books"), rows, actions, patron)


def _search(typed: str, *rows: Row, message: Message | None = None) -> View:
    actions = ("search", "request", "back") if typed else ("search", "back")
    return View("search", "kk", message, Message.of("menu.search"), rows, actions, typed=typed)


def _no_card(prompt: Message, texts: tuple[str, ...] = (), actions: tuple[str, ...] = ("back",)) -> View:
    rows = tuple(Row(f"r{at}", text, RowState.CHOICE, actions=("choose",)) for at, text in enumerate(texts))
    return View("no_card", "kk", prompt=prompt, rows=rows, actions=actions)


def _pin(kind: PinKind, typed: str = "", message: Message | None = None) -> View:
    pictures = kind is PinKind.PICTURES
    rows = tuple(Row(name, name, RowState.CHOICE, actions=("picture",)) for name in PICTURES) if pictures else ()
    prompt = Message.of("prompt.enter_pictures" if pictures else "prompt.enter_pin")
    actions = ("erase", "back") if pictures else ("back",)
    return View("pin", "kk", message, prompt, rows, actions, typed=typed, pin=kind)


_CLASSES = tuple(f"{grade} «{letter}»" for grade in range(1, 12) for letter in "АӘ")
_NAMES = (
    "Айгүл Ә.", "Алихан С.", "Арман Т.", "Аружан Қ.", "Әлия Н.", "Әміре Ж.", "Бекзат О.", "Дана М.", "Ерасыл Б.",
    "Жанель І.", "Жәнібек Ұ.", "Ислам Ғ.", "Мұхаммедғали-Абдулрахман Ж.", "Нұрсұлтан Қ.", "Ясмина Һ.",
)  # fmt: skip

_COMING = Message.of("home.librarian_coming")
_CHECKED_OUT = Message.of("ok.checked_out", date=DUE)
_CHOICE = _row(RowState.CHOICE, NEST, None, "choose", shelf="A-3")
_MATCH = _row(RowState.CHOICE, KOZHA, None, "yes", shelf="B-1")


def views() -> dict[str, View]:
    """Every state by its name, in Kazakh."""
    return {
        "home": _home(),
        "home-online": _home(sync=SyncState("online")),
        "home-online-waiting": _home(sync=SyncState("online", 12)),
        "home-offline": _home(sync=SyncState("offline")),
        "home-offline-stale": _home(sync=SyncState("offline", 7, contact=date(2026, 9, 14))),
        "home-offline-waiting": _home(sync=SyncState("offline", 1207)),
        "home-offline-returned": _home(
            message=Message.of("ok.returned"),
            rows=(_row(RowState.RETURNED, LONG, None),),
            sync=SyncState("offline", 7),
        ),
        "home-returned": _home(message=Message.of("ok.returned"), rows=(_row(RowState.RETURNED, ARASHA, None),)),
        "home-reserved": _home(
            message=Message.of("ok.returned_reserved"), rows=(_row(RowState.RETURNED, LONG, None),)
        ),
        "home-found": _home(message=Message.of("home.scan_card"), rows=(_row(RowState.WAITING, NEST, None),)),
        "home-foreign-code": _home(message=Message.of("err.qr_foreign")),
        "home-failed": _home(message=Message.of("err.generic")),
        "home-no-way-without-card": View(
            "home", "kk", Message.of("info.go_to_librarian"), Message.of("home.scan_card"), actions=HOME_ACTIONS[1:],
            languages=LANGUAGES,
        ),
        "visit-empty": _visit(ON_LOAN),
        "visit-nothing": _visit(patron=PRESCHOOL),
        "visit-borrowed": _visit(BORROWED, BORROWED_NEST, ON_LOAN, LATE, message=_CHECKED_OUT),
        "visit-borrowed-no-date": _visit(
            Row("i9", KOZHA.title, RowState.BORROWED, KOZHA, days=10, actions=("undo",)),
            message=Message.of("ok.checked_out_days", days=Days(10)),
            patron=TEACHER,
        ),
        "visit-returned": _visit(
            RETURNED, _row(RowState.RETURNED, LONG, None, "keep"), BORROWED, message=Message.of("ok.returned")
        ),
        "visit-returned-late": _visit(RETURNED, message=Message.of("ok.returned_late")),
        "visit-kept": _visit(_row(RowState.KEPT, ARASHA, DUE), message=Message.of("ok.renewed", date=DUE)),
        "visit-limit": _visit(
            _row(RowState.WAITING, SHYGANAK, None), BORROWED, BORROWED_NEST, ON_LOAN,
            message=Message.of("err.limit", n=5), patron=LONG_NAME,
        ),
        "visit-reserved": _visit(_row(RowState.REFUSED, LONG, None), ON_LOAN, message=Message.of("err.reserved_other")),
        "visit-overdue": _visit(
            _row(RowState.WAITING, NEST, None), LATE, message=Message.of("err.overdue", title=LONG.title)
        ),
        "visit-foreign-code": _visit(BORROWED, message=Message.of("err.isbn_scanned")),
        "visit-textbook": _visit(_row(RowState.REFUSED, ALGEBRA, None), message=Message.of("err.textbook_self")),
        "visit-hold-ready": _visit(ON_LOAN, message=Message.of("ok.hold_ready", title=SHYGANAK.title)),
        "visit-no-message": _visit(BORROWED, RETURNED),
        "account": _account(
            _row(RowState.OVERDUE, SHYGANAK, date(2026, 9, 14), "renew"),
            _row(RowState.ON_LOAN, LONG, SOON, "renew", "return"),
            _row(RowState.ON_LOAN, KOZHA, DUE, "renew"),
            _row(RowState.HOLD_READY, NEST, DUE, "cancel_hold"),
            _row(RowState.HOLD_WAITING, WORD, None, "cancel_hold", place=3),
        ),
        "account-renewed": _account(
            _row(RowState.ON_LOAN, KOZHA, DUE, "renew"), message=Message.of("ok.renewed_some", done=2, left=1)
        ),
        "account-refused": _account(
            _row(RowState.ON_LOAN, KOZHA, DUE, "renew"), message=Message.of("err.renew_reserved"), patron=LONG_NAME
        ),
        "account-empty": _account(message=Message.of("info.nothing_on_loan")),
        "search": _search(""),
        "search-hits": _search(
            "ұшқ",
            _row(RowState.IN, NEST, None, "hold", shelf="A-3"),
            _row(RowState.OUT, LONG, DUE, "hold"),
            _row(RowState.IN, ALGEBRA, None, "borrow", "hold"),
            _row(RowState.READING_ROOM, WORD, None, shelf="C-7"),
        ),
        "search-nothing": _search("қызыл кітап туралы әңгіме", message=Message.of("info.nothing_found")),
        "search-asked": View(
            "search", "kk", Message.of("ok.request_saved"), Message.of("menu.search"),
            actions=("search", "back"), typed="ертегі",
        ),
        "search-reserved": _search(
            "ұшқан ұя", _row(RowState.OUT, NEST, DUE, "hold"), message=Message.of("ok.reserved", n=2)
        ),
        "number": View("number", "kk", prompt=Message.of("prompt.enter_inventory"), actions=("back",)),
        "number-unknown": View(
            "number", "kk", Message.of("err.book_unknown"), Message.of("prompt.enter_inventory"), actions=("back",)
        ),
        "number-one": View(
            "number", "kk", prompt=Message.of("prompt.this_one"), rows=(_MATCH,), actions=("yes", "no", "back")
        ),
        "number-two": View(
            "number", "kk", prompt=Message.of("prompt.this_one"),
            rows=(_MATCH, _row(RowState.CHOICE, LONG, None, "yes")), actions=("yes", "no", "back"),
        ),
        "pin": _pin(PinKind.DIGITS),
        "pin-wrong": _pin(PinKind.DIGITS, message=Message.of("err.pin_wrong")),
        "pin-wait": _pin(PinKind.DIGITS, message=Message.of("err.pin_wait")),
        "pin-pictures": _pin(PinKind.PICTURES, "••"),
        "pin-pictures-wrong": _pin(PinKind.PICTURES, message=Message.of("err.pin_wrong")),
        "no-card-class": _no_card(Message.of("prompt.choose_class"), ("0", *_CLASSES)),
        "no-card-class-many": _no_card(
            Message.of("prompt.choose_class"),
            tuple(f"{grade} «{letter}»" for grade in range(1, 12) for letter in "АӘБВ"),
        ),
        "no-card-name": _no_card(Message("prompt.choose_name", (("class", "5 «Ә»"),)), _NAMES),
        "no-card-me": _no_card(
            Message("prompt.is_it_you", (("name", "Айгүл Ә."), ("class", "5 «Ә»"))), actions=("yes", "back")
        ),
        "appearance": View(
            "appearance", "kk", prompt=Message.of("prompt.appearance"), actions=("back",),
            rows=tuple(
                Row(one, one, RowState.CHOSEN if one == "large_text" else RowState.CHOICE, actions=("switch",))
                for one in CHOICES
            ),
        ),
        "choice": View(
            "choice", "kk", prompt=Message.of("prompt.which_one"), actions=("back",),
            rows=(Row("p1", "Айгүл Ә.", RowState.CHOICE, actions=("choose",)), _CHOICE),
        ),
        "clock": View("clock", "kk", prompt=Message.of("prompt.confirm_date", date=DUE), actions=("yes", "back")),
        "clock-wrong": View(
            "clock", "kk", Message.of("err.date"), Message.of("prompt.confirm_date", date=DUE), actions=("yes", "back")
        ),
        "summary": View(
            "summary", "kk", prompt=Message.of("ok.bye"), actions=("done",),
            rows=(
                _row(RowState.BORROWED, KOZHA, DUE),
                _row(RowState.BORROWED, LONG, DUE),
                _row(RowState.RETURNED, ARASHA, None, "liked", "disliked"),
            ),
        ),
        "summary-slip": View(
            "summary", "kk", prompt=Message.of("ok.bye"), actions=("print", "done"),
            rows=(_row(RowState.BORROWED, KOZHA, DUE), _row(RowState.RETURNED, ARASHA, None)),
        ),
        "summary-printing": View(
            "summary", "kk", Message.of("ok.printing"), Message.of("ok.bye"), actions=("done",),
            rows=(_row(RowState.BORROWED, KOZHA, DUE),),
        ),
        "summary-not-printed": View(
            "summary", "kk", Message.of("err.printer"), Message.of("ok.bye"), actions=("done",),
            rows=(_row(RowState.BORROWED, KOZHA, DUE), _row(RowState.RETURNED, ARASHA, None)),
        ),
        "home-camera": View(
            "home", "kk", prompt=Message.of("home.scan_card"),
            actions=("no_card", "search", "camera", "language", "help"), languages=LANGUAGES,
        ),
        "visit-camera": View(
            "visit", "kk", None, Message.of("prompt.scan_next"), (BORROWED,),
            ("not_me", "account", "search", "camera", "language", "finish"), AIGUL,
        ),
        "camera": View(
            "camera", "kk", prompt=Message.of("camera.show_code"), actions=("back", "number"), feed="camera"
        ),
        "camera-in-a-visit": View(
            "camera", "kk", None, Message.of("camera.show_code"), (), ("back", "number", "finish"), AIGUL, feed="camera"
        ),
        "camera-broken": View(
            "camera", "kk", Message.of("err.camera"), Message.of("camera.show_code"), actions=("back", "number"),
            feed="camera",
        ),
        "summary-undo": View(
            "summary", "kk", prompt=Message.of("prompt.undo_all"), actions=("undo_all", "done"),
            rows=(_row(RowState.BORROWED, KOZHA, DUE), _row(RowState.RETURNED, ARASHA, None)),
        ),
        "idle-warning": View(
            "visit", "kk", Message.of("prompt.still_here", n=12), Message.of("prompt.scan_next"), (BORROWED,),
            ("more_time", *VISIT_ACTIONS), AIGUL, countdown=12,
        ),
        "idle-warning-search": View(
            "search", "kk", Message.of("prompt.still_here", n=1), Message.of("menu.search"), (),
            ("more_time", "search", "back"), LONG_NAME, countdown=1,
        ),
        "home-calling": replace(_calling(_home(message=_COMING)), calling=True),
        "home-called-in": _calling(_home(message=Message.of("err.card_blocked"))),
        "visit-call": _calling(_visit(BORROWED, RETURNED, ON_LOAN, message=_CHECKED_OUT)),
        "visit-call-refused": _calling(
            _visit(_row(RowState.REFUSED, LONG, None), ON_LOAN, message=Message.of("err.reserved_other"))
        ),
        "visit-calling": replace(_calling(_visit(BORROWED, ON_LOAN, message=_COMING, patron=LONG_NAME)), calling=True),
        "out-of-service-call": _calling(View("out_of_service", "kk", Message.of("home.closed"))),
        "out-of-service-calling": replace(_calling(View("out_of_service", "kk", _COMING)), calling=True),
        **staff_views(),
        **year_views(),
        "out-of-service": View("out_of_service", "kk", Message.of("home.closed")),
    }  # fmt: skip
