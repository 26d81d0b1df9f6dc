"""Families with something to book: the starting point of the records contract."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from domain.contracts import (
    BookingFacts,
    ChargeResult,
    Claim,
    ClaimOrder,
    OutcomeOrder,
    Standing,
)
from domain.family import Card, Child, Guardian, NewChild
from domain.payments import ChargeOutcome, ChargeStatus, FrozenCharge
from domain.programs import OpeningSource, Program, ProviderAccount
from domain.registrations import NewDraft, Registration
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from domain.sweeps import BookingSweep
from gateways.protocols.records import Records
from tests.mandates import confirmed

OPENS_IN = timedelta(hours=3)
MANDATE_LASTS = timedelta(days=40)

GUARDIAN = Guardian(
    first_name="Zoë",
    last_name="O'Brien",
    email="zoe.obrien@example.com",
    phone="+1 (617) 555-0100",
    birth_date=date(1986, 2, 28),
)
CARD = Card(payment_method_id="pm_first", brand="visa", last4="4242", exp_month=12, exp_year=2100)


def key(step: str) -> str:
    """An operation key nobody else uses."""
    return f"contract/{step}/{uuid4()}"


def card(payment_method_id: str) -> Card:
    return CARD.model_copy(update={"payment_method_id": payment_method_id})


def some_program(org_ref: str, **changes: object) -> Program:
    now = datetime.now(UTC)
    program = Program(
        id=uuid4(),
        provider="bookeo",
        org_ref=org_ref,
        program_ref="P100",
        event_id="E1",
        name="Swimming",
        starts_at=now + timedelta(days=30),
        ends_at=now + timedelta(days=30, hours=2),
        time_zone="America/New_York",
        opens_at=now + OPENS_IN,
        opening_source=OpeningSource.OPERATOR,
        price_cents=12_500,
    )
    return program.model_copy(update=changes)


@dataclass(frozen=True)
class Household:
    """A parent with two children, a saved card and a program to book."""

    records: Records
    user_id: UUID
    children: tuple[Child, ...]
    program: Program
    customer_id: str

    @property
    def child_ids(self) -> tuple[UUID, ...]:
        return tuple(child.id for child in self.children)

    async def draft(self, **changes: object) -> Registration:
        asked = NewDraft(
            user_id=self.user_id,
            program_id=self.program.id,
            child_ids=self.child_ids,
            scheduled_time=datetime.now(UTC) + OPENS_IN,
            time_zone="America/New_York",
            opening_source=OpeningSource.OPERATOR,
            max_total_cents=40_000,
            success_fee_cents=2_000,
            summary="Register both children.\nAll or none.",
            summary_digest="d" * 64,
            lapses_at=datetime.now(UTC) + timedelta(days=7),
        )
        return await self.records.draft(asked.model_copy(update=changes))

    async def confirm(self, row: Registration, operation_key: str | None = None) -> Standing:
        until = row.scheduled_time + MANDATE_LASTS
        return await confirmed(self.records, row, until, operation_key or key("confirm"))

    async def pending(self, **changes: object) -> Registration:
        row = await self.draft(**changes)
        await self.confirm(row)
        return await self.records.registration(row.id)

    async def claim(self, row: Registration) -> Claim:
        return await self.records.claim(
            ClaimOrder(
                registration_id=row.id, expected_version=row.version, operation_key=key("claim")
            )
        )

    async def executing(self, **changes: object) -> Registration:
        row = await self.pending(**changes)
        await self.claim(row)
        return await self.records.registration(row.id)

    async def queue(self, many: int, **changes: object) -> list[Registration]:
        """So many pending registrations at one account, each for an event of its own."""
        changes = {"scheduled_time": datetime.now(UTC) + OPENS_IN, **changes}
        rows: list[Registration] = []
        for _ in range(many):
            event = some_program(self.program.org_ref, event_id=f"E{uuid4().hex}")
            program = await self.records.save_program(event)
            rows.append(await self.pending(program_id=program.id, **changes))
        return rows

    async def save_card(self, saved: Card) -> None:
        session_id = f"cs_{uuid4().hex}"
        await self.records.save_customer(self.user_id, self.customer_id)
        await self.records.save_card_setup(self.user_id, session_id)
        await self.records.save_card(self.user_id, session_id, saved)

    async def charge(self, row: Registration, number: int = 1) -> FrozenCharge | None:
        frozen, _ = await self.records.open_charge(
            row.id, number, 1, booking_number(row), key("charge")
        )
        return frozen

    async def sent(self) -> Registration:
        """Executing, with a marker nobody has closed."""
        row = await self.executing()
        await self.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
        return row

    async def completed(self, fee: ChargeResult) -> Registration:
        row = await self.sent()
        await self.charge(row)
        await self.records.record_outcome(completion(row, fee))
        return await self.records.registration(row.id)


async def newcomer(records: Records) -> Household:
    """A parent who has named two children, but neither themself nor a card."""
    mark = uuid4().hex
    user_id = await records.user_for("https://issuer.example/", f"auth0|{mark}")
    children: list[Child] = []
    for name, born in (("Ada", date(2018, 5, 1)), ("Bo", date(2020, 2, 29))):
        child = NewChild(first_name=name, last_name="O'Brien", birth_date=born)
        known = [one.id for one in children]
        children.append(await records.add_child(user_id, child, known))
    org_ref = f"org-{mark}"
    await records.save_provider_account(
        ProviderAccount(org_ref=org_ref, name="Community Pool", credentials_ref="pool")
    )
    program = await records.save_program(some_program(org_ref))
    return Household(records, user_id, tuple(children), program, f"cus_{mark}")


async def new_household(records: Records) -> Household:
    family = await newcomer(records)
    await records.save_guardian(family.user_id, GUARDIAN)
    await family.save_card(CARD)
    return family


def booking_number(row: Registration) -> str:
    """The number the provider gives the registration's booking."""
    return f"B-{row.id}"


def booking(row: Registration) -> BookingFacts:
    return BookingFacts(
        booking_number=booking_number(row),
        price_cents=25_000,
        currency="USD",
        first_request_at=datetime.now(UTC),
        lateness_ms=3,
        queue_delay_ms=40,
        attempts=1,
    )


def completion(
    row: Registration, fee: ChargeResult | None, facts: BookingFacts | None = None
) -> OutcomeOrder:
    return OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("outcome"),
        status=RegistrationStatus.COMPLETED,
        booking=facts or booking(row),
        fence=1,
        charge=fee,
    )


def failure(row: Registration) -> OutcomeOrder:
    return OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("outcome"),
        status=RegistrationStatus.FAILED,
        failure_code=FailureCode.SOLD_OUT,
        message="Every place was taken.",
    )


def review(row: Registration) -> OutcomeOrder:
    return OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("outcome"),
        status=RegistrationStatus.NEEDS_REVIEW,
        message="The organiser's system did not answer clearly.",
        evidence="read time-out after 512 bytes",
    )


async def looked(records: Records, row: Registration) -> None:
    """Every look after its last marker is settled: nothing of it may come to light any more."""
    sweep = BookingSweep(
        delays=(timedelta(),), away_from_openings=timedelta(), per_account=1_000, limit=10_000
    )
    (due,) = [one for one in await records.due_looks(sweep) if one.registration_id == row.id]
    await records.note_look(due.model_copy(update={"last": True}))


def paid(number: int = 1) -> ChargeResult:
    return ChargeResult(
        fee_status=FeeStatus.PAID,
        outcome=ChargeOutcome(
            number=number, status=ChargeStatus.SUCCEEDED, payment_intent_id=f"pi_{uuid4().hex}"
        ),
    )


def declined(number: int = 1) -> ChargeResult:
    return ChargeResult(
        fee_status=FeeStatus.DUE,
        outcome=ChargeOutcome(
            number=number,
            status=ChargeStatus.DECLINED,
            payment_intent_id=f"pi_{uuid4().hex}",
            decline_code="insufficient_funds",
        ),
    )
