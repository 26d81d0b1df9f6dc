"""What an operator sees of a run: search attributes and current details, in plain words."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.cancellation import CancelledRow
    from domain.contracts import BookingResult, Claim, Standing
    from domain.refusals import Reason
    from domain.states import UNDER_WAY, RegistrationStatus
    from workflows import search_attributes as attributes


def armed(claim: Claim) -> str:
    """The phase of a claimed registration, with its place in the account's queue."""
    if claim.sharing == 1:
        return "Armed for the opening"
    return (
        f"Armed for the opening: place {claim.rank} of {claim.sharing} at this organiser, "
        f"sent at {claim.send_at.isoformat(timespec='milliseconds')}"
    )


def show(
    phase: str,
    standing: Standing | None,
    problems: tuple[Reason, ...] = (),
    booking: BookingResult | None = None,
    code: str = "",
) -> None:
    """Say in the Web UI what the run is doing now.

    Args:
        phase: in a few words.
        standing: where the row stands; None while that is not known.
        problems: what the last look ahead found; of interest until it is booked.
        booking: how it ended, once it has.
        code: of the registration.
    """
    lines = [f"### {phase}", ""]
    if code:
        lines.append(f"- registration: **{code}**")
    if standing is not None:
        lines += _where_it_stands(standing)
    if booking is not None:
        lines += _how_it_ended(booking)
    if standing is not None and standing.status in UNDER_WAY:
        lines += [f"- problem: {problem.sentence} (`{problem.code}`)" for problem in problems]
    if code and standing is not None and standing.status is RegistrationStatus.NEEDS_REVIEW:
        lines.append(
            f"- to do: `python starter.py review show {code}` says what to look at, and where"
        )
    workflow.set_current_details("\n".join(lines))


def _where_it_stands(standing: Standing) -> Iterator[str]:
    yield f"- status: **{standing.status.value}**, fee: **{standing.fee_status.value}**"
    yield f"- opening: {standing.scheduled_time:%Y-%m-%d %H:%M:%S} UTC"
    if standing.receipt_code:
        yield f"- receipt: **{standing.receipt_code}**"


def _how_it_ended(result: BookingResult) -> Iterator[str]:
    facts, clocks = result.booking, result.clocks
    if facts is not None:
        yield (
            f"- booked: number **{facts.booking_number}**, first byte {facts.lateness_ms} ms late"
        )
        yield (
            f"- clocks against ours: provider {clocks.provider.in_words()}, database "
            f"{clocks.records.in_words()}, Temporal {clocks.temporal.in_words()}"
        )
        if facts.clock_wait_ms:
            yield f"- waited {facts.clock_wait_ms} ms for the provider's clock"
    if result.failure_code is not None:
        yield f"- not booked: **{result.failure_code.value}**. {result.message}"
    if result.evidence is not None:
        yield f"- evidence: {result.evidence}"


def show_cancellation(
    phase: str, by: str, row: CancelledRow | None, reasons: tuple[Reason, ...]
) -> None:
    """Say it of a run that gives a booked place back; with reasons where it does not."""
    lines = [f"### {phase}", ""]
    if row is not None:
        lines.append(f"- registration: **{row.code}**")
    lines.append(f"- asked for by: {by}")
    lines += [f"- because: {reason.sentence} (`{reason.code}`)" for reason in reasons]
    workflow.set_current_details("\n".join(lines))


def index_registration(registration_id: UUID) -> None:
    """Make a run findable by the registration that it is about."""
    _upsert([attributes.REGISTRATION.value_set(str(registration_id))])


def index_cancelled(row: CancelledRow) -> None:
    """Make a run findable like the registration's own. Of its fee it says nothing yet: until the
    registration's run has ended, that may still change.
    """
    _upsert(
        [
            attributes.CODE.value_set(row.code),
            attributes.PROVIDER.value_set(row.provider),
            attributes.ORGANISATION.value_set(row.org_ref),
            attributes.STATUS.value_set(row.status.value),
            attributes.SCHEDULED_TIME.value_set(row.scheduled_time),
        ]
    )


def index_confirmed(standing: Standing, provider: str, org_ref: str) -> None:
    """Make the run findable by what it waits for."""
    _upsert(
        [
            attributes.PROVIDER.value_set(provider),
            attributes.ORGANISATION.value_set(org_ref),
        ]
    )
    index_standing(standing)


def index_standing(standing: Standing, booking: BookingResult | None = None) -> None:
    """Keep the findable facts true after a transition.

    A failure code is that of a registration that has failed: a refusal that could not be written
    down is a matter for a person, not yet a failure.
    """
    updates: list[SearchAttributeUpdate[Any]] = [
        attributes.STATUS.value_set(standing.status.value),
        attributes.FEE_STATUS.value_set(standing.fee_status.value),
        attributes.SCHEDULED_TIME.value_set(standing.scheduled_time),
    ]
    if booking is not None and booking.booking is not None:
        updates.append(attributes.LATENESS_MS.value_set(booking.booking.lateness_ms))
    failed = standing.status is RegistrationStatus.FAILED
    if failed and booking is not None and booking.failure_code is not None:
        updates.append(attributes.FAILURE_CODE.value_set(booking.failure_code.value))
    _upsert(updates)


def _upsert(updates: list[SearchAttributeUpdate[Any]]) -> None:
    workflow.upsert_search_attributes(updates)  # pyright: ignore[reportUnknownMemberType]  # the SDK leaves its own generic open
