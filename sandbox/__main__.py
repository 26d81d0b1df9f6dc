"""`python -m sandbox up | demo | demo-billing | token | seed | mails | backup | restore | ...`."""

import os
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from sandbox import environment
from sandbox.chat_client import how_to_connect
from sandbox.complaint import SandboxError
from sandbox.data_api.install import install as install_packages
from sandbox.progress import Progress
from sandbox.up import Stack

DEATH_WATCH_SECONDS = 0.3

Data = Annotated[Path, typer.Option(help="The sandbox's folder.", metavar="DIR")]
DEFAULT_DATA = Path(".sandbox")
StoryData = Annotated[
    Path | None, typer.Option(help="The stack's folder; else one of its own.", metavar="DIR")
]
Keep = Annotated[bool, typer.Option("--keep", help="Leave what it wrote.")]
Stay = Annotated[
    bool, typer.Option("--stay", help="Leave the stack running after it, until Ctrl-C.")
]

_SHOWN = {
    "mcp": ("Chat tools", "MCP_URL", ""),
    "temporal": ("Temporal Web UI", "TEMPORAL_UI_URL", ""),
    "data_api": ("Data API", "SUPABASE_URL", ""),
    "mail": ("Mail", "MAIL_CATCHER_URL", "/mails"),
}

app = typer.Typer(
    help="The embedded world: everything SignupAssist talks to, on this machine.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console()
complaints = Console(stderr=True, style="red")


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    port_base: Annotated[
        int | None, typer.Option(help="First of its ports; else free ones, kept over restarts.")
    ] = None,
    without: Annotated[str, typer.Option(help="Programs not to start: worker,mcp,bookeo …")] = "",
) -> None:
    """Start everything, write DIR/sandbox.env, and run until SIGTERM or Ctrl-C."""
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    began = time.monotonic()
    left_out = [name.strip() for name in without.split(",") if name.strip()]
    try:
        with Progress(console) as progress:
            stack = Stack(data, port_base=port_base, without=left_out, watch=progress.watch)
            stack.start()
    except SandboxError as refused:
        _fail(refused)
    try:
        _summary(stack, time.monotonic() - began)
        _watch(stack, ended)
    finally:
        stack.stop()


def _watch(stack: Stack, ended: threading.Event) -> None:
    reported: set[str] = set()
    while not ended.wait(DEATH_WATCH_SECONDS):
        dead = stack.dead()
        for name in dead.keys() - reported:
            complaints.print(dead[name], markup=False, highlight=False, soft_wrap=True)
        reported = set(dead)


def _summary(stack: Stack, seconds: float) -> None:
    env = stack.env
    for program, (name, variable, path) in _SHOWN.items():
        if program not in stack.without:
            console.print(f"{name:16}{env[variable]}{path}", highlight=False)
    if "mcp" not in stack.without:
        console.print(how_to_connect(env["MCP_URL"], stack.data), highlight=False, soft_wrap=True)
    given = sorted(name for name in env if name in os.environ)
    if given:
        console.print(f"From your environment: {', '.join(given)}", highlight=False)
    file = stack.data / environment.FILE_NAME
    console.print(f"Ready in {seconds:.1f} s. Variables: {file}", highlight=False, soft_wrap=True)


@app.command()
def demo(
    data: StoryData = None,
    keep: Keep = False,
    stay: Stay = False,
    ahead: Annotated[
        float, typer.Option(help="How far away the opening is.", metavar="SECONDS", min=1, max=3600)
    ] = 10,
    places: Annotated[
        int, typer.Option(help="How many the organiser has; 1 shows a sold-out one.", min=0)
    ] = 8,
) -> None:
    """Start everything, sign two children up from chat to receipt, and show it all."""
    from sandbox.demo.run import Demo, Wishes  # noqa: PLC0415 - only this command needs it
    from sandbox.demo.stories import RegistrationStory  # noqa: PLC0415 - likewise

    story = RegistrationStory(ahead_seconds=ahead, places=places)
    wishes = Wishes(data=data, keep=keep, stay=stay)
    sys.exit(Demo(story, wishes, console, complaints).run())


@app.command("demo-billing")
def demo_billing(
    data: StoryData = None,
    keep: Keep = False,
    stay: Stay = False,
    day: Annotated[
        float, typer.Option(help="How long a day takes.", metavar="SECONDS", min=0.5, max=3600)
    ] = 2,
    paid: Annotated[
        bool, typer.Option("--paid", help="The parent pays on the last day but one.")
    ] = False,
) -> None:
    """Start everything, subscribe, let a payment fail, and show the 30 days after it."""
    from sandbox.demo.run import Demo, Wishes  # noqa: PLC0415 - only this command needs it
    from sandbox.demo.stories import BillingStory  # noqa: PLC0415 - likewise

    story = BillingStory(day_seconds=day, paid=paid)
    wishes = Wishes(data=data, keep=keep, stay=stay)
    sys.exit(Demo(story, wishes, console, complaints).run())


@app.command()
def token(
    user: Annotated[str, typer.Option(help="Whose token; the subject becomes local|NAME.")],
    data: Data = DEFAULT_DATA,
    hours: Annotated[float, typer.Option(help="How long it is valid.")] = 24,
    scope: Annotated[str, typer.Option(help="The scopes it carries, separated by spaces.")] = "",
) -> None:
    """Print a bearer token that the MCP server and the data API accept."""
    from sandbox.issuer import tokens  # noqa: PLC0415 - the other commands need no cryptography
    from sandbox.issuer.signing_keys import SigningKeys  # noqa: PLC0415 - likewise

    try:
        env = environment.read(data)
        minted = tokens.mint(
            SigningKeys(data / "issuer"),
            issuer=env["AUTH_ISSUER"],
            audience=env["AUTH0_AUDIENCE"],
            user=user,
            lifetime=timedelta(hours=hours),
            scope=scope or tokens.SCOPE,
        )
    except SandboxError as refused:
        _fail(refused)
    typer.echo(minted)


@app.command()
def seed(data: Data = DEFAULT_DATA) -> None:
    """Load two organisations with their programs. May be repeated."""
    from sandbox.seed import seed as load  # noqa: PLC0415 - supabase takes a second to load

    try:
        done = load(environment.read(data))
    except SandboxError as refused:
        _fail(refused)
    console.print(done, highlight=False)


@app.command()
def mails(
    to: Annotated[Path, typer.Option(help="Where to.", metavar="FOLDER")] = Path(".sandbox/mails"),
    locale: Annotated[str, typer.Option(help="How dates and amounts are written.")] = "en_US",
    zone: Annotated[str, typer.Option(help="In which times are told.")] = "America/New_York",
) -> None:
    """Write every letter that a parent can get as pages to look at."""
    from domain.family import Reader  # noqa: PLC0415 - only this command needs it
    from sandbox.mail_gallery import write_gallery  # noqa: PLC0415 - likewise

    try:
        reader = Reader(locale=locale, time_zone=zone)
    except ValueError:
        _fail(SandboxError("A locale is a language, an underscore and a country: en_US."))
    console.print(f"Open {write_gallery(to, reader)}", highlight=False, soft_wrap=True)


@app.command()
def backup(
    to: Annotated[Path, typer.Option(help="Where to: a new or empty folder.", metavar="FOLDER")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Copy what the running sandbox knows: Temporal's memory first, then the database."""
    from sandbox.backup import back_up  # noqa: PLC0415 - only this command needs it

    try:
        manifest = back_up(data, to)
    except SandboxError as refused:
        _fail(refused)
    console.print(
        f"Backed up to {to}, private: it holds passwords. What happens after "
        f"{manifest.taken_at.isoformat()} is not in it.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def restore(
    source: Annotated[Path, typer.Option("--from", help="The backup.", metavar="FOLDER")],
    data: Data = DEFAULT_DATA,
) -> None:
    """Put a backup back into a folder without data, with bookings paused.

    Then start it, and run `python starter.py restored` with its variables.
    """
    from sandbox.restore import restore as put_back  # noqa: PLC0415 - psycopg takes a while to load

    try:
        manifest = put_back(data, source)
    except SandboxError as refused:
        _fail(refused)
    console.print(
        f"Restored into {data} as of {manifest.taken_at.isoformat()}. Bookings are paused: start "
        "it, then run `python starter.py restored`.",
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def install() -> None:
    """Fetch the data API's packages now rather than at the first start. May be repeated."""
    try:
        install_packages()
    except SandboxError as refused:
        _fail(refused)


def _fail(refused: SandboxError) -> NoReturn:
    complaints.print(str(refused), markup=False, highlight=False, soft_wrap=True)
    sys.exit(1)


if __name__ == "__main__":
    app()
