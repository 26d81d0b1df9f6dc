"""`python -m sandbox.issuer serve | rotate`."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from sandbox.issuer.server import application
from sandbox.issuer.signing_keys import SigningKeys
from sandbox.probe import HOST

Folder = Annotated[Path, typer.Option(help="Where the keys are kept.")]

app = typer.Typer(help="A local issuer of users' tokens.", no_args_is_help=True)


@app.command()
def serve(port: Annotated[int, typer.Option()], keys: Folder) -> None:
    """Publish the issuer's keys on 127.0.0.1 until SIGTERM."""
    signing_keys = SigningKeys(keys)
    signing_keys.ensure()
    uvicorn.run(application(signing_keys, port), host=HOST, port=port, access_log=False)


@app.command()
def rotate(keys: Folder) -> None:
    """Sign with a new key from now on; tokens of the older ones stay valid."""
    typer.echo(SigningKeys(keys).rotate())


if __name__ == "__main__":
    app()
