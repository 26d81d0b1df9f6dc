"""The frame around every hosted page."""

from html import escape
from importlib.resources import files
from string import Template

from sandbox.simulator.answer import Answer

_FRAME = Template((files("sandbox.stripe.pages") / "frame.html").read_text())


def framed(title: str, content: str, status: int = 200) -> Answer:
    """A page; `content` is HTML whose every value was escaped."""
    page = Answer.page(_FRAME.substitute(title=escape(title), content=content), status)
    policy = "default-src 'none'; style-src 'unsafe-inline'; form-action *; frame-ancestors 'none'"
    return Answer(
        page.status,
        page.content,
        {**page.headers, "content-security-policy": policy, "cache-control": "no-store"},
    )


def notice(title: str, sentence: str, status: int = 200) -> Answer:
    """A page that only says something."""
    return framed(title, f"<h1>{escape(title)}</h1><p>{escape(sentence)}</p>", status)


def away(url: str) -> Answer:
    """Send the browser on."""
    return Answer(303, b"", {"location": url, "cache-control": "no-store"})


def alert(sentence: str | None) -> str:
    """A warning as HTML; nothing for None."""
    return "" if sentence is None else f'<p class="alert" role="alert">{escape(sentence)}</p>'
