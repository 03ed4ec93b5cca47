"""The SIP2 codec on what no server should send: framing, faults as data, dates, and bytes at random."""

from __future__ import annotations

import encodings.aliases
import json
import os
import random
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import ProtocolError
from kiosk.sync.sip2.codec import Checksum, Codec, Fault, Frame, Receiver
from kiosk.sync.sip2.dates import read_date, write_date
from kiosk.sync.sip2.fields import FIELDS
from kiosk.sync.sip2.framing import LIMIT, Framer, Packet
from kiosk.sync.sip2.messages import mismatches
from kiosk.sync.sip2.requests import Checkout, EndSession, ItemInformation

RECORDED = Path(__file__).parent.parent / "data" / "sip2"
FUZZED_BYTES = 10_000_000 if os.environ.get("KIOSK_FULL") == "1" else 1_000_000
AT = datetime(2026, 11, 20, 9, 13, 36)
UTF8 = Codec()
REPLY = b"36Y20261120    091336AOCPL|AAEN1|AFBye|"


def frames_of(raw: bytes, codec: Codec = UTF8) -> list[Frame]:
    receiver = Receiver(codec)
    return receiver.feed(raw) + receiver.finish()


def with_checksum(text: str) -> bytes:
    """text: up to and with AZ, summed over its bytes."""
    raw = text.encode()
    return raw + b"%04X" % (-sum(raw) & 0xFFFF)


# Framing


@pytest.mark.parametrize("around", [b"%b\r", b"%b\r\n", b"\n%b\r", b"\r\n%b\r\n", b"\0%b\0\r", b"\r\r%b\r", b"%b\n\r"])
def test_terminators_as_servers_send_them(around: bytes) -> None:
    (frame,) = frames_of((around % REPLY) * 1)
    assert frame.sound and frame.raw == REPLY
    assert [frame.raw for frame in frames_of((around % REPLY) * 3)] == [REPLY] * 3


def test_a_letter_of_several_bytes_is_never_split() -> None:
    raw = "1801010120261120    091336ABx|AJҚазақ тілі|\r".encode()
    for cut in range(len(raw)):
        receiver = Receiver(UTF8)
        frames = receiver.feed(raw[:cut]) + receiver.feed(raw[cut:])
        assert [frame.require().text("title") for frame in frames] == ["Қазақ тілі"]


def test_a_reply_without_its_terminator_waits_and_is_told_at_the_end() -> None:
    receiver = Receiver(UTF8)
    assert receiver.feed(REPLY) == [] and receiver.waiting == len(REPLY)
    (frame,) = receiver.finish()
    assert frame.faults == Fault.UNTERMINATED and not frame.sound and frame.message is not None
    assert receiver.waiting == 0 and receiver.finish() == []
    receiver.feed(with_checksum(REPLY.decode() + "AY1AZ"))
    (frame,) = receiver.finish()
    assert frame.faults == Fault.UNTERMINATED and frame.sound


def test_clearing_forgets_the_old_connection() -> None:
    receiver = Receiver(UTF8)
    receiver.feed(b"36Y2026")
    receiver.clear()
    assert [frame.sound for frame in receiver.feed(REPLY + b"\r")] == [True]


def test_a_message_over_the_limit_is_passed_over_and_the_next_is_read() -> None:
    framer = Framer(limit=50)
    assert framer.feed(b"x" * 60) == [] and framer.waiting == 50
    assert framer.feed(b"y" * 1000) == [] and framer.waiting == 50
    assert framer.feed(b"z\r" + REPLY + b"\r") == [Packet(b"x" * 50, True, True), Packet(REPLY)]
    assert framer.feed(b"v" * 51 + b"\rw\r") == [Packet(b"v" * 50, True, True), Packet(b"w")]
    (frame, after) = frames_of(b"98" * LIMIT + b"\r" + REPLY + b"\r")
    assert frame.faults == Fault.TOO_LONG and frame.message is None and after.sound


@given(st.binary(max_size=300), st.integers(1, 40))
def test_the_framer_never_holds_more_than_its_limit(data: bytes, limit: int) -> None:
    framer = Framer(limit)
    packets = [packet for byte in data for packet in framer.feed(bytes([byte]))]
    assert framer.waiting <= limit
    assert packets == (whole := Framer(limit)).feed(data)
    assert framer.finish() == whole.finish()
    assert all(len(packet.raw) <= limit for packet in packets)


# What is wrong, as data


@pytest.mark.parametrize(
    ("raw", "faults", "checksum", "sound"),
    [
        (b"", Fault.UNKNOWN, Checksum.ABSENT, False),
        (b"96", Fault.NONE, Checksum.ABSENT, True),
        (b"96AZFEF6", Fault.NONE, Checksum.RIGHT, True),
        (b"96AZFEF7", Fault.CHECKSUM, Checksum.WRONG, False),
        (b"941AY0AZFDFD", Fault.NONE, Checksum.RIGHT, True),
        (b"941AY0AZfdfd|", Fault.NONE, Checksum.RIGHT, True),
        (b"941AY0AZFDFE", Fault.CHECKSUM, Checksum.WRONG, False),
        (b"941AY0", Fault.NONE, Checksum.ABSENT, True),
        (b"94", Fault.SHORT, Checksum.ABSENT, False),
        (b"94?", Fault.SHAPE, Checksum.ABSENT, False),
        (b"36Y20261120", Fault.SHORT, Checksum.ABSENT, False),
        (b"HTTP/1.1 400 Bad Request", Fault.UNKNOWN, Checksum.ABSENT, False),
        (REPLY + b"AFno delimiter", Fault.OPEN_FIELD, Checksum.ABSENT, True),
        (REPLY + b"AFends like AZ1234", Fault.OPEN_FIELD, Checksum.ABSENT, True),
        (REPLY + b"AJa title | with a bar|", Fault.ODD_FIELD, Checksum.ABSENT, True),
        (REPLY + b"AFARRAY(0x7ffe)|", Fault.PROGRAM_TEXT, Checksum.ABSENT, True),
        (REPLY + b"AF<Patron object at 0x7f>|", Fault.PROGRAM_TEXT, Checksum.ABSENT, True),
        (REPLY + b"AF0x10 is sixteen|", Fault.NONE, Checksum.ABSENT, True),
        (REPLY + b"AF\xcf\xf0|", Fault.UNDECODABLE, Checksum.ABSENT, True),
        (REPLY + "AFsent \ufffd so|".encode(), Fault.NONE, Checksum.ABSENT, True),
        (REPLY + b"AH20261204    091350|", Fault.NONE, Checksum.ABSENT, True),
        (b"30\xff" + REPLY[2:], Fault.SHAPE | Fault.UNDECODABLE, Checksum.ABSENT, False),
        (REPLY.replace(b"36Y", b"36?"), Fault.SHAPE, Checksum.ABSENT, False),
        (b"Traceback: " + REPLY, Fault.STRAY, Checksum.ABSENT, False),
        (REPLY + REPLY, Fault.GLUED, Checksum.ABSENT, False),
        (b"941" + REPLY, Fault.GLUED, Checksum.ABSENT, False),
    ],
)
def test_what_is_wrong_is_said(raw: bytes, faults: Fault, checksum: Checksum, sound: bool) -> None:
    frame = UTF8.decode(raw)
    assert (frame.faults, frame.checksum, frame.sound) == (faults, checksum, sound)


def test_a_checksum_over_characters_is_told_from_a_wrong_one() -> None:
    text = "1801010120261120    091336ABx|AJҚазақ|AY4AZ"
    by_characters = text.encode() + b"%04X" % (-sum(map(ord, text)) & 0xFFFF)
    assert UTF8.decode(by_characters).checksum is Checksum.BY_CHARACTERS
    assert UTF8.decode(by_characters).sequence == 4
    assert UTF8.decode(with_checksum(text)).checksum is Checksum.RIGHT
    wrong = UTF8.decode(text.encode() + b"0000")
    assert wrong.checksum is Checksum.WRONG and wrong.sequence == 4 and not wrong.sound
    single = Codec("kz1048").decode(text.encode("kz1048") + b"%04X" % (-sum(text.encode("kz1048")) & 0xFFFF))
    assert single.checksum is Checksum.RIGHT and single.require().text("title") == "Қазақ"


def test_many_glued_replies_are_cut_up_to_a_number() -> None:
    frames = frames_of(REPLY * 1000 + b"\r")
    assert len(frames) == 8 and all(Fault.GLUED in frame.faults for frame in frames) and frames[-1].rest


@pytest.mark.parametrize(
    "piece",
    [b"941", REPLY, b"AZ0000", b"|", b"AY1AZ", b"36Y20261120    09133", b"HASH(0x1)", b"    091336 ", b"AB|", b"9"],
)
def test_the_longest_garbage_is_read_in_no_time(piece: bytes) -> None:
    for start in (b"", REPLY, b"None"):
        started = time.perf_counter()
        frames_of((start + piece * LIMIT)[: LIMIT - 10] + b"AY1AZ0000\r")
        assert time.perf_counter() - started < 2


def test_which_reply_belongs_to_which_request() -> None:
    asked = Checkout(at=AT, patron="en1", item="RU1").message()

    def reply(text: str) -> tuple[str, ...]:
        return mismatches(asked, UTF8.decode(text.encode()).require())

    assert reply("121NNY20261120    091336AAEN1 |ABRU1|AJ|AH|") == ()
    assert reply("121NNY20261120    091336AOCPL|") == ()
    assert reply("121NNY20261120    091336AAEN1|ABRU2|") == ("AB",)
    assert reply("121NNY20261120    091336AAother|ABRU2|") == ("AA", "AB")
    assert reply("301NNY20261120    091336AAEN1|ABRU1|") == ("code",)
    assert reply("96") == ("code",)
    assert mismatches(EndSession(at=AT, patron="x").message(), UTF8.decode(REPLY).require()) == ("AA",)


# Dates


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        ("20261211    235900", datetime(2026, 12, 11, 23, 59)),
        ("20261211   Z235900", datetime(2026, 12, 11, 23, 59, tzinfo=UTC)),
        ("202612110000235900", datetime(2026, 12, 11, 23, 59)),
        ("20261211235900", datetime(2026, 12, 11, 23, 59)),
        ("20261211 235900", datetime(2026, 12, 11, 23, 59)),
        ("20261211    2359", datetime(2026, 12, 11, 23, 59)),
        ("20261211    240000", datetime(2026, 12, 11, 23, 59, 59)),
        ("2026-12-11 23:59:00", datetime(2026, 12, 11, 23, 59)),
        ("2026-12-11T23:59:00Z", datetime(2026, 12, 11, 23, 59, tzinfo=UTC)),
        ("2026-12-11T23:59:00.000", datetime(2026, 12, 11, 23, 59)),
        ("11.12.2026 23:59", datetime(2026, 12, 11, 23, 59)),
        ("12/31/2026,23:59", datetime(2026, 12, 31, 23, 59)),
    ],
)
def test_due_dates_with_a_time(raw: str, at: datetime) -> None:
    told = read_date(raw)
    assert (told.raw, told.day, told.at) == (raw, at.date(), at)
    assert told.at is not None and told.at.tzinfo is at.tzinfo


@pytest.mark.parametrize("raw", ["20261211", "2026-12-11", "2026/12/11", "11.12.2026", "  2026-12-11  "])
def test_due_dates_without_a_time(raw: str) -> None:
    told = read_date(raw)
    assert (told.raw, told.day, told.at) == (raw.strip(), date(2026, 12, 11), None)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "0",
        "NEVER",
        "20260231    120000",
        "20261211    250000",
        "20261211 EST120000",
        "00000000    000000",
        "11/12/2026",
        "99991231    240000x",
        "11-12-26",
        "²0261211",
        "31/31/2026",
    ],
)
def test_what_cannot_be_read_in_one_way_is_kept_unread(raw: str) -> None:
    told = read_date(raw)
    assert (told.raw, told.day, told.at) == (raw, None, None)


def test_slashes_are_read_as_told() -> None:
    assert read_date("11/12/2026", day_first=True).day == date(2026, 12, 11)
    assert read_date("11/12/2026", day_first=False).day == date(2026, 11, 12)
    assert read_date("31/12/2026").day == date(2026, 12, 31)
    assert read_date("12/12/2026").day == date(2026, 12, 12)


@given(st.datetimes())
def test_dates_round_trip(at: datetime) -> None:
    at = at.replace(microsecond=0)
    assert read_date(write_date(at)).at == at and len(write_date(at)) == 18
    assert read_date(write_date(at.replace(tzinfo=UTC))).at == at.replace(tzinfo=UTC)


@given(st.text(max_size=30) | st.from_regex(r"[0-9 Z:./T-]{0,24}", fullmatch=True))
def test_any_text_may_stand_for_a_date(raw: str) -> None:
    assert read_date(raw).raw == raw.strip(" ")


# At random


def recorded() -> list[bytes]:
    entries = [json.loads(line) for file in sorted(RECORDED.glob("*.jsonl")) for line in file.open(encoding="utf-8")]
    return [bytes.fromhex(entry["hex"]) for entry in entries if "hex" in entry]


def mutated(rng: random.Random, raw: bytearray, other: bytes) -> bytes:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(raw) + 1)
        match rng.randrange(6):
            case 0:
                raw[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del raw[at : at + rng.randint(1, 20)]
            case 2:
                raw[at:at] = rng.choice([b"|", b"\r", b"\n", b"AZ", b"AY1", b"&#124;", b"None", b"\xd0", b"HASH(0x1f)"])
            case 3:
                raw[at:at] = other[: rng.randint(1, 200)]
            case 4:
                raw[at:at] = raw[: rng.randint(1, 40)]
            case _:
                raw[at:at] = rng.randbytes(rng.randint(1, 30))
    return bytes(raw)


def look_at(frame: Frame, codec: Codec) -> None:
    """Do all that a session may do with it: nothing but ProtocolError may come of it."""
    repr(frame)
    try:
        message = frame.require()
    except ProtocolError:
        assert not frame.sound
        return
    for name in (*message.layout.index, *FIELDS.values()):
        message.text(name), message.yes(name), message.count(name), message.date(name)
        if name not in message.layout.index:
            message.texts(name)
    mismatches(ItemInformation(at=AT, item="x").message(), message)
    with suppress(ProtocolError):
        codec.encode(message, frame.sequence)


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "kz1048", "cp866", "cp850"])
def test_no_bytes_do_more_than_raise_protocol_errors(encoding: str) -> None:
    rng, codec = random.Random(encoding), Codec(encoding)
    samples, receiver, fed, seen = recorded(), Receiver(codec, limit=4096), 0, 0
    while fed < FUZZED_BYTES / 5:
        match rng.randrange(4):
            case 0:
                data = rng.randbytes(rng.randint(1, 300))
            case 1:
                data = bytes(
                    rng.choices(
                        b"0123456789ABYZaz |\r\n\xd0\x9f#&;", k=6000 if rng.random() < 0.02 else rng.randint(1, 200)
                    )
                )
            case _:
                data = mutated(rng, bytearray(rng.choice(samples)), rng.choice(samples))
        frames = receiver.feed(data)
        if rng.random() < 0.01:
            frames += receiver.finish()
        for frame in frames:
            look_at(frame, codec)
        fed, seen = fed + len(data), seen + len(frames)
        assert receiver.waiting <= 4096
    assert seen > FUZZED_BYTES / 5000


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_arbitrary_pieces_raise_nothing(pieces: list[bytes]) -> None:
    receiver = Receiver(UTF8)
    for frame in [frame for piece in pieces for frame in receiver.feed(piece)] + receiver.finish():
        look_at(frame, UTF8)


def test_no_encoding_that_is_taken_can_raise_while_reading() -> None:
    rng, taken = random.Random(1), 0
    for name in sorted(set(encodings.aliases.aliases.values())):
        try:
            codec = Codec(name)
        except ValueError:
            continue
        taken += 1
        for _ in range(200):
            for frame in frames_of(REPLY + b"AF" + rng.randbytes(60) + b"|\r", codec):
                repr(frame)
    assert taken > 40
