"""Every way in which one attempt ends with nobody able to tell, each with its own cause."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from activities.review_lookup import under_our_reference
from domain.contracts import BookingEnd, BookOrder, OutcomeOrder
from domain.errors import SoldOut, Unauthorised, Unavailable, UnknownOutcome
from domain.identifiers import external_ref
from domain.money import Money
from domain.review_causes import ReviewCause
from domain.states import FailureCode, RegistrationStatus
from tests.activities.booth import MS, Booth
from tests.gateways.households import key

SOON = 50 * MS
LOST = UnknownOutcome("ReadTimeout")
Breaks = Callable[[Booth, BookOrder], Awaitable[BookOrder]]


async def died(booth: Booth, order: BookOrder) -> None:
    """An attempt of a process that nothing is known of."""
    await booth.records.open_attempt(order.registration_id, order.send_at, key("died"))


async def earlier_attempt_unanswered(booth: Booth, order: BookOrder) -> BookOrder:
    await died(booth, order)
    booth.provider.script.fail_next("find", Unauthorised("no"))
    return order.model_copy(
        update={"timing": order.timing.model_copy(update={"late_deadline": timedelta(hours=-1)})}
    )


async def send_unanswered(booth: Booth, order: BookOrder) -> BookOrder:
    booth.provider.script.fail_next("book", LOST)
    booth.provider.script.fail_next("find", Unauthorised("no"))
    return order


async def two_sends(booth: Booth, order: BookOrder) -> BookOrder:
    booth.provider.script.fail_next("book", LOST, times=2)
    return order


async def two_sends_of_earlier_attempts(booth: Booth, order: BookOrder) -> BookOrder:
    for fence in (1, 2):
        await died(booth, order)
        await booth.records.close_attempt(order.registration_id, fence, "nothing_found", None)
    return order


async def two_sends_the_second_of_an_attempt_that_died(booth: Booth, order: BookOrder) -> BookOrder:
    past = order.model_copy(update={"send_at": order.send_at - timedelta(minutes=1)})
    await died(booth, past)
    await booth.records.close_attempt(order.registration_id, 1, "nothing_found", None)
    await died(booth, past)
    return order


async def too_late_to_send_again(booth: Booth, order: BookOrder) -> BookOrder:
    booth.provider.script.fail_next("book", LOST)
    return order.model_copy(
        update={"timing": order.timing.model_copy(update={"late_deadline": 2 * SOON})}
    )


async def refused_after_lost_send(booth: Booth, order: BookOrder) -> BookOrder:
    booth.provider.script.fail_next("book", LOST)
    booth.provider.script.fail_next("book", SoldOut("gone"))
    return order


async def awaits_approval(booth: Booth, order: BookOrder) -> BookOrder:
    booth.event.accepts = False
    return order


async def above_limit_stands(booth: Booth, order: BookOrder) -> BookOrder:
    booth.event.price = Money(amount_cents=90_000)
    booth.provider.script.fail_next("cancel", Unavailable("busy"))
    return order


async def only_cancelled(booth: Booth, order: BookOrder) -> BookOrder:
    booth.provider.script.fail_next("book", LOST, after_commit=True)
    find = booth.provider.find

    async def cancelled_meanwhile(*asked: object) -> object:
        for booking in booth.provider.live_bookings(external_ref(order.registration_id)):
            booth.provider.cancel_from_their_side(booking.booking_number)
        return await find(*asked)  # type: ignore[arg-type]

    booth.provider.find = cancelled_meanwhile  # type: ignore[method-assign,assignment]
    return order


@pytest.mark.parametrize(
    ("breaks", "cause"),
    [
        (earlier_attempt_unanswered, ReviewCause.EARLIER_ATTEMPT_UNANSWERED),
        (send_unanswered, ReviewCause.SEND_UNANSWERED),
        (two_sends, ReviewCause.TWO_SENDS_WITHOUT_TRACE),
        (two_sends_of_earlier_attempts, ReviewCause.TWO_SENDS_WITHOUT_TRACE),
        (two_sends_the_second_of_an_attempt_that_died, ReviewCause.TWO_SENDS_WITHOUT_TRACE),
        (too_late_to_send_again, ReviewCause.TOO_LATE_TO_SEND_AGAIN),
        (refused_after_lost_send, ReviewCause.REFUSED_AFTER_LOST_SEND),
        (awaits_approval, ReviewCause.AWAITS_APPROVAL),
        (above_limit_stands, ReviewCause.ABOVE_LIMIT_STANDS),
        (only_cancelled, ReviewCause.ONLY_CANCELLED),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_an_end_that_nobody_can_tell_names_its_cause(
    booth: Booth, breaks: Breaks, cause: ReviewCause
) -> None:
    order = await breaks(booth, await booth.executing(SOON))

    result = await booth.book(order)

    assert (result.end, result.cause) == (BookingEnd.UNKNOWN, cause)
    assert result.evidence
    doubted = cause is ReviewCause.REFUSED_AFTER_LOST_SEND
    assert result.refused_as is (FailureCode.SOLD_OUT if doubted else None)


async def test_what_a_reviewer_is_shown_is_everything_under_our_reference(booth: Booth) -> None:
    order = await booth.executing(SOON)
    result = await booth.book(await only_cancelled(booth, order))
    row = await booth.row(order)
    await booth.records.record_outcome(
        OutcomeOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("outcome"),
            status=RegistrationStatus.NEEDS_REVIEW,
            fence=result.fence,
            evidence=result.evidence,
            cause=result.cause,
            tries=result.tries,
        )
    )
    case = await booth.records.review_case(row.id)
    assert case is not None

    shown = await under_our_reference(booth.provider, await booth.records.dossier(row.id), case)

    assert [booking.cancelled for booking in shown] == [True]
    assert [made.answer for made in case.attempts[0].requests] == ["UnknownOutcome"]
