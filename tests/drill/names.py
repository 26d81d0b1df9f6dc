"""Every metric that rules and panels may ask for, by who exports it.

A name that nobody exports makes a rule that never fires and a panel that stays empty, and neither
says so. `make drill` looks for each one that is asked for in what it scraped.
"""

import ast
from collections.abc import Iterator

from tests.drill.expressions import metrics
from tests.drill.files import alerts, dashboard
from tests.house.tree import python_files, read, unit

SUFFIXES = {
    "create_counter": "_total",
    "create_gauge": "",
    "create_gauge_float": "",
    "create_histogram_timedelta": "_seconds",
}
"""What is added to the name that the code gives, as `telemetry.metrics` has it."""

SDK = frozenset(
    {
        "temporal_activity_schedule_to_start_latency_seconds",
        "temporal_long_request_failure_total",
        "temporal_num_pollers",
        "temporal_request_failure_total",
        "temporal_worker_task_slots_used",
        "temporal_workflow_task_execution_failed_total",
        "temporal_workflow_task_schedule_to_start_latency_seconds",
    }
)
"""Of Temporal's SDK, with the suffixes that we ask it for."""

SERVER = frozenset({"schedule_action_success", "schedule_missed_catchup_window"})
"""Of Temporal's own server, which adds none."""

PROMETHEUS = frozenset({"ALERTS", "up"})


def asked_for() -> set[str]:
    """By rules and panels."""
    expressions = [alert.expr for alert in alerts()]
    expressions += [target.expr for panel in dashboard().panels for target in panel.targets]
    return {name for expression in expressions for name in metrics(expression)}


def ours() -> set[str]:
    """What our programs export, as their code names it."""
    trees = [ast.parse(read(file)) for file in python_files() if unit(file) != "tests"]
    return {name for tree in trees for name in _created(tree)}


def _created(tree: ast.Module) -> Iterator[str]:
    constants = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        given = node.args[0]
        name = given.value if isinstance(given, ast.Constant) else constants.get(ast.unparse(given))
        if node.func.attr in SUFFIXES and isinstance(name, str):
            yield name + SUFFIXES[node.func.attr]
