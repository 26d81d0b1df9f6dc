"""A drawing as PNG, for where SVG is not shown."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.drawing import PAPER, Anchor, Dot, Drawing, Line, Shape, Words

SHARPNESS = 2
"""Pixels for each unit of the drawing."""

ANCHORS: dict[Anchor, str] = {"start": "ls", "middle": "ms", "end": "rs"}
"""As Pillow names them: left, middle or right, on the baseline."""


def save_png(drawing: Drawing, file: Path) -> None:
    """Paint it, with the font that Pillow brings."""
    image = Image.new("RGB", (drawing.width * SHARPNESS, drawing.height * SHARPNESS), PAPER)
    canvas = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        _paint(canvas, shape)
    image.save(file, optimize=True)


def _paint(canvas: ImageDraw.ImageDraw, shape: Shape) -> None:
    match shape:
        case Line(points, colour, width):
            scaled = [(x * SHARPNESS, y * SHARPNESS) for x, y in points]
            canvas.line(scaled, fill=colour, width=round(width * SHARPNESS), joint="curve")
        case Dot(x, y, colour, radius):
            canvas.circle((x * SHARPNESS, y * SHARPNESS), radius * SHARPNESS, fill=colour)
        case Words(x, y, text, anchor, size, colour):
            canvas.text(
                (x * SHARPNESS, y * SHARPNESS),
                text,
                fill=colour,
                font=ImageFont.load_default(size * SHARPNESS),
                anchor=ANCHORS[anchor],
            )
