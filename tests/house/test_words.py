"""Whatever the Web UI lists has words: each run, each timer, each step."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.tree import python_files, read

ROOMS = {"workflows", "activities", "front_door", "console"}
FILES = [file for file in python_files() if file.parts[0] in ROOMS]

STARTS = {"start_workflow", "start_child_workflow", "WithStartWorkflowOperation"}
STEPS = {"execute_activity_method", "start_activity_method", "execute_local_activity_method"}


def _wordless(source: str) -> Iterator[str]:
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        called = ast.unparse(call.func)
        name = called.rpartition(".")[2]
        given = {each.arg or ast.unparse(each.value) for each in call.keywords}
        policies = any(".under(" in each for each in given)
        if name in STARTS and not {"static_summary", "static_details"} <= given:
            yield f"line {call.lineno}: {called}"
        if name == "ScheduleActionStartWorkflow" and "static_summary" not in given:
            yield f"line {call.lineno}: {called}"
        if name in STEPS and "summary" not in given and not policies:
            yield f"line {call.lineno}: {called}"
        if called == "workflow.sleep" and "summary" not in given:
            yield f"line {call.lineno}: {called}"
        if name == "wait_condition" and "timeout" in given and "timeout_summary" not in given:
            yield f"line {call.lineno}: {called}"


def test_every_run_timer_and_step_says_what_it_is() -> None:
    found = [f"{file}, {call}" for file in FILES for call in _wordless(read(file))]
    assert found == []


@pytest.mark.parametrize(
    "call",
    [
        "client.start_workflow(Run.run, static_summary='of a run')",
        "workflow.execute_activity_method(Step.step, order)",
        "workflow.sleep(pause)",
        "workflow.wait_condition(done, timeout=pause)",
    ],
)
def test_one_without_words_would_be_found(call: str) -> None:
    assert list(_wordless(call)) == [f"line 1: {call.partition('(')[0]}"]
