"""One registration is one trace, from the chat to the request at the organiser, about nobody."""

import pytest
from temporalio.worker import Replayer

from domain.identifiers import registration_workflow_id
from sandbox.probe import wait_until
from tests.stack.collector import Collector, Span
from tests.stack.marked_lives import MarkedLives
from tests.stack.marks import Marks, of_the_family
from tests.stack.parent import Draft
from tests.stack.test_marks import KEYS
from tests.stack.world import World
from workflows.registration import RegistrationWorkflow
from workflows.sandboxing import workflow_runner

pytestmark = pytest.mark.xdist_group("stack")

SECONDS = 30
MCP, WORKER, LANES = "signupassist-mcp", "signupassist-worker", "signupassist-lanes"
CONFIRM = "tools/call confirm_registration"
RUN = "RunWorkflow:registration"
BOOK, POST = "RunActivity:book", "POST /bookings"
A_TOKEN_BEGINS = b"eyJ"


def of_the_run(collector: Collector, draft: Draft) -> list[Span]:
    """The whole trace of a registration, once its workflow has ended."""
    id_, spans = registration_workflow_id(draft.id), list[Span]()

    def ended() -> bool:
        nonlocal spans
        every = collector.spans()
        traces = {one.trace for one in every if one.name == RUN and one.workflow_id == id_}
        spans = [one for one in every if one.trace in traces]
        return POST in {one.name for one in spans}

    assert wait_until(ended, SECONDS)
    return spans


def test_one_trace_leads_from_the_chat_to_the_request_at_the_organiser(
    collector: Collector, lives: MarkedLives
) -> None:
    spans = of_the_run(collector, lives.drafts[0])
    (sent,) = (one for one in spans if one.name == POST)
    by_id = {one.id: one for one in spans}
    path = [sent]
    while path[-1].parent:
        path.append(by_id[path[-1].parent])
    steps = [(one.service, one.name) for one in path]
    assert steps[0] == (LANES, POST)
    assert steps[1] == (LANES, BOOK)
    assert (WORKER, RUN) in steps
    assert steps[-1] == (MCP, CONFIRM)
    named = {one.name for one in spans}
    assert {"RunActivity:preflight", "RunActivity:charge_success_fee"} <= named
    assert "POST /rest/v1/rpc/claim_registration" in named


def test_what_the_chat_never_heard_of_is_traced_as_other(
    collector: Collector, lives: MarkedLives
) -> None:
    assert lives.drafts
    assert wait_until(
        lambda: "tools/call other" in {one.name for one in collector.spans()}, SECONDS
    )


def test_a_lease_that_is_renewed_every_second_is_no_trace(
    collector: Collector, lives: MarkedLives
) -> None:
    of_the_run(collector, lives.drafts[0])
    assert not {one.name for one in collector.spans() if one.name.endswith(("lease", "orphans"))}


def test_no_span_knows_the_family_a_key_or_a_token(
    world: World, collector: Collector, lives: MarkedLives
) -> None:
    of_the_run(collector, lives.drafts[0])
    assert Marks(of_the_family()).within_any(collector.bodies) == set()
    assert Marks({name: world.env[name] for name in KEYS}).within_any(collector.bodies) == set()
    assert A_TOKEN_BEGINS not in b"\0".join(collector.bodies)


async def test_a_run_that_was_traced_replays_where_nobody_traces(
    world: World, lives: MarkedLives
) -> None:
    client = await world.temporal()
    for draft in lives.drafts:
        run = client.get_workflow_handle(registration_workflow_id(draft.id))
        history = await run.fetch_history()
        assert any(
            "_tracer-data" in event.activity_task_scheduled_event_attributes.header.fields
            for event in history.events
        )
        replayer = Replayer(
            workflows=[RegistrationWorkflow],
            data_converter=client.data_converter,
            workflow_runner=workflow_runner(),
        )
        await replayer.replay_workflow(history)
