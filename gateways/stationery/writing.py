"""Letters in words: a Jinja2 template for each, rendered twice, as text and as HTML."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from css_inline import CSSInliner
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.mail import Letter, WrittenLetter
from gateways.stationery.figures import amount, day, moment

TEMPLATES = Path(__file__).parent / "templates"

_SPACES = re.compile(r"[^\S\N{NO-BREAK SPACE}]+")

LETTERS = TEMPLATES / "letters"
"""Its files are named after what they tell. Each says once what both forms say."""


class Stationery:
    """Writes letters. The same letter gives the same words: it reads its templates alone, asks
    nobody, and looks at no clock.

    The HTML is one column without scripts, pictures or anything else from elsewhere, its styles on
    the elements themselves, since many mail programs drop all others.
    """

    def __init__(self) -> None:
        self._text = _environment("text", escaping=False)
        self._html = _environment("html", escaping=True)
        self._inliner = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def write(self, letter: Letter) -> WrittenLetter:
        """The letter, in the words of its template.

        Raises:
            jinja2.TemplateError: there is no such template, or it uses a value that this letter is
                not about: a fault of ours.
        """
        values = _values(letter)
        file = f"{letter.template}.j2"
        subject, _, text = self._text.get_template(file).render(values).partition("\n")
        html = self._inliner.inline(self._html.get_template(file).render(values))
        return WrittenLetter(
            message_id=letter.message_id, to=letter.to, subject=subject, text=text, html=html
        )


def _environment(form: str, *, escaping: bool) -> Environment:
    """The form has the layout and the pieces; the letters are the same in each."""
    made = Environment(
        loader=FileSystemLoader([TEMPLATES / form, LETTERS]),
        autoescape=escaping,  # noqa: S701 - in a text there is nothing to escape for
        undefined=StrictUndefined,
    )
    made.filters.update(words=_words, lines=_lines)
    return made


def _values(letter: Letter) -> Mapping[str, Any]:
    reader = letter.reader
    zone = reader.time_zone or letter.about.time_zone
    return {
        **{name: getattr(letter.about, name) for name in type(letter.about).model_fields},
        "first_name": letter.first_name,
        "amount": partial(amount, locale=reader.locale),
        "moment": partial(moment, time_zone=zone, locale=reader.locale),
        "day": partial(day, time_zone=zone, locale=reader.locale),
    }


def _words(text: str) -> str:
    """In one line, however the template is laid out."""
    return _SPACES.sub(" ", text).strip()


def _lines(text: str) -> str:
    """Without empty ones."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
