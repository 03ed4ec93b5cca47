"""The SIP2 codec: every recorded dialogue, round trips, what is wrong said as data, and fuzz."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.errors import ConnectorError, ProtocolError
from kiosk.sync.sip2.codec import Checksum, Codec, Fault, Frame, Receiver
from kiosk.sync.sip2.fields import CODES, FIELDS, Listing, is_program_text, patron_flags, supported_messages
from kiosk.sync.sip2.framing import LIMIT
from kiosk.sync.sip2.layouts import LAYOUTS, REPLIES, REQUESTS, Shape
from kiosk.sync.sip2.messages import Message, compose
from kiosk.sync.sip2.requests import (
    REQUEST_TYPES,
    Checkin,
    Checkout,
    ItemInformation,
    Login,
    PatronInformation,
    Request,
    Resend,
    ScStatus,
)

RECORDED = Path(__file__).parent.parent / "data" / "sip2"
AT = datetime(2026, 11, 20, 9, 13, 36)
UTF8 = Codec()


def dialogues() -> Iterator[tuple[str, list[bytes]]]:
    """Each file's name, and what went over the line in order; the recorder's own marks for an end are left out."""
    for file in sorted(RECORDED.glob("*.jsonl")):
        entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        sent = [bytes.fromhex(entry["hex"]) for entry in entries if "hex" in entry]
        yield file.stem, [raw for raw in sent if raw != b"<EOF>"]


DIALOGUES = dict(dialogues())
MESSAGES = [raw for sent in DIALOGUES.values() for raw in sent]


def frames_of(raw: bytes, codec: Codec = UTF8) -> list[Frame]:
    receiver = Receiver(codec)
    return receiver.feed(raw) + receiver.finish()


def frame_of(raw: bytes, codec: Codec = UTF8) -> Frame:
    (frame,) = frames_of(raw, codec)
    return frame


# The recorded dialogues


def test_every_recorded_message_is_read_and_what_is_wrong_is_named() -> None:
    assert len(MESSAGES) == 316
    odd = {}
    for raw in MESSAGES:
        for frame in frames_of(raw):
            if frame.faults or frame.checksum not in (Checksum.ABSENT, Checksum.RIGHT):
                odd[frame.raw[:22]] = (frame.faults, frame.checksum, frame.sound)
    by_characters = (Fault.NONE, Checksum.BY_CHARACTERS, True)
    program = (Fault.PROGRAM_TEXT, Checksum.ABSENT, True)
    open_program = (Fault.PROGRAM_TEXT | Fault.OPEN_FIELD, Checksum.ABSENT, True)
    undecodable = (Fault.UNDECODABLE, Checksum.ABSENT, True)
    assert odd == {
        b"1801000120261120    09": (Fault.STRAY, Checksum.RIGHT, True),
        b"8800": (Fault.UNKNOWN, Checksum.ABSENT, False),
        b"9900802.00AY3AZ0000": (Fault.CHECKSUM, Checksum.WRONG, False),
        b"9900802.00": (Fault.UNTERMINATED, Checksum.ABSENT, False),
        b"6610001000020261120   ": open_program,
        b"101YNN20261120    0913": program,
        b"100YNY20261120    0913": program,
        b"1720261120    091348AO": undecodable,
        b"1720261120    091356AO": undecodable,
        b"1801010120261120    09": undecodable,
        b"1803020120261120    09": by_characters,
        b"121NNY20261120    0914": by_characters,
        b"121YNY20261120    0914": by_characters,
        b"301YNN20261120    0914": by_characters,
        b"1804020120261120    09": by_characters,
        b"120NUN20261120    0914": by_characters,
        b"101YNN20261120    0914": by_characters,
        b"100YNN20261120    0914": by_characters,
    }


@pytest.mark.parametrize("name", DIALOGUES)
def test_arriving_byte_by_byte_changes_nothing(name: str) -> None:
    for raw in DIALOGUES[name]:
        receiver = Receiver(UTF8)
        frames = [frame for byte in raw for frame in receiver.feed(bytes([byte]))]
        assert frames + receiver.finish() == frames_of(raw)


@pytest.mark.parametrize("name", DIALOGUES)
def test_neighbours_in_one_piece_change_nothing(name: str) -> None:
    sent = [raw if raw.endswith((b"\r", b"\r\n")) else raw + b"\r" for raw in DIALOGUES[name]]
    for before, raw, after in zip(sent, sent[1:], sent[2:], strict=False):
        assert frames_of(before + raw + after) == frames_of(before) + frames_of(raw) + frames_of(after)


@pytest.mark.parametrize("raw", sorted(set(MESSAGES)))
def test_what_was_read_without_fault_is_written_the_same(raw: bytes) -> None:
    for frame in frames_of(raw):
        if frame.sound and not frame.faults and frame.checksum in (Checksum.ABSENT, Checksum.RIGHT):
            checked = frame.checksum is Checksum.RIGHT
            written = UTF8.encode(frame.require(), (frame.sequence or 0) if checked else None)
            assert written.upper() == (frame.raw + b"\r").upper()  # "AZfc9e" is read; ours is in capitals


def test_checksummed_neighbours_without_a_terminator_are_told_apart() -> None:
    checked = [raw.strip() for raw in DIALOGUES["openncip-sipserver-error-detection"] if b"AZ" in raw]
    pairs = list(pairwise(checked))
    assert len(pairs) > 30
    for one, other in pairs:
        first, second = frames_of(one + other + b"\r")
        assert (first.raw, second.raw) == (one, other)
        assert Fault.GLUED in first.faults and Fault.GLUED in second.faults
        assert first.sound and second.sound
        assert (first.message, second.message) == (UTF8.decode(one).message, UTF8.decode(other).message)


def test_neighbours_without_terminator_and_checksum_are_told_apart_but_not_relied_on() -> None:
    replies = [raw.strip() for raw in DIALOGUES["koha-19.06"][1::2]]
    assert len(replies) == 22
    for one, other in pairwise(replies):
        if len(other) > 20:  # 940 and 941 are too short to be known in the middle of something
            first, second = frames_of(one + other + b"\r")
            assert (first.raw, second.raw) == (one, other)
            assert not first.sound and not second.sound


def test_program_text_glued_before_a_reply_is_taken_off() -> None:
    reply = b"1801000120261120    091412ABI1|AJtitle_id|CF0|BGowner|CK000|AQpermanent_location|APcurrent_location|"
    frame = frame_of(b"None" + reply + b"AY3AZDDA9\r")
    assert (frame.stray, frame.sequence, frame.sound) == (b"None", 3, True)
    unproven = frame_of(b"None" + reply + b"\r")
    assert unproven.faults == Fault.STRAY and not unproven.sound
    with pytest.raises(ProtocolError, match="STRAY"):
        unproven.require()


def test_program_text_in_a_field_is_no_value() -> None:
    raw = next(raw for raw in DIALOGUES["koha-19.06"] if raw.startswith(b"101YNN"))
    message = frame_of(raw).require()
    assert message.yes("ok") and message.text("item") == "RU0001"
    assert message.text("hold_patron") == "" and message.texts("hold_patron_name") == ()
    assert is_program_text(dict(message.fields)["CY"])
    all_renewed = frame_of(next(raw for raw in DIALOGUES["koha-19.06"] if raw.startswith(b"66"))).require()
    assert all_renewed.texts("renewed_items") == ("RU0001",) and all_renewed.fields[-1][0] == ""


def test_recorded_values() -> None:
    status = frame_of(DIALOGUES["invenio-sip2"][3]).require()
    assert status.count("timeout") == 10 and status.count("retries") == 10
    assert supported_messages(status.text("supported_messages")) == REQUESTS.keys() - {"01", "19", "65"}
    spelled = frame_of(next(raw for raw in DIALOGUES["invenio-sip2"] if raw.startswith(b"24"))).require()
    assert spelled.texts("print_line") == ("message on one line",)
    koha = DIALOGUES["koha-19.06-noblock-and-errors"]
    lent = frame_of(next(raw for raw in koha if raw.startswith(b"12"))).require()
    assert lent.text("title") == "Преступление и наказание | роман"
    assert lent.date("due").at == datetime(2026, 12, 11, 23, 59)
    renewed = frame_of(next(raw for raw in koha if raw.startswith(b"30"))).require()
    assert renewed.text("media_type") == "" and renewed.yes("renewal_ok") is True
    perl = DIALOGUES["openncip-sipserver-error-detection"]
    patron = frame_of([raw for raw in perl if raw.startswith(b"64")][1]).require()
    assert patron.count("charged_count") == 2 and patron.texts("charged_items") == ("0440242746", "0440242746")
    assert patron_flags(patron.text("status")) == {"recall_denied"}
    home = frame_of(next(raw for raw in perl if raw.startswith(b"18"))).require()
    assert home.text("circulation_status") == "03" and home.date("due").day is None and home.date("due").raw == "0"


# Round trips


ENCODINGS = ("utf-8", "cp1251", "kz1048", "cp866", "cp850", "koi8_r", "latin-1")


def values(encoding: str = "utf-8") -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=("Cc", "Cs"))
    if encoding != "utf-8":
        letters = st.sampled_from([c for c in bytes(range(256)).decode(encoding, "ignore") if c.isprintable()])
    return st.text(letters, max_size=40).filter(lambda text: "&#124;" not in text and "\ufffd" not in text)


def fixed(shape: Shape) -> st.SearchStrategy[str]:
    return st.from_regex(shape.pattern, fullmatch=True)


@st.composite
def messages(draw: st.DrawFn, encoding: str = "utf-8") -> Message:
    layout = LAYOUTS[draw(st.sampled_from(sorted(LAYOUTS)))]
    codes = st.sampled_from(sorted(FIELDS)) | st.from_regex("[D-Z][A-Z0-9]", fullmatch=True)
    pairs = st.lists(st.tuples(codes, values(encoding)), max_size=8)
    return Message(layout.code, tuple(draw(fixed(shape)) for _, shape in layout.fixed), tuple(draw(pairs)))


MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31)).map(lambda at: at.replace(microsecond=0))
ARGUMENTS: dict[str, st.SearchStrategy[Any]] = {
    "datetime": MOMENTS,
    "datetime | None": st.none() | MOMENTS,
    "str": values(),
    "str | None": st.none() | values(),
    "bool": st.booleans(),
    "bool | None": st.none() | st.booleans(),
    "int": st.integers(0, 9),
    "int | None": st.none() | st.integers(0, 9999),
    "Listing": st.sampled_from(Listing),
}


@st.composite
def requests(draw: st.DrawFn) -> Request:
    made = draw(st.sampled_from(REQUEST_TYPES))
    index = LAYOUTS[made.code].index
    given_values = {
        f.name: draw(ARGUMENTS[str(f.type)])
        for f in fields(made)
        # Texts of a fixed width keep what they are unless they are tried on purpose.
        if f.default is MISSING or f.type != "str" or f.name not in index
    }
    return made(**given_values)


@given(messages(), st.none() | st.integers(0, 9), st.sampled_from(["cr", "crlf"]))
def test_round_trip_of_every_message(message: Message, sequence: int | None, terminator: str) -> None:
    codec = Codec("utf-8", terminator)
    assume(not any(is_program_text(value) for _, value in message.fields))
    frame = frame_of(codec.encode(message, sequence), codec)
    assert frame.message == message
    resend = message.code in ("96", "97")
    assert frame.sequence == (None if resend else sequence)
    assert frame.checksum is (Checksum.ABSENT if sequence is None else Checksum.RIGHT)
    assert frame.sound or Fault.GLUED in frame.faults


@given(requests(), st.none() | st.integers(0, 9))
def test_round_trip_of_every_request(request: Request, sequence: int | None) -> None:
    message = request.message()
    frame = frame_of(UTF8.encode(request, sequence))
    assert frame.require() == message
    for f in fields(request):
        value = getattr(request, f.name)
        if isinstance(value, bool):
            assert message.yes(f.name) is value
        elif isinstance(value, datetime):
            assert message.date(f.name).at == value
        elif isinstance(value, int):
            assert message.count(f.name) == value
        elif value is None:
            assert message.text(f.name).strip() == ""
        elif not is_program_text(value):
            assert message.text(f.name) == value


@given(st.data(), st.sampled_from(ENCODINGS))
def test_round_trip_in_every_encoding(data: st.DataObject, encoding: str) -> None:
    codec = Codec(encoding)
    message = data.draw(messages(encoding))
    assume(not any(is_program_text(value) for _, value in message.fields))
    frame = frame_of(codec.encode(message, 5), codec)
    assert frame.message == message and frame.sound


@given(st.lists(messages(), min_size=1, max_size=4), st.data())
def test_any_cutting_of_the_stream_gives_the_same_frames(sent: list[Message], data: st.DataObject) -> None:
    stream = b"".join(UTF8.encode(message, 1) for message in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    receiver = Receiver(UTF8)
    pieces = [stream[one:other] for one, other in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [frame for piece in pieces for frame in receiver.feed(piece)] == frames_of(stream)


def test_every_pair_of_a_self_check_is_in_the_tables() -> None:
    pairs = "93/94 99/98 23/24 63/64 17/18 11/12 09/10 29/30 65/66 15/16 35/36 37/38 01/24"
    for pair in pairs.split():
        asked, answered = pair.split("/")
        assert REQUESTS[asked].answer == answered and answered in REPLIES
    assert "97" in REQUESTS and "96" in REPLIES
    assert all(code in CODES.values() for layout in LAYOUTS.values() for code in layout.fields)
    assert len(CODES) == len(FIELDS)


# What may go to the wire


def test_a_bar_in_a_value_cannot_begin_a_field() -> None:
    raw = UTF8.encode(ItemInformation(at=AT, item="1|ABother"))
    assert raw.count(b"|") == 3 and b"1&#124;ABother|" in raw
    assert frame_of(raw).require().texts("item") == ("1|ABother",)


@pytest.mark.parametrize("letter", ["\r", "\n", "\r\n", "\0", "\x1b", "\x7f"])
def test_a_control_character_in_a_value_is_refused_and_not_told(letter: str) -> None:
    with pytest.raises(ProtocolError) as told:
        UTF8.encode(Login(login="kiosk", password=f"secret{letter}11YN"))
    assert "secret" not in str(told.value)
    assert isinstance(told.value, ConnectorError)


@given(st.text(max_size=20), st.sampled_from(ENCODINGS))
def test_no_value_can_add_a_message_or_a_field(value: str, encoding: str) -> None:
    codec = Codec(encoding)
    try:
        raw = codec.encode(ItemInformation(at=AT, item=value), 3)
    except ProtocolError:
        return
    assert raw.count(b"\r") == 1 and [code for code, _ in frame_of(raw, codec).require().fields] == ["AO", "AB", "AC"]


def test_a_letter_that_the_encoding_lacks_is_refused_and_not_told() -> None:
    with pytest.raises(ProtocolError, match="cp1251") as told:
        Codec("cp1251").encode(Login(login="kiosk", password="сырÓқ"))
    assert told.value.__cause__ is None and "сыр" not in str(told.value)
    assert "сырқ".encode("kz1048") in Codec("kz1048").encode(Login(login="kiosk", password="сырқ"))


@pytest.mark.parametrize(
    "message",
    [
        Message("94", ("X",), ()),
        Message("94", ("1|",), ()),
        Message("94", (), ()),
        Message("94", ("1",), (("AZ", "0000"),)),
        Message("94", ("1",), (("A|", ""),)),
        Message("94", ("1",), (("", "AFx"),)),
        Message("94", ("1",), (("AF", "x" * LIMIT),)),
    ],
)
def test_a_message_that_would_be_read_otherwise_is_refused(message: Message) -> None:
    with pytest.raises(ProtocolError):
        UTF8.encode(message)


def test_composing_names_what_does_not_exist() -> None:
    for code, fixed_part, variable in [("88", {}, []), ("94", {"yes": True}, []), ("94", {}, [("colour", "red")])]:
        with pytest.raises(ProtocolError):
            compose(code, fixed_part, variable)
    with pytest.raises(ProtocolError, match="18 characters"):
        compose("36", {"ended": True, "at": "today"}, [])
    with pytest.raises(ProtocolError, match="digit"):
        UTF8.encode(Resend(), 10)
    made = compose(
        "36", {"ended": True, "at": AT}, [("institution", "LIB"), ("patron", None), ("screen_message", "Bye")]
    )
    assert UTF8.encode(made) == b"36Y20261120    091336AOLIB|AFBye|\r"
    with pytest.raises(ProtocolError):
        made.text("colour")


def test_requests_are_written_as_kiosks_do() -> None:
    checkout = Checkout(
        at=AT, institution="CPL", patron="EN1", item="RU1", pin="1234", fee_acknowledged=False, cancel=False
    )
    assert UTF8.encode(checkout) == b"11NN20261120    091336                  AOCPL|AAEN1|ABRU1|AC|AD1234|BON|BIN|\r"
    assert UTF8.encode(ScStatus()) == b"9900802.00\r"
    assert UTF8.encode(ScStatus(), 1) == b"9900802.00AY1AZFCA0\r"
    assert UTF8.encode(Resend()) == b"97\r" and UTF8.encode(Resend(), 4) == b"97AZFEF5\r"
    charged = PatronInformation(
        at=AT, institution="CPL", patron="EN000001", pin="1234", summary=Listing.CHARGED, first_entry=1, last_entry=5
    )
    assert UTF8.encode(charged) in DIALOGUES["koha-19.06"]
    assert UTF8.encode(Login(login="sipuser", password="sippass", location="K1")) in DIALOGUES["koha-19.06"]
    returned = Checkin(
        at=datetime(2026, 1, 1, 10, 15),
        returned_at=datetime(2026, 1, 1, 10, 15),
        no_block=True,
        current_location="shelf",
        institution="CPL",
        item="RU0002",
        cancel=False,
    )
    assert UTF8.encode(returned) in DIALOGUES["koha-19.06-noblock-and-errors"]


def test_no_repr_shows_a_value() -> None:
    login = Login(login="kiosk", password="hunter2")
    frame = UTF8.decode(b"6300020261120    091336          AOCPL|AAEN000001|AC|AD1234|")
    for shown in (repr(login), repr(frame), repr(frame.message), repr(login.message())):
        assert "hunter2" not in shown and "EN000001" not in shown and "1234" not in shown


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp037", "utf-7", "no such", "hex", "rot13", "idna"])
def test_an_encoding_that_cannot_carry_it_is_refused(encoding: str) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        Codec(encoding)
    with pytest.raises(ValueError, match="terminator"):
        Codec("utf-8", "lf")
