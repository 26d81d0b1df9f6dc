"""What an evening looked like to an operator: every run, and the answers to the saved queries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecution

from domain.registrations import Registration
from sandbox.program import ROOT
from tests.web_ui.evening import Evening

QUESTIONS = re.compile(r"^### (.+)\n(?:.*\n)*?```\n((?:.+\n)+?)```$", re.MULTILINE)
PAGE = Path("docs/web-ui.md")


@dataclass(frozen=True)
class Seen:
    """One run."""

    type: str
    status: str
    found_by: Mapping[str, object]
    """Its search attributes."""
    words: tuple[str, ...]
    """Summary and details from its start, and what it says of itself now."""


@dataclass(frozen=True)
class Night:
    """All of it; each run by its workflow and the story that it belongs to: `review unclear`."""

    runs: Mapping[str, Seen]
    rows: Mapping[str, Registration]
    answers: Mapping[str, frozenset[str]]
    """By question of docs/web-ui.md."""


def questions() -> dict[str, str]:
    """The queries of docs/web-ui.md, by the question that each answers."""
    found = QUESTIONS.findall((ROOT / PAGE).read_text())
    return {question: " ".join(query.split()) for question, query in found}


async def seen(evening: Evening) -> Night:
    """Look at everything once."""
    client = evening.world.client
    listed = [run async for run in client.list_workflows("")]
    return Night(
        runs={_name(evening, run): await _look(client, run) for run in listed},
        rows={name: evening.row(name) for name in evening.rows},
        answers={
            question: frozenset(
                [
                    _name(evening, run)
                    async for run in client.list_workflows(_filled_in(query, evening))
                ]
            )
            for question, query in questions().items()
        },
    )


def _name(evening: Evening, run: WorkflowExecution) -> str:
    stories = [name for name, uuid in evening.rows.items() if run.id.endswith(str(uuid))]
    return " ".join([run.workflow_type, *stories])


async def _look(client: Client, run: WorkflowExecution) -> Seen:
    handle = client.get_workflow_handle(run.id, run_id=run.run_id)
    told = await handle.describe()
    summary, details = await told.static_summary(), await told.static_details()
    metadata: WorkflowMetadata = await cast("Any", handle).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    status = run.status.name if run.status is not None else ""
    pairs = cast("Any", run.typed_search_attributes)  # a type parameter of each is left open
    return Seen(
        type=run.workflow_type,
        status=status,
        found_by={pair.key.name: pair.value for pair in pairs},
        words=(summary or "", details or "", metadata.current_details),
    )


def _filled_in(query: str, evening: Evening) -> str:
    """The query with the words in capitals replaced, as an operator would."""
    now = datetime.now(UTC)
    row = evening.row("given-back")
    words: dict[str, object] = {
        "NOW": now,
        "IN-AN-HOUR": now + timedelta(hours=1),
        "YESTERDAY": row.scheduled_time - timedelta(minutes=1),
        "TODAY": row.scheduled_time + timedelta(minutes=1),
        "SCH-7KQ2M9XA": row.code,
        "UUID": row.id,
    }
    for word, meant in words.items():
        said = meant.isoformat() if isinstance(meant, datetime) else str(meant)
        query = query.replace(f"'{word}'", f"'{said}'")
    return query
