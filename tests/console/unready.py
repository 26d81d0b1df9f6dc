"""What may stand against a registration that opens soon, and what is said of it."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from domain.money import Money
from domain.pacing import Pause
from domain.registrations import Registration
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_events import FakeEvent
from tests.console.clinic import Clinic
from tests.gateways.households import CARD, GUARDIAN, key
from tests.mandates import confirmed


async def told(clinic: Clinic, *arguments: object) -> dict[str, Any]:
    result = await clinic.command("tomorrow", "--json", *arguments)
    assert not result.stderr, result.output
    return json.loads(result.stdout)


Seed = Callable[[Clinic], Awaitable[Registration]]


class Case(NamedTuple):
    """What is not ready, and what is said of it."""

    title: str
    seed: Seed
    matter: str
    code: str
    command: str | None = None


def of_the_row(**changes: object) -> Callable[[Clinic, Registration], None]:
    def change(clinic: Clinic, row: Registration) -> None:
        kept = clinic.records.mandates[row.id]
        clinic.records.mandates[row.id] = kept.model_copy(update=changes)

    return change


def with_mandate(**changes: object) -> Seed:
    async def seed(clinic: Clinic) -> Registration:
        row = await clinic.family.pending()
        of_the_row(**changes)(clinic, row)
        return row

    return seed


async def withdrawn(clinic: Clinic) -> Registration:
    row = await clinic.family.pending()
    await clinic.records.revoke_mandate(row.id, key("revoke"))
    return row


async def ends_too_early(clinic: Clinic) -> Registration:
    """Good at the opening, and not for the hour in which it may still be tried."""
    row = await clinic.family.draft()
    until = row.scheduled_time + timedelta(minutes=10)
    await confirmed(clinic.records, row, until, key("confirm"))
    return row


def with_profile(**changes: object) -> Seed:
    async def seed(clinic: Clinic) -> Registration:
        row = await clinic.family.pending()
        kept = clinic.records.profiles[row.user_id]
        clinic.records.profiles[row.user_id] = kept.model_copy(update=changes)
        return row

    return seed


def with_product(**changes: object) -> Seed:
    async def seed(clinic: Clinic) -> Registration:
        clinic.offer(**changes)
        return await clinic.family.pending()

    return seed


async def product_gone(clinic: Clinic) -> Registration:
    clinic.provider = FakeBookingProvider()
    return await clinic.family.pending()


async def one_seat_left(clinic: Clinic) -> Registration:
    program = clinic.family.program
    clinic.provider.add_event(
        FakeEvent(
            product_id=program.program_ref,
            event_id=program.event_id,
            starts_at=program.starts_at,
            ends_at=program.ends_at,
            seats=1,
        )
    )
    return await clinic.family.pending()


async def paused_past_the_opening(clinic: Clinic) -> Registration:
    row = await clinic.family.pending()
    pause = Pause(
        since=row.scheduled_time - timedelta(minutes=1),
        until=row.scheduled_time + timedelta(minutes=1),
    )
    await clinic.records.pause_account(row.provider, row.org_ref, pause)
    return row


async def died_while_armed(clinic: Clinic) -> Registration:
    row = await clinic.family.executing()
    lease = uuid4()
    await clinic.records.renew_lease(lease, timedelta(seconds=1))
    await clinic.records.open_attempt(row.id, row.scheduled_time, key("attempt"), lease)
    await clinic.records.end_lease(lease)
    return row


async def claimed_and_not_armed(clinic: Clinic) -> Registration:
    return await clinic.family.executing(scheduled_time=datetime.now(UTC) + timedelta(seconds=9))


async def asleep_in_its_lead(clinic: Clinic) -> Registration:
    return await clinic.family.pending(scheduled_time=datetime.now(UTC) + timedelta(seconds=9))


VERIFY = "python starter.py mandate verify {code}"
CANCEL = "python starter.py cancel {code}"
PRICE = {"price_per_category": {"Cchildren": Money(amount_cents=40_000)}}

CASES = [
    Case("withdrawn permission", withdrawn, "mandate", "mandate_invalid", VERIFY),
    Case("unsigned permission", with_mandate(token=None), "mandate", "mandate_invalid", VERIFY),
    Case(
        "permission for something else",
        with_mandate(event_id="E2"),
        "mandate",
        "mandate_invalid",
        CANCEL,
    ),
    Case("permission ends too early", ends_too_early, "mandate", "mandate_invalid", CANCEL),
    Case("no guardian", with_profile(guardian=None), "profile", "guardian_incomplete"),
    Case(
        "a guardian of twelve",
        with_profile(guardian=GUARDIAN.model_copy(update={"birth_date": date(2014, 1, 1)})),
        "profile",
        "guardian_minor",
        CANCEL,
    ),
    Case("no card", with_profile(card=None), "card", "no_card"),
    Case(
        "card ends before",
        with_profile(card=CARD.model_copy(update={"exp_year": 2020})),
        "card",
        "card_expired",
    ),
    Case("dearer than agreed", with_product(**PRICE), "price", "over_cap", CANCEL),
    Case(
        "not bookable by us",
        with_product(api_bookings_allowed=False),
        "product",
        "provider_blocked",
        "python starter.py doctor --program worker",
    ),
    Case("product gone", product_gone, "product", "provider_blocked"),
    Case("few seats", one_seat_left, "product", "few_seats"),
    Case("paused", paused_past_the_opening, "account", "account_paused"),
    Case("asleep", asleep_in_its_lead, "run", "not_awake", "python worker.py"),
    Case(
        "its process died", died_while_armed, "lane", "no_lane", "python worker.py --queue bookings"
    ),
    Case("no lane holds it", claimed_and_not_armed, "lane", "no_lane"),
]
