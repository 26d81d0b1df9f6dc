from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.environment import of_program
from tests.stack.command_line import AT_ONCE, operators_environment, run, said
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

WORKER, MCP, STARTER = ("worker.py",), ("-m", "mcp_server"), ("starter.py",)

MISSING: list[tuple[tuple[str, ...], str]] = [
    (WORKER, "SMTP_URL"),
    (WORKER, "MANDATE_SIGNING_KEYS"),
    (MCP, "AUTH0_AUDIENCE"),
    ((*STARTER, "list"), "SUPABASE_SERVICE_ROLE_KEY"),
    ((*STARTER, "deploy"), "DATABASE_URL"),
]


def _environment(world: World, program: tuple[str, ...]) -> dict[str, str]:
    if program == WORKER:
        return of_program("worker", world.env)
    return of_program("mcp", world.env) if program == MCP else operators_environment(world)


def test_a_missing_variable_is_named_with_its_purpose_before_anything_starts(
    world: World,
) -> None:
    def without(case: tuple[tuple[str, ...], str]):  # noqa: ANN202 - what run answers
        program, variable = case
        env = _environment(world, program)
        del env[variable]
        return run(program, env)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = list(pool.map(without, MISSING))
    for (program, variable), end in zip(MISSING, ends, strict=True):
        assert end.returncode == 2, (program, variable, said(end))
        assert f"{variable} is missing: " in end.stderr, (program, end.stderr)
        assert "Traceback" not in said(end)
