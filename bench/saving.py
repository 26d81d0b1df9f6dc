"""Where results go: JSON for programs, a table and a picture for people."""

from pathlib import Path

from pydantic import TypeAdapter

from bench.figures import Results, Row
from bench.painting import save_png
from bench.plot import plotted
from bench.report import table

ROWS = TypeAdapter(tuple[Row, ...])


def save(found: Results, folder: Path) -> None:
    """Write latest.json (one row a run), details.json, latest.md, latest.svg and latest.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_bytes(ROWS.dump_json(found.rows, indent=1) + b"\n")
    details = found.model_dump_json(indent=1, exclude={"rows"})
    (folder / "details.json").write_text(details + "\n")
    (folder / "latest.md").write_text(table(found))
    drawing = plotted(found)
    (folder / "latest.svg").write_text(drawing.svg())
    save_png(drawing, folder / "latest.png")
