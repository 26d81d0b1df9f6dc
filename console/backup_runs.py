"""The commands on backups that are made: one now, and what became of the others."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import typer
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from console.backup_schedules import Name, known_schedule
from console.doors import Doors, doors_of
from console.output import NOTHING, AsJson, print_json, print_table, say, utc
from console.registrations import Limit
from console.running import run
from domain import run_words
from domain.backups import Backup, DueBackup, WrittenBackup, backup_workflow_id
from domain.errors import WorkflowsUnreachable
from domain.refusals import refuse
from workflows.backup import LONGEST, BackupWorkflow
from workflows.queues import MAINTENANCE

ANSWER_WITHIN = timedelta(seconds=10)


def now(context: typer.Context, schedule: Name, as_json: AsJson = False) -> None:
    """Make a backup now, and wait until it was read back.

    A worker makes it. It goes on when this command is ended, and is kept by
    the rules of its schedule.

    Example:
      python starter.py backup now nightly
    """
    run(_now(doors_of(context), schedule, as_json))


async def _now(doors: Doors, schedule: str, as_json: bool) -> None:
    async with doors.records() as records:
        await known_schedule(records, schedule)
    due = DueBackup(
        backup_id=uuid4(), schedule=schedule, due_at=datetime.now(UTC).replace(microsecond=0)
    )
    written = await _made(await _begun(await doors.temporal(), due))
    if as_json:
        print_json(written)
    else:
        say(
            f"{written.place}: {written.rows} rows as of {utc(written.taken_at)}, "
            f"{written.size_bytes} bytes, read back.",
            style="green",
        )


async def _begun(client: Client, due: DueBackup) -> WorkflowHandle[BackupWorkflow, WrittenBackup]:
    said = run_words.backup(due.schedule, by_hand=True)
    try:
        return await client.start_workflow(
            BackupWorkflow.run,
            due,
            id=backup_workflow_id(due.schedule),
            task_queue=MAINTENANCE,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            execution_timeout=LONGEST,
            static_summary=said.summary,
            static_details=said.details,
            rpc_timeout=ANSWER_WITHIN,
        )
    except WorkflowAlreadyStartedError:
        raise refuse(
            "backup_at_work",
            f"A backup of {due.schedule} is at work: see `python starter.py backup runs`.",
        ) from None
    except RPCError as error:
        raise _unreachable(error) from error


async def _made(handle: WorkflowHandle[BackupWorkflow, WrittenBackup]) -> WrittenBackup:
    try:
        return await handle.result()
    except WorkflowFailureError:
        raise refuse(
            "backup_failed",
            "It came to nothing. Why is told by `python starter.py backup runs` and by the run "
            f"{handle.id} in the Web UI.",
        ) from None
    except RPCError as error:
        raise _unreachable(error) from error


def _unreachable(error: RPCError) -> WorkflowsUnreachable:
    return WorkflowsUnreachable(f"Temporal did not answer ({error.status.name}).")


def runs(context: typer.Context, limit: Limit = 50, as_json: AsJson = False) -> None:
    """List what became of the latest backups, latest first.

    `skipped`: its time met a backup of the same schedule still at work.
    `failed` names what ended it; `interrupted`, that its worker or run was lost.

    Examples:
      python starter.py backup runs
      python starter.py backup runs --json
    """
    run(_runs(doors_of(context), limit, as_json))


async def _runs(doors: Doors, limit: int, as_json: bool) -> None:
    async with doors.records() as records:
        found = await records.list_backups(limit)
    if as_json:
        print_json(found)
    elif found:
        print_table(
            ["Schedule", "Due (UTC)", "State", "Rows", "Bytes", "Backup"],
            [_run_row(one) for one in found],
        )
    else:
        say("No backup was due yet.")


def _run_row(one: Backup) -> list[str]:
    state = f"{one.state.value}: {one.failure}" if one.failure else one.state.value
    written = one.written
    return [
        one.schedule,
        utc(one.due_at),
        state,
        str(written.rows) if written else NOTHING,
        str(written.size_bytes) if written else NOTHING,
        written.place if written else NOTHING,
    ]
