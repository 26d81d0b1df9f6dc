"""What workflows' histories tell of a registration: recorded ones, and those of runs made here."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from console.story.run_events import RunEvents
from domain.errors import Unavailable
from domain.states import RegistrationStatus
from gateways.payload_codec import data_converter
from tests.console.cases import flat
from tests.console.command_line import CommandLine
from tests.console.world_doors import WorldDoors
from tests.payload_keys import NEW, OLD, payload_keys
from tests.workflows.real_time import real_time_server
from tests.workflows.reviews import booked_unseen, found, resolve
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world

HISTORIES = Path(__file__).parent.parent / "replay" / "histories"
GOLDEN = Path(__file__).parent / "golden"
RECORDED = [
    "on_the_instant/booked",
    "on_the_instant/sold_out",
    "on_the_instant/mandate_revoked",
    "on_the_instant/rescheduled",
    "on_the_instant/fee_declined_then_paid",
    "armed/cancelled_while_armed",
    "review/found_booked",
    "the_fee/cancelled_and_refunded.cancellation",
    "encrypted/booked",
]


async def told_of(name: str, *keys: str) -> RunEvents:
    events = RunEvents(data_converter(payload_keys(*keys) if keys else None))
    text = (HISTORIES / f"{name}.json").read_text()
    await events.read(WorkflowHistory.from_json(name, text))
    return events


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_history_is_told_as_it_always_was(name: str) -> None:
    events = await told_of(name, NEW, OLD)

    lines = [
        f"{step.at.isoformat(timespec='milliseconds')} {'!' if step.trouble else ' '} {step.what}"
        for step in events.steps
    ]
    golden = GOLDEN / f"{name.replace('/', '-')}.txt"
    assert "\n".join(lines) + "\n" == golden.read_text()
    assert events.unread is None


async def test_a_history_whose_key_is_not_given_here_is_told_without_its_words() -> None:
    events = await told_of("encrypted/booked")

    whats = " ".join(step.what for step in events.steps)
    assert events.unread is not None
    assert "Book: it ended, and its answer cannot be read here" in whats
    assert (events.ended_as, events.end) == ("completed", None)


def broken() -> str:
    """A recorded history, into which two dead workers and a late timer are written."""
    history = json.loads((HISTORIES / "on_the_instant/booked.json").read_text())
    events = {event["eventType"]: event for event in history["events"]}
    (booked,) = [
        event["activityTaskStartedEventAttributes"]
        for event in history["events"]
        if event.get("activityTaskStartedEventAttributes", {}).get("scheduledEventId") == "54"
    ]
    booked["attempt"] = 2
    booked["lastFailure"] = {
        "message": "activity Heartbeat timeout",
        "timeoutFailureInfo": {"timeoutType": "TIMEOUT_TYPE_HEARTBEAT"},
    }
    last = events["EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED"]
    history["events"].remove(last)
    started = history["events"][-1]["eventId"]
    for place, told in enumerate(
        (
            {
                "eventType": "EVENT_TYPE_WORKFLOW_TASK_STARTED",
                "workflowTaskStartedEventAttributes": {"identity": "77@dead"},
            },
            {
                "eventType": "EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT",
                "workflowTaskTimedOutEventAttributes": {
                    "startedEventId": str(int(started) + 1),
                    "timeoutType": "TIMEOUT_TYPE_START_TO_CLOSE",
                },
            },
            {
                "eventType": "EVENT_TYPE_WORKFLOW_TASK_FAILED",
                "workflowTaskFailedEventAttributes": {
                    "cause": "WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR",
                    "identity": "78@new",
                    "failure": {
                        "message": "[TMPRL1100] other commands",
                        "applicationFailureInfo": {"type": "NondeterminismError"},
                    },
                },
            },
        ),
        start=1,
    ):
        again = {**told, "eventId": str(int(started) + place), "eventTime": last["eventTime"]}
        history["events"].append(again)
    for event in history["events"]:
        if event["eventId"] == "26":
            event["eventTime"] = "2026-11-23T01:36:14.628Z"
    return json.dumps(history)


async def test_dead_workers_late_timers_and_retries_are_told_with_who_it_was() -> None:
    events = RunEvents(data_converter())
    await events.read(WorkflowHistory.from_json("broken", broken()))

    troubles = {step.what: step.who for step in events.steps if step.trouble}
    late, retried, dead, other_code = troubles
    assert late == "Woke from “Sleep to the look-ahead 0:15:00 before”, 60000 ms late."
    assert retried.startswith("Book: booked, number B000001, asked once")
    assert retried.endswith("(at try 2; the one before: no answer in time (heartbeat)).")
    assert troubles[dead] == "77@dead"
    assert dead == (
        "A worker took the run's next step and did not answer in time (start to close): it died, "
        "or hung. Another goes on."
    )
    assert troubles[other_code] == "78@new"
    assert other_code == (
        "The run's next step failed (non_deterministic_error): NondeterminismError: [TMPRL1100] "
        "other commands."
    )
    assert (events.ended_as, events.end) == (None, None)


@pytest.fixture
async def env() -> AsyncGenerator[WorkflowEnvironment]:
    async with time_skipping_server() as env:
        yield env


async def story(world: World, code: str, *arguments: object) -> dict[str, Any]:
    return await CommandLine(WorldDoors(world)).json("explain", code, *arguments)


def whats(told: dict[str, Any]) -> str:
    return " ".join(step["what"] for step in told["steps"])


async def test_a_booking_with_a_lost_try_is_told_from_all_sources_and_none_contradicts(
    env: WorkflowEnvironment,
) -> None:
    world = (await build_world(env)).with_payload_keys(NEW)
    async with world.served():
        registration_id = await world.scheduled()
        world.provider.script.fail_next("book", Unavailable("status 503"))
        row = await world.ended(registration_id)
        told = await story(world, row.code)
        parent = await story(world, row.code, "--for", "parent")
        ignorant = await story(world.with_payload_keys(OLD), row.code)
        heads = world.records.trails[registration_id][:]
        del world.records.trails[registration_id][2:]
        cut = await story(world, row.code)

    assert row.status is RegistrationStatus.COMPLETED
    assert (told["contradictions"], told["unread"]) == ([], [])
    assert "Its run begins (registration)." in whats(told)
    assert "Woke from “Sleep to the look-ahead 0:15:00 before”." in whats(told)
    assert "Look ahead: nothing stands against it, price $120.00" in whats(told)
    assert f"Book: booked, number {row.booking_number}, asked once" in whats(told)
    assert "(at try 2)." in whats(told)
    assert "Charge: charge 1 succeeded" in whats(told)
    assert "Letter “booked” went out." in whats(told)
    assert {step["clock"] for step in told["steps"]} == {"database", "temporal", "worker"}
    said = " ".join(parent["sentences"])
    assert "The place is booked at The Swim Club." in said
    assert "The success fee of $20.00 was charged to your saved card." in said
    assert "the payload key named new is not among PAYLOAD_KEYS here" in ignorant["unread"][0]
    assert ignorant["ending"] == told["ending"]
    assert len(heads) > 2
    assert "Its run was told of audit events that are not in the trail." in cut["contradictions"]


async def test_a_review_is_told_open_and_decided_and_a_row_put_back_is_noticed(
    env: WorkflowEnvironment,
) -> None:
    world = await build_world(env)
    async with world.served():
        registration_id, booking = await booked_unseen(world)
        row = world.records.rows[registration_id]
        waiting = await story(world, row.code)
        shown = await CommandLine(WorldDoors(world)).run("explain", row.code)
        await resolve(world, found(registration_id, booking.booking_number))
        with env.auto_time_skipping_disabled():
            await world.run(registration_id).result()
        decided = await story(world, row.code)
        world.records.rows[registration_id] = row
        put_back = await story(world, row.code)

    assert "nobody can tell" in whats(waiting)
    assert waiting["ending"]["next"].endswith(f"python starter.py review show {row.code}")
    assert "sent, and no clear answer came: it may have been booked" in flat(shown.stdout)
    assert "Asked: resolve review." in whats(decided)
    assert "Decided as booked" in whats(decided)
    assert {step["who"] for step in decided["steps"]} >= {"kim", "its run", "Temporal"}
    assert decided["contradictions"] == []
    assert any("the row was put back" in one for one in put_back["contradictions"])


async def test_a_run_that_was_ended_from_outside_contradicts_its_row_and_names_who_ended_it(
    env: WorkflowEnvironment,
) -> None:
    world = await build_world(env)
    async with world.served():
        registration_id = await world.scheduled(timedelta(days=2))
        code = world.records.rows[registration_id].code
        asleep = await story(world, code)
        await world.run(registration_id).terminate(reason="by mistake")
        told = await story(world, code)
        draft = await world.draft()
        never = await story(world, draft.code)

    assert (asleep["contradictions"], asleep["ending"]["because"]) == (
        [],
        "It sleeps until its opening.",
    )
    assert "The run was terminated (by mistake)." in whats(told)
    assert told["contradictions"] == ["It is pending, and its run has ended (terminated)."]
    assert (never["contradictions"], never["unread"]) == ([], [])
    assert [step["what"] for step in never["steps"]] == ["Drafted, with a limit of $500.00."]


async def test_a_run_that_was_lost_and_begun_again_is_told_with_the_one_before() -> None:
    async with real_time_server() as env:
        world = await build_world(env)
        async with world.served():
            draft = await world.draft()
            await world.confirm(draft)
            lost = world.run(draft.registration_id)
            await lost.terminate(reason="by mistake")
            await world.confirm(draft)
            async with asyncio.timeout(30):  # the list of runs lags
                told = await story(world, draft.code)
                while whats(told).count("Its run begins (registration).") < 2:
                    told = await story(world, draft.code)

    assert whats(told).index("by mistake") < whats(told).rindex("Its run begins")
    assert (told["contradictions"], told["unread"]) == ([], [])
    assert told["ending"]["because"] == "It sleeps until its opening."
