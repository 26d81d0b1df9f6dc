"""The fingerprint of a run: its commands, in their order, and nothing that differs by the hour.

It lies beside each history, one line a command, so that a change of a workflow can be read in a
review: `activity book`, `patch on-the-instant`. The recorders write it; `python -m
tests.replay.commands` writes those that are missing. Letters are on their way beside the run, so
where among its steps one is asked for is chance; they come last, each once.
"""

import json
from collections.abc import Callable, Iterable
from difflib import unified_diff
from pathlib import Path
from typing import Any

from temporalio.api.history.v1 import (
    HistoryEvent,
    MarkerRecordedEventAttributes,
    UpsertWorkflowSearchAttributesEventAttributes,
)
from temporalio.client import WorkflowHistory

HISTORIES = Path(__file__).parent / "histories"
SUFFIX = ".commands"
BESIDE = {"activity tell_parent"}
"""What a run asks for while it goes on with its steps."""

OF_CORE = "TemporalChangeVersion"
"""The search attribute that the SDK keeps of its patches, by itself."""


def commands_of(history: WorkflowHistory) -> list[str]:
    """What the workflow's code asked for."""
    said = [line for event in history.events if (line := _command(event))]
    beside = [f"beside: {line}" for line in sorted({*said} & BESIDE)]
    return [line for line in said if line not in BESIDE] + beside


def beside(history: Path) -> Path:
    """Where the fingerprint of that history is."""
    return history.with_suffix(SUFFIX)


def write(history: Path) -> None:
    """Write it down beside the history."""
    read = WorkflowHistory.from_json(history.stem, history.read_text())
    beside(history).write_text("".join(f"{line}\n" for line in commands_of(read)))


def judged(name: str, committed: Iterable[str], fresh: Iterable[str], record: str) -> str | None:
    """What is to be said of a run whose commands are others than the committed; None where not.

    Args:
        name: of the ending.
        committed: its commands when it was recorded.
        fresh: its commands under the code of today.
        record: the command that records histories of its kind.
    """
    old, new = list(committed), list(fresh)
    if old == new:
        return None
    kept = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    first = new[kept] if kept is not None else (new[len(old) :] or ["nothing more"])[0]
    diff = "\n".join(unified_diff(old, new, "as recorded", "under this code", lineterm="", n=2))
    if first.startswith("patch "):
        verdict = (
            f"Runs that sleep are safe: what differs begins with {first!r}, which they do not have."
            f" Record the new way beside the old one, under a new name: {record}. The old history "
            "and its commands stay, as long as a run of its kind may sleep."
        )
    else:
        verdict = (
            "NOT safe: a run that sleeps now meets other commands than it recorded, and hangs "
            "(TMPRL1100) once this is deployed. Put the change behind "
            'workflow.patched("a-name-for-it") with the old order in the other branch; then record '
            f"the new way beside the old one: {record}."
        )
    return f"{name} goes another way than when it was recorded.\n{diff}\n{verdict}"


def _marker(marker: MarkerRecordedEventAttributes) -> str:
    if marker.marker_name == "core_patch":
        patch = json.loads(marker.details["patch-data"].payloads[0].data)
        return f"patch {patch['id']}"
    activity = json.loads(marker.details["data"].payloads[0].data)
    return f"local activity {activity['activity_type']}"


def _indexed(upsert: UpsertWorkflowSearchAttributesEventAttributes) -> str:
    """Which attributes they are may change: a replay only asks that there are some."""
    names = sorted(upsert.search_attributes.indexed_fields)
    return "" if names == [OF_CORE] else "index"


COMMANDS: dict[str, Callable[[Any], str]] = {
    "activity_task_scheduled": lambda begun: f"activity {begun.activity_type.name}",
    "activity_task_cancel_requested": lambda _: "cancel an activity",
    "timer_started": lambda _: "timer",
    "timer_canceled": lambda _: "cancel a timer",
    "marker_recorded": _marker,
    "start_child_workflow_execution_initiated": lambda begun: f"child {begun.workflow_type.name}",
    "signal_external_workflow_execution_initiated": lambda sent: f"signal {sent.signal_name}",
    "workflow_execution_update_accepted": lambda taken: (
        f"update {taken.accepted_request.input.name}"
    ),
    "upsert_workflow_search_attributes": _indexed,
    "workflow_execution_completed": lambda _: "complete",
    "workflow_execution_failed": lambda _: "fail",
    "workflow_execution_continued_as_new": lambda _: "continue as new",
}
"""By the event that a command leaves; all others are what the server or the outside did."""


def _command(event: HistoryEvent) -> str:
    attributes = event.WhichOneof("attributes") or ""
    said = COMMANDS.get(attributes.removesuffix("_event_attributes"))
    return said(getattr(event, attributes)) if said else ""


if __name__ == "__main__":
    for recorded in sorted(HISTORIES.rglob("*.json")):
        if not beside(recorded).exists():
            write(recorded)
            print(f"wrote {beside(recorded)}")  # noqa: T201 - a command's answer
