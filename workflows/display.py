"""What an operator sees of a run: search attributes and current details, in plain words."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

with workflow.unsafe.imports_passed_through():
    from domain.contracts import BookingResult, Claim, Standing
    from domain.refusals import Reason
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
) -> None:
    """Say in the Web UI what the run is doing now."""
    lines = [f"### {phase}"]
    if standing is not None:
        lines += [
            "",
            f"- status: **{standing.status.value}**, fee: **{standing.fee_status.value}**",
            f"- opening: {standing.scheduled_time.isoformat()}",
        ]
        if standing.receipt_code:
            lines.append(f"- receipt: **{standing.receipt_code}**")
    if booking is not None and booking.booking is not None:
        facts = booking.booking
        lines.append(
            f"- booked: number **{facts.booking_number}**, first byte {facts.lateness_ms} ms late"
        )
        clocks = booking.clocks
        lines.append(
            f"- clocks against ours: provider {clocks.provider.in_words()}, database "
            f"{clocks.records.in_words()}, Temporal {clocks.temporal.in_words()}"
        )
        if facts.clock_wait_ms:
            lines.append(f"- waited {facts.clock_wait_ms} ms for the provider's clock")
    if booking is not None and booking.failure_code is not None:
        lines.append(f"- not booked: **{booking.failure_code.value}**. {booking.message}")
    if booking is not None and booking.evidence is not None:
        lines.append(f"- evidence: {booking.evidence}")
    lines += [f"- problem: {problem.sentence} (`{problem.code}`)" for problem in problems]
    workflow.set_current_details("\n".join(lines))


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
    """Keep the findable facts true after a transition."""
    updates: list[SearchAttributeUpdate[Any]] = [
        attributes.STATUS.value_set(standing.status.value),
        attributes.FEE_STATUS.value_set(standing.fee_status.value),
        attributes.SCHEDULED_TIME.value_set(standing.scheduled_time),
    ]
    if booking is not None and booking.booking is not None:
        updates.append(attributes.LATENESS_MS.value_set(booking.booking.lateness_ms))
    if booking is not None and booking.failure_code is not None:
        updates.append(attributes.FAILURE_CODE.value_set(booking.failure_code.value))
    _upsert(updates)


def _upsert(updates: list[SearchAttributeUpdate[Any]]) -> None:
    workflow.upsert_search_attributes(updates)  # pyright: ignore[reportUnknownMemberType]  # the SDK leaves its own generic open
