"""Every letter that a parent can get, as pages to look at."""

from html import escape
from pathlib import Path

from domain.family import Reader
from domain.mail import WrittenLetter
from gateways.stationery import words
from sandbox.mail_gallery.samples import READER, letters

INDEX = "index.html"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Letters of SignupAssist</title>
<style>
body {{ margin: 24px; font-family: sans-serif; color-scheme: light dark; }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(400px, 1fr)); gap: 24px; }}
iframe {{ width: 100%; height: 460px; border: 1px solid #8884; }}
</style>
</head>
<body>
<main>
{letters}
</main>
</body>
</html>
"""

_LETTER = """<section>
<h2>{name}</h2>
<p>{subject} (<a href="{name}.html">page</a>, <a href="{name}.txt">text</a>)</p>
<iframe src="{name}.html" title="{name}" loading="eager"></iframe>
</section>"""


def write_gallery(folder: Path, reader: Reader = READER) -> Path:
    """Write each letter as HTML and as text into the folder, and an index of them; the index."""
    folder.mkdir(parents=True, exist_ok=True)
    shown: list[str] = []
    for name, letter in letters(reader).items():
        written = words().write(letter)
        (folder / f"{name}.html").write_text(written.html)
        (folder / f"{name}.txt").write_text(_as_mail(written))
        shown.append(_LETTER.format(name=name, subject=escape(written.subject)))
    index = folder / INDEX
    index.write_text(_PAGE.format(letters="\n".join(shown)))
    return index


def _as_mail(written: WrittenLetter) -> str:
    return f"Subject: {written.subject}\n\n{written.text}\n"
