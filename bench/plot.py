"""A run as a plot: which share had arrived, and which was done, by when."""

import math
from collections.abc import Sequence
from html import escape

from bench.figures import Found

WIDTH, HEIGHT, GAP = 360, 240, 70
LEFT, TOP = 60, 50
INK, GRID, LINE = "#222", "#ddd", "#1864ab"
TICKS = 5


def svg(found: Found) -> str:
    """Two panels, each the share of all registrations over milliseconds after the opening."""
    panels = [
        _panel(0, "request reached the provider", found.arrivals, found.registrations),
        _panel(1, "receipt written", found.receipts, found.registrations),
    ]
    width = LEFT + 2 * WIDTH + GAP + 30
    height = TOP + HEIGHT + 60
    title = f"{found.registrations} registrations at one opening"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"',
            f' width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#fff"/>',
            _text(width / 2, 18, title, anchor="middle", size=14),
            *panels,
            "</svg>\n",
        ]
    )


def _panel(place: int, title: str, ascending: Sequence[float], total: int) -> str:
    left = LEFT + place * (WIDTH + GAP)
    step = _step(max([*ascending, 1.0]))
    most = step * math.ceil(max([*ascending, 1.0]) / step)

    def across(value: float) -> float:
        return round(left + WIDTH * max(value, 0) / most, 1)

    def up(share: float) -> float:
        return round(TOP + HEIGHT * (1 - share), 1)

    parts = [_text(left + WIDTH / 2, TOP - 10, title, anchor="middle")]
    for tick in range(TICKS):
        share = tick / (TICKS - 1)
        parts += [
            _line(left, up(share), left + WIDTH, up(share)),
            _text(left - 6, up(share) + 4, f"{share:.0%}", anchor="end"),
        ]
    for tick in range(round(most / step) + 1):
        x = across(tick * step)
        parts += [
            _line(x, TOP, x, TOP + HEIGHT),
            _text(x, TOP + HEIGHT + 18, f"{tick * step:,.10g}", anchor="middle"),
        ]
    below = TOP + HEIGHT + 38
    parts.append(_text(left + WIDTH / 2, below, "ms after the opening", anchor="middle"))
    if ascending:
        path = [f"M{left} {up(0)}"]
        for number, value in enumerate(ascending, start=1):
            path.append(f"H{across(value)}V{up(number / total)}")
        path.append(f"H{left + WIDTH}")
        drawn = "".join(path)
        parts.append(f'<path d="{drawn}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    return "\n".join(parts)


def _step(most: float) -> float:
    """A round distance between ticks: 1, 2 or 5 times a power of ten, at most 6 of them."""
    power = 10.0 ** math.floor(math.log10(most))
    steps = (power * times for times in (0.2, 0.5, 1, 2))
    return next(step for step in steps if most / step <= TICKS + 1)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{GRID}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}" fill="{INK}">'
        f"{escape(words)}</text>"
    )
