"""A whole campaign of textbook days by simulation: every copy is where the scans say, and the sheets add up."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tests.simulation.campaign import Campaign, Rates, plan
from tests.simulation.campaign_check import problems
from tests.simulation.campaign_hands import Effort
from tests.simulation.campaign_return import Returning
from tests.simulation.campaign_school import YEAR, School, school_in
from tests.sync_fixture import Kiosk, folder_in_memory

FULL = os.environ.get("KIOSK_FULL") == "1"
FEW = ("5 «А»", "6 «А»", "6 «В»")
CLASSES = None if FULL else FEW
MOST = 1000 if FULL else 6
TEACHER = "8 «Г»" if FULL else "6 «В»"
JANUARY, MAY, AUGUST = (datetime(YEAR + 1, *day, 4, tzinfo=UTC) for day in ((1, 12), (5, 20), (8, 20)))
Figure = Callable[[str], None]


def test_a_school_year_with_three_stations_and_no_network(figure: Figure) -> None:
    with folder_in_memory() as folder, school_in(folder, CLASSES, MOST) as school:
        campaign = Campaign(school, seed=3)
        pupils, copies = sum(len(one.pupils) for one in school.classes), len(school.truth.copies)
        cards = sum(1 for one in school.classes for person in one.pupils if person.card)
        figure(f"{pupils} pupils, {cards} with cards, {len(school.classes)} classes, {copies} copies")

        campaign.issue(plan(school.classes, 3, TEACHER))
        in_step(campaign, YEAR, term=1)
        figure(f"August: {given(school)} given; {least(campaign.efforts)}")

        school.turn_clocks(JANUARY)
        campaign.issue(plan(school.classes, 3, ""), term=2)
        in_step(campaign, YEAR, term=2)
        figure(f"January: {given(school)} given by now")

        school.turn_clocks(MAY)
        returning = Returning(campaign)
        returning.collect(plan(school.classes, 3, ""))
        in_step(campaign, YEAR, term=2)
        owed = school.truth.debts.total()
        figure(f"May: {given(school)} not brought, {owed} lost and owed; {least(returning.efforts)}")

        school.turn_clocks(AUGUST)
        school.next_year()
        again = [one for one in school.classes if school.set_of(one.grade, one.language)][:3]
        campaign.issue(plan(again, 3, ""))
        in_step(campaign, YEAR + 1, term=1)
        figure(f"next August, {len(again)} classes: {given(school)} out")
        figure(f"mistakes: {', '.join(f'{what} {n}' for what, n in sorted(campaign.happened.items()))}")


def test_a_day_by_sticks() -> None:
    with folder_in_memory() as folder, school_in(folder, FEW, most=3, way="carry") as school:
        campaign = Campaign(school, seed=5, rates=Rates(labelled=0.5))
        campaign.issue(plan(school.classes, 3, TEACHER))
        in_step(campaign, YEAR, term=1)


def test_the_simulation_notices_what_is_wrong() -> None:
    with folder_in_memory() as folder, school_in(folder, FEW, most=2) as school:
        campaign = Campaign(school, seed=7)
        campaign.issue(plan(school.classes, 3, TEACHER))
        in_step(campaign, YEAR, term=1)
        kiosk = school.kiosks[0]
        ((loan, borrower),) = kiosk.rows("SELECT id, patron_id FROM loans ORDER BY id LIMIT 1")
        _change(kiosk, "UPDATE loans SET patron_id = (SELECT max(patron_id) FROM loans) WHERE id = ?", loan)
        assert problems(school, YEAR)
        _change(kiosk, "UPDATE loans SET patron_id = ? WHERE id = ?", borrower, loan)
        assert not problems(school, YEAR)

        school.turn_clocks(JANUARY)
        campaign.issue(plan(school.classes, 3, ""), term=2)
        ((seq,),) = kiosk.rows("SELECT max(seq) FROM transactions WHERE kind = 'checkout'")
        _change(kiosk, "DELETE FROM outbox_keys WHERE seq = ?", seq)
        _change(kiosk, "DELETE FROM outbox WHERE seq = ?", seq)
        school.evening()
        assert any(one.startswith("central: ") for one in problems(school, YEAR, term=2))


def _change(kiosk: Kiosk, statement: str, *values: object) -> None:
    with kiosk.store.connection().write() as db:
        assert db.execute(statement, values).rowcount >= 1


def in_step(campaign: Campaign, year: int, term: int) -> None:
    """In the evening all stations and central agree with the truth."""
    assert not campaign.surprises
    campaign.school.evening()
    assert not problems(campaign.school, year, term)


def given(school: School) -> int:
    """How many copies are in somebody's hands."""
    return sum(1 for copy in school.truth.copies if copy.holder)


def least(efforts: Sequence[Effort]) -> str:
    """Scans and taps of pupils' turns, and by how much they are more than the least possible."""
    clean = [one for one in efforts if one.clean]
    assert all(one.scans == one.least_scans for one in clean), "a scan too many"
    return f"without mistakes {_ratio(clean)}; all {_ratio(efforts)}"


def _ratio(efforts: Sequence[Effort]) -> str:
    if not efforts:
        return "nobody"
    scans, least_scans = sum(one.scans for one in efforts), sum(one.least_scans for one in efforts)
    more = [one.taps - one.least_taps for one in efforts]
    return (
        f"{len(efforts)} pupils, {scans / least_scans:.2f} of the least scans ({scans / len(efforts):.1f} a pupil), "
        f"{sum(more) / len(more):.2f} taps a pupil above the least, at most {max(more)}"
    )
