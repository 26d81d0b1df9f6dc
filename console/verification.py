"""Checking an audit trail three ways, so that no single party need be trusted."""

from collections.abc import Sequence
from uuid import UUID

from console.workflow_views import WorkflowAnswer, Workflows
from domain.audit import AuditEvent, AuditVerdict, verify_chain
from domain.frozen import Frozen
from domain.registrations import Registration
from domain.tampering import Finding, Memory, found_by_memory, found_in_chain
from gateways import Records

READINGS = 3
"""An event written between two look-ups resembles a fault, but not three times running."""


class WorkflowCheck(Frozen):
    """Whether the chain holds the last event that the workflow was told of."""

    holds: bool | None
    """None: not compared."""
    head: str | None = None
    problem: str | None = None
    """The fault, or why nothing was compared."""


class Verdict(Frozen):
    """Whether a registration's trail is whole, as each party sees it."""

    registration_id: UUID
    code: str
    holds: bool
    """No party found a fault."""
    events: int
    here: AuditVerdict
    """Computed by this program."""
    database: AuditVerdict
    """Computed by the database."""
    workflow: WorkflowCheck
    """Compared with the head that the workflow kept in its own history."""
    finding: Finding | None = None
    """What was done to it, by all that is known."""

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by who found it."""
        parties = {"here": self.here, "database": self.database, "workflow": self.workflow}
        return {
            party: check.problem or "a fault without a name"
            for party, check in parties.items()
            if check.holds is False
        }


async def verify(records: Records, workflows: Workflows, row: Registration) -> Verdict:
    """Check the registration's trail.

    A chain recomputed as a whole, with the row's head, is still found out by its workflow.
    """
    # Before the chain is read: whatever the workflow knows by now must be in it.
    kept = await workflows.status(row.id)
    verdict = await _read(records, kept, row.id)
    for _ in range(READINGS - 1):
        if verdict.holds:
            break
        verdict = await _read(records, kept, row.id)
    if verdict.holds:
        return verdict
    return verdict.model_copy(update={"finding": await _named(records, workflows, kept, row.id)})


async def _named(
    records: Records, workflows: Workflows, kept: WorkflowAnswer, registration_id: UUID
) -> Finding | None:
    """What was done, in the order of who tells it most surely."""
    row = await records.registration(registration_id)
    events = await records.audit_trail(registration_id)
    found = found_in_chain(events)
    if found is not None:
        return found
    standing = kept.view.standing if kept.view else None
    if standing is not None:
        memory = Memory(head=standing.audit_head, version=standing.version)
        found = found_by_memory(events, memory, await workflows.heads(registration_id))
    if found is None and row.audit_head is not None:
        found = found_by_memory(events, Memory(head=row.audit_head, version=row.version))
    return found


async def _read(records: Records, kept: WorkflowAnswer, registration_id: UUID) -> Verdict:
    row = await records.registration(registration_id)
    events = await records.audit_trail(registration_id)
    here = verify_chain(events, row.audit_head)
    database = await records.verify_audit(registration_id)
    workflow = compared(events, kept)
    return Verdict(
        registration_id=registration_id,
        code=row.code,
        holds=here.holds and database.holds and workflow.holds is not False,
        events=len(events),
        here=here,
        database=database,
        workflow=workflow,
    )


def compared(events: Sequence[AuditEvent], kept: WorkflowAnswer) -> WorkflowCheck:
    """The chain against the workflow's head.

    Events may follow it: the workflow is told of transitions, not of each marker and look.
    """
    if kept.view is None:
        return WorkflowCheck(holds=None, problem=kept.note)
    if kept.view.standing is None:
        return WorkflowCheck(holds=None, problem="The workflow has not confirmed anything yet.")
    head = kept.view.standing.audit_head
    if any(event.hash == head for event in events):
        return WorkflowCheck(holds=True, head=head)
    return WorkflowCheck(
        holds=False, head=head, problem="the last event that the workflow saw is not in the chain"
    )
