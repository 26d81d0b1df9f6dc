"""The dashboard's panels as one picture, from what Prometheus answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bench.drawing import Dot, Drawing, Line, Shape, Words
from tests.drill.files import Dashboard, Heading, Panel

ACROSS = 3
WIDTH, HEIGHT = 300, 110
LEFT, RIGHT, ABOVE, BELOW = 56, 24, 40, 56
CELL_WIDTH, CELL_HEIGHT = LEFT + WIDTH + RIGHT, ABOVE + HEIGHT + BELOW
HEADING_HEIGHT, MARGIN, FOOT = 44, 16, 24

GRID, QUIET, OPENING = "#dddddd", "#868e96", "#e03131"
COLOURS = ("#1864ab", "#e8590c", "#2b8a3e", "#862e9c", "#a61e4d", "#5c940d", "#0b7285", "#495057")

LEGEND = 6
"""Curves that are named below a panel; of more it is said how many there are."""
LETTER = 6.2
"""About how wide one is, in the legend's size."""


class Named(NamedTuple):
    """One curve, as the panel's legend calls it."""

    name: str
    points: Sequence[tuple[float, float]]


class Span(NamedTuple):
    """What the picture shows."""

    since: datetime
    opening: datetime
    until: datetime


def drawn(page: Dashboard, curves: Mapping[int, Sequence[Named]], span: Span) -> Drawing:
    """Every panel, in the page's order.

    Args:
        page: the dashboard.
        curves: of each panel, by its id.
        span: its width in time; the opening is marked.
    """
    shapes: list[Shape] = []
    y, column = MARGIN, 0
    for part in page.parts:
        if isinstance(part, Heading):
            y += CELL_HEIGHT if column else 0
            shapes.append(Words(MARGIN, y + 28, part.title, size=16))
            y, column = y + HEADING_HEIGHT, 0
            continue
        shapes += _panel(part, curves[part.id], span, MARGIN + column * CELL_WIDTH, y)
        column += 1
        if column == ACROSS:
            y, column = y + CELL_HEIGHT, 0
    y += CELL_HEIGHT if column else 0
    title = f"{page.title}: the panels of the dashboard, over one short opening"
    foot = "Seconds from the opening, which the red line marks."
    shapes.append(Words(MARGIN, y + 8, foot, colour=QUIET))
    return Drawing(MARGIN + ACROSS * CELL_WIDTH, y + FOOT, title, shapes)


def _panel(
    panel: Panel, curves: Sequence[Named], span: Span, left: float, top: float
) -> list[Shape]:
    left, top = left + LEFT, top + ABOVE
    bottom = top + HEIGHT
    most = max((value for curve in curves for _, value in curve.points), default=0) or 1
    since, until = span.since.timestamp(), span.until.timestamp()

    def across(at: float) -> float:
        return round(left + WIDTH * (at - since) / (until - since), 1)

    def up(value: float) -> float:
        return round(bottom - HEIGHT * max(value, 0) / most, 1)

    opening = across(span.opening.timestamp())
    shapes: list[Shape] = [Words(left - LEFT + 8, top - 16, panel.title, size=12)]
    for value in (0, most / 2, most):
        shapes += [
            Line([(left, up(value)), (left + WIDTH, up(value))], GRID),
            Words(left - 6, up(value) + 4, amount(value, panel.unit), "end", 10, QUIET),
        ]
    shapes += [
        Line([(opening, top), (opening, bottom)], OPENING),
        Words(left, bottom + 16, f"{since - span.opening.timestamp():.0f} s", "start", 10, QUIET),
        Words(opening, bottom + 16, "0", "middle", 10, QUIET),
        Words(
            left + WIDTH, bottom + 16, f"{until - span.opening.timestamp():.0f} s", "end", 10, QUIET
        ),
    ]
    if not curves:
        nothing = panel.field_config.defaults.no_value or "nothing"
        shapes.append(Words(left + WIDTH / 2, top + HEIGHT / 2, nothing, "middle", 12, QUIET))
    for colour, curve in zip(_colours(len(curves)), curves, strict=True):
        points = _corners([(across(at), up(value)) for at, value in curve.points])
        shapes.append(Line(points, colour, 1.5) if len(points) > 1 else Dot(*points[0], colour, 2))
    return [*shapes, *_legend(curves, left, bottom + 32)]


def _corners(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without those on a level line between their neighbours."""
    inner = zip(points, points[1:], points[2:], strict=False)
    kept = [here for before, here, after in inner if not before[1] == here[1] == after[1]]
    return [*points[:1], *kept, *points[1:][-1:]]


def _legend(curves: Sequence[Named], left: float, y: float) -> list[Shape]:
    shapes: list[Shape] = []
    x, start = left - LEFT + 12, left - LEFT + 12
    for colour, curve in zip(_colours(len(curves)), curves[:LEGEND], strict=False):
        width = 14 + LETTER * len(curve.name) + 8
        if x + width > left + WIDTH + RIGHT and x > start:
            x, y = start, y + 13
        shapes += [Dot(x, y - 3, colour, 3), Words(x + 7, y, curve.name, size=10)]
        x += width
    if more := len(curves) - LEGEND:
        shapes += [Words(x, y, f"and {more} more", size=10, colour=QUIET)] if more > 0 else []
    return shapes


def _colours(many: int) -> list[str]:
    return [COLOURS[place % len(COLOURS)] for place in range(many)]


def amount(value: float, unit: str) -> str:
    """A value as the axis has it, in the panel's unit."""
    if unit == "s" and value and value < 1:
        return f"{value * 1000:.3g} ms"
    return f"{value:.3g}{' s' if unit == 's' else ' /s' if unit == 'reqps' else ''}"
