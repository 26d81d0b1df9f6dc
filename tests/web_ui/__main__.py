"""`python -m tests.web_ui`: take the pictures of docs/web-ui.md anew, by a Chromium."""

import asyncio
import socket
import tempfile
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from sandbox.program import ROOT
from tests.web_ui.browser import Browser, browser
from tests.web_ui.evening import Evening
from tests.web_ui.seen import questions
from tests.web_ui.stories import evening_of
from tests.workflows.real_time import real_time_server

app = typer.Typer(add_completion=False)

PICTURES = Path("docs/pictures")

COLUMNS = (
    "Status",
    "SignupCode",
    "Type",
    "SignupStatus",
    "SignupFeeStatus",
    "SignupFailureCode",
    "SignupLatenessMs",
    "SignupScheduledTime",
)
SHOWN = "Everything about registrations"
LIST_SIZE, RUN_SIZE = (1760, 800), (1400, 860)


@app.command()
def main(
    chromium: Annotated[str, typer.Option(help="The browser's program.")] = "chromium",
    to: Annotated[Path, typer.Option(help="Where to.", metavar="FOLDER")] = ROOT / PICTURES,
) -> None:
    """Play an evening at a Temporal server, and take pictures of its Web UI."""
    asyncio.run(_taken(chromium, to))


async def _taken(chromium: str, to: Path) -> None:
    port = _free_port()
    async with real_time_server(ui_port=port) as env, evening_of(env) as evening:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
            async with browser(chromium, Path(home)) as page:
                address = f"http://127.0.0.1:{port}/namespaces/{env.client.namespace}/workflows"
                await _list_taken(page, address, env.client.namespace, to / "web-ui-list.png")
                await _run_taken(page, address, evening, to / "web-ui-run.png")


async def _list_taken(page: Browser, address: str, namespace: str, path: Path) -> None:
    """With our columns and our queries, as an operator's browser keeps them."""
    await page.opened()
    await page.resized(LIST_SIZE)
    await page.go(address, "Workflows")
    await page.remember(
        {
            "namespace-workflow-table-columns": {namespace: [{"label": each} for each in COLUMNS]},
            "saved-workflow-queries": {
                namespace: [
                    {"id": question, "name": question, "query": query, "type": "user"}
                    for question, query in questions().items()
                ]
            },
        }
    )
    await page.go(f"{address}?query={quote(questions()[SHOWN])}", "SCH-")
    await page.picture(path)


async def _run_taken(page: Browser, address: str, evening: Evening, path: Path) -> None:
    """Of one that waits for a person."""
    run = await evening.world.run(evening.rows["unclear"]).describe()
    await page.resized(RUN_SIZE)
    await page.go(f"{address}/{quote(run.id)}/{run.run_id}/user-metadata", "Current Details")
    await page.shows("A person must look", inside="iframe")
    await page.picture(path)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


if __name__ == "__main__":
    app()
