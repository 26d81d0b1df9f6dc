"""The comparison as a picture: lateness and completion over the number that share the instant."""

import math
from collections.abc import Sequence

from bench.drawing import Dot, Drawing, Line, Shape, Words
from bench.figures import Results, median_of

WIDTH, HEIGHT, GAP = 380, 260, 80
LEFT, TOP, BOTTOM = 70, 60, 80
GRID = "#dddddd"
COLOURS = {
    "floor": "#868e96",
    "signupassist": "#1864ab",
    "plain_workflow": "#e8590c",
    "polling": "#2b8a3e",
}
PANELS = (
    ("p99 lateness, ms", "p99_ms", 0.1),
    ("all done after the opening, s", "all_done_s", 0.01),
)
"""Title, figure, and the least value shown."""

TITLE = "Registrations that share one opening instant"
LEGEND_STEP = 170


def plotted(found: Results) -> Drawing:
    """Two panels, both axes logarithmic."""
    width, height = LEFT + 2 * WIDTH + GAP + 30, TOP + HEIGHT + BOTTOM
    shapes: list[Shape] = [Words(width / 2, 20, TITLE, "middle", 14)]
    for place, (title, figure, least) in enumerate(PANELS):
        shapes += _panel(found, LEFT + place * (WIDTH + GAP), title, figure, least)
    return Drawing(width, height, TITLE, [*shapes, *_legend(found, height - 16)])


def _panel(found: Results, left: int, title: str, figure: str, least: float) -> list[Shape]:
    sizes = sorted({row.n for row in found.rows})
    lines = {
        system: [
            (n, max(value, least))
            for n in sizes
            if (value := median_of(found.rows, system, n, figure)) is not None
        ]
        for system in COLOURS
    }
    most = max((value for line in lines.values() for _, value in line), default=1.0)
    decades = range(round(math.log10(least)), max(math.ceil(math.log10(most)), 1) + 1)
    widest = math.log10(max([*sizes, 10]))

    def across(n: float) -> float:
        return round(left + WIDTH * math.log10(n) / widest, 1)

    def up(value: float) -> float:
        share = (math.log10(value) - decades[0]) / (decades[-1] - decades[0])
        return round(TOP + HEIGHT * (1 - share), 1)

    middle, bottom = left + WIDTH / 2, TOP + HEIGHT
    shapes: list[Shape] = [
        Words(middle, TOP - 12, title, "middle"),
        Words(middle, bottom + 38, "registrations at one instant", "middle"),
    ]
    for decade in decades:
        level = up(10.0**decade)
        shapes += [
            Line([(left, level), (left + WIDTH, level)], GRID),
            Words(left - 6, level + 4, f"{10.0**decade:,.10g}", "end"),
        ]
    for n in sizes:
        shapes += [
            Line([(across(n), TOP), (across(n), bottom)], GRID),
            Words(across(n), bottom + 18, f"{n:,}", "middle"),
        ]
    for system, line in lines.items():
        shapes += _drawn([(across(n), up(value)) for n, value in line], COLOURS[system])
    return shapes


def _drawn(points: Sequence[tuple[float, float]], colour: str) -> list[Shape]:
    if not points:
        return []
    return [Line(points, colour, 2), *(Dot(x, y, colour) for x, y in points)]


def _legend(found: Results, y: float) -> list[Shape]:
    named = [system for system in COLOURS if any(row.system == system for row in found.rows)]
    shapes: list[Shape] = []
    for place, system in enumerate(named):
        x = LEFT + place * LEGEND_STEP
        shapes += [Dot(x, y - 4, COLOURS[system], 4), Words(x + 10, y, system)]
    return shapes
