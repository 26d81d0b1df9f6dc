"""The activities that act under a mandate, each by itself."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.clock import SystemClock
from activities.confirmation import Confirmation
from domain.booking import Product
from domain.contracts import BookingEnd, ConfirmRequest
from domain.mandates import Use
from domain.registrations import Registration
from domain.states import FailureCode, RegistrationStatus
from domain.summary import digest_of
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.fakes.records import InMemoryRecords
from gateways.signed_mandates import SignedMandates
from tests.activities.booth import Booth
from tests.gateways.households import Household, key, new_household
from tests.mandate_faults import FAULTS, Spoil, alter
from tests.mandates import MANDATES, seed

FAULT = pytest.mark.parametrize("spoil", FAULTS.values(), ids=FAULTS)


@FAULT
async def test_book_sends_nothing_under_a_mandate_that_does_not_hold(
    booth: Booth, spoil: Spoil
) -> None:
    order = await booth.executing(timedelta(milliseconds=200))
    spoil(booth.records, order.registration_id, Use.BOOKING)

    result = await booth.book(order)

    assert (result.end, result.failure_code) == (BookingEnd.REFUSED, FailureCode.MANDATE_INVALID)
    assert booth.provider.sends == []


async def test_book_sends_nothing_under_a_permission_withdrawn_just_before_its_marker(
    booth: Booth,
) -> None:
    order = await booth.executing(timedelta(milliseconds=200))
    open_attempt = booth.records.open_attempt

    async def withdrawn_first(*asked: Any) -> Any:
        await booth.records.revoke_mandate(order.registration_id, key("revoke"))
        return await open_attempt(*asked)

    setattr(booth.records, "open_attempt", withdrawn_first)  # noqa: B010 - its own type forbids it

    result = await booth.book(order)

    assert (result.end, result.failure_code) == (BookingEnd.REFUSED, FailureCode.MANDATE_INVALID)
    assert booth.provider.sends == []


KEYLESS = SignedMandates(SecretStr(f"other:{seed(9)}"))
"""A worker that was not given the key."""


async def test_a_worker_without_the_key_leaves_the_booking_to_one_that_has_it(
    booth: Booth,
) -> None:
    order = await booth.executing(timedelta(milliseconds=200))

    with pytest.raises(ApplicationError) as unknown:
        await booth.book(order, mandates=KEYLESS)
    assert (unknown.value.type, unknown.value.non_retryable) == ("MandateKeyUnknown", False)
    assert booth.provider.sends == []

    assert (await booth.book(order)).end is BookingEnd.BOOKED
    assert booth.markers(order) == ["released", None]


async def test_a_key_that_never_comes_back_ends_the_registration_when_it_is_too_late(
    booth: Booth,
) -> None:
    order = await booth.executing(timedelta(milliseconds=200))
    too_late = SystemClock().now() + order.timing.late_deadline + timedelta(seconds=1)

    result = await booth.book(order, clock=Standing(too_late), mandates=KEYLESS)

    assert (result.end, result.failure_code) == (BookingEnd.REFUSED, FailureCode.MANDATE_INVALID)
    assert booth.provider.sends == []


@dataclass(frozen=True)
class Standing:
    """A clock that has stopped."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def ahead_of_host(self) -> timedelta:
        return self.at - datetime.now(UTC)


async def drafted(family: Household) -> Registration:
    """A draft that may be confirmed: its digest is that of its own words."""
    records = family.records
    assert isinstance(records, InMemoryRecords)
    row = await family.draft()
    digest = digest_of(await records.dossier(row.id))
    records.rows[row.id] = row.model_copy(update={"summary_digest": digest})
    return records.rows[row.id]


def confirmation(family: Household) -> Confirmation:
    provider = FakeBookingProvider()
    program = family.program
    provider.add_product(
        Product(
            product_id=program.program_ref,
            name=program.name,
            type="fixed",
            api_bookings_allowed=True,
        )
    )
    providers = FakeBookingProviders({"pool": provider})
    return Confirmation(family.records, providers, MANDATES, SystemClock())


def request_for(row: Registration, *, taking_over: bool = False) -> ConfirmRequest:
    return ConfirmRequest(
        registration_id=row.id,
        summary_digest=row.summary_digest,
        accepted_fee_cents=row.success_fee_cents,
        taking_over=taking_over,
    )


async def test_a_confirm_whose_answer_was_lost_writes_no_second_mandate() -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await drafted(family)
    confirm = confirmation(family).confirm_registration

    first = await ActivityEnvironment().run(confirm, request_for(row))
    written = records.mandates[row.id]
    again = await ActivityEnvironment().run(confirm, request_for(row))

    assert first.standing is not None
    assert again == first
    assert records.mandates[row.id] == written
    assert written.token is not None
    assert MANDATES.read(written.token).claims.jti == written.id == records.rows[row.id].mandate_id


async def test_a_confirm_puts_no_signature_under_a_row_that_was_confirmed_before() -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await drafted(family)
    confirm = confirmation(family).confirm_registration
    await ActivityEnvironment().run(confirm, request_for(row))
    alter(records, row.id, token=None)

    again = await ActivityEnvironment().run(confirm, request_for(row))

    assert again.standing is None
    assert [reason.code for reason in again.reasons] == ["mandate_invalid"]
    assert records.mandates[row.id].token is None


async def test_a_run_that_takes_over_begins_whatever_is_wrong_with_the_permission() -> None:
    records = InMemoryRecords()
    family = await new_household(records)
    row = await drafted(family)
    confirm = confirmation(family).confirm_registration
    await ActivityEnvironment().run(confirm, request_for(row))
    alter(records, row.id, token=None)

    answer = await ActivityEnvironment().run(confirm, request_for(row, taking_over=True))

    assert answer.standing is not None
    assert answer.standing.status is RegistrationStatus.PENDING
