"""Everything that tells of one registration: row, trail, ledger, review, its runs' histories."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from console.doors import Doors
from console.kept_heads import audit_heads
from console.references import Reference, find
from console.story.payloads import Payloads
from console.story.results import title
from console.story.run_events import RunEvents, at
from console.story.steps import Clock, Step
from domain.audit import AuditEvent
from domain.contracts import Standing
from domain.errors import PayloadError, WorkflowsUnreachable
from domain.identifiers import (
    cancellation_workflow_id,
    registration_workflow_id,
    review_workflow_id,
)
from domain.ledger import Ledger
from domain.registrations import Agreement, Registration
from domain.review import ReviewCase
from gateways import Records
from settings import SettingsError

ANSWER_WITHIN = timedelta(seconds=10)
MOST_RUNS = 10
"""Of one workflow: more than one is rare, and more than that is a tale of its own."""
OWN, REVIEW, CANCELLATION = "registration", "review", "cancellation"

_IDS = {
    OWN: registration_workflow_id,
    REVIEW: review_workflow_id,
    CANCELLATION: cancellation_workflow_id,
}


@dataclass(frozen=True)
class Run:
    """One run of a workflow of a registration, as far as it could be read."""

    kind: str
    workflow_id: str
    run_id: str
    earlier: bool = False
    """Whether another run of that workflow came after it: it was lost, and begun once more."""
    steps: tuple[Step, ...] = ()
    ended_as: str | None = None
    """None while it is open."""
    end: Standing | None = None
    heads: tuple[str, ...] = ()
    """Of the audit trail, as it was told of them."""


@dataclass(frozen=True)
class Sources:
    """What is known of one registration."""

    agreement: Agreement
    trail: tuple[AuditEvent, ...]
    ledger: Ledger
    case: ReviewCase | None
    read_at: datetime
    runs: tuple[Run, ...] = ()
    unread: tuple[str, ...] = ()
    """What could not be read, and why, in sentences."""

    @property
    def row(self) -> Registration:
        """Its row."""
        return self.agreement.registration

    @property
    def time_zone(self) -> str:
        """In which its parent reads times."""
        return self.ledger.reader.time_zone or self.row.time_zone

    @property
    def own_run(self) -> Run | None:
        """The registration's own workflow; None where it was never confirmed, or is not read.

        Where it was begun more than once, the latest.
        """
        return next((run for run in self.runs if run.kind == OWN and not run.earlier), None)


async def read_sources(doors: Doors, reference: Reference, now: datetime) -> Sources:
    """Read all of them; of Temporal what can be read.

    Raises:
        Refused: `not_found`.
        RecordsError: the database does not answer.
    """
    async with doors.records() as records:
        row = await find(records, reference)
        runs, unread = await _runs(doors, row.id)
        # After the histories: whatever they know by now must be in the rows.
        return await _rows(records, row.id, runs, unread, now)


async def _rows(
    records: Records, row_id: UUID, runs: Sequence[Run], unread: Sequence[str], now: datetime
) -> Sources:
    return Sources(
        agreement=await records.agreement(row_id),
        trail=tuple(await records.audit_trail(row_id)),
        ledger=await records.ledger(row_id),
        case=await records.review_case(row_id),
        read_at=now,
        runs=tuple(runs),
        unread=tuple(dict.fromkeys(unread)),
    )


async def _runs(doors: Doors, row_id: UUID) -> tuple[list[Run], list[str]]:
    try:
        client = await doors.temporal()
    except (SettingsError, WorkflowsUnreachable) as failure:
        because = " ".join(str(failure).split())
        return [], [f"No workflow's history was read: {because}"]
    runs: list[Run] = []
    unread: list[str] = []
    for kind, named in _IDS.items():
        try:
            async for run, why in _every_run(client, kind, named(row_id)):
                runs.append(run)
                if why is not None:
                    unread.append(f"Parts of {run.workflow_id} could not be read: {why}.")
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                unread.append(f"Temporal did not tell of {named(row_id)} ({error.status.name}).")
    return runs, unread


async def _every_run(
    client: Client, kind: str, workflow_id: str
) -> AsyncGenerator[tuple[Run, str | None]]:
    """The latest, for certain, and the earlier ones as they are listed."""
    latest, why = await _run(client, kind, workflow_id)
    yield latest, why
    for run_id in await _listed(client, workflow_id):
        if run_id != latest.run_id:
            yield await _run(client, kind, workflow_id, earlier=run_id)


async def _listed(client: Client, workflow_id: str) -> list[str]:
    try:
        listed = client.list_workflows(
            f"WorkflowId = '{workflow_id}'", limit=MOST_RUNS, rpc_timeout=ANSWER_WITHIN
        )
        return [run.run_id async for run in listed]
    except RPCError as error:
        # Temporal's test server keeps no list.
        if error.status is RPCStatusCode.UNIMPLEMENTED:
            return []
        raise


async def _run(
    client: Client, kind: str, workflow_id: str, *, earlier: str | None = None
) -> tuple[Run, str | None]:
    handle = client.get_workflow_handle(workflow_id, run_id=earlier)
    described = await handle.describe(rpc_timeout=ANSWER_WITHIN)
    history = await handle.fetch_history(rpc_timeout=ANSWER_WITHIN)
    events = RunEvents(client.data_converter)
    await events.read(history)
    pending, unread = await _pending(client, described)
    heads: list[str] = []
    try:
        heads = await audit_heads(history, client.data_converter)
    except PayloadError as error:
        unread = unread or str(error)
    run = Run(
        kind,
        workflow_id,
        described.run_id,
        earlier is not None,
        (*events.steps, *pending),
        events.ended_as,
        events.end,
        tuple(heads),
    )
    return run, events.unread or unread


async def _pending(
    client: Client, described: WorkflowExecutionDescription
) -> tuple[list[Step], str | None]:
    """What is under way: its earlier tries are in no history yet."""
    payloads, steps = Payloads(client.data_converter), list[Step]()
    for one in described.raw_description.pending_activities:
        name = title(one.activity_type.name)
        failed = one.HasField("last_failure")
        before = f"; the try before: {await payloads.in_words(one.last_failure)}" if failed else ""
        state = PendingActivityState.Name(one.state).removeprefix("PENDING_ACTIVITY_STATE_")
        begun = one.HasField("last_started_time")
        since = one.last_started_time if begun else one.scheduled_time
        steps.append(
            Step(
                at=at(since),
                clock=Clock.TEMPORAL,
                who=one.last_worker_identity or "no worker yet",
                what=f"{name} is under way, at try {one.attempt} ({state.lower()}){before}.",
                trouble=one.attempt > 1,
            )
        )
    return steps, payloads.unread
