"""All commands in one place, and the one way out of the program."""

import logging
import os
import sys
from contextlib import suppress
from typing import NoReturn

import typer

import logs
from console import (
    alerts,
    audit,
    backups,
    bookings,
    deploy,
    erasures,
    fields,
    letters,
    mandates,
    receipts,
    registrations,
    restored,
    review,
)
from console.doctor.command import doctor
from console.releases.commands import commands as releases
from console.schedules.commands import commands as schedules
from console.story.command import explain
from console.tomorrow.command import tomorrow

HELP = """The operator's command line of SignupAssist.

A registration is named by its code (SCH-… from the draft, REG-… from the
receipt) or by its id, a UUID. The operator acts on any registration, on
behalf of its parent. Times are shown in its own time zone and in UTC.

Examples:
  python starter.py deploy
  python starter.py list --status pending
  python starter.py status SCH-7KQ2M9XA
  python starter.py tomorrow
  python starter.py explain SCH-7KQ2M9XA
  python starter.py review show SCH-7KQ2M9XA
  python starter.py audit verify --all --json
  python starter.py mandate verify REG-4HJ8WZ2C
  python starter.py alerts list
  python starter.py backup list
  python starter.py doctor

Exit codes:
  0  done
  1  refused, an audit trail is broken, the doctor found a fault, or a
     service does not answer
  2  wrong usage, or a setting is missing
What is wrong is said on standard error.
"""

REGISTRATIONS = "Registrations"
RECORDS = "Records"
OPERATIONS = "Operations"

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command("list", rich_help_panel=REGISTRATIONS)(registrations.list_registrations)
app.command("status", rich_help_panel=REGISTRATIONS)(registrations.status)
app.command("explain", rich_help_panel=REGISTRATIONS)(explain)
app.command("tomorrow", rich_help_panel=REGISTRATIONS)(tomorrow)
app.command("confirm", rich_help_panel=REGISTRATIONS)(registrations.confirm)
app.command("reschedule", rich_help_panel=REGISTRATIONS)(registrations.reschedule)
app.command("cancel", rich_help_panel=REGISTRATIONS)(registrations.cancel)
app.add_typer(review.commands, name="review", rich_help_panel=REGISTRATIONS)
app.command("receipts", rich_help_panel=RECORDS)(receipts.receipts)
app.add_typer(audit.commands, name="audit", rich_help_panel=RECORDS)
app.add_typer(mandates.commands, name="mandate", rich_help_panel=RECORDS)
app.add_typer(alerts.commands, name="alerts", rich_help_panel=OPERATIONS)
app.add_typer(letters.commands, name="letters", rich_help_panel=OPERATIONS)
app.add_typer(backups.commands, name="backup", rich_help_panel=OPERATIONS)
app.add_typer(schedules, name="schedules", rich_help_panel=OPERATIONS)
app.add_typer(erasures.commands, name="erasures", rich_help_panel=OPERATIONS)
app.command("deploy", rich_help_panel=OPERATIONS)(deploy.deploy)
app.add_typer(releases, name="release", rich_help_panel=OPERATIONS)
app.add_typer(bookings.commands, name="bookings", rich_help_panel=OPERATIONS)
app.add_typer(fields.commands, name="fields", rich_help_panel=OPERATIONS)
app.command("doctor", rich_help_panel=OPERATIONS)(doctor)
app.command("restored", rich_help_panel=OPERATIONS)(restored.restored)


def main() -> NoReturn:
    """Run the command line and end the process with its exit code.

    Where somebody watches, the answer is enough: only what is wrong is logged there.
    """
    logs.configure(logging.WARNING if sys.stderr.isatty() else logging.INFO, sys.stderr)
    code = _exit_code()
    for stream in (sys.stdout, sys.stderr):
        # A reader that went away, as in `… list | head`, is no fault of ours.
        with suppress(OSError, ValueError):
            stream.flush()
    # Not sys.exit: on Python 3.11 a short-lived program with a Temporal client sometimes aborts
    # (exit code 134) while the interpreter tears down the client's native threads.
    os._exit(code)


def _exit_code() -> int:
    try:
        app(prog_name="python starter.py")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
