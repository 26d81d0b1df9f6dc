"""How an operator says who they are, for the audit trail."""

from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from domain.review import Handle

_HANDLE = TypeAdapter[str](Handle)


def _handle(text: str) -> str:
    try:
        return _HANDLE.validate_python(text)
    except ValidationError:
        raise typer.BadParameter(
            "A short handle of small letters, digits, dot, dash and underscore; no mail address."
        ) from None


By = Annotated[
    str,
    typer.Option(parser=_handle, metavar="WHO", help="Your short handle, for the audit trail."),
]
