"""`python -m sandbox.mail serve`."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from sandbox.mail.api import application
from sandbox.mail.faults import MailFaults
from sandbox.mail.smtp import Refusals, smtp_server
from sandbox.mail.store import MailStore
from sandbox.probe import HOST

app = typer.Typer(help="Catches mail; delivers nothing.", no_args_is_help=True)


@app.callback()
def _commands() -> None:
    """Keep `serve` a word of the command line although it is the only command."""


@app.command()
def serve(
    smtp_port: Annotated[int, typer.Option(help="Where mail is handed over.")],
    port: Annotated[int, typer.Option(help="Where it can be read over HTTP.")],
    data: Annotated[Path, typer.Option(help="The file that keeps it.")],
) -> None:
    """Catch mail on 127.0.0.1 until SIGTERM."""
    store = MailStore(data)
    refusals, faults = Refusals(), MailFaults()
    smtp = smtp_server(store, refusals, faults, smtp_port)
    smtp.start()
    try:
        uvicorn.run(application(store, refusals, faults), host=HOST, port=port, access_log=False)
    finally:
        smtp.stop()


if __name__ == "__main__":
    app()
