"""The claim: from then on the registration is being executed."""

from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Claim, ClaimOrder, Standing
    from domain.identifiers import operation_key
    from domain.states import RegistrationStatus
    from workflows import steps


async def claimed(registration_id: UUID, row: Standing, *, locally: bool) -> Claim:
    """Pending -> executing; a run that took over an executing row goes on from there."""
    if row.status is RegistrationStatus.EXECUTING:
        return Claim(standing=row, send_at=max(row.scheduled_time, workflow.now()))
    return await steps.claim(
        ClaimOrder(
            registration_id=registration_id,
            expected_version=row.version,
            operation_key=operation_key(registration_id, "claim", row.version),
        ),
        locally=locally,
    )
