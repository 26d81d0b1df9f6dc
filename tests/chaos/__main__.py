"""`python -m tests.chaos`: break everything on purpose, and look what became of it."""

import typer

from bench.complaint import BenchError
from domain.errors import OutsideError
from sandbox.complaint import SandboxError
from tests.chaos import crash, faults, soak

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command("matrix")(crash.main)
app.command("faults")(faults.main)
app.command("soak")(soak.main)

if __name__ == "__main__":
    try:
        app()
    except (BenchError, OutsideError, SandboxError) as broken:
        typer.echo(str(broken), err=True)
        raise SystemExit(2) from None
