from datetime import timedelta

from domain.states import FeeStatus, RegistrationStatus
from tests.workflows.world import World


async def test_a_registration_confirmed_90_days_ahead_is_booked_charged_and_receipted(
    world: World,
) -> None:
    registration_id = await world.scheduled(timedelta(days=90))

    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert row.fee_status is FeeStatus.PAID
    assert row.receipt_code is not None
    assert row.receipt_code.startswith("REG-")
    assert world.bookings(registration_id) == [row.booking_number]
    assert len(world.payments.taken(registration_id)) == 1
    assert world.subjects() == ["Scheduled", "Booked"]
