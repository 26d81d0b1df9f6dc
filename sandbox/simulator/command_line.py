"""The command line that every vendor's simulator has."""

import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer

from sandbox.simulator.control import ControlError, SimulatorControl
from sandbox.simulator.server import PortTaken, TlsDoor, serve
from sandbox.simulator.store import StateFileBusy
from sandbox.simulator.vendor import Vendor

Url = Annotated[str, typer.Option(help="Where the simulator runs, e.g. http://127.0.0.1:8801")]


def command_line(make_vendor: Callable[[], Vendor], token_variable: str) -> typer.Typer:
    """serve, faults, fault, clear, ledger, invariants and reset for one vendor.

    The control token is read from the environment variable `token_variable`, never from an
    argument, which other users of the machine could read.
    """
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    _add_serve(app, make_vendor, token_variable)

    def operation(name: str, about: str, ask: Callable[[SimulatorControl], Any]) -> None:
        @app.command(name, help=about)
        def command(url: Url) -> None:
            show(url, token_variable, ask)

        del command  # the app holds it

    operation("faults", "List the fault rules.", lambda control: control.faults())
    operation("clear", "Remove every fault rule.", lambda control: control.clear_faults())
    operation("reset", "Forget everything.", lambda control: control.reset())

    @app.command("fault")
    def fault_command(
        url: Url,
        rule: Annotated[str, typer.Argument(help='JSON: {"kind": "drop_after", "remaining": 1}')],
    ) -> None:
        """Add a fault rule."""
        show(url, token_variable, lambda control: control.post("/_sim/faults", parsed(rule)))

    @app.command("ledger")
    def ledger_command(url: Url, reference: str | None = None) -> None:
        """List the requests, of one reference or all."""

        def entries(control: SimulatorControl) -> list[dict[str, Any]]:
            return [entry.model_dump() for entry in control.requests(reference)]

        show(url, token_variable, entries)

    @app.command("invariants")
    def invariants_command(url: Url) -> None:
        """Check the promises; exits 1 where one is broken."""
        found = show(url, token_variable, lambda control: control.invariants().model_dump())
        if not found["holds"]:
            raise typer.Exit(1)

    return app


def _add_serve(app: typer.Typer, make_vendor: Callable[[], Vendor], token_variable: str) -> None:
    @app.command("serve")
    def serve_command(
        port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 takes any free port")],
        data: Annotated[Path, typer.Option(help="The SQLite state file")],
        tls_port: Annotated[
            int | None, typer.Option(help="A second port, on which the same is served over TLS")
        ] = None,
        tls_folder: Annotated[
            Path, typer.Option(help="Where certificate, key and authority.pem are made")
        ] = Path("tls"),
    ) -> None:
        """Run until SIGTERM; prints the address once it is bound."""
        token = token_from(token_variable)
        logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
        logging.getLogger("httpx").setLevel(logging.ERROR)
        try:
            tls = None if tls_port is None else TlsDoor(tls_port, tls_folder)
            vendor = make_vendor()
            for bound in serve(vendor, port=port, data=data, control_token=token, tls=tls):
                typer.echo(f"listening on http://127.0.0.1:{bound}")
                sys.stdout.flush()
        except (PortTaken, StateFileBusy) as busy:
            fail(str(busy))

    del serve_command  # the app holds it


def token_from(variable: str) -> str:
    """The control token, or a sentence and exit 2."""
    token = os.environ.get(variable, "")
    if not token:
        fail(f"Set {variable} to the control token of this simulator, any long random text.")
    return token


def parsed(text: str) -> Any:
    """The JSON value, or a sentence and exit 2."""
    try:
        return json.loads(text)
    except ValueError:
        fail("That is not valid JSON.")


def show(url: str, token_variable: str, ask: Callable[[SimulatorControl], Any]) -> Any:
    """Print what the simulator answers, or a sentence and exit 2."""
    try:
        with SimulatorControl(url, token_from(token_variable)) as control:
            found = ask(control)
    except ControlError as refused:
        fail(str(refused))
    except (httpx.HTTPError, httpx.InvalidURL):
        fail("The simulator does not answer there. Is it running, and is the URL right?")
    if found is not None:
        typer.echo(json.dumps(found, indent=2))
    return found


def fail(sentence: str) -> NoReturn:
    """Tell the person, and exit 2."""
    typer.echo(sentence, err=True)
    raise typer.Exit(2)
