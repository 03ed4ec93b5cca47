"""The names of SIP2's variable fields, and what its coded values mean.

Source: 3M Standard Interchange Protocol 2.00, document revision 2.12, "Field identifiers" and "Data element
definitions". Below the line in `FIELDS` stand extensions that SIPServer, Koha and Evergreen send.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

FIELDS: Mapping[str, str] = {
    "AA": "patron",
    "AB": "item",
    "AC": "terminal_password",
    "AD": "pin",
    "AE": "name",
    "AF": "screen_message",
    "AG": "print_line",
    "AH": "due",
    "AJ": "title",
    "AL": "block_message",
    "AM": "library",
    "AN": "terminal_location",
    "AO": "institution",
    "AP": "current_location",
    "AQ": "permanent_location",
    "AS": "hold_items",
    "AT": "overdue_items",
    "AU": "charged_items",
    "AV": "fine_items",
    "BD": "home_address",
    "BE": "email",
    "BF": "phone",
    "BG": "owner",
    "BH": "currency",
    "BI": "cancel",
    "BK": "transaction",
    "BL": "valid_patron",
    "BM": "renewed_items",
    "BN": "unrenewed_items",
    "BO": "fee_acknowledged",
    "BP": "first_entry",
    "BQ": "last_entry",
    "BR": "queue_position",
    "BS": "pickup_location",
    "BT": "fee_type",
    "BU": "recall_items",
    "BV": "fee_amount",
    "BW": "expires",
    "BX": "supported_messages",
    "BY": "hold_type",
    "BZ": "hold_limit",
    "CA": "overdue_limit",
    "CB": "charged_limit",
    "CC": "fee_limit",
    "CD": "unavailable_holds",
    "CF": "queue_length",
    "CG": "fee_id",
    "CH": "properties",
    "CI": "security_inhibit",
    "CJ": "recall_date",
    "CK": "media_type",
    "CL": "sort_bin",
    "CM": "hold_pickup_date",
    "CN": "login",
    "CO": "password",
    "CP": "location",
    "CQ": "valid_pin",
    # Extensions
    "CR": "collection",
    "CS": "call_number",
    "CT": "destination",
    "CV": "alert_type",
    "CY": "hold_patron",
    "DA": "hold_patron_name",
    "PB": "birth_date",
    "PC": "patron_type",
    "PI": "internet_profile",
}

CODES: Mapping[str, str] = {name: code for code, name in FIELDS.items()}
"""The other way about: the name of a field -> its two characters on the wire."""

_SUPPORTED = ("23", "11", "09", "01", "99", "97", "93", "63", "35", "37", "17", "19", "25", "15", "29", "65")

_PATRON_FLAGS = (
    "charge_denied",
    "renewal_denied",
    "recall_denied",
    "hold_denied",
    "card_lost",
    "too_many_charged",
    "too_many_overdue",
    "too_many_renewals",
    "too_many_claims_returned",
    "too_many_lost",
    "excessive_fines",
    "excessive_fees",
    "recall_overdue",
    "too_many_billed",
)

CIRCULATION_STATUS: Mapping[str, str] = {
    "01": "other",
    "02": "on_order",
    "03": "available",
    "04": "charged",
    "05": "charged_no_recall_yet",
    "06": "in_process",
    "07": "recalled",
    "08": "on_hold_shelf",
    "09": "to_be_shelved",
    "10": "in_transit",
    "11": "claimed_returned",
    "12": "lost",
    "13": "missing",
}
"""The first fixed field of 18. Koha and SIPServer answer 01 for an item that they do not know, with no title."""


class Listing(StrEnum):
    """Which list a patron information request (63) asks for: where the Y stands in its ten-place summary."""

    HOLDS = "Y         "
    OVERDUE = " Y        "
    CHARGED = "  Y       "
    FINES = "   Y      "
    RECALLS = "    Y     "
    UNAVAILABLE_HOLDS = "     Y    "
    NONE = "          "


def supported_messages(bx: str) -> frozenset[str]:
    """The requests that a central says it takes, as message codes. bx: field BX, a Y or N for each of sixteen.

    Shorter and longer ones are read as far as they go.
    """
    return frozenset(code for code, flag in zip(_SUPPORTED, bx, strict=False) if flag == "Y")


def patron_flags(status: str) -> frozenset[str]:
    """What the fourteen places of a patron status hold against the patron, such as "charge_denied"."""
    return frozenset(name for name, flag in zip(_PATRON_FLAGS, status, strict=False) if flag == "Y")


_PROGRAM_TEXT = re.compile(
    r"(?:HASH|ARRAY|CODE|SCALAR|REF|GLOB)\(0x[0-9a-f]+\)"  # Perl: a reference printed where its value was meant
    r"|<[\w.]+ object at 0x[0-9a-f]+>"  # Python: the same
    r"|Traceback \(most recent call last\)"
)


def is_program_text(text: str) -> bool:
    """Whether this holds an accident of the server's program instead of data, like Koha's HASH(0x55709bd4ffd0)."""
    return ("0x" in text or "Traceback" in text) and _PROGRAM_TEXT.search(text) is not None
