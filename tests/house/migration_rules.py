"""What a migration may do while programs of the release before run, read from its SQL.

Programs of both releases run on what a file leaves that goes before the new ones, so it may only
add. A statement that breaks a rule in letter alone bears its reason in a line above it:

    -- expands: the same kinds and one more, so what the release before writes still fits
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateways.migration_files import Migration
from tests.house.sql_statements import Statement, statements_of

_REASON = re.compile(r"^--\s*expands: *\S+ +\S+ +\S+", re.MULTILINE)

_PROGRAMS = r"(?:signupassist_\w+|service_role)"

_EXPANDING = {
    r"drop (?:table|column|function|procedure|view|materialized view|type|domain|schema|sequence"
    r"|trigger|policy|index|constraint|role|owned|default)\b": "the release before may use it",
    r"\balter table(?: only)?(?: if exists)? \S+ .*?\bdrop (?!not null|constraint|column|default)"
    r"\w": "the release before may use it",
    r"\brename\b": "the release before knows the old name alone",
    r"\bset schema\b": "the release before looks for it where it was",
    r"\balter (?:column )?\S+ (?:set data )?type\b": "the release before reads and writes the old",
    r"\bset not null\b": "the release before may leave it out",
    r"\btruncate (?!on\b)\w": "the release before reads it",
    rf"\brevoke\b(?!.* in schema app\b)[^';]* from\b[^';]*\b{_PROGRAMS}": "the release before "
    "needs it",
    r"\bset(?:_config ?\(|(?: local| session)?) ?'?(?:statement|lock)_timeout": "programs may wait "
    "for it meanwhile",
}
_ON_WHAT_IS_THERE = {
    r"\balter table(?: only)?(?: if exists)? (\S+) .*?\badd (?:constraint (\w+)|check|unique"
    r"|primary key|foreign key|exclude)\b": "what the release before writes may not fit it",
    r"\bcreate unique index (?:.* )?on (?:only )?(\S+)": "what the release before writes may not "
    "fit it",
}
"""Each with the table, and a constraint's name, which are no matter where they are the release's
own."""

_CONTRACTING = {
    r"\bcreate table\b": "the programs of the release may need it before",
    r"\badd column\b": "the programs of the release may need it before",
    rf"\bgrant\b.* to\b.*\b{_PROGRAMS}": "the programs of the release may need it before",
}


@dataclass(frozen=True)
class Breach:
    """A statement that cannot run beside programs."""

    file_name: str
    line: int
    words: str
    why: str
    contracts: bool

    def __str__(self) -> str:
        instead = (
            "Put it into a file that goes before the programs."
            if self.contracts
            else "Put it into a file …_post.sql; or where it takes nothing away, write the reason "
            "in a line above it: -- expands: REASON"
        )
        return f"{self.file_name}:{self.line}: `{self.words}`: {self.why}. {instead}"


def breaches(migration: Migration, beside: Sequence[Migration] = ()) -> list[Breach]:
    """Everything in the file that breaks a rule without giving a reason.

    `beside` are the others of the same release: what one makes is no matter to the release before.
    """
    statements = statements_of(migration.sql.decode())
    everything = [*statements, *(s for each in beside for s in statements_of(each.sql.decode()))]
    own = {name for each in everything for name in _made_by(each)}
    own |= {name for each in statements for name in _replaced_by(each)}
    return [
        Breach(migration.file_name, each.line, words, why, migration.contracts)
        for each in statements
        if not _REASON.search(each.comments)
        for words, why in _broken_by(each, own, contracts=migration.contracts)
    ]


def _broken_by(
    statement: Statement, own: set[str], *, contracts: bool
) -> Iterator[tuple[str, str]]:
    for rule, why in (_CONTRACTING if contracts else _EXPANDING).items():
        found = re.search(rule, statement.text)
        if found and not (statement.text.startswith("revoke") and _revoked_of(statement) <= own):
            yield found[0], why
    for rule, why in _ON_WHAT_IS_THERE.items():
        found = None if contracts else re.search(rule, statement.text)
        if found and not own & {_bare(each) for each in found.groups() if each}:
            yield found[0], why


def _made_by(statement: Statement) -> Iterator[str]:
    # `or replace` may replace what the release before calls: only a new one is the file's own.
    made = re.match(
        r"create (?:table|function|procedure|view|type)(?: if not exists)? ([\w.]+)",
        statement.text,
    )
    if made:
        yield _bare(made[1])


def _replaced_by(statement: Statement) -> Iterator[str]:
    """Constraints that may be made anew: the reason for dropping them is given."""
    if _REASON.search(statement.comments):
        yield from re.findall(r"\bdrop constraint (\w+)", statement.text)


def _revoked_of(statement: Statement) -> set[str]:
    on = re.search(r"\bon (?:table |function )?(.*?) from\b", statement.text)
    things = re.sub(r"\([^)]*\)", "", on[1]) if on else ""
    return {_bare(each.strip()) for each in things.split(",")} - {""}


def _bare(name: str) -> str:
    return name.removeprefix("public.").split("(")[0]
