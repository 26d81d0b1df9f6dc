"""The parameters of a request, held to the names and types of the SDK's own request types."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from stripe import RequestOptions

from sandbox.stripe.wire.form import Clearable, Indexed, Tree
from sandbox.stripe.wire.refusals import Refusal, invalid_request

Metadata = Annotated[
    dict[
        Annotated[str, StringConstraints(max_length=40)],
        Annotated[str, StringConstraints(max_length=500)],
    ],
    Field(max_length=50),
]
"""Stripe's limits: 50 keys of up to 40 characters, values of up to 500."""

Cents = Annotated[int, Field(ge=0, le=99_999_999)]
Currency = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z]{3}$")]
WebAddress = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=5000)]

_CODES = {
    "missing": "parameter_missing",
    "int_parsing": "parameter_invalid_integer",
    "int_type": "parameter_invalid_integer",
    "string_too_long": "parameter_invalid_string_too_long",
}


class Parameters(BaseModel):
    """What one endpoint acts upon; a subclass is one endpoint's.

    A name that Stripe knows and the simulator does not act upon is accepted and ignored.

    Attributes:
        known: the names that Stripe accepts there; any other name is refused as unknown.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)
    known: ClassVar[frozenset[str]] = frozenset({"expand"})

    expand: Indexed[str] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        """Raises TypeError: the class reads a name that Stripe does not accept there."""
        invented = set(cls.__annotations__) - {"known"} - cls.known
        if invented:
            raise TypeError(f"{cls.__name__}: Stripe knows no parameter {sorted(invented)}")

    @classmethod
    def read(cls, form: Tree) -> Self:
        """The parameters of a parsed form.

        Raises:
            Refusal: 400, a name is unknown, a value missing or malformed. No value is repeated
                in the message.
        """
        unknown = [name for name in form if name not in cls.known]
        if unknown:
            raise Refusal(
                400,
                "invalid_request_error",
                f"Received unknown parameter: {unknown[0][:40]}",
                code="parameter_unknown",
                param=unknown[0][:40],
            )
        try:
            return cls.model_validate(form)
        except ValidationError as invalid:
            raise _worded(invalid) from invalid


class Updating(Parameters):
    """Parameters of an update: only the names that were sent change anything."""

    def changes(self, *names: str) -> dict[str, Any]:
        """The sent values among those names; None where an empty string unset one."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class Range(BaseModel):
    """`created[gte]=...`: unix seconds, each bound optional."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gt: int | None = None
    gte: int | None = None
    lt: int | None = None
    lte: int | None = None


def names_of(typed: type[Any]) -> frozenset[str]:
    """The parameter names of one of the SDK's typed parameter classes."""
    return frozenset(typed.__annotations__) - frozenset(RequestOptions.__annotations__)


def merged(metadata: Mapping[str, str], sent: Mapping[str, str] | None) -> dict[str, str]:
    """Metadata after an update: keys are merged, an empty value removes its key.

    None, which an empty string in place of the hash means, removes all of them.
    """
    if sent is None:
        return {}
    return {name: text for name, text in {**metadata, **sent}.items() if text}


SentMetadata = Clearable[Metadata]


def _worded(invalid: ValidationError) -> Refusal:
    error = invalid.errors(include_input=False, include_url=False)[0]
    first, *rest = (str(part) for part in error["loc"])
    param = first + "".join(f"[{part}]" for part in rest)
    code = _CODES.get(error["type"])
    if code == "parameter_missing":
        return invalid_request(f"Missing required param: {param}.", code=code, param=param)
    return invalid_request(f"Invalid value for {param}: {error['msg']}", code=code, param=param)
