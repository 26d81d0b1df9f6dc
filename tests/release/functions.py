"""What the programs of the last release call in the database, as a list that is committed.

`python -m tests.release.functions` writes the list anew, from the migrations of this checkout: once
a release is out, and none older runs.
"""

import re
import tempfile
from pathlib import Path
from typing import Any

import psycopg

from console.deploy import released_migrations
from domain.frozen import Frozen
from sandbox.deploy import migrate_only
from sandbox.programs import NAMES
from sandbox.up import Stack

LIST = Path(__file__).with_name("functions.txt")
_HEAD = """\
# The functions of the schema `public` that the last release left, with what each is called, what it
# answers, and who may call it. Programs of that release run on what a migration leaves that goes
# before the new ones: tests/database/test_released_functions.py holds it to this list.
# Its last migration: """
_LINE = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) returns (?P<answer>.+) to (?P<callers>.+)")
_DEFAULT = " = default"

_CATALOGUE = """
select proname, proargnames, array(select format_type(t, null) from unnest(proargtypes) t),
  pronargdefaults, pg_get_function_result(f.oid),
  array(select rolname::text from pg_roles r
    where rolname = any (%s) and has_function_privilege(r.oid, f.oid, 'execute') order by 1)
from pg_proc f where pronamespace = 'public'::regnamespace order by proname, proargnames
"""
_CALLERS = ["service_role", "signupassist_web", "signupassist_worker"]


class Function(Frozen):
    """One function, as those see it who call it by the names of its arguments."""

    name: str
    required: dict[str, str]
    """Types by name."""
    optional: dict[str, str]
    answer: str
    callers: tuple[str, ...]

    def __str__(self) -> str:
        arguments = [f"{name} {kind}" for name, kind in self.required.items()]
        arguments += [f"{name} {kind}{_DEFAULT}" for name, kind in self.optional.items()]
        callers = ", ".join(self.callers)
        return f"{self.name}({', '.join(arguments)}) returns {self.answer} to {callers}"

    @classmethod
    def parsed(cls, line: str) -> "Function":
        """Of a line of the list."""
        found = _LINE.fullmatch(line)
        assert found, f"{LIST.name} has a line that is none of a function: {line}"
        arguments = found["arguments"].split(", ") if found["arguments"] else []
        pairs = [each.split(" ", 1) for each in arguments]
        return cls(
            name=found["name"],
            required={name: kind for name, kind in pairs if not kind.endswith(_DEFAULT)},
            optional={
                name: kind.removesuffix(_DEFAULT) for name, kind in pairs if kind.endswith(_DEFAULT)
            },
            answer=found["answer"],
            callers=tuple(found["callers"].split(", ")),
        )

    def answers_calls_of(self, older: "Function") -> bool:
        """Whether whoever called that one, with or without what is optional, may call this."""
        known = self.required | self.optional
        return (
            self.name == older.name
            and (older.required | older.optional).items() <= known.items()
            and self.required.keys() <= older.required.keys()
            and self.answer == older.answer
            and set(older.callers) <= set(self.callers)
        )


def functions_of(connection: psycopg.Connection) -> list[Function]:
    """What a database has."""
    rows: list[tuple[Any, ...]] = connection.execute(_CATALOGUE, (_CALLERS,)).fetchall()
    found: list[Function] = []
    for name, names, types, defaults, answer, callers in rows:
        arguments = list(zip(names or [], types, strict=False))
        first = len(types) - defaults
        if callers:
            found.append(
                Function(
                    name=name,
                    required=dict(arguments[:first]),
                    optional=dict(arguments[first:]),
                    answer=answer,
                    callers=tuple(callers),
                )
            )
    return found


def released() -> tuple[str, list[Function]]:
    """The list: the version of its last migration, and the functions."""
    head, _, rest = LIST.read_text().removeprefix(_HEAD).partition("\n")
    return head, [Function.parsed(line) for line in rest.splitlines()]


LAST_MIGRATION, RELEASED = released()


def main() -> None:
    """Write the list anew."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(
            Path(folder),
            without=set(NAMES) - {"postgres"},
            deploy=lambda env: migrate_only(env["DATABASE_URL"]),
        ) as stack,
        psycopg.connect(stack.env["DATABASE_URL"]) as connection,
    ):
        lines = [f"{each}\n" for each in functions_of(connection)]
    LIST.write_text(f"{_HEAD}{max(released_migrations())}\n{''.join(lines)}")


if __name__ == "__main__":
    main()
