"""How the operator names a registration: by code or by id."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

import typer

from domain.errors import RecordMissing
from domain.refusals import Reason, Refused
from domain.registrations import Registration
from gateways import Records

CODE = re.compile(r"(SCH|REG)-[A-Z0-9]{1,16}", re.IGNORECASE)


@dataclass(frozen=True)
class Reference:
    """A code in capitals, or an id."""

    named: UUID | str

    @classmethod
    def parse(cls, text: str) -> Self:
        """What the text names.

        Raises:
            typer.BadParameter: it is neither a code nor a UUID.
        """
        if CODE.fullmatch(text.strip()):
            return cls(text.strip().upper())
        try:
            return cls(UUID(text.strip()))
        except ValueError as bad:
            raise typer.BadParameter(
                "A registration is named by its code, such as SCH-7KQ2M9XA, or by its UUID."
            ) from bad


Named = Annotated[
    Reference,
    typer.Argument(
        parser=Reference.parse,
        metavar="CODE|UUID",
        help="The registration: its SCH- or REG- code, or its id.",
    ),
]


async def find(records: Records, reference: Reference) -> Registration:
    """The registration of that name, whoever's it is.

    Raises:
        Refused: `not_found`.
    """
    return (await find_all(records, [reference]))[0]


async def find_all(records: Records, references: Sequence[Reference]) -> list[Registration]:
    """The registrations of those names, each once.

    Raises:
        Refused: `not_found`, for every name that no registration has.
    """
    found: dict[UUID, Registration] = {}
    missing: list[Reason] = []
    for reference in references:
        row = await _look_up(records, reference)
        if row is None:
            missing.append(
                Reason(
                    code="not_found",
                    sentence=f"There is no registration {reference.named}. "
                    "Look the code up with `python starter.py list`.",
                )
            )
        else:
            found[row.id] = row
    if missing:
        raise Refused(missing)
    return list(found.values())


async def _look_up(records: Records, reference: Reference) -> Registration | None:
    if isinstance(reference.named, str):
        return await records.registration_by_code(reference.named)
    try:
        return await records.registration(reference.named)
    except RecordMissing:
        return None
