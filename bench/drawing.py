"""A picture of lines, dots and words, and its text as SVG. `painting` makes a PNG of it."""

from collections.abc import Sequence
from html import escape
from typing import Literal, NamedTuple

PAPER = "#ffffff"

Anchor = Literal["start", "middle", "end"]


class Line(NamedTuple):
    """Straight from point to point."""

    points: Sequence[tuple[float, float]]
    colour: str
    width: float = 1


class Dot(NamedTuple):
    """A filled circle."""

    x: float
    y: float
    colour: str
    radius: float = 3.5


class Words(NamedTuple):
    """One line of text; `y` is its baseline."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: int = 12
    colour: str = "#222222"


Shape = Line | Dot | Words


class Drawing(NamedTuple):
    """Shapes, the later above the earlier."""

    width: int
    height: int
    title: str
    shapes: Sequence[Shape]

    def svg(self) -> str:
        """As a document of its own."""
        size = f'width="{self.width}" height="{self.height}"'
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif"',
                f'viewBox="0 0 {self.width} {self.height}">',
                f"<title>{escape(self.title)}</title>",
                f'<rect {size} fill="{PAPER}"/>',
                *map(_element, self.shapes),
                "</svg>\n",
            ]
        )


def _element(shape: Shape) -> str:
    match shape:
        case Line(points, colour, width):
            path = " ".join(f"{x},{y}" for x, y in points)
            return (
                f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
            )
        case Dot(x, y, colour, radius):
            return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{colour}"/>'
        case Words(x, y, text, anchor, size, colour):
            return (
                f'<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="{size}"'
                f' fill="{colour}">{escape(text)}</text>'
            )
