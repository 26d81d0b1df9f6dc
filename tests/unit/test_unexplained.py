from uuid import UUID, uuid4

import pytest

from console.provider_bookings import FoundBooking
from console.unexplained import alert_about, is_sought
from domain.alerts import AlertKind
from domain.identifiers import external_ref, registration_of
from domain.registrations import Registration
from domain.states import RegistrationStatus
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import new_household

OURS = "B-1"


async def registration(status: RegistrationStatus) -> Registration:
    row = await (await new_household(InMemoryRecords())).draft()
    return row.model_copy(update={"status": status, "booking_number": OURS})


def found(registration_id: UUID, number: str = OURS, *, cancelled: bool = False) -> FoundBooking:
    return FoundBooking(
        registration_id=registration_id,
        provider="bookeo",
        org_ref="club",
        number=number,
        cancelled=cancelled,
    )


@pytest.mark.parametrize(
    ("status", "number", "cancelled", "kind"),
    [
        (RegistrationStatus.PENDING, OURS, False, None),
        (RegistrationStatus.EXECUTING, OURS, False, None),
        (RegistrationStatus.COMPLETED, OURS, False, None),
        (RegistrationStatus.COMPLETED, OURS, True, AlertKind.BOOKING_GONE),
        (RegistrationStatus.COMPLETED, "B-2", False, AlertKind.SEVERAL_BOOKINGS),
        (RegistrationStatus.COMPLETED, "B-2", True, None),
        (RegistrationStatus.DRAFT, OURS, False, AlertKind.GHOST_BOOKING),
        (RegistrationStatus.DRAFT, OURS, True, None),
        (RegistrationStatus.FAILED, OURS, False, AlertKind.GHOST_BOOKING),
        (RegistrationStatus.CANCELLED, OURS, False, AlertKind.GHOST_BOOKING),
        (RegistrationStatus.NEEDS_REVIEW, OURS, False, AlertKind.GHOST_BOOKING),
    ],
)
async def test_a_booking_is_told_of_unless_its_registration_deals_with_it(
    status: RegistrationStatus, number: str, cancelled: bool, kind: AlertKind | None
) -> None:
    row = await registration(status)

    alert = alert_about(found(row.id, number, cancelled=cancelled), row)

    assert (alert.kind if alert else None) == kind
    if alert is not None:
        assert number in alert.sentence
        assert row.code in alert.sentence
        assert alert.registration_id == row.id


def test_a_booking_without_a_registration_is_told_of_with_its_number() -> None:
    lost = uuid4()

    alert = alert_about(found(lost), None)

    assert alert is not None
    assert (alert.kind, alert.registration_id) == (AlertKind.GHOST_BOOKING, None)
    assert OURS in alert.sentence
    assert str(lost) in alert.sentence
    assert alert_about(found(lost, cancelled=True), None) is None


async def test_only_what_has_not_ended_is_sought() -> None:
    sought = {status for status in RegistrationStatus if is_sought(await registration(status))}

    assert sought == {
        RegistrationStatus.DRAFT,
        RegistrationStatus.PENDING,
        RegistrationStatus.EXECUTING,
    }


def test_a_reference_names_its_registration_and_nothing_else_does() -> None:
    one = uuid4()
    assert registration_of(external_ref(one)) == one
    for foreign in (None, "", "sa-", "sa-12", str(one), "walk-in"):
        assert registration_of(foreign) is None
