"""Counts are compared with those of a moment before: other tests leave families in the database."""

from datetime import UTC, datetime, timedelta

from domain.figures import LIVE, OPEN_FEES, OVERDUE_AFTER, SOON, ServiceFigures
from domain.states import FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import Household, declined, review
from tests.gateways.test_records_contract_alerts import alert

MINUTE = timedelta(minutes=1)


async def test_what_is_live_is_counted_by_its_state(records: Records, family: Household) -> None:
    before = await records.service_figures()
    await family.draft()
    await family.queue(2)
    row = await family.sent()
    assert _more(before, await records.service_figures()) == {"pending": 2, "executing": 1}
    await records.record_outcome(review(row))
    assert _more(before, await records.service_figures()) == {"pending": 2, "needs_review": 1}


async def test_openings_are_soon_until_they_are_and_overdue_once_the_grace_is_over(
    records: Records, family: Household
) -> None:
    before = await records.service_figures()
    now = datetime.now(UTC)
    for opening in (SOON - MINUTE, SOON + MINUTE, MINUTE - OVERDUE_AFTER, -OVERDUE_AFTER - MINUTE):
        await family.queue(1, scheduled_time=now + opening)
    after = await records.service_figures()
    assert after.opening_soon == before.opening_soon + 1
    assert after.overdue == before.overdue + 1


async def test_a_fee_is_counted_while_it_is_not_paid(records: Records, family: Household) -> None:
    before = await records.service_figures()
    await family.completed(declined())
    after = await records.service_figures()
    due = FeeStatus.DUE
    assert after.fees_open.get(due, 0) == before.fees_open.get(due, 0) + 1
    assert after.fees_open.keys() <= set(OPEN_FEES)
    assert after.registrations.keys() <= set(LIVE)


async def test_an_alert_is_counted_until_it_is_settled(records: Records) -> None:
    before = await records.service_figures()
    raised = await records.raise_alert(alert())
    assert (await records.service_figures()).alerts_open == before.alerts_open + 1
    await records.settle_alert(raised.key)
    assert (await records.service_figures()).alerts_open == before.alerts_open


async def test_a_letter_is_counted_until_it_is_sent(records: Records, family: Household) -> None:
    before = await records.service_figures()
    row = await family.pending()
    (letter,) = await records.unsent(row.id)
    assert (await records.service_figures()).letters_waiting == before.letters_waiting + 1
    await records.mark_sent(letter.id)
    assert (await records.service_figures()).letters_waiting == before.letters_waiting


async def test_the_figures_bear_the_time_of_the_look(records: Records) -> None:
    at = (await records.service_figures()).at
    assert abs(datetime.now(UTC) - at) < MINUTE


def _more(before: ServiceFigures, after: ServiceFigures) -> dict[str, int]:
    """By how many more there are in each state, where any."""
    counts = {
        status.value: after.registrations.get(status, 0) - before.registrations.get(status, 0)
        for status in RegistrationStatus
    }
    return {status: many for status, many in counts.items() if many}
