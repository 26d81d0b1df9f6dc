"""The tables of docs/capacity.md."""

import re
from collections.abc import Sequence

from bench.capacity.installations import SIZES, limits, needed, of_one, of_one_machine
from bench.capacity.measured import ROOT, Measured

PAGE = ROOT / "docs" / "capacity.md"

_BLOCK = re.compile(r"(<!-- reckoned: (\w+) -->\n\n).*?(?=<!-- end -->)", re.DOTALL)


def page_with(found: Measured) -> str:
    """The page, every table between its marks reckoned anew from those figures."""
    tables = {
        "registration": _table(("what", "figure"), of_one(found)),
        "machine": _table(("what", "figure"), of_one_machine(found)),
        "installation": _installations(found),
        "limits": _table(("what", "figure"), limits(found)),
    }
    return _BLOCK.sub(lambda block: f"{block[1]}{tables[block[2]]}\n\n", PAGE.read_text())


def _installations(found: Measured) -> str:
    of_each = [needed(found, size) for size in SIZES]
    heads = [f"D {size.a_day:,}, P {size.at_once:,}, S {size.asleep:,}" for size in SIZES]
    rows = [
        (first.what, first.formula, first.figure, *(each.figure for each in others))
        for first, *others in zip(*of_each, strict=True)
    ]
    return _table(("what", "formula", *heads), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|---" * len(heads) + "|", *lines[1:]])
