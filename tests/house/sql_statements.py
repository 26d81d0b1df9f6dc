"""The statements of a file of SQL, each in one line of lower case."""

import re
from dataclasses import dataclass

_PIECE = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<string>'(?:[^']|'')*')"
    r"|(?P<body>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<end>;)|(?P<other>.)",
    re.DOTALL,
)
_FUNCTION = re.compile(r"\s*create\s+(?:or\s+replace\s+)?(?:function|procedure)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """One statement, without what it only writes down: texts, and the bodies of functions.

    The texts of a `do` block are part of it: it may build what it executes.
    """

    line: int
    text: str
    comments: str
    """Those above and within it."""


def statements_of(sql: str) -> list[Statement]:
    """Every statement of the file, in order."""
    found: list[Statement] = []
    parts: list[str] = []
    comments: list[str] = []
    line = 0
    for piece in _PIECE.finditer(sql):
        match piece.lastgroup:
            case "comment":
                comments.append(piece[0])
                parts.append(" ")
            case "end":
                found.append(_statement(line, parts, comments))
                parts, comments, line = [], [], 0
            case _:
                if not line and piece[0].strip():
                    line = sql.count("\n", 0, piece.start()) + 1
                parts.append(piece[0])
    if "".join(parts).strip():
        found.append(_statement(line, parts, comments))
    return found


def _statement(line: int, parts: list[str], comments: list[str]) -> Statement:
    text = "".join(parts)
    speaks = text.strip().lower().startswith(("do ", "select set_config"))
    if _FUNCTION.match(text):
        text = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", text, flags=re.DOTALL)
    text = re.sub(r"--[^\n]*", " ", text) if speaks else re.sub(r"'(?:[^']|'')*'", "''", text)
    return Statement(line, " ".join(text.lower().split()), "\n".join(comments))
