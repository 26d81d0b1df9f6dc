"""The payloads of the registration workflow and its activities: ids and facts, never people.

One frozen input and one result type each. Fields added later get defaults, because a sleeping
run's history holds the old form.
"""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from domain.booking import ProviderPeople
from domain.clocks import Clocks
from domain.frozen import Frozen, Instant
from domain.money import Cents, Money
from domain.payments import ChargeOutcome
from domain.refusals import Reason
from domain.review_causes import ReviewCause
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from domain.timing import Timing


class RegistrationOrder(Frozen):
    """The workflow's input."""

    registration_id: UUID
    timing: Timing = Timing()


class ConfirmRequest(Frozen):
    """What the parent confirmed: exactly these words, exactly this fee."""

    registration_id: UUID
    summary_digest: str
    accepted_fee_cents: Cents
    timing: Timing = Timing()
    taking_over: bool = False
    """For a registration that lost its run: where its permission fails, the new run ends it."""


class Standing(Frozen):
    """Where the row stands after a transition."""

    status: RegistrationStatus
    fee_status: FeeStatus
    version: int
    scheduled_time: Instant
    audit_head: str
    receipt_code: str | None = None


class ConfirmAnswer(Frozen):
    """Accepted with the row's standing, or refused with every reason."""

    standing: Standing | None = None
    provider: str = ""
    org_ref: str = ""
    code: str = ""
    reasons: tuple[Reason, ...] = ()


class ClaimOrder(Frozen):
    """pending -> executing."""

    registration_id: UUID
    expected_version: int
    operation_key: str


class Claim(Frozen):
    """The registration is ours to book."""

    standing: Standing
    send_at: Instant
    rank: int = 1
    """The place in the account's queue for this opening, from 1, by confirmation."""
    sharing: int = 1
    """How many of the account open at the same instant, this one included."""
    pause_reckoned: Instant | None = None
    """The end of the account's latest pause, which `send_at` has in it already."""


class ReleaseOrder(Frozen):
    """Give an armed registration back before it is sent."""

    registration_id: UUID


class BookOrder(Frozen):
    """Send the booking at `send_at`, never before."""

    registration_id: UUID
    send_at: Instant
    people: ProviderPeople | None = None
    """None when preflight could not resolve them in time; `book` then does."""
    timing: Timing = Timing()
    rank: int = 1
    """The place in the account's queue, from 1."""
    sharing: int = 1
    """How many of the account open at the same instant: they share its budget for tries."""
    pause_reckoned: Instant | None = None
    """The end of the latest pause that `send_at` has in it already."""
    price: Money | None = None
    """What the provider asked for it in the last look; None when that did not finish. `book` then
    goes by the program's."""


class BookingEnd(StrEnum):
    """How the booking ended."""

    BOOKED = "booked"
    REFUSED = "refused"
    """Definitely not booked; `failure_code` says why."""
    UNKNOWN = "unknown"
    """Nobody can tell: a person must look."""
    RELEASED = "released"
    """Cancelled before anything was sent."""


class Try(Frozen):
    """One booking request and what came of it."""

    sent_at: Instant
    answer: str
    """The class name of `domain.errors` that it ended in, or `Booked`."""


class BookingFacts(Frozen):
    """A booking and how exactly it was sent."""

    booking_number: str
    price_cents: Cents | None = None
    currency: str | None = None
    first_request_at: Instant
    lateness_ms: int = Field(ge=0)
    """First byte - send_at, in milliseconds."""
    queue_delay_ms: int = Field(ge=0)
    """send_at - T, in milliseconds."""
    attempts: int = Field(ge=1)
    """Requests sent, "not open yet" answers included."""
    found_by_lookup: bool = False
    rank: int = 1
    """The place in the account's queue, from 1."""
    clock_wait_ms: int = Field(default=0, ge=0)
    """How long was waited past `send_at` because the provider's clock was surely behind."""
    arrival_ms: int | None = None
    """The first request's arrival at the provider - send_at, where a stand-in tells it."""
    armed_late: bool = False
    """Whether it was armed after its time to open a connection of its own."""


class BookingResult(Frozen):
    """What `book` found out."""

    end: BookingEnd
    fence: int
    """The number of the attempt's marker row; it fences off earlier attempts."""
    booking: BookingFacts | None = None
    failure_code: FailureCode | None = None
    message: str | None = None
    """A sentence the parent understands."""
    evidence: str | None = None
    """For the reviewer of an unknown outcome. Never personal."""
    cause: ReviewCause | None = None
    """Of an unknown outcome: why nobody can tell."""
    refused_as: FailureCode | None = None
    """Of an unknown outcome: the refusal that is not believed."""
    tries: tuple[Try, ...] = ()
    """The requests sent, the first MOST_TRIES and the last."""
    clocks: Clocks = Clocks()


MOST_TRIES = 40
"""Requests of one booking that are written down one by one."""


class ChargeOrder(Frozen):
    """Charge the success fee for a booking that stands."""

    registration_id: UUID
    number: int = Field(ge=1)
    booking: BookingFacts
    fence: int
    operation_key: str


class ChargeResult(Frozen):
    """How the fee ended."""

    fee_status: FeeStatus
    outcome: ChargeOutcome | None = None
    """None when no charge could be made at all, for want of a card, or none is decided yet."""
    undecided: bool = False
    """It may have been charged: the same charge is repeated until its answer is known."""


class OutcomeOrder(Frozen):
    """Write the end of a registration: status, receipt, audit and outbox in one transaction."""

    registration_id: UUID
    expected_version: int
    operation_key: str
    status: RegistrationStatus
    booking: BookingFacts | None = None
    fence: int | None = None
    charge: ChargeResult | None = None
    failure_code: FailureCode | None = None
    message: str | None = None
    evidence: str | None = None
    cause: ReviewCause | None = None
    refused_as: FailureCode | None = None
    tries: tuple[Try, ...] = ()
    clocks: Clocks = Clocks()


class FeeOrder(Frozen):
    """Write the result of a fee tried again."""

    registration_id: UUID
    expected_version: int
    operation_key: str
    charge: ChargeResult


class RescheduleRequest(Frozen):
    """The parent's new opening time."""

    scheduled_time: Instant
    time_zone: str


class RescheduleOrder(Frozen):
    """Move a pending registration; from executing only after its `book` was released unfired."""

    registration_id: UUID
    expected_version: int
    operation_key: str
    scheduled_time: Instant
    time_zone: str


class CancelOrder(Frozen):
    """End a registration that was not sent."""

    registration_id: UUID
    expected_version: int
    operation_key: str


class RevokeOrder(Frozen):
    """Withdraw the permission of a registration that was not sent."""

    registration_id: UUID
    operation_key: str


class TellOrder(Frozen):
    """Deliver what the outbox holds for this registration."""

    registration_id: UUID


class TellReport(Frozen):
    """How many letters went out."""

    sent: int


class ChangeAnswer(Frozen):
    """The answer to cancel, reschedule, revoke_mandate and retry_fee."""

    standing: Standing | None = None
    reasons: tuple[Reason, ...] = ()


class RegistrationView(Frozen):
    """The workflow's own answer to the `status` query."""

    registration_id: UUID
    phase: str
    """What it is doing, in plain words."""
    standing: Standing | None = None
    problems: tuple[Reason, ...] = ()
