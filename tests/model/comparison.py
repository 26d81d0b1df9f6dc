"""What everybody has on record, compared with what the model says."""

from collections import Counter

from domain.identifiers import external_ref
from domain.states import FeeStatus, NotificationKind, RegistrationStatus
from tests.model.expectation import Expectation, Expected
from tests.model.family import FamilyWorld


async def compared(place: FamilyWorld, model: Expectation) -> None:
    """The parent's view, the organiser's books, the payments, the receipts and the audit trail.

    Raises:
        AssertionError: they differ.
    """
    expected = {external_ref(one.id): one for one in model.registrations.values()}
    for one in expected.values():
        await _compared(place, one)
    world = place.world
    receipts = await world.door.registrations.receipts(world.user)
    booked = [one for one in expected.values() if one.booked]
    assert len(receipts) == len(booked)
    for sent_at, order in world.provider.sends:
        assert sent_at >= expected[order.reference].opens, "a request left before its opening"


async def _compared(place: FamilyWorld, one: Expected) -> None:
    world = place.world
    shown = await place.shown(one.id)
    assert (shown.status, shown.fee_status) == (one.status, one.fee), one
    assert shown.scheduled_time == one.opens
    assert (shown.receipt_code is not None) == one.booked
    stands = one.status is RegistrationStatus.COMPLETED
    assert world.bookings(one.id) == ([shown.booking_number] if stands else [])
    took = one.fee in (FeeStatus.PAID, FeeStatus.REFUNDED) or one.approved
    assert len(world.payments.taken(one.id)) == took
    refunds = world.payments.refunds.given_back(one.id)
    reasons = [one.refunded_for] if one.refunded_for else []
    assert [made.refund.reason for made in refunds] == reasons
    told = Counter(
        row.notification.kind
        for row in world.records.outbox.values()
        if row.notification.registration_id == one.id
    )
    failed = one.status is RegistrationStatus.FAILED
    assert (told[NotificationKind.BOOKED], told[NotificationKind.NOT_BOOKED]) == (
        int(one.booked),
        int(failed),
    )
    _, verdict = await world.door.registrations.audit_trail(world.user, one.id)
    assert verdict.holds, verdict.problem
