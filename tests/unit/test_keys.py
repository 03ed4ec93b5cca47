"""Key codes of readers that type, into codes."""

from __future__ import annotations

import ctypes
import ctypes.util
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.devices.framing import MAX_CODE_BYTES
from kiosk.devices.hid import KeyEvent
from kiosk.devices.key_layouts import layout
from kiosk.devices.keys import CUT_OFF_S, KeyDecoder
from tests.driver import full
from tests.keyboards import EV_KEY, EV_SYN, KEYPAD_ENTER, SHIFT, TAB, Stroke, events, tap, typed

LAYOUTS = ("us", "de", "fr", "ru", "kz")
LABELS = ("P1000001", "B00000017", "4B-001/7.2", "0012345678", "]C1KZ$%+: x", "UID:04A1B2C3")


def decoded(decoder: KeyDecoder, strokes: list[Stroke], at: float = 0.0) -> list[str]:
    return [code for event in events(strokes, at) for code in decoder.feed(*event)]


@pytest.mark.parametrize("end", [28, TAB, KEYPAD_ENTER], ids=["Enter", "Tab", "keypad Enter"])
@pytest.mark.parametrize("code", LABELS)
def test_a_code_ends_with_enter_or_tab(code: str, end: int) -> None:
    assert decoded(KeyDecoder(), typed(code, end=end)) == [code]


@pytest.mark.parametrize("keyboard", LAYOUTS)
def test_digits_of_the_keypad_are_digits_on_every_keyboard(keyboard: str) -> None:
    assert decoded(KeyDecoder(keyboard), typed("0123456789", keypad=True)) == ["0123456789"]


@pytest.mark.parametrize("keyboard", ["us", "de", "fr"])
@pytest.mark.parametrize("code", LABELS)
def test_a_reader_set_to_another_keyboard_is_read_as_that(keyboard: str, code: str) -> None:
    assert decoded(KeyDecoder(keyboard), typed(code, keyboard)) == [code]


def test_cyrillic_of_a_reader_set_to_a_cyrillic_keyboard() -> None:
    assert decoded(KeyDecoder("ru"), typed("Билет-7", "ru")) == ["Билет-7"]
    assert decoded(KeyDecoder("kz"), typed("ҚАЗАҚ әі", "kz")) == ["ҚАЗАҚ әі"]


def test_the_layout_of_the_system_plays_no_part() -> None:
    """DOMAIN.md 5: the number row of the Kazakh keyboard types letters; the codes of the keys stay what they are."""
    assert decoded(KeyDecoder("us"), typed("1234567890", "us")) == ["1234567890"]
    assert decoded(KeyDecoder("kz"), typed("1234567890", "us")) != ["1234567890"]


@pytest.mark.parametrize("code", LABELS)
def test_a_reader_that_types_numbers_with_alt(code: str) -> None:
    keypad = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73}
    strokes: list[Stroke] = []
    for character in code + "\r":
        strokes += [(56, 1), *(s for digit in f"{ord(character):03d}" for s in tap(keypad[digit])), (56, 0)]
    assert decoded(KeyDecoder(), strokes) == [code]


def test_caps_lock_within_a_code_turns_letters_only() -> None:
    strokes = [*tap(58), *typed("ab-1", end=None), *tap(58), *typed("ab")]
    assert decoded(KeyDecoder(), strokes) == ["AB-1ab"]


def test_keys_held_with_control_and_unknown_keys_are_no_characters() -> None:
    strokes = [*typed("P1", end=None), *tap(27, 29), *tap(59), *tap(113), *typed("2")]
    assert decoded(KeyDecoder(), strokes) == ["P12"]


def test_the_kernels_repetition_of_a_key_is_no_key() -> None:
    assert decoded(KeyDecoder(), [(2, 1), (2, 2), (2, 2), (2, 0), *tap(28)]) == ["1"]


def test_an_end_alone_is_no_code() -> None:
    assert decoded(KeyDecoder(), [*tap(28), *tap(TAB), *typed("P1"), *tap(28)]) == ["P1"]


def test_a_pause_ends_a_code_if_the_reader_sends_no_end() -> None:
    decoder = KeyDecoder(end_s=0.2)
    assert decoded(decoder, typed("P1", end=None), 10.0) == []
    assert decoder.due() == pytest.approx(10.2)
    assert decoder.pause(10.1) == []
    assert decoder.pause(10.2) == ["P1"]
    assert decoder.due() is None and decoder.pause(99.0) == []
    assert decoded(decoder, typed("P2", end=None), 20.0) == []
    assert decoded(decoder, typed("P3", end=None), 20.5) == ["P2"]
    assert decoded(decoder, tap(28), 20.5) == ["P3"]


def test_without_a_pause_as_end_what_was_cut_off_does_not_stand_before_the_next_code() -> None:
    decoder = KeyDecoder()
    assert decoded(decoder, typed("HALF", end=None), 10.0) == []
    assert decoded(decoder, typed("P1"), 10.0 + CUT_OFF_S) == ["P1"]
    assert decoded(decoder, typed("P", end=None), 20.0) == []
    assert decoded(decoder, typed("2"), 20.0 + CUT_OFF_S / 2) == ["P2"]


def test_what_was_begun_before_it_was_pulled_out_is_forgotten_and_so_is_shift() -> None:
    decoder = KeyDecoder()
    assert decoded(decoder, [*typed("HALF", end=None), (SHIFT, 1)]) == []
    decoder.forget()
    assert decoded(decoder, typed("p1")) == ["p1"]


def test_a_code_of_which_the_kernel_lost_keys_is_dropped() -> None:
    decoder = KeyDecoder()
    decoded(decoder, typed("P10", end=None))
    assert decoder.feed(EV_SYN, 3, 0, 0.0) == []
    assert decoded(decoder, typed("0001")) == []
    assert decoded(decoder, typed("P2")) == ["P2"]


def test_a_flood_without_an_end_is_dropped_with_its_end() -> None:
    decoder = KeyDecoder()
    assert decoded(decoder, typed("7" * (MAX_CODE_BYTES + 1))) == []
    assert decoded(decoder, typed("7" * MAX_CODE_BYTES)) == ["7" * MAX_CODE_BYTES]
    assert decoded(decoder, typed("P1")) == ["P1"]


@given(
    st.text("".join(chr(n) for n in range(33, 127)), min_size=1, max_size=30),
    st.sampled_from(["us", "de", "fr"]),
    st.booleans(),
)
def test_any_code_of_ascii_comes_through(code: str, keyboard: str, keypad: bool) -> None:
    assert decoded(KeyDecoder(keyboard), typed(code, keyboard, keypad=keypad)) == [code]


any_event = st.tuples(
    st.integers(-1, 30), st.integers(-1, 800), st.sampled_from([0, 1, 1, 1, 2, -1, 70000]), st.floats(0, 100)
)


@given(st.lists(any_event, max_size=300), st.sampled_from(LAYOUTS), st.sampled_from([0.0, 0.3]))
def test_any_events_are_codes_or_nothing(keys: list[KeyEvent], keyboard: str, end_s: float) -> None:
    decoder = KeyDecoder(keyboard, end_s)
    for event in keys:
        for code in decoder.feed(*event):
            assert 0 < len(code) <= MAX_CODE_BYTES
    decoder.forget()
    assert decoded(decoder, typed("17", keypad=True), 1000.0) == ["17"]


def test_fifty_random_keyboards_keep_no_more_than_a_code() -> None:
    """Key events of every kind without an end, from fifty devices at once."""
    import random

    random_of = random.Random(4)
    decoders = [KeyDecoder(random_of.choice(LAYOUTS), random_of.choice([0.0, 0.3])) for _ in range(50)]
    for round_ in range(full(40_000, 4_000)):
        for decoder in decoders:
            code = random_of.choice([*range(2, 14), *range(16, 28), *range(30, 58), 71, 100, random_of.randrange(768)])
            for found in decoder.feed(EV_KEY, code, random_of.choice([1, 1, 0]), round_ * 0.01):
                assert len(found) <= MAX_CODE_BYTES
    assert max(decoder.kept() for decoder in decoders) <= MAX_CODE_BYTES


@pytest.mark.parametrize("keyboard", LAYOUTS)
def test_the_keyboards_are_those_of_the_x_window_system(keyboard: str) -> None:
    """Against libxkbcommon, for every key that is here."""
    path = ctypes.util.find_library("xkbcommon")
    if path is None:
        pytest.skip("libxkbcommon is not installed")
    xkb = ctypes.CDLL(path)
    for name in ("xkb_context_new", "xkb_keymap_new_from_names", "xkb_state_new"):
        getattr(xkb, name).restype = ctypes.c_void_p
    context = ctypes.c_void_p(xkb.xkb_context_new(0))
    names = (ctypes.c_char_p * 5)(b"evdev", b"pc105", keyboard.encode(), b"", b"")
    keymap = xkb.xkb_keymap_new_from_names(context, names, 0)
    if not keymap:
        pytest.skip("xkb-data is not installed")
    state = ctypes.c_void_p(xkb.xkb_state_new(ctypes.c_void_p(keymap)))
    buffer = ctypes.create_string_buffer(16)
    wrong = []
    for level, (held, table) in enumerate(zip((None, SHIFT, 100), layout(keyboard), strict=True)):
        if held is not None:
            xkb.xkb_state_update_key(state, held + 8, 1)
        for code, character in table.items():
            xkb.xkb_state_key_get_utf8(state, code + 8, buffer, 16)
            said = buffer.value.decode()
            # A dead key types nothing by itself; a reader sends it for its own sign.
            if said not in ("", character):
                wrong.append((level, code, character, said))
        if held is not None:
            xkb.xkb_state_update_key(state, held + 8, 0)
    assert list(islice(wrong, 5)) == []
