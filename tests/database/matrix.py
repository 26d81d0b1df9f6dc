"""Who may do what, as tried, beside what `rights` foresees.

`python -m tests.database.matrix` prints it, from a database of its own; it ends with 1 where
anything is unlike `rights`.
"""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandbox import environment
from sandbox.deploy import migrate_only
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.database.attempts import APPEND_ONLY, NO_ROW, OWNER, REFUSED, Matrix, tried, two_families
from tests.database.door import Database
from tests.database.rights import API_ROLES, TABLES, Table, may_call

LEGEND = f"""
s select  i insert  u update  d delete  t truncate  c write any one column
{REFUSED} refused  {NO_ROW} allowed, no row of the user's seen  {APPEND_ONLY} refused: append-only
"""


def expected(caller: str, table: Table) -> str:
    """The cell that `rights` foresees."""
    match caller, table.read_by:
        case "owner", _:
            return "si!!!" if table.append_only else "siudt"
        case ("the user", "its user") | ("the user" | "another" | "no user", "every user"):
            return f"s{REFUSED * 5}"
        case "another" | "no user", "its user":
            return f"{NO_ROW}{REFUSED * 5}"
        case _:
            return REFUSED * 6


def as_text(matrix: Matrix) -> str:
    """The whole of it, for a reader."""
    names = list(dict.fromkeys(caller for _, caller in matrix.cells))
    tables = list(dict.fromkeys(table for table, _ in matrix.cells))
    cells = {table: [matrix.cells[table, name] for name in names] for table in tables}
    withheld = {
        table: ", ".join(sorted(matrix.columns[table] - columns))
        for (table, role), columns in matrix.readable.items()
        if role == "authenticated" and columns
    }
    functions = {
        name if schema == "public" else f"{schema}.{name}": [
            "calls" if role in roles else REFUSED for role in API_ROLES
        ]
        for (schema, name), roles in matrix.functions.items()
        if roles or schema == "public"
    }
    return "\n".join(
        [
            LEGEND,
            *_grid("table", names, cells),
            "\nof those tables no user reads",
            *(f"{table:28}{columns}" for table, columns in withheld.items() if columns),
            "",
            *_grid("function", API_ROLES, functions),
        ]
    )


def _grid(corner: str, heads: Sequence[str], rows: Mapping[str, Sequence[str]]) -> list[str]:
    def line(name: str, cells: Sequence[str]) -> str:
        wide = [f"{cell:<{max(len(head), 6)}}" for head, cell in zip(heads, cells, strict=True)]
        return f"{name:28}{'  '.join(wide)}".rstrip()

    return [line(corner, heads), *(line(name, cells) for name, cells in rows.items())]


def unlike_in_tables(matrix: Matrix) -> list[str]:
    """Where a cell, or a readable column, is not what `rights` foresees; a line each."""
    found = [
        f"{caller} on {table}: {cell}, not {wanted}"
        for (table, caller), cell in matrix.cells.items()
        if cell != (wanted := expected(caller, TABLES[table]) if table in TABLES else "foreseen")
    ]
    found += [
        f"{role} on {table}: {state} {', '.join(sorted(columns))}"
        for (table, role), readable in matrix.readable.items()
        for state, columns in (
            ("reads", readable - _foreseen(matrix, table, role)),
            ("does not read", _foreseen(matrix, table, role) - readable),
        )
        if columns
    ]
    return found + [f"there is no {table}" for table in TABLES.keys() - matrix.columns.keys()]


def _foreseen(matrix: Matrix, table: str, role: str) -> frozenset[str]:
    """The columns that the role is to read."""
    line = TABLES.get(table)
    if role == OWNER:
        return matrix.columns[table]
    if line is None or role != "authenticated" or line.read_by == "nobody":
        return frozenset()
    return matrix.columns[table] - line.withheld


def unlike_in_functions(matrix: Matrix) -> list[str]:
    """Which grants differ from what the programs call; a line each."""
    return [
        f"{role} on {schema}.{name}: {'may' if role in roles else 'may not'} call it"
        for (schema, name), roles in matrix.functions.items()
        for role in API_ROLES
        if (role in roles) != may_call(role, schema, name)
    ]


def main() -> int:
    """Print the matrix of a fresh database; 1 where it is not as it should be."""
    environment.ignore_given()
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(
            Path(folder) / "rights",
            without=set(NAMES) - {"postgres"},
            deploy=lambda env: migrate_only(env["DATABASE_URL"]),
        ) as stack,
        Database(stack.env["DATABASE_URL"]) as database,
    ):
        assert stack.cluster is not None
        families = two_families(database)
        matrix = tried(stack.cluster.url("authenticator"), database.url, families)
    faults = unlike_in_tables(matrix) + unlike_in_functions(matrix)
    for line in (as_text(matrix), *faults):
        sys.stdout.write(f"{line}\n")
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
