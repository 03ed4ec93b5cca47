"""Every message as data: its fixed fields with their widths, and its variable fields in the order we write them.

Source: 3M SIP 2.00, document revision 2.12, "Command messages to the ACS" and "Response messages from the ACS".
What a server leaves out, adds or puts elsewhere among the variable fields is no fault: the order is ours, for writing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of fixed field. width: characters, all ASCII; pattern: what they may be; yes, no: how a flag goes out."""

    width: int
    pattern: str
    yes: str = "Y"
    no: str = "N"


# Wider than the specification where it costs nothing: Invenio pads numbers with blanks; an "ok" may be Y or N.
FLAG = Shape(1, "[YNU ]")
OK = Shape(1, "[01YN]", "1", "0")
DATE = Shape(18, "[0-9 ]{8}[A-Z0-9 ]{4}[0-9 ]{6}")
COUNT = Shape(4, "[0-9 ]{4}")
NUMBER = Shape(3, "[0-9 ]{3}")
CODE = Shape(2, "[0-9 ]{2}")
DIGIT = Shape(1, "[0-9 ]")
LANGUAGE = Shape(3, "[0-9A-Z ]{3}")
CURRENCY = Shape(3, "[A-Z ]{3}")
VERSION = Shape(4, r"[0-9]\.[0-9]{2}")
STATUS = Shape(14, "[A-Z ]{14}")
SUMMARY = Shape(10, "[A-Z ]{10}")
HOLD_MODE = Shape(1, "[-+*]")


@dataclass(frozen=True, slots=True)
class Layout:
    """One message. code: its two digits; fixed: names and shapes in order; fields: codes of variable fields.

    answer: the code of the reply to it, empty for replies. index: the place of each fixed field.
    shape: matches code and fixed part at the start of a message, one group for each fixed field.
    """

    code: str
    name: str
    fixed: tuple[tuple[str, Shape], ...]
    fields: tuple[str, ...]
    answer: str = ""
    index: Mapping[str, int] = field(init=False, repr=False, compare=False)
    shape: re.Pattern[str] = field(init=False, repr=False, compare=False)
    width: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "index", {name: place for place, (name, _) in enumerate(self.fixed)})
        put(self, "shape", re.compile(self.code + "".join(f"({shape.pattern})" for _, shape in self.fixed)))
        put(self, "width", 2 + sum(shape.width for _, shape in self.fixed))


_AT = ("at", DATE)
_STATUS = (("status", STATUS), ("language", LANGUAGE), _AT)
_LOAN = (("ok", OK), ("renewal_ok", FLAG), ("magnetic", FLAG), ("desensitize", FLAG), _AT)
_LOAN_FIELDS = "AO AA AB AJ AH BT CI BH BV CK CH BK AF AG"


def _layout(code: str, name: str, fixed: tuple[tuple[str, Shape], ...], fields: str, answer: str = "") -> Layout:
    return Layout(code, name, fixed, tuple(fields.split()), answer)


_REQUESTS = (
    _layout("93", "login", (("uid_algorithm", DIGIT), ("pwd_algorithm", DIGIT)), "CN CO CP", "94"),
    _layout("99", "sc status", (("state", DIGIT), ("print_width", NUMBER), ("version", VERSION)), "", "98"),
    _layout("23", "patron status", (("language", LANGUAGE), _AT), "AO AA AC AD", "24"),
    _layout("63", "patron information", (("language", LANGUAGE), _AT, ("summary", SUMMARY)), "AO AA AC AD BP BQ", "64"),
    _layout("17", "item information", (_AT,), "AO AB AC", "18"),
    _layout(
        "11",
        "checkout",
        (("renewal_allowed", FLAG), ("no_block", FLAG), _AT, ("nb_due", DATE)),
        "AO AA AB AC CH AD BO BI",
        "12",
    ),
    _layout("09", "checkin", (("no_block", FLAG), _AT, ("returned_at", DATE)), "AP AO AB AC CH BI", "10"),
    _layout(
        "29",
        "renew",
        (("third_party", FLAG), ("no_block", FLAG), _AT, ("nb_due", DATE)),
        "AO AA AD AB AJ AC CH BO",
        "30",
    ),
    _layout("65", "renew all", (_AT,), "AO AA AD AC BO", "66"),
    _layout("15", "hold", (("mode", HOLD_MODE), _AT), "BW BS BY AO AA AD AB AJ AC BO", "16"),
    _layout("35", "end patron session", (_AT,), "AO AA AC AD", "36"),
    _layout(
        "37",
        "fee paid",
        (_AT, ("fee_type", CODE), ("payment", CODE), ("currency", CURRENCY)),
        "BV AO AA AC AD CG BK",
        "38",
    ),
    _layout("01", "block patron", (("card_retained", FLAG), _AT), "AO AL AA AC", "24"),
    _layout("19", "item status update", (_AT,), "AO AB AC CH", "20"),
    _layout("25", "patron enable", (_AT,), "AO AA AC AD", "26"),
    _layout("97", "resend, please (to central)", (), ""),
)

_REPLIES = (
    _layout("94", "login", (("ok", OK),), ""),
    _layout(
        "98",
        "acs status",
        (
            ("online", FLAG),
            ("checkin_ok", FLAG),
            ("checkout_ok", FLAG),
            ("renewal_policy", FLAG),
            ("status_update_ok", FLAG),
            ("offline_ok", FLAG),
            ("timeout", NUMBER),  # tenths of a second; 999 is unknown
            ("retries", NUMBER),
            _AT,
            ("version", VERSION),
        ),
        "AO AM BX AN AF AG",
    ),
    _layout("24", "patron status", _STATUS, "AO AA AE BL CQ BH BV AF AG"),
    _layout(
        "64",
        "patron information",
        (
            *_STATUS,
            ("hold_count", COUNT),
            ("overdue_count", COUNT),
            ("charged_count", COUNT),
            ("fine_count", COUNT),
            ("recall_count", COUNT),
            ("unavailable_count", COUNT),
        ),
        "AO AA AE BZ CA CB BL CQ BH BV CC AS AT AU AV BU CD BD BE BF AF AG",
    ),
    _layout(
        "18",
        "item information",
        (("circulation_status", CODE), ("security_marker", CODE), ("fee_type", CODE), _AT),
        "CF AH CJ CM AB AJ BG BH BV CK AQ AP CH AF AG",
    ),
    _layout("12", "checkout", _LOAN, _LOAN_FIELDS),
    _layout("30", "renew", _LOAN, _LOAN_FIELDS),
    _layout(
        "10",
        "checkin",
        (("ok", OK), ("resensitize", FLAG), ("magnetic", FLAG), ("alert", FLAG), _AT),
        "AO AB AQ AJ CL AA CK CH AF AG",
    ),
    _layout(
        "66", "renew all", (("ok", OK), ("renewed_count", COUNT), ("unrenewed_count", COUNT), _AT), "AO BM BN AF AG"
    ),
    _layout("16", "hold", (("ok", OK), ("available", FLAG), _AT), "BW BR BS AO AA AB AJ AF AG"),
    _layout("36", "end patron session", (("ended", FLAG), _AT), "AO AA AF AG"),
    _layout("38", "fee paid", (("accepted", FLAG), _AT), "AO AA BK AF AG"),
    _layout("20", "item status update", (("properties_ok", OK), _AT), "AB AJ CH AF AG"),
    _layout("26", "patron enable", _STATUS, "AO AA AE BL CQ AF AG"),
    _layout("96", "resend, please (to the kiosk)", (), ""),
)

REQUESTS: Mapping[str, Layout] = {layout.code: layout for layout in _REQUESTS}
REPLIES: Mapping[str, Layout] = {layout.code: layout for layout in _REPLIES}
LAYOUTS: Mapping[str, Layout] = {**REQUESTS, **REPLIES}

RESENDS = frozenset({"96", "97"})
"""These two carry a checksum but never a sequence number."""

ECHOES: Mapping[str, tuple[str, ...]] = {
    "24": ("AA",),
    "64": ("AA",),
    "26": ("AA",),
    "18": ("AB",),
    "20": ("AB",),
    "12": ("AA", "AB"),
    "30": ("AA", "AB"),
    "10": ("AB",),
    "16": ("AA", "AB"),
    "36": ("AA",),
    "38": ("AA",),
}
"""Which fields of its request a reply repeats."""


def _reply_shape(layout: Layout) -> str:
    body = layout.code + "".join(shape.pattern for _, shape in layout.fixed)
    # Two or three characters are no proof of a message, unless nothing but a checksum follows.
    return body if DATE in (shape for _, shape in layout.fixed) else rf"{body}(?=(?:AY[0-9])?AZ[0-9A-Fa-f]{{4}}$)"


REPLY_WITHIN = re.compile("|".join(f"(?:{_reply_shape(layout)})" for layout in _REPLIES).encode("ascii"))
"""The start of a reply anywhere in bytes: what tells a reply behind program text or glued to another."""
