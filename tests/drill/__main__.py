"""`python -m tests.drill`: rules and dashboard before a real Prometheus, over a real opening."""

import asyncio
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench.campaign import SHORT_TIMING
from bench.complaint import BenchError
from bench.painting import save_png
from bench.progress import Progress
from bench.world import world
from domain.errors import OutsideError
from sandbox.complaint import SandboxError
from sandbox.ports import assign
from sandbox.probe import HOST
from sandbox.program import ROOT
from tests.drill import mishaps, opening
from tests.drill.files import CASES, CONFIG, RULES, dashboard
from tests.drill.picture import Span, drawn
from tests.drill.prometheus import Prometheus, now
from tests.drill.tools import ToolMissing, Tools, found
from tests.drill.verdict import Verdict, look, look_at_prometheus

CHECKS = (("check", "config", CONFIG), ("check", "rules", RULES), ("test", "rules", CASES))

FRESH_S = 35
"""The gauges of the database are read every 30 s; Prometheus asks a moment later."""

GONE_S = 3
"""How long Prometheus finds no worker."""


def promtool(tools: Tools, verdict: Verdict) -> None:
    """What promtool says of the files."""
    for *words, file in CHECKS:
        done = subprocess.run(  # noqa: S603 - found by us
            [tools.promtool, *map(str, words), file],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        said = (done.stdout + done.stderr).strip()
        name = f"promtool {' '.join(map(str, words))} {file.name}"
        verdict.say(name, [] if done.returncode == 0 else [said])


async def over_an_opening(tools: Tools, place: Path, progress: Progress, verdict: Verdict) -> Span:
    """Play it, and let Prometheus watch."""
    async with world(
        place, accounts=opening.ACCOUNTS, tls=False, timing=SHORT_TIMING, progress=progress
    ) as where:
        worker = where.worker()
        shown = int(worker.env["METRICS_PORT"])
        ports = assign(("prometheus", "mishaps"), place / "drill-ports.json", None)
        prometheus = Prometheus(
            tools.prometheus,
            place,
            ports["prometheus"],
            {
                "worker": f"{HOST}:{shown}",
                "lanes": f"{HOST}:{shown + 1}",
                "temporal": where.stack.env["TEMPORAL_METRICS_URL"].split("/")[2],
                "mishaps": f"{HOST}:{ports['mishaps']}",
            },
        )
        progress.begin("drill:")
        with where.running([prometheus.program]):
            since = now()
            with where.running([worker]):
                opened = await opening.play(where)
                await opening.begin_the_next(where, opened.places[0].family)
                await mishaps.happen(where, ports["mishaps"])
                progress.say("letting the last figures be read")
                await asyncio.sleep(FRESH_S)
                until = now()
                look_at_prometheus(verdict, prometheus)
            progress.say("without a worker, and an opening is near")
            await asyncio.sleep(GONE_S)
            look(verdict, prometheus, since, until, now())
    return Span(since, opened.at, until)


def main(
    folder: Annotated[
        Path, typer.Option(help="Where the picture goes, and Prometheus where it is missing.")
    ] = Path(".drill"),
) -> None:
    """Check rules and dashboard, play a short opening, and evaluate all of them over it.

    Exit code 0 where all hold, 1 where one does not, 2 where it could not be tried.
    """
    progress, verdict = Progress(), Verdict()
    folder = (ROOT / folder).resolve()
    try:
        tools = found(folder / "prometheus", progress)
        promtool(tools, verdict)
        with tempfile.TemporaryDirectory(prefix="signupassist-drill-") as place:
            span = asyncio.run(over_an_opening(tools, Path(place), progress, verdict))
    except (BenchError, OutsideError, SandboxError, ToolMissing) as stopped:
        typer.echo(str(stopped), err=True)
        raise typer.Exit(2) from None
    picture = drawn(dashboard(), verdict.curves, span)
    folder.mkdir(exist_ok=True)
    (folder / "panels.svg").write_text(picture.svg())
    save_png(picture, folder / "panels.png")
    for line in verdict.lines:
        typer.echo(line)
    typer.echo(f"The panels as a picture: {folder / 'panels.svg'}, and panels.png beside it.")
    typer.echo(verdict.last_line)
    raise typer.Exit(1 if verdict.faults else 0)


if __name__ == "__main__":
    typer.run(main)
