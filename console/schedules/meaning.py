"""What of a schedule counts, in one form: the server fills in and rewrites what it was given."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleRange,
    ScheduleSpec,
)

from domain.errors import PayloadError
from domain.frozen import Frozen
from domain.recurrence import Every
from workflows.recurring import MARK, Job


class Difference(Frozen):
    """One thing in which Temporal's schedule is not the declared one."""

    what: str
    now: str | None = None
    """In words; None for what is not shown, such as an input."""
    declared: str | None = None


async def differences(
    client: Client, known: Schedule, wanted: Schedule, job: Job
) -> tuple[Difference, ...]:
    """In what the first is not the second, one schedule of that job as Temporal has it.

    The note of one that is paused says why it is, and differs in nothing.
    """
    now, declared = await _meaning(client, known, job), await _meaning(client, wanted, job)
    if known.state.paused:
        now.pop("note", None)
    return tuple(
        Difference(what=what, now=_shown(value), declared=_shown(declared[what]))
        for what, value in now.items()
        if value != declared[what]
    )


def in_words(spec: ScheduleSpec) -> str:
    """At which times, the same for all specs that mean the same."""
    times = [
        str(Every(one.every)) + (f" from {one.offset}" if one.offset else "")
        for one in spec.intervals
    ]
    times += [f"at {_calendar(one)}" for one in spec.calendars]
    times += [f"at cron {one}" for one in spec.cron_expressions]
    times += [f"not at {_calendar(one)}" for one in spec.skip]
    bounds = [
        f"{word} {instant}"
        for word, instant in (("since", spec.start_at), ("until", spec.end_at))
        if instant
    ]
    return "; ".join([*sorted(times), *bounds])


async def _meaning(client: Client, schedule: Schedule, job: Job) -> dict[str, object]:
    spec, policy, action = schedule.spec, schedule.policy, schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return {"action": type(action).__name__}
    memo = dict(action.memo or {})
    summary, details = _given(action.static_summary), _given(action.static_details)
    payloads = [*action.args, *(one for one in (summary, details) if one is not None)]
    return {
        "times": in_words(spec),
        "zone": spec.time_zone_name or "UTC",
        "jitter": str(spec.jitter or timedelta()),
        "overlap": policy.overlap.name,
        "catch-up window": str(policy.catchup_window),
        "pause on failure": str(policy.pause_on_failure),
        "action": type(action).__name__,
        "workflow": action.workflow,
        "name of its runs": action.id,
        "task queue": action.task_queue,
        "longest run": str(action.execution_timeout),
        "other time-outs": f"{action.run_timeout}, {action.task_timeout}",
        "retries": str(action.retry_policy),
        "priority": str(action.priority),
        "search attributes": repr(action.typed_search_attributes),
        "version of the table": _number(memo.pop(MARK, None)),
        "other memos": ", ".join(sorted(memo)),
        "input": await _read(client, action.args, type(job.order)),
        "summary": await _read(client, [summary], str),
        "details": await _read(client, [details], str),
        "encryption": await _encodings(client, payloads),
        "note": schedule.state.note,
    }


def _given(words: str | Payload | None) -> str | Payload | None:
    """The server answers with an empty payload where none was given."""
    return None if isinstance(words, Payload) and not words.ByteSize() else words


def _shown(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _calendar(spec: ScheduleCalendarSpec) -> str:
    parts = (
        ("year", spec.year, range(0)),
        ("month", spec.month, range(1, 13)),
        ("day", spec.day_of_month, range(1, 32)),
        ("weekday", spec.day_of_week, range(7)),
        ("hour", spec.hour, range(24)),
        ("minute", spec.minute, range(60)),
        ("second", spec.second, range(60)),
    )
    numbers = {name: _numbers(ranges) for name, ranges, _ in parts}
    told = [name for name, _, every in parts if numbers[name] != list(every)]
    if told == ["hour", "minute", "second"] and all(len(numbers[name]) == 1 for name in told):
        return ":".join(f"{numbers[name][0]:02}" for name in told)
    return " ".join(f"{name} {','.join(map(str, numbers[name]))}" for name in told) or "any second"


def _numbers(ranges: Sequence[ScheduleRange]) -> list[int]:
    return sorted({n for one in ranges for n in range(one.start, one.end + 1, one.step)})


def _number(mark: object) -> str:
    return mark.data.decode(errors="replace") if isinstance(mark, Payload) else "none"


async def _read(client: Client, values: Sequence[object], kind: type) -> list[object]:
    """The values, those from the server decoded; as they are where they are something else."""
    read: list[object] = []
    for value in values:
        if not isinstance(value, Payload):
            read.append(value)
            continue
        try:
            read += await client.data_converter.decode([value], [kind])
        except (RuntimeError, ValueError, PayloadError):
            read.append(value)
    return read


async def _encodings(client: Client, values: Sequence[object]) -> list[dict[str, bytes]]:
    """How each is, or would be, kept: one under an older key is to be written anew."""
    payloads = [
        value if isinstance(value, Payload) else (await client.data_converter.encode([value]))[0]
        for value in values
    ]
    return [dict(payload.metadata) for payload in payloads]
