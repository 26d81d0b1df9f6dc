"""Playing scenarios one after the other, each in a world of its own."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from bench.figures import Machine
from bench.progress import Progress
from bench.scenarios import SCENARIOS
from bench.scenarios.scenario import Finding, sheet
from bench.systems import Ground
from bench.world import world

FINDINGS = TypeAdapter(dict[str, Finding])


def play(names: Sequence[str], results: Path, *, n: int | None, tls: bool) -> list[Finding]:
    """Play them; each finding is written to scenarios.json beside those of other scenarios.

    For people all of them are in scenarios.md.

    Raises:
        SandboxError: something did not start.
        BenchError: something was too slow to be measured.
    """
    progress = Progress()
    found: list[Finding] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="signupassist-bench-") as folder:
            finding = asyncio.run(_play(name, Path(folder), progress, n=n, tls=tls))
        found.append(finding)
        _save(finding, results)
    return found


async def _play(
    name: str, folder: Path, progress: Progress, *, n: int | None, tls: bool
) -> Finding:
    scenario = SCENARIOS[name]
    many = n or scenario.n
    async with world(
        folder,
        accounts=scenario.accounts(many),
        tls=tls,
        timing=scenario.timing,
        progress=progress,
    ) as place:
        return await scenario.play(Ground.of(place), many, tls)


def _save(finding: Finding, results: Path) -> None:
    results.mkdir(parents=True, exist_ok=True)
    file = results / "scenarios.json"
    known = FINDINGS.validate_json(file.read_bytes()) if file.exists() else {}
    known[finding.scenario] = finding
    file.write_bytes(FINDINGS.dump_json(known, indent=1) + b"\n")
    ordered = [(SCENARIOS[name], known[name]) for name in SCENARIOS if name in known]
    (results / "scenarios.md").write_text(sheet(ordered, Machine.here()))
