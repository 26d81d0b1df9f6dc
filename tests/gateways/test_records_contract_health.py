from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import CancelOrder
from domain.health import HealthQuestion, Lot, MandateKeyUse, Matter
from domain.registrations import Registration
from domain.states import FailureCode
from gateways.protocols.records import Records
from tests.gateways.households import (
    MANDATE_LASTS,
    Household,
    declined,
    failure,
    key,
    paid,
    review,
)

AT_ONCE = HealthQuestion(
    overdue=timedelta(),
    stuck=timedelta(),
    late_ms=2,
    fee_due=timedelta(),
    undecided=timedelta(),
    unsent=timedelta(),
    most_codes=1,
)
"""Everything counts as soon as it is so."""

LONG_AGO = {"scheduled_time": datetime.now(UTC) - timedelta(days=5)}


async def overdue(family: Household) -> Registration:
    return await family.pending(**LONG_AGO)


async def stuck(family: Household) -> Registration:
    return await family.executing(**LONG_AGO)


async def failed_as(family: Household, code: FailureCode) -> Registration:
    row = await family.executing(**LONG_AGO)
    await family.records.record_outcome(failure(row).model_copy(update={"failure_code": code}))
    return row


async def missed(family: Household) -> Registration:
    return await failed_as(family, FailureCode.MISSED_WINDOW)


async def locked_out(family: Household) -> Registration:
    return await failed_as(family, FailureCode.UNAUTHORISED)


async def late(family: Household) -> Registration:
    return await family.completed(paid())


async def unrecorded(family: Household) -> Registration:
    row = await family.sent()
    await family.charge(row)
    return row


async def fee_due(family: Household) -> Registration:
    return await family.completed(declined())


async def in_review(family: Household) -> Registration:
    row = await family.sent()
    await family.records.record_outcome(review(row))
    return row


async def unsigned(family: Household) -> Registration:
    row = await family.draft()
    until = row.scheduled_time + MANDATE_LASTS
    await family.records.confirm(row.id, row.version, until, key("confirm"))
    return row


Cause = Callable[[Household], Awaitable[Registration]]

CAUSES: list[tuple[Matter, Cause]] = [
    (Matter.OVERDUE, overdue),
    (Matter.STUCK, stuck),
    (Matter.MISSED, missed),
    (Matter.LOCKED_OUT, locked_out),
    (Matter.LATE, late),
    (Matter.UNRECORDED, unrecorded),
    (Matter.UNDECIDED, unrecorded),
    (Matter.FEE_DUE, fee_due),
    (Matter.UNSENT, overdue),
    (Matter.IN_REVIEW, in_review),
    (Matter.UNSIGNED, unsigned),
]


async def lot(records: Records, matter: Matter, question: HealthQuestion = AT_ONCE) -> Lot:
    return (await records.health_report(question)).of(matter)


@pytest.mark.parametrize(("matter", "cause"), CAUSES, ids=[matter.value for matter, _ in CAUSES])
async def test_what_has_gone_on_too_long_is_counted(
    family: Household, matter: Matter, cause: Cause
) -> None:
    before = await lot(family.records, matter)
    await cause(family)
    after = await lot(family.records, matter)

    assert after.count == before.count + 1
    assert len(after.codes) == 1


async def test_what_has_stood_longest_is_named_first_and_no_more_than_asked_for(
    family: Household,
) -> None:
    now, years = datetime.now(UTC), timedelta(days=3_000)
    older = await family.pending(scheduled_time=now - years - timedelta(days=1))
    for _ in range(2):
        await family.queue(1, scheduled_time=now - years)

    found = await lot(family.records, Matter.OVERDUE)
    none = await lot(family.records, Matter.OVERDUE, HealthQuestion(most_codes=0))

    assert found.codes == (older.code,)
    assert none.codes == ()
    assert none.count == found.count >= 3


async def test_what_is_in_its_time_counts_for_nothing(
    family: Household, other_family: Household
) -> None:
    before = await family.records.health_report(HealthQuestion())
    await family.pending()
    await other_family.completed(declined())
    after = await family.records.health_report(HealthQuestion())

    assert {m: one.count for m, one in after.matters.items()} == {
        m: one.count for m, one in before.matters.items()
    }


async def test_the_report_tells_the_clock_the_role_and_no_deviation(records: Records) -> None:
    before = datetime.now(UTC)
    report = await records.health_report(HealthQuestion())

    assert before - timedelta(seconds=2) <= report.at <= datetime.now(UTC) + timedelta(seconds=2)
    assert report.role == "service_role"
    assert not any(report.privileges.model_dump().values())


async def test_the_keys_that_signed_are_counted_by_name_with_one_that_is_in_use(
    family: Household,
) -> None:
    async def of_tests() -> MandateKeyUse:
        report = await family.records.health_report(HealthQuestion())
        (ours,) = [one for one in report.mandate_keys if one.name == "test"]
        return ours

    row = await family.pending()
    before = await of_tests()
    await family.records.cancel(
        CancelOrder(
            registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
        )
    )
    again = await family.pending()
    after = await of_tests()

    assert (after.in_all, after.in_use) == (before.in_all + 1, before.in_use)
    assert after.sample is not None
    assert after.sample != row.id
    assert (await family.records.dossier(after.sample)).mandate is not None
    assert again.mandate_id is not None


async def test_an_organisation_with_an_opening_at_hand_is_named(family: Household) -> None:
    asked = HealthQuestion(at_an_opening=timedelta(minutes=3))
    await family.pending()
    assert family.program.org_ref not in (await family.records.health_report(asked)).at_an_opening

    await family.queue(1, scheduled_time=datetime.now(UTC) + timedelta(minutes=2))
    assert family.program.org_ref in (await family.records.health_report(asked)).at_an_opening
