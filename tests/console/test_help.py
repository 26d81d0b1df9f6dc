import pytest

from tests.console.command_line import Office

COMMANDS = [
    "list",
    "status",
    "confirm",
    "reschedule",
    "cancel",
    "review",
    "review list",
    "review show",
    "review resolve",
    "receipts",
    "audit",
    "audit show",
    "audit verify",
    "mandate",
    "mandate verify",
    "mandate sign-old",
    "mandate public-keys",
    "alerts",
    "alerts list",
    "alerts settle",
    "fields",
    "fields status",
    "fields rotate",
    "schedules",
    "schedules plan",
    "schedules apply",
    "schedules prune",
    "schedules list",
    "backup",
    "backup list",
    "backup now",
    "backup verify",
    "backup restore",
    "backup prune",
    "backup runs",
    "backup schedules",
    "backup schedule",
    "schedules lint",
    "schedules trigger",
    "schedules pause",
    "schedules unpause",
    "schedules backfill",
    "erasures",
    "erasures reapply",
    "deploy",
    "doctor",
]


async def test_help_names_every_command_and_shows_examples(office: Office) -> None:
    shown = await office.starter.run("--help")

    assert shown.exit_code == 0
    assert "python starter.py deploy" in shown.stdout
    for command in COMMANDS:
        assert command.split()[0] in shown.stdout


@pytest.mark.parametrize("command", COMMANDS)
async def test_help_of_each_command_has_an_example(office: Office, command: str) -> None:
    shown = await office.starter.run(*command.split(), "--help")

    assert shown.exit_code == 0
    assert f"  python starter.py {command}" in shown.stdout
