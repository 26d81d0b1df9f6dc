"""`python -m sandbox.bookeo`: serve the simulator, or speak to a running one."""

import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from sandbox.bookeo.seeding import SeedFile
from sandbox.bookeo.vendor import bookeo_vendor
from sandbox.simulator.command_line import Url, command_line, fail, show
from sandbox.simulator.control import SimulatorControl
from sandbox.simulator.control_surface import explained

TOKEN = "BOOKEO_SIM_CONTROL_TOKEN"  # noqa: S105 - the name of a variable

app = command_line(lambda: bookeo_vendor(os.environ), TOKEN)


@app.command()
def seed(
    url: Url,
    file: Annotated[
        Path, typer.Argument(help='JSON: {"accounts": [...], "products": [...], "events": [...]}')
    ],
) -> None:
    """Create or change accounts, products and events; README.md describes the JSON."""
    try:
        document = SeedFile.model_validate_json(file.read_bytes())
    except OSError:
        fail(f"{file.name} cannot be read.")
    except ValidationError as invalid:
        fail(f"{file.name}: {explained(invalid)}")

    def put_all(control: SimulatorControl) -> dict[str, int]:
        nouns = {
            "accounts": document.accounts,
            "products": document.products,
            "events": document.events,
        }
        for noun, rows in nouns.items():
            for row in rows:
                control.post(f"/_sim/{noun}", row)
        return {noun: len(rows) for noun, rows in nouns.items()}

    show(url, TOKEN, put_all)


if __name__ == "__main__":
    app()
